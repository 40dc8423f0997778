package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	"schakel.example/proto/wire"
)

// Event says what happened: a CloudEvent 1.0 in its JSON form, in the NL GOV
// profile. The proto CloudEvent of schakel.events.v1 describes the same form to
// the outside.
type Event struct {
	// ID is a UUID: version 7, or 8 where it follows from the content. It is the
	// event's persistent id: that of its entry.
	ID string
	// Source is the system that says so, as URN in the NID nld:
	// "urn:nld:oin:<20 digits>:systeem:schakel-signalen".
	Source string
	// Type says what happened. Parse fills it; Marshal takes it from Data.
	Type string
	// Subject is the id of what changed.
	Subject string
	// Organisation is the TOOI URI of the organisation that the event belongs
	// to; empty if it belongs to none. An extension of ours.
	Organisation string
	// Time is when the event was logged, in milliseconds, which need not be
	// when it happened.
	Time time.Time
	// Data is a message of schakel.events.v1: the whole of the subject after
	// the change.
	Data proto.Message
	// JSON is Data as package wire writes it, from a caller who has that already;
	// then Data only says of which type it is. Empty otherwise.
	JSON []byte
}

// envelope is an Event as JSON, as it is read.
type envelope struct {
	SpecVersion     string         `json:"specversion"`
	ID              string         `json:"id"`
	Source          string         `json:"source"`
	Type            string         `json:"type"`
	Subject         string         `json:"subject"`
	Time            string         `json:"time"`
	DataContentType string         `json:"datacontenttype"`
	Organisation    string         `json:"organisatie"`
	Data            jsontext.Value `json:"data"`
}

const (
	specVersion     = "1.0"
	dataContentType = "application/json"
	// timeLayout is RFC 3339 in UTC with milliseconds.
	timeLayout = "2006-01-02T15:04:05.000Z"
)

// Marshal writes the event; equal events give equal bytes. The error is a fault
// Invalid for an event above MaxPayload, and a defect of the caller otherwise.
func (e Event) Marshal() ([]byte, error) {
	if e.Data == nil {
		return nil, errors.New("ledger: an event without data")
	}
	e.Type = typeOf(e.Data.ProtoReflect().Type())
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	payload, err := e.append(make([]byte, 0, 512+len(e.JSON)))
	if err != nil {
		return nil, fmt.Errorf("ledger: an event %s: %w", e.Type, err)
	}
	if len(payload) > MaxPayload {
		return nil, errTooLarge
	}
	return payload, nil
}

// append writes the event as an envelope, field by field: they are few, and events
// many.
func (e Event) append(dst []byte) (_ []byte, err error) {
	attributes := [][2]string{
		{`{"specversion":`, specVersion}, {`,"id":`, e.ID}, {`,"source":`, e.Source}, {`,"type":`, e.Type}, {`,"subject":`, e.Subject},
		{`,"time":`, e.Time.UTC().Format(timeLayout)}, {`,"datacontenttype":`, dataContentType}, {`,"organisatie":`, e.Organisation},
	}
	if e.Organisation == "" {
		attributes = attributes[:len(attributes)-1]
	}
	for _, a := range attributes {
		if dst, err = jsontext.AppendQuote(append(dst, a[0]...), a[1]); err != nil {
			return nil, errors.New("an attribute is not UTF-8")
		}
	}
	dst = append(dst, `,"data":`...)
	if len(e.JSON) > 0 {
		dst = append(dst, e.JSON...)
	} else if dst, err = wire.Append(dst, e.Data); err != nil {
		return nil, err
	}
	return append(dst, '}'), nil
}

// Parse reads what Marshal wrote, now or in a later version: attributes and
// fields that it does not know are skipped. The fault is Invalid; an event of a
// type that this program does not know has a reason of its own,
// "gebeurtenis-onbekend".
func Parse(payload []byte) (Event, error) { return ParsePart(payload, wire.Part{}) }

// ParsePart is Parse that reads a part of the data: what is asked of Data beyond
// that is as if it were empty.
func ParsePart(payload []byte, part wire.Part) (Event, error) {
	if e, err := parse(payload, part, open); err == nil {
		return e, nil
	}
	return parse(payload, part, func(payload []byte) (v envelope, err error) {
		return v, json.Unmarshal(payload, &v)
	})
}

