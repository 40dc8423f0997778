package letters

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/page"
	"schakel.example/services/reference"
)

// piece is how much of a file goes in one message.
const piece = 256 << 10

// editionServer speaks lettersv1.EditionService.
type editionServer struct {
	lettersv1.UnsafeEditionServiceServer
	editions *Editions
}

// RegisterEditions puts editions on a gRPC server, whose chain must let only
// compilers compile.
func RegisterEditions(r grpc.ServiceRegistrar, e *Editions) {
	lettersv1.RegisterEditionServiceServer(r, editionServer{editions: e})
}

func (s editionServer) CompileEdition(ctx context.Context, req *lettersv1.CompileEditionRequest) (*lettersv1.CompileEditionResponse, error) {
	date, _ := reference.ParseDate(req.GetReferenceDate()) // checked by the chain; empty is today
	m, before, err := s.editions.Compile(ctx, Wanted{Name: req.GetName(), Date: date, Example: req.GetExample()})
	if err != nil {
		return nil, err
	}
	return &lettersv1.CompileEditionResponse{Edition: m, RepeatedSubmission: before}, nil
}

func (s editionServer) GetEdition(ctx context.Context, req *lettersv1.GetEditionRequest) (*lettersv1.GetEditionResponse, error) {
	m, err := s.editions.Get(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &lettersv1.GetEditionResponse{Edition: m}, nil
}

func (s editionServer) ListEditions(ctx context.Context, req *lettersv1.ListEditionsRequest) (*lettersv1.ListEditionsResponse, error) {
	p, err := page.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, next, err := s.editions.List(ctx, p)
	if err != nil {
		return nil, err
	}
	return &lettersv1.ListEditionsResponse{Editions: all, NextPageToken: next}, nil
}

func (s editionServer) ReadEditionFile(req *lettersv1.ReadEditionFileRequest, stream grpc.ServerStreamingServer[lettersv1.ReadEditionFileResponse]) error {
	file, f, err := s.editions.Open(stream.Context(), req.GetId(), req.GetPath())
	if err != nil {
		return err
	}
	defer f.Close()
	next := &lettersv1.ReadEditionFileResponse{File: file}
	for {
		data := make([]byte, piece)
		n, err := io.ReadFull(f, data)
		if next.Data = data[:n]; n > 0 || next.File != nil {
			if err := stream.Send(next); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		next = &lettersv1.ReadEditionFileResponse{}
	}
}
