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
	"os"
	"path/filepath"
	"time"

	"github.com/cenkalti/backoff/v5"

	"schakel.example/services/reference"
)

// story is the demo under way: what was made so far, by the references that the
// input uses for it.
type story struct {
	demo *demoCmd
	out  io.Writer
	// ids by organisation and reference, or for contact persons by department
	// and first day.
	signals, bottlenecks, persons map[string]string
	letters                       []letterInput
}

func (st *story) line(what, format string, args ...any) {
	fmt.Fprintf(st.out, "  %-14s %s\n", what, fmt.Sprintf(format, args...))
}

func key(organisation, reference string) string { return organisation + " " + reference }

// object is a body of the REST interface.
type object = map[string]any

// lines reads an NDJSON file, line by line into a T.
func lines[T any](path string, each func(T) error) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var one T
		if err := json.Unmarshal(line, &one); err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		if err := each(one); err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	return nil
}

func (st *story) input(name string) string { return filepath.Join(st.demo.Input, name) }

// post sends a body, or none, as someone, and reads the answer into out. It says whether
// it was new.
func (st *story) post(ctx context.Context, role, organisation, path string, body any, out any) (bool, error) {
	r, err := st.demo.as(role, organisation)
	if err != nil {
		return false, err
	}
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return false, err
		}
	}
	status, err := r.call(ctx, http.MethodPost, path, text, out)
	return status == http.StatusCreated, err
}

// submit submits every signal as its organisation's system would.
func (st *story) submit(ctx context.Context) error {
	files, err := filepath.Glob(st.input("signalen/*.ndjson"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("in %s staan geen signalen", st.demo.Input))
	}
	fresh, organisations := 0, map[string]bool{}
	for _, file := range files {
		err := lines(file, func(signal object) error {
			organisation, _ := signal["organisatie"].(string)
			reference, _ := signal["kenmerk"].(string)
			var answer struct {
				Signal struct {
					ID string `json:"id"`
				} `json:"signaal"`
			}
			created, err := st.post(ctx, "aanleveraar", organisation, "/v1/signalen", signal, &answer)
			if created {
				fresh++
			}
			organisations[organisation] = true
			st.signals[key(organisation, reference)] = answer.Signal.ID
			return err
		})
		if err != nil {
			return err
		}
	}
	st.line("Signalen", "%d signalen van %d organisaties ingediend, elk met een ontvangstbewijs%s",
		len(st.signals), len(organisations), again(len(st.signals)-fresh))
	return nil
}

// again says how much was there already, from an earlier run.
func again(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d waren er al)", n)
}

// bundle opens the bottlenecks, as editors would. The letters service hears of a
// signal a moment after it was accepted.
func (st *story) bundle(ctx context.Context) error {
	fresh := 0
	err := lines(st.input("knelpunten.ndjson"), func(b object) error {
		organisation, _ := b["organisatie"].(string)
		reference, _ := b["kenmerk"].(string)
		members, _ := b["signalen"].([]any)
		for i, m := range members {
			members[i] = st.signals[key(organisation, fmt.Sprint(m))]
		}
		var answer struct {
			Bottleneck struct {
				ID string `json:"id"`
			} `json:"knelpunt"`
		}
		_, err := backoff.Retry(ctx, func() (bool, error) {
			created, err := st.post(ctx, "redacteur", organisation, "/v1/knelpunten", b, &answer)
			if created {
				fresh++
			}
			if !unknownYet(err) {
				err = permanent(err)
			}
			return created, err
		}, soon()...)
		st.bottlenecks[key(organisation, reference)] = answer.Bottleneck.ID
		return err
	})
	st.line("Knelpunten", "%d knelpunten gemaakt uit gelijksoortige signalen%s", len(st.bottlenecks), again(len(st.bottlenecks)-fresh))
	return err
}

// unknownYet says whether a refusal is that letters has not heard of a signal.
func unknownYet(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.Type == "https://schakel.example/problemen/onbekende-signalen"
}

