package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/grpc"

	"schakel.example/gateway/problem"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
)

// editionFile answers with a file of an edition: open data that never changes,
// since the edition's id follows from what it was compiled from.
func (s *server) editionFile(w http.ResponseWriter, r *http.Request, values []string) {
	id, path := values[0], strings.Join(values[1:], "/")
	if slices.ContainsFunc(values, unsafeSegment) {
		s.fail(w, r, problem.New(http.StatusNotFound))
		return
	}
	// No time limit: a large file may go to a slow reader, who must only read. The
	// request's own end, and the end of this function, end the stream.
	ctx, cancel := context.WithCancel(outgoing(r.Context(), r))
	defer cancel()
	stream, first, err := s.openFile(ctx, &lettersv1.ReadEditionFileRequest{Id: id, Path: path})
	if err != nil {
		s.failCall(w, r, err, fileProblem(err))
		return
	}
	etag := fileHeaders(w.Header(), first.GetFile())
	if matches(r.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(int(first.GetFile().GetSize())))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if err := copyFile(s.newLineWriter(w), stream, first); err != nil {
		s.Logger.WarnContext(r.Context(), "edition file broken off", slog.String("request_id", idOf(r.Context())), slog.Any("error", err))
		panic(http.ErrAbortHandler) // so that the part is not taken for the whole
	}
}

type fileStream = grpc.ServerStreamingClient[lettersv1.ReadEditionFileResponse]

// openFile asks for a file, and reads the first message, which describes it.
func (s *server) openFile(ctx context.Context, request *lettersv1.ReadEditionFileRequest) (fileStream, *lettersv1.ReadEditionFileResponse, error) {
	stream, err := s.Editions.ReadEditionFile(ctx, request)
	if err != nil {
		return nil, nil, err
	}
	first, err := stream.Recv()
	if err == nil && first.GetFile() == nil {
		err = errors.New("the first message has no file")
	}
	return stream, first, err
}

// unsafeSegment says whether a segment could mean another place than it says,
// to whoever stores the file.
func unsafeSegment(s string) bool {
	return s == "." || s == ".." || strings.ContainsAny(s, "/\\\x00")
}

// fileProblem tells of an edition or file that is not there; the rules of the
// request would tell of the shape of an id, which is beside the point here.
func fileProblem(err error) *problem.Problem {
	p := problem.Of(err, func(string) problem.Place { return problem.Place{} })
	if p.Status == http.StatusBadRequest {
		return problem.New(http.StatusNotFound)
	}
	return p
}

// fileHeaders describes the file, and returns its entity tag: its hash.
func fileHeaders(h http.Header, file *lettersv1.EditionFile) string {
	mediaType := file.GetMediaType()
	base, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		mediaType = "application/octet-stream"
	}
	etag := `"` + file.GetSha256() + `"`
	h.Set("Content-Type", mediaType)
	h.Set("ETag", etag)
	h.Set("Cache-Control", "public, max-age=300") // something may be erased from it yet
	if base == "text/html" || base == "image/svg+xml" {
		// A report brings its own style and pictures, and runs nothing.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; sandbox allow-downloads")
	}
	return etag
}

// matches says whether one of the tags that the caller has is ours (RFC 9110
// §13.1.2).
func matches(have []string, etag string) bool {
	for tag := range strings.SplitSeq(strings.Join(have, ","), ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// copyFile writes the pieces, and sees to it that they are the whole file.
func copyFile(w io.Writer, stream fileStream, piece *lettersv1.ReadEditionFileResponse) error {
	size := int64(piece.GetFile().GetSize())
	var sent int64
	for {
		sent += int64(len(piece.GetData()))
		if sent > size {
			return fmt.Errorf("more than %d bytes", size)
		}
		if _, err := w.Write(piece.GetData()); err != nil {
			return err
		}
		var err error
		if piece, err = stream.Recv(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if sent != size {
		return fmt.Errorf("%d of %d bytes", sent, size)
	}
	return nil
}
