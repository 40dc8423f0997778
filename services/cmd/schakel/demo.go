package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/cenkalti/backoff/v5"

	"schakel.example/services/internal/run"
	"schakel.example/services/letters/edition"
)

// demoCmd is `schakel demo`: the main job from end to end on example input, as
// agency systems and departments would do it, over REST; and then it goes on
// serving.
type demoCmd struct {
	Input string `default:"deploy/demo" type:"existingdir" help:"Map met de voorbeeldgegevens."`
	Stop  bool   `help:"Stop na het verhaal, in plaats van door te gaan tot Ctrl-C."`
	settings
}

// Run serves everything, and tells the story as soon as it can.
func (c *demoCmd) Run(ctx context.Context, s streams) error {
	c.LogLevel = "warn" // the story is what there is to read
	serve := serveCmd{Part: "all", settings: c.settings}
	n, err := serve.open(ctx, s)
	if err != nil {
		return err
	}
	defer n.close()
	parts, err := n.parts(ctx, "all")
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts = append(parts, run.Part{Name: "demo", Needs: []string{gatewayPart}, Run: func(ctx context.Context, ready func()) error {
		if err := c.tell(ctx, n, s); err != nil {
			return fmt.Errorf("de voorbeeldgegevens: %w", err)
		}
		ready()
		if c.Stop {
			stop()
		}
		<-ctx.Done()
		return nil
	}})
	return run.Group{Log: slog.New(slog.DiscardHandler), StopWithin: 30 * time.Second}.Run(ctx, parts...)
}

// tell does the main job and tells what happened.
func (c *demoCmd) tell(ctx context.Context, n *node, s streams) error {
	fmt.Fprintf(s.out, "Schakel draait op http://%s, met gegevens in %s.\n\n", c.HTTP, c.Data)
	story := &story{demo: c, out: s.out, signals: map[string]string{}, bottlenecks: map[string]string{}, persons: map[string]string{}}
	for _, chapter := range []func(context.Context) error{
		story.submit, story.propose, story.bundle, story.write, story.answer, story.contact,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	if err := n.settle(ctx); err != nil {
		return err
	}
	id, err := story.compile(ctx)
	if err != nil {
		return err
	}
	if err := story.verify(id); err != nil {
		return err
	}
	return story.invite(id)
}

// settle waits until every committed entry has its place in its ledger, so that
// the edition tells of all of it.
func (n *node) settle(ctx context.Context) error {
	_, err := backoff.Retry(ctx, func() (bool, error) {
		for _, k := range n.keepers {
			pending, err := k.log.Pending(ctx)
			if err != nil {
				return false, backoff.Permanent(err)
			}
			if pending > 0 {
				return false, fmt.Errorf("%d regels van %s wachten nog op hun plaats in het logboek", pending, k.name)
			}
		}
		return true, nil
	}, soon()...)
	return err
}

// soon is how long to wait for what follows by itself.
func soon() []backoff.RetryOption {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 20*time.Millisecond, 500*time.Millisecond
	return []backoff.RetryOption{backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(time.Minute)}
}

// as calls Schakel as someone with a role at an organisation.
func (c *demoCmd) as(role, organisation string) (*remote, error) {
	token, err := mint(c.Data, "voorbeeld", organisation, 12*time.Hour, role)
	return newRemote("http://"+c.HTTP, token), err
}

// compile compiles the edition, over REST.
func (st *story) compile(ctx context.Context) (string, error) {
	r, err := st.demo.as("samensteller", "")
	if err != nil {
		return "", err
	}
	var answer struct {
		Edition struct {
			ID     string `json:"id"`
			Counts struct {
				Signals     int `json:"signalen"`
				Bundled     int `json:"gebundeld"`
				InTriage    int `json:"inTriage"`
				Bottlenecks int `json:"knelpunten"`
				Items       int `json:"voorgelegd"`
				Answered    int `json:"beantwoord"`
				Silent      int `json:"onbeantwoord"`
			} `json:"aantallen"`
		} `json:"editie"`
	}
	if _, err := r.call(ctx, http.MethodPost, "/v1/edities", []byte(`{"naam":"2026","voorbeeld":true}`), &answer); err != nil {
		return "", fmt.Errorf("de editie samenstellen: %w", err)
	}
	e := answer.Edition
	st.line("Editie", "%d signalen geteld: %d gebundeld in %d knelpunten, %d in triage; %d knelpunten voorgelegd, %d beantwoord, %d wachten op antwoord",
		e.Counts.Signals, e.Counts.Bundled, e.Counts.Bottlenecks, e.Counts.InTriage, e.Counts.Items, e.Counts.Answered, e.Counts.Silent)
	return e.ID, nil
}

// verify verifies the edition as an outsider would, with the public keys.
func (st *story) verify(id string) error {
	verifiers, err := keys{Key: []string{filepath.Join(st.demo.Data, "sleutels")}}.open()
	if err != nil {
		return err
	}
	findings := edition.Verify(os.DirFS(filepath.Join(st.demo.Data, "edities", id)), edition.Expected{ID: id, Keys: verifiers})
	for _, f := range findings {
		if f.Err != nil {
			return fmt.Errorf("de editie klopt niet: %s: %w", f.What, f.Err)
		}
	}
	st.line("Controle", "%d controles op bestanden, identiteit en handtekeningen: alles klopt", len(findings))
	return nil
}
