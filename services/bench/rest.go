package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"time"
)

// patience is how long an answer may take.
const patience = time.Minute

// caller posts to one path over a connection of its own. It knows no more of
// HTTP than it takes, so that the processors that clients share with servers go
// to the servers.
type caller struct {
	conn net.Conn
	in   *bufio.Reader
	head []byte // of each request, up to the length
	out  []byte
	body []byte // of the last answer
}

// call opens a connection. Headers are lines without their ends.
func call(ctx context.Context, address, path string, headers ...string) (*caller, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &caller{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}
	c.head = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\n", path, address)
	for _, header := range headers {
		c.head = fmt.Appendf(c.head, "%s\r\n", header)
	}
	c.head = append(c.head, "Content-Length: "...)
	return c, nil
}

func (c *caller) close() error { return c.conn.Close() }

// post sends a body and gives the status of the answer; its body holds until the
// next call.
func (c *caller) post(body []byte) (status int, answer []byte, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	c.out = append(c.out[:0], c.head...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, nil, err
	}
	status, length, err := c.header()
	if err != nil {
		return 0, nil, err
	}
	c.body = c.body[:0]
	if length < 0 {
		c.body, err = c.chunks()
		return status, c.body, err
	}
	c.body = append(c.body, make([]byte, length)...)
	_, err = io.ReadFull(c.in, c.body)
	return status, c.body, err
}

// header reads the status line and the headers. The length is negative if the
// body comes in chunks.
func (c *caller) header() (status, length int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < len("HTTP/1.1 200\r\n") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, 0, fmt.Errorf("bench: no HTTP: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return status, length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, 0, fmt.Errorf("bench: a length of %q", value)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = -1
		}
	}
}

// chunks reads a body in chunks, and the line after the last.
func (c *caller) chunks() ([]byte, error) {
	body := bytes.NewBuffer(c.body)
	if _, err := body.ReadFrom(httputil.NewChunkedReader(c.in)); err != nil {
		return nil, err
	}
	line, err := c.in.ReadSlice('\n')
	if err == nil && len(bytes.TrimSpace(line)) > 0 {
		err = errors.New("bench: trailers")
	}
	return body.Bytes(), err
}

// single posts one message, which is answered with this status.
func single(callers []*caller, sources []*source, want int) step {
	bodies := make([][]byte, len(callers))
	return func(_ context.Context, client int) (int, error) {
		bodies[client] = sources[client].append(bodies[client][:0])
		status, answer, err := callers[client].post(bodies[client])
		if err == nil && status != want {
			err = refused(status, answer)
		}
		if err != nil {
			return 0, err
		}
		return 1, nil
	}
}

// refused tells of an answer that was not hoped for.
func refused(status int, answer []byte) error {
	return fmt.Errorf("bench: %d %s: %.500s", status, http.StatusText(status), answer)
}
