package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"
)

// pushCmd is `schakel push`: it submits signals from a file, as an agency's
// system would. It may be run again at any time: what was accepted is not
// accepted twice.
type pushCmd struct {
	File     string `arg:"" name:"bestand" help:"NDJSON-bestand: een signaal per regel; - leest van standaardinvoer."`
	Server   string `default:"http://127.0.0.1:8080" help:"Adres van Schakel."`
	Token    string `required:"" placeholder:"TOKEN" help:"Token van een aanleveraar (zie: schakel token)."`
	Refused  string `default:"geweigerd.ndjson" type:"path" help:"Bestand voor de geweigerde regels, met de reden; dat van een vorige keer wordt vervangen."`
	Parallel int    `default:"16" help:"Hoeveel signalen tegelijk worden ingediend."`
	output
}

// maxLine is the longest line that is read: what Schakel takes as a body.
const maxLine = 1 << 20

// pushed counts what became of the lines.
type pushed struct {
	Accepted atomic.Int64
	Repeated atomic.Int64
	Refused  atomic.Int64
}

var errRefused = errors.New("niet alle signalen zijn aangenomen")

// Run submits every line, and fails when any was refused.
func (c *pushCmd) Run(ctx context.Context, s streams) error {
	if a, err := os.Stat(c.File); err == nil {
		if b, err := os.Stat(c.Refused); err == nil && os.SameFile(a, b) {
			return fmt.Errorf("%s is ook het bestand voor geweigerde regels: kies daarvoor een ander met --refused", c.File)
		}
	}
	in, size, err := c.open(s)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.Remove(c.Refused); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("de geweigerde regels van een vorige keer: %w", err)
	}
	bar := progress(s.err, size)
	refusals := &refusalFile{path: c.Refused}
	var count pushed
	err = c.submit(ctx, io.TeeReader(in, bar), refusals, &count)
	err = errors.Join(err, refusals.close())
	_ = bar.Finish()
	if told := c.summary(s, &count); told != nil {
		return told
	}
	if err == nil && count.Refused.Load() > 0 {
		return fmt.Errorf("%w; de geweigerde regels staan met hun reden in %s", errRefused, c.Refused)
	}
	return err
}

func (c *pushCmd) open(s streams) (io.ReadCloser, int64, error) {
	if c.File == "-" {
		return io.NopCloser(s.in), -1, nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, 0, fmt.Errorf("het bestand met signalen: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// progress is a bar on a terminal, and nothing elsewhere.
func progress(w io.Writer, size int64) *progressbar.ProgressBar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progressbar.DefaultBytesSilent(size)
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription("indienen"), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(40))
}

// submit reads lines and submits several at a time. It ends at the first that
// could be neither accepted nor refused: then Schakel is away.
func (c *pushCmd) submit(ctx context.Context, in io.Reader, refusals *refusalFile, count *pushed) error {
	r := newRemote(c.Server, c.Token)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(c.Parallel, 1))
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for number := 1; ctx.Err() == nil && lines.Scan(); number++ {
		line := bytes.Clone(bytes.TrimSpace(lines.Bytes()))
		if len(line) == 0 {
			continue
		}
		group.Go(func() error { return submitLine(ctx, r, number, line, refusals, count) })
	}
	err := group.Wait()
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return errors.Join(err, fmt.Errorf("een regel is langer dan %d bytes; de regels daarna zijn niet gelezen", maxLine))
	}
	return errors.Join(err, lines.Err())
}

func submitLine(ctx context.Context, r *remote, number int, line []byte, refusals *refusalFile, count *pushed) error {
	status, err := r.call(ctx, http.MethodPost, "/v1/signalen", line, nil)
	var p *problem
	switch {
	case err == nil && status == http.StatusCreated:
		count.Accepted.Add(1)
	case err == nil:
		count.Repeated.Add(1)
	case errors.As(err, &p) && p.Status < 500 && p.Status != http.StatusUnauthorized && p.Status != http.StatusTooManyRequests:
		count.Refused.Add(1)
		return refusals.add(number, line, p)
	default:
		return fmt.Errorf("regel %d: %w", number, err)
	}
	return nil
}

func (c *pushCmd) summary(s streams, count *pushed) error {
	accepted, repeated, refused := count.Accepted.Load(), count.Repeated.Load(), count.Refused.Load()
	return c.tell(s, map[string]int64{"aangenomen": accepted, "herhaald": repeated, "geweigerd": refused},
		[2]string{"aangenomen", strconv.FormatInt(accepted, 10)},
		[2]string{"herhaald", strconv.FormatInt(repeated, 10)},
		[2]string{"geweigerd", strconv.FormatInt(refused, 10)})
}

// refusalFile holds refused lines with their reasons. It is made at the first.
type refusalFile struct {
	path string
	mu   sync.Mutex
	file *os.File
}

// refusedLine is one line of it.
type refusedLine struct {
	Line    int             `json:"regel"`
	Problem *problem        `json:"probleem"`
	Signal  json.RawMessage `json:"signaal,omitempty"`
	Text    string          `json:"tekst,omitempty"`
}

func (r *refusalFile) add(number int, line []byte, p *problem) error {
	out := refusedLine{Line: number, Problem: p}
	if json.Valid(line) {
		out.Signal = line
	} else {
		out.Text = string(line)
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		if r.file, err = os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("het bestand voor geweigerde regels: %w", err)
		}
	}
	_, err = r.file.Write(append(text, '\n'))
	return err
}

func (r *refusalFile) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