// open takes apart what append wrote, with the data last, so that the data is
// read once. What is written otherwise fails here or when its data is read.
func open(payload []byte) (v envelope, err error) {
	attributes, data, _ := bytes.Cut(payload, []byte(`,"data":`)) // in no string: the quotes
	data, ok := bytes.CutSuffix(data, []byte("}"))
	if !ok {
		return v, errEvent
	}
	if err := json.Unmarshal(append(slices.Clip(attributes), '}'), &v); err != nil {
		return v, err
	}
	v.Data = data
	return v, nil
}

func parse(payload []byte, part wire.Part, open func([]byte) (envelope, error)) (Event, error) {
	v, err := open(payload)
	if err != nil {
		return Event{}, errEvent.Because(err)
	}
	at, err := time.Parse(timeLayout, v.Time)
	if err != nil {
		return Event{}, errEvent.Because(errors.New("its time has another form"))
	}
	if v.SpecVersion != specVersion || v.DataContentType != dataContentType {
		return Event{}, errEvent.Because(errors.New("its version or its content type is another"))
	}
	e := Event{ID: v.ID, Source: v.Source, Type: v.Type, Subject: v.Subject, Organisation: v.Organisation, Time: at}
	if err := e.check(); err != nil {
		return Event{}, errEvent.Because(err)
	}
	message, ok := events().types[v.Type]
	if !ok {
		return Event{}, errEventType.Because(fmt.Errorf("type %q", v.Type))
	}
	e.Data = message.New().Interface()
	if err := part.Unmarshal(v.Data, e.Data); err != nil {
		return Event{}, errEvent.Because(err)
	}
	return e, nil
}

// identify reads of a payload what an entry repeats, whatever its type.
func identify(payload []byte) (id, subject string, err error) {
	var v struct {
		ID      string `json:"id"`
		Subject string `json:"subject"`
	}
	err = json.Unmarshal(payload, &v)
	return v.ID, v.Subject, err
}

// isSource says whether a text is a URN of a system: urn:nld:oin:, an OIN of 20
// digits, :systeem:, and a name.
func isSource(s string) bool {
	rest, named := strings.CutPrefix(s, "urn:nld:oin:")
	oin, name, cut := strings.Cut(rest, ":systeem:")
	return named && cut && len(oin) == 20 && only(oin, digits) && name != "" && only(name, letters+capitals+digits+"-")
}

// isOrganisation says whether a text is a TOOI URI, or the URN of a sandbox.
func isOrganisation(s string) bool {
	if oin, ok := strings.CutPrefix(s, "urn:nld:oin:00000099"); ok {
		return len(oin) == 12 && only(oin, digits)
	}
	rest, ok := strings.CutPrefix(s, "https://identifier.overheid.nl/tooi/id/")
	kind, code, cut := strings.Cut(rest, "/")
	return ok && cut && kind != "" && only(kind, letters) && code != "" && only(code, letters+digits+"_")
}

const (
	digits   = "0123456789"
	letters  = "abcdefghijklmnopqrstuvwxyz"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// only says whether a text has no other characters than these.
func only(s, these string) bool { return strings.Trim(s, these) == "" }

// check says what is missing from an event or malformed.
func (e Event) check() error {
	id, err := uuid.Parse(e.ID)
	switch {
	case err != nil || id.String() != e.ID:
		return errors.New("the id of an event is not a UUID")
	case !isSource(e.Source):
		return errors.New("the source of an event is not a URN of a system")
	case e.Type == "":
		return errors.New("the data of an event is not a message that has an event type")
	case e.Subject == "":
		return errors.New("an event without a subject")
	case e.Organisation != "" && !isOrganisation(e.Organisation):
		return errors.New("the organisation of an event is neither a TOOI URI nor a sandbox")
	case e.Time.IsZero():
		return errors.New("an event without a time")
	}
	return nil
}

// typeOf is the event type of a message, empty if it has none.
func typeOf(mt protoreflect.MessageType) string { return events().names[mt.Descriptor().FullName()] }

// registered are the messages of schakel.events.v1 that are linked in.
type registered struct {
	types map[string]protoreflect.MessageType // by event type
	names map[protoreflect.FullName]string    // event types by message
}

// events finds them, once: they never change.
var events = sync.OnceValue(func() registered {
	r := registered{map[string]protoreflect.MessageType{}, map[protoreflect.FullName]string{}}
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		md := mt.Descriptor()
		t, _ := proto.GetExtension(md.Options(), optionsv1.E_EventType).(string)
		if t != "" && md.ParentFile().Package() == "schakel.events.v1" {
			r.types[t], r.names[md.FullName()] = mt, t
		}
		return true
	})
	return r
})