func permanent(err error) error {
	if err == nil {
		return nil
	}
	return backoff.Permanent(err)
}

// letterInput is a letter of the input, with what is done with it.
type letterInput struct {
	Letter    object  `json:"brief"`
	AdoptedBy *object `json:"vastgesteldDoor"`
	Send      bool    `json:"verzenden"`
	Days      int     `json:"antwoordBinnenDagen"`

	id, organisation, department, reference string
}

// letterAnswer is what is read of a letter.
type letterAnswer struct {
	ID    string `json:"id"`
	State string `json:"status"`
	Items []struct {
		Responses []object `json:"reacties"`
	} `json:"knelpunten"`
}

// write drafts, adopts and sends the letters, as an organisation would.
func (st *story) write(ctx context.Context) error {
	sent, before := 0, 0
	err := lines(st.input("brieven.ndjson"), func(l letterInput) error {
		l.organisation, _ = l.Letter["organisatie"].(string)
		l.department, _ = l.Letter["departement"].(string)
		l.reference, _ = l.Letter["kenmerk"].(string)
		there, err := st.draft(ctx, &l)
		if err != nil {
			return err
		}
		if there {
			before++
		}
		if l.AdoptedBy != nil {
			if err := st.act(ctx, l, "_stelvast", *l.AdoptedBy, "concept"); err != nil {
				return err
			}
		}
		if l.Send {
			sent++
			if err := st.act(ctx, l, "_verzend", nil, "vastgesteld"); err != nil {
				return err
			}
		}
		st.letters = append(st.letters, l)
		return nil
	})
	st.line("Brieven", "%d knelpuntenbrieven geschreven, waarvan %d verzonden aan een departement%s", len(st.letters), sent, again(before))
	return err
}

// draft drafts a letter, unless an earlier run did: the day by which an answer
// is asked would be another one today.
func (st *story) draft(ctx context.Context, l *letterInput) (there bool, err error) {
	held, err := st.find(ctx, l.organisation, l.reference)
	if err != nil || held != nil {
		if held != nil {
			l.id = held.ID
		}
		return held != nil, err
	}
	if l.Days > 0 {
		l.Letter["antwoordVoorDatum"] = reference.DutchDate(time.Now()).AddDays(l.Days).String()
	}
	items, _ := l.Letter["knelpunten"].([]any)
	for _, item := range items {
		item := item.(object)
		item["knelpunt"] = st.bottlenecks[key(l.organisation, fmt.Sprint(item["knelpunt"]))]
	}
	var answer struct {
		Letter letterAnswer `json:"knelpuntenbrief"`
	}
	_, err = st.post(ctx, "redacteur", l.organisation, "/v1/knelpuntenbrieven", l.Letter, &answer)
	l.id = answer.Letter.ID
	return false, err
}

// find finds a letter by its reference; nil when there is none.
func (st *story) find(ctx context.Context, organisation, ref string) (*letterAnswer, error) {
	r, err := st.demo.as("redacteur", organisation)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Letters []*letterAnswer `json:"knelpuntenbrieven"`
	}
	query := url.Values{"organisatie": {organisation}, "kenmerk": {ref}}
	_, err = r.call(ctx, http.MethodGet, "/v1/knelpuntenbrieven?"+query.Encode(), nil, &answer)
	if err != nil || len(answer.Letters) == 0 {
		return nil, err
	}
	return answer.Letters[0], nil
}

// act does something with a letter that is in a state; in a later one an
// earlier run did it.
func (st *story) act(ctx context.Context, l letterInput, action string, body any, from string) error {
	held, err := st.find(ctx, l.organisation, l.reference)
	if err != nil || held == nil || held.State != from {
		return err
	}
	_, err = st.post(ctx, "bestuurder", l.organisation, "/v1/knelpuntenbrieven/"+l.id+"/"+action, body, nil)
	return err
}
