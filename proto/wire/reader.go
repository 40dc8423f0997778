package wire

import (
	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
)

// Reader reads many documents, one after another, each with the memory of the
// one before, of which nothing is left in the message. Its zero value is ready;
// it is not for several goroutines at once.
type Reader struct{ decoder decoder }

// UnmarshalInput is [UnmarshalInput].
func (r *Reader) UnmarshalInput(data []byte, m proto.Message) error {
	d := &r.decoder
	if d.dec == nil {
		d.dec = new(jsontext.Decoder)
	}
	d.reset(data, true)
	return d.into(m, d.fields)
}
