package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// form is how a batch of signals looks in one request, and its answer.
type form struct {
	contentType         string
	head, between, tail string
	// accepted counts the signals that the answer says were accepted.
	accepted func(answer io.Reader) (int, error)
}

// ndjson is the form of ours: a signal a line, and a result a line.
func ndjson() form {
	return form{contentType: "application/x-ndjson", accepted: func(answer io.Reader) (int, error) {
		return acceptedLines(answer, func() {})
	}}
}

// acceptedLines counts the lines that say that a signal was accepted now, and
// calls each after every one of them. It is an error if one was refused, is
// missing, or had been accepted before, and if the last line is not there that
// only a whole answer has.
func acceptedLines(answer io.Reader, each func()) (n int, err error) {
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 1<<20)
	var want []byte
	whole := false
	for lines.Scan() {
		want = fmt.Appendf(want[:0], `{"regel":%d,"status":201,`, n+1)
		switch line := lines.Bytes(); {
		case whole:
			return n, fmt.Errorf("bench: after the last line: %.500s", line)
		case bytes.HasPrefix(line, want):
			n++
			each()
		case bytes.HasPrefix(line, []byte(`{"klaar":true,`)):
			whole = true
		default:
			return n, fmt.Errorf("bench: not accepted: %.500s", line)
		}
	}
	if err := lines.Err(); err != nil {
		return n, err
	}
	if !whole {
		return n, fmt.Errorf("bench: the answer was broken off after %d lines", n)
	}
	return n, nil
}

// pocketBaseBatch is PocketBase's form: a list of requests, all or nothing.
func pocketBaseBatch() form {
	return form{
		contentType: "application/json", head: `{"requests":[`, between: `,`, tail: `]}`,
		accepted: func(answer io.Reader) (int, error) {
			text, err := io.ReadAll(answer)
			return bytes.Count(text, []byte(`"status":200`)), err
		},
	}
}

// inPocketBaseBatch is a request of its batch.
func inPocketBaseBatch(signal []byte) ([]byte, error) {
	return fmt.Appendf(nil, `{"method":"POST","url":"%s","body":%s}`, recordsPath, signal), nil
}

// recordsPath is where PocketBase takes a signal.
const recordsPath = "/api/collections/signalen/records"

// poster is a client that posts batches.
type poster struct {
	http   *http.Client
	url    string
	token  string // none if empty
	source *source
	body   []byte
}

// send posts a body, and hands its answer to accepted if it is a good one.
func (p *poster) send(ctx context.Context, body io.Reader, f form) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", f.contentType)
	req.Header.Set("Accept", f.contentType)
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	answer, err := p.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
		return 0, errors.Join(refused(answer.StatusCode, text), err)
	}
	return f.accepted(answer.Body)
}

// batch posts one batch.
func batch(posters []*poster, f form) step {
	return func(ctx context.Context, client int) (int, error) {
		p := posters[client]
		p.body = append(p.body[:0], f.head...)
		for i := range batchSize {
			if i > 0 {
				p.body = append(p.body, f.between...)
			}
			p.body = p.source.append(p.body)
		}
		p.body = append(p.body, f.tail...)
		n, err := p.send(ctx, bytes.NewReader(p.body), f)
		if err == nil && n != batchSize {
			err = fmt.Errorf("bench: %d of %d were accepted", n, batchSize)
		}
		return n, err
	}
}

// flood sends so many signals in one request, which is answered as it goes, and
// calls each after every signal that was accepted.
func (p *poster) flood(ctx context.Context, total int, each func()) (int, error) {
	out, in := io.Pipe()
	go func() { in.CloseWithError(p.pour(in, total)) }()
	f := ndjson()
	f.accepted = func(answer io.Reader) (int, error) { return acceptedLines(answer, each) }
	n, err := p.send(ctx, out, f)
	return n, errors.Join(err, out.Close())
}

// pour writes so many signals.
func (p *poster) pour(w io.Writer, total int) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	for range total {
		p.body = p.source.append(p.body[:0])
		if _, err := buffered.Write(p.body); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
