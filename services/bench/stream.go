package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// raw passes messages on that are proto already, so that the client costs little
// of the processors that it shares with the server.
type raw struct{}

// Name implements encoding.CodecV2.
func (raw) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (raw) Marshal(v any) (mem.BufferSlice, error) {
	text, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("bench: sending a %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(text)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	into, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("bench: receiving a %T", v)
	}
	if cap(*into) < data.Len() {
		*into = make([]byte, data.Len())
	}
	*into = (*into)[:data.Len()]
	data.CopyTo(*into)
	return nil
}

// streamed is the message that holds a signal on the stream.
func streamed(s *signalsv1.Signal) proto.Message { return &signalsv1.SubmitSignalsRequest{Signal: s} }

// streamer is a client with a stream.
type streamer struct {
	conn   *grpc.ClientConn
	token  string
	source *source
}

// streams is the load of clients that each keep one stream filled: at most a
// window of signals is on its way without an acknowledgement.
func streams(all []*streamer) load {
	return func(ctx context.Context, client int, until time.Time) (int, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		s := all[client]
		stream, err := s.conn.NewStream(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.token),
			&grpc.StreamDesc{ClientStreams: true, ServerStreams: true},
			signalsv1.SignalService_SubmitSignals_FullMethodName, grpc.ForceCodecV2(raw{}))
		if err != nil {
			return 0, err
		}
		free := make(chan struct{}, window)
		sent := make(chan error, 1)
		go func() { sent <- s.fill(stream, free, until) }()
		n, err := drain(stream, free)
		cancel()
		return n, errors.Join(err, <-sent)
	}
}

// fill sends signals as long as there is room and time.
func (s *streamer) fill(stream grpc.ClientStream, free chan<- struct{}, until time.Time) error {
	for time.Now().Before(until) {
		select {
		case free <- struct{}{}:
		case <-stream.Context().Done():
			return nil // the receiving side knows why
		}
		// The transport may keep the message, so each has memory of its own.
		if err := stream.SendMsg(s.source.append(nil)); errors.Is(err, io.EOF) {
			return nil // as above
		} else if err != nil {
			return err
		}
	}
	return stream.CloseSend()
}

// drain counts acknowledgements until the stream ends.
func drain(stream grpc.ClientStream, free <-chan struct{}) (n int, err error) {
	var text []byte
	for {
		err := stream.RecvMsg(&text)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if !accepted(text) {
			m := &signalsv1.SubmitSignalsResponse{}
			return n, fmt.Errorf("bench: not accepted: %v (%w)", m, proto.Unmarshal(text, m))
		}
		n++
		<-free
	}
}

// accepted says whether an acknowledgement (SubmitSignalsResponse) is one of
// acceptance, without reading the rest of it.
func accepted(text []byte) bool {
	const result, acceptance = 1, 3
	return len(part(part(text, result), acceptance)) > 0
}

// part finds a message in a message; nil when there is none.
func part(text []byte, number protowire.Number) []byte {
	for len(text) > 0 {
		n, typ, size := protowire.ConsumeTag(text)
		if size < 0 {
			return nil
		}
		text = text[size:]
		if n == number && typ == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(text)
			return value
		}
		if size = protowire.ConsumeFieldValue(n, typ, text); size < 0 {
			return nil
		}
		text = text[size:]
	}
	return nil
}
