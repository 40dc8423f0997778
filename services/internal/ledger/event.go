package ledger

import (
	"errors"
	"fmt"
	"regexp"
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
}

// envelope is an Event as JSON, its fields in the order in which they are
// written.
type envelope struct {
	SpecVersion     string         `json:"specversion"`
	ID              string         `json:"id"`
	Source          string         `json:"source"`
	Type            string         `json:"type"`
	Subject         string         `json:"subject"`
	Time            string         `json:"time"`
	DataContentType string         `json:"datacontenttype"`
	Organisation    string         `json:"organisatie,omitzero"`
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
	e.Type = typeOf(e.Data.ProtoReflect().Descriptor())
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	data, err := wire.Marshal(e.Data)
	if err != nil {
		return nil, fmt.Errorf("ledger: data of an event %s: %w", e.Type, err)
	}
	payload, err := json.Marshal(envelope{
		SpecVersion: specVersion, ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject,
		Time: e.Time.UTC().Format(timeLayout), DataContentType: dataContentType,
		Organisation: e.Organisation, Data: data,
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: an event %s: %w", e.Type, err)
	}
	if len(payload) > MaxPayload {
		return nil, errTooLarge
	}
	return payload, nil
}

// Parse reads what Marshal wrote, now or in a later version: attributes and
// fields that it does not know are skipped. The fault is Invalid; an event of a
// type that this program does not know has a reason of its own,
// "gebeurtenis-onbekend".
func Parse(payload []byte) (Event, error) {
	var v envelope
	if err := json.Unmarshal(payload, &v); err != nil {
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
	message, ok := eventTypes()[v.Type]
	if !ok {
		return Event{}, errEventType.Because(fmt.Errorf("type %q", v.Type))
	}
	e.Data = message.New().Interface()
	if err := wire.Unmarshal(v.Data, e.Data); err != nil {
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

var (
	sourceForm       = regexp.MustCompile(`^urn:nld:oin:[0-9]{20}:systeem:[A-Za-z0-9-]+$`)
	organisationForm = regexp.MustCompile(`^https://identifier\.overheid\.nl/tooi/id/[a-z]+/[a-z0-9_]+$|^urn:nld:oin:00000099[0-9]{12}$`)
)

// check says what is missing from an event or malformed.
func (e Event) check() error {
	id, err := uuid.Parse(e.ID)
	switch {
	case err != nil || id.String() != e.ID:
		return errors.New("the id of an event is not a UUID")
	case !sourceForm.MatchString(e.Source):
		return errors.New("the source of an event is not a URN of a system")
	case e.Type == "":
		return errors.New("the data of an event is not a message that has an event type")
	case e.Subject == "":
		return errors.New("an event without a subject")
	case e.Organisation != "" && !organisationForm.MatchString(e.Organisation):
		return errors.New("the organisation of an event is neither a TOOI URI nor a sandbox")
	case e.Time.IsZero():
		return errors.New("an event without a time")
	}
	return nil
}

// typeOf is the event type of a message, empty if it has none.
func typeOf(md protoreflect.MessageDescriptor) string {
	t, _ := proto.GetExtension(md.Options(), optionsv1.E_EventType).(string)
	return t
}

// eventTypes gives the messages of schakel.events.v1 that are linked in, by
// event type. It is computed once and never changes.
var eventTypes = sync.OnceValue(func() map[string]protoreflect.MessageType {
	types := map[string]protoreflect.MessageType{}
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		md := mt.Descriptor()
		if t := typeOf(md); t != "" && md.ParentFile().Package() == "schakel.events.v1" {
			types[t] = mt
		}
		return true
	})
	return types
})
