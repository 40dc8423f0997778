package rest

import (
	"net/http"
	"time"

	"schakel.example/gateway/problem"
)

// ndjsonType is the media type of JSON a line (github.com/ndjson/ndjson-spec);
// none is registered with IANA.
const ndjsonType = "application/x-ndjson"

const (
	// writeAt is how many bytes of an answer in lines are gathered before they
	// are written, whatever else there is to wait for.
	writeAt = 64 << 10
	// piece is how much of it the client must take within the time of
	// Config.Stall: about 500 bytes a second.
	piece = 32 << 10
)

// lineWriter writes an answer in lines to a client that may be slow.
type lineWriter struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	stall time.Duration
	buf   []byte // whole lines that are not written yet
	begun bool   // whether the answer has its status
	sent  bool   // whether the client was sent that
}

func (s *server) newLineWriter(w http.ResponseWriter) *lineWriter {
	return &lineWriter{w: w, rc: http.NewResponseController(w), stall: s.Stall}
}

// begin gives the answer its status, which no problem can change any more.
func (l *lineWriter) begin() {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", ndjsonType)
		l.w.WriteHeader(http.StatusOK)
	}
}

// full says whether there is enough to write.
func (l *lineWriter) full() bool { return len(l.buf) >= writeAt }

// push writes what there is, and sees it off; the answer begins if it had not.
// An error says that the client is gone, or took nothing for too long.
func (l *lineWriter) push() error {
	l.begin()
	for rest := l.buf; len(rest) > 0; {
		n := min(len(rest), piece)
		l.extend()
		if _, err := l.w.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	l.buf = l.buf[:0]
	l.sent = true
	l.extend()
	err := l.rc.Flush()
	// Until there is more to write the client owes nothing; over HTTP/2 a
	// deadline would end the stream.
	_ = l.rc.SetWriteDeadline(time.Time{})
	return err
}

// end is push for the last time: what net/http writes after it has its time,
// too, which net/http takes away itself.
func (l *lineWriter) end() error {
	defer l.extend()
	return l.push()
}

// drain is push when there is anything to.
func (l *lineWriter) drain() error {
	if len(l.buf) == 0 && l.sent == l.begun {
		return nil
	}
	return l.push()
}

// extend gives the client its time anew. Where there is no connection, as in
// some tests, there is no time either.
func (l *lineWriter) extend() { _ = l.rc.SetWriteDeadline(time.Now().Add(l.stall)) }

// Write writes what are no lines: a file, as it comes. It implements io.Writer.
func (l *lineWriter) Write(data []byte) (n int, err error) {
	for len(data) > n && err == nil {
		var more int
		l.extend()
		more, err = l.w.Write(data[n:min(n+piece, len(data))])
		n += more
	}
	return n, err
}

// notAcceptable is the problem of a caller that wants no lines.
func notAcceptable() *problem.Problem {
	p := problem.New(http.StatusNotAcceptable)
	p.Text = problem.Text{
		NL: "De antwoorden zijn hier application/x-ndjson, en de header Accept laat dat niet toe.",
		EN: "answers are application/x-ndjson here, and the header Accept does not allow it",
	}
	return p
}
