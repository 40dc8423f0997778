package rest

import (
	"bytes"
	"errors"
	"io"
)

// blockCount is how many blocks there are to read into, and blockSize how large
// they are.
const (
	blockCount = 3
	blockSize  = 32 << 10
)

// read reads the body in blocks, so that what is at hand can be told from what
// is to be waited for.
func (u *upload) read() {
	defer close(u.blocks)
	for range blockCount {
		u.free <- make([]byte, blockSize)
	}
	for {
		select {
		case <-u.halted:
			u.discard()
			return
		case block := <-u.free:
			if !u.readInto(block) {
				return
			}
		}
	}
}

// readInto reads a block, and says whether there may be more.
func (u *upload) readInto(block []byte) bool {
	u.silence.Reset(u.Stall)
	n, err := u.r.Body.Read(block)
	u.silence.Stop()
	select {
	case u.blocks <- block[:n]:
		u.eof = errors.Is(err, io.EOF)
	case <-u.halted:
	}
	if err != nil && !errors.Is(err, io.EOF) && u.halt(err) {
		u.cancel() // whoever broke off waits for no answer
	}
	return err == nil
}

// discard reads on for a while, see linger.
func (u *upload) discard() {
	if u.lingers {
		_, _ = io.Copy(io.Discard, u.r.Body)
	}
}

// kind says what was found where a line should be.
type kind int

const (
	foundPart    kind = iota // a part of a line, or nothing
	foundLine                // a line
	foundLong                // the end of a line that is too long
	foundEndless             // a line that is too long to wait for its end
)

// lines cuts blocks into lines. It holds what it was fed last, and of what came
// before no more than a line.
type lines struct {
	max     int // bytes that a line may have
	endless int // bytes after which its end is not waited for
	number  int // of the line found last; lines with nothing count, too

	rest []byte // of the block
	part []byte // of a line that goes on in the next block
	size int    // of that line, of which part is nothing when it is too long
}

// feed gives the next block, which it keeps until all lines in it are found.
func (l *lines) feed(block []byte) { l.rest = block }

// next finds the next line with something in it. Its text holds until the next
// call.
func (l *lines) next() ([]byte, kind) {
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return nil, l.keep()
		}
		text, found := l.finish(l.rest[:end])
		l.rest = l.rest[end+1:]
		if found == foundLong || len(text) > 0 {
			return text, found
		}
	}
}

// last finds what comes after the last line end, when no more is to come.
func (l *lines) last() ([]byte, kind) {
	if l.size == 0 {
		return nil, foundPart
	}
	text, found := l.finish(nil)
	if found == foundLine && len(text) == 0 {
		return nil, foundPart
	}
	return text, found
}

// keep keeps the rest of the block as the part of a line.
func (l *lines) keep() kind {
	l.size += len(l.rest)
	if l.size <= l.max {
		l.part = append(l.part, l.rest...)
	}
	l.rest = nil
	if l.size > l.endless {
		l.number++
		return foundEndless
	}
	return foundPart
}

// finish makes a line of its part and its end.
func (l *lines) finish(end []byte) ([]byte, kind) {
	l.number++
	size, text := l.size+len(end), end
	if l.size > 0 && size <= l.max {
		l.part = append(l.part, end...)
		text = l.part
	}
	l.size, l.part = 0, l.part[:0]
	if size > l.max {
		return nil, foundLong
	}
	if l.number == 1 {
		text = bytes.TrimPrefix(text, []byte("\ufeff")) // from programs that mark UTF-8
	}
	return bytes.Trim(text, " \t\r"), foundLine
}
