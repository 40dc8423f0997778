package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// organisations are those whose signals are submitted, each by clients of its
// own.
func organisations() []string {
	return []string{
		"https://identifier.overheid.nl/tooi/id/zbo/zb000117",
		"https://identifier.overheid.nl/tooi/id/zbo/zb000143",
		"https://identifier.overheid.nl/tooi/id/zbo/zb000211",
		"https://identifier.overheid.nl/tooi/id/oorg/oorg10148",
	}
}

// blank stands in a template for the reference. References have no digits, so
// that none looks like the number of a person.
const blank = "PROEF-xxxx-xxxxxxxx"

// template is a message with a place for a reference.
type template struct {
	text []byte
	at   int
}

func newTemplate(text []byte) (template, error) {
	if bytes.Count(text, []byte(blank)) != 1 {
		return template{}, fmt.Errorf("bench: a template needs one reference: %s", text)
	}
	return template{text, bytes.Index(text, []byte(blank))}, nil
}

// append adds the message with this reference, which is as long as blank.
func (t template) append(dst []byte, reference string) []byte {
	dst = append(dst, t.text...)
	copy(dst[len(dst)-len(t.text)+t.at:], reference)
	return dst
}

// references are different from those of any other number, and rise.
type references struct{ source, next int }

func (r *references) take() string {
	text := []byte(blank)
	letters(text[6:10], r.source)
	letters(text[11:], r.next)
	r.next++
	return string(text)
}

// letters writes a number in base 26.
func letters(dst []byte, n int) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = 'a' + byte(n%26)
		n /= 26
	}
}

// source gives out the signals of one client: a set of templates in turn, each
// time under another reference.
type source struct {
	templates  []template
	references references
}

// append adds the next signal.
func (s *source) append(dst []byte) []byte {
	t := s.templates[s.references.next%len(s.templates)]
	return t.append(dst, s.references.take())
}

// variety is how many different signals an organisation has, apart from their
// references.
const variety = 256

// templates makes messages about the signals of an organisation. Equal seeds
// make equal signals.
func templates(seed uint64, organisation string, message func(signal []byte) ([]byte, error)) ([]template, error) {
	random := rand.New(rand.NewPCG(seed, 1))
	all := make([]template, variety)
	for i := range all {
		signal, err := json.Marshal(invent(random, organisation))
		if err != nil {
			return nil, err
		}
		text, err := message(signal)
		if err != nil {
			return nil, err
		}
		if all[i], err = newTemplate(text); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// The messages that a signal is sent in.

// inJSON is the signal itself.
func inJSON(signal []byte) ([]byte, error) { return signal, nil }

// inLine is a line of NDJSON.
func inLine(signal []byte) ([]byte, error) { return append(signal, '\n'), nil }

// inProto makes a gRPC message of the signal.
func inProto(message func(*signalsv1.Signal) proto.Message) func([]byte) ([]byte, error) {
	return func(signal []byte) ([]byte, error) {
		m := &signalsv1.Signal{}
		if err := wire.UnmarshalInput(signal, m); err != nil {
			return nil, err
		}
		return proto.Marshal(message(m))
	}
}

// signal is a signal as an agency's system writes it.
type signal struct {
	Organisation    string      `json:"organisatie"`
	Reference       string      `json:"kenmerk"`
	Title           string      `json:"titel"`
	Description     string      `json:"omschrijving"`
	Level           string      `json:"niveau"`
	Categories      []string    `json:"categorieen"`
	Provisions      []provision `json:"regelingen"`
	PublicValues    []string    `json:"publiekeWaarden"`
	TargetGroups    []string    `json:"doelgroepen"`
	Severity        string      `json:"ernst"`
	Approach        string      `json:"aanpak"`
	Confidentiality string      `json:"vertrouwelijkheid"`
}

type provision struct {
	JCI string `json:"jci"`
}

// invent makes up a signal of 600 to 1,000 bytes of JSON.
func invent(r *rand.Rand, organisation string) signal {
	one := func(words string) string {
		all := strings.Fields(words)
		return all[r.IntN(len(all))]
	}
	some := func(words string) []string {
		all := strings.Fields(words)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all[:1+r.IntN(2)]
	}
	law := one("BWBR0019057 BWBR0015703 BWBR0011453 BWBR0004045 BWBR0008657 BWBR0002221")
	return signal{
		Organisation: organisation, Reference: blank,
		Title:        "VOORBEELD: " + sentences(r, 40),
		Description:  sentences(r, 280+r.IntN(120)),
		Level:        one("professional organisatie politiek-bestuurlijk"),
		Categories:   some("complexiteit hardheid gegevensdeling samenloop capaciteit doenvermogen"),
		Provisions:   []provision{{fmt.Sprintf("jci1.3:c:%s&artikel=%d", law, 1+r.IntN(90))}},
		PublicValues: some("dienstbaarheid responsiviteit toegankelijkheid betrouwbaarheid rechtmatigheid doelmatigheid"),
		TargetGroups: some("arbeidsongeschikten werkzoekenden studenten gezinnen mensen-met-schulden ondernemers"),
		Severity:     one("laag matig hoog"), Approach: one("fix solve"),
		Confidentiality: one("openbaar intern"),
	}
}

// sentences writes at least so many bytes of something like Dutch.
func sentences(r *rand.Rand, size int) string {
	words := strings.Fields(`wie dan ook zijn recht aanvraagt moet dezelfde gegevens opnieuw geven hoewel het loket ze
		heeft waardoor beslissingen later komen en een voorschot hoger blijkt terwijl de regel weinig ruimte laat
		medewerkers lossen dat per geval op maar ongelijk zonder grondslag in de wet die daar niet op rekent`)
	var b strings.Builder
	for b.Len() < size {
		for i := range 6 + r.IntN(6) {
			word := words[r.IntN(len(words))]
			if i == 0 {
				word = strings.ToUpper(word[:1]) + word[1:]
			} else {
				b.WriteByte(' ')
			}
			b.WriteString(word)
		}
		b.WriteString(". ")
	}
	return strings.TrimSpace(b.String())
}
