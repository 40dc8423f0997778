package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// remote is a Schakel that is reached over REST, as departmental systems do.
type remote struct {
	base, token string
	http        *http.Client
	// patience is how long a call is tried again when Schakel is busy, stopping
	// or away. Every call that is made here may be repeated.
	patience time.Duration
	// silence is how long an answer that comes bit by bit may stay away.
	silence time.Duration
}

func newRemote(base, token string) *remote {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &remote{strings.TrimSuffix(base, "/"), token, &http.Client{Transport: transport, Timeout: time.Minute}, 30 * time.Second, time.Minute}
}

// problem is what Schakel says when it refuses (RFC 9457).
type problem struct {
	Type   string         `json:"type"`
	Status int            `json:"status"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	Reason string         `json:"reden,omitempty"`
	About  string         `json:"betreft,omitempty"`
	Faults []problemFault `json:"fouten,omitempty"`
}

// problemFault is one fault of the input.
type problemFault struct {
	Reason    string `json:"reden,omitempty"`
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	Header    string `json:"kop,omitempty"`
	Text      string `json:"tekst"`
	// Place is where it stands in the file that the signal is from.
	Place string `json:"plaats,omitempty"`
}

// Error tells the detail and each fault.
func (p *problem) Error() string {
	lines := []string{fmt.Sprintf("%s (%d)", p.Detail, p.Status)}
	for _, f := range p.Faults {
		lines = append(lines, "  "+f.Pointer+f.Parameter+f.Header+": "+f.Text)
	}
	return strings.Join(lines, "\n")
}

// call does a request and reads the answer into out. An answer of refusal is a
// *problem.
func (r *remote) call(ctx context.Context, method, path string, body []byte, out any) (status int, err error) {
	operation := func() (int, error) {
		status, text, wait, err := r.timed(ctx, request{method, path, "application/json", body})
		switch {
		case err != nil && ctx.Err() != nil:
			return 0, backoff.Permanent(err)
		case err != nil:
			return 0, r.away(err)
		case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
			if wait > 0 {
				return 0, errors.Join(refusal(status, text), &backoff.RetryAfterError{Duration: wait})
			}
			return 0, refusal(status, text)
		case status >= 300:
			return 0, backoff.Permanent(refusal(status, text))
		case out == nil:
			return status, nil
		}
		if err := json.Unmarshal(text, out); err != nil {
			return 0, backoff.Permanent(fmt.Errorf("een onleesbaar antwoord op %s %s: %w", method, path, err))
		}
		return status, nil
	}
	status, err = backoff.Retry(ctx, operation, backoff.WithMaxElapsedTime(r.patience))
	var p *problem
	if errors.As(err, &p) {
		return 0, p // without how long to wait, which was tried
	}
	return status, err
}

// request is what is asked.
type request struct {
	method, path, mediaType string
	body                    []byte
}

// once does a request a single time. Of an answer that broke off it gives what
// there was, with the error.
func (r *remote) once(ctx context.Context, q request) (status int, text []byte, err error) {
	status, text, _, err = r.timed(ctx, q)
	return status, text, err
}

// timed is once, with how long to wait before trying again.
func (r *remote) timed(ctx context.Context, q request) (status int, text []byte, wait time.Duration, err error) {
	req, err := r.request(ctx, q)
	if err != nil {
		return 0, nil, 0, err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, nil, 0, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	return resp.StatusCode, text, retryAfter(resp), err
}

func (r *remote) request(ctx context.Context, q request) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, r.base+q.path, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if q.body != nil {
		req.Header.Set("Content-Type", q.mediaType)
	}
	return req, nil
}

// retryAfter is how long an answer asks to wait (RFC 9110 §10.2.3, in seconds).
func retryAfter(resp *http.Response) time.Duration {
	after, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
	if err != nil {
		return 0
	}
	return min(after, 10*time.Second)
}

// refusal reads a problem; an answer that is none, of something in between, is
// told by its status.
func refusal(status int, text []byte) error {
	p := &problem{}
	if err := json.Unmarshal(text, p); err != nil || p.Status == 0 {
		return &problem{Status: status, Detail: "Dit antwoord komt niet van Schakel, maar van iets ervoor of van een andere dienst."}
	}
	return p
}

// away says that there is no connection.
func (r *remote) away(err error) error {
	return fmt.Errorf("geen verbinding met Schakel op %s: %w", r.base, unwrapURL(err))
}

// unwrapURL leaves out the address, which is told already.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
