package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// answer answers items of letters, as departments would. An item that has an
// answer, from an earlier run, is left.
func (st *story) answer(ctx context.Context) error {
	type input struct {
		Letter       string `json:"brief"`
		Organisation string `json:"organisatie"`
		Department   string `json:"departement"`
		Number       int    `json:"nummer"`
		Response     object `json:"reactie"`
	}
	ids := map[string]string{}
	for _, l := range st.letters {
		ids[key(l.organisation, l.reference)] = l.id
	}
	given, before := 0, 0
	err := lines(st.input("reacties.ndjson"), func(in input) error {
		given++
		path := "/v1/knelpuntenbrieven/" + ids[key(in.Organisation, in.Letter)]
		r, err := st.demo.as("beantwoorder", in.Department)
		if err != nil {
			return err
		}
		var letter letterAnswer
		if _, err := r.call(ctx, http.MethodGet, path, nil, &letter); err != nil {
			return err
		}
		if in.Number < 1 || in.Number > len(letter.Items) {
			return fmt.Errorf("de brief heeft geen knelpunt %d", in.Number)
		}
		if len(letter.Items[in.Number-1].Responses) > 0 {
			before++
			return nil
		}
		_, err = st.post(ctx, "beantwoorder", in.Department, fmt.Sprintf("%s/knelpunten/%d/reacties", path, in.Number), in.Response, nil)
		return err
	})
	st.line("Antwoorden", "%d knelpunten beantwoord: overgenomen of uitgelegd, met eigenaar en datum%s", given, again(before))
	return err
}

// contact designates contact persons and logs contacts, as departments would.
func (st *story) contact(ctx context.Context) error {
	err := lines(st.input("contactpersonen.ndjson"), func(p object) error {
		department := fmt.Sprint(p["departement"])
		var answer struct {
			Person struct {
				ID string `json:"id"`
			} `json:"contactpersoon"`
		}
		_, err := st.post(ctx, "bewindspersoon", department, "/v1/contactpersonen", p, &answer)
		st.persons[department+"|"+fmt.Sprint(p["vanafDatum"])] = answer.Person.ID
		return err
	})
	if err != nil {
		return err
	}
	logged, deviations, fresh := 0, 0, 0
	err = lines(st.input("contacten.ndjson"), func(c object) error {
		c["contactpersoon"] = st.persons[fmt.Sprint(c["contactpersoon"])]
		var answer struct {
			Contact struct {
				Proof string `json:"bewijs"`
			} `json:"contact"`
		}
		created, err := st.post(ctx, "contactpersoon", fmt.Sprint(c["departement"]), "/v1/contacten", c, &answer)
		logged++
		if created {
			fresh++
		}
		if answer.Contact.Proof == "afwijking" {
			deviations++
		}
		return err
	})
	st.line("Kamercontact", "%d contacten met Kamerleden vastgelegd, waarvan %d met een afwijkende volgorde%s", logged, deviations, again(logged-fresh))
	return err
}

// invite tells what to do next.
func (st *story) invite(id string) error {
	c := st.demo
	base := "http://" + c.HTTP
	const uwv = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	submitter, err := mint(c.Data, "voorbeeld", uwv, 12*time.Hour, "aanleveraar")
	if err != nil {
		return err
	}
	compiler, err := mint(c.Data, "voorbeeld", "", 12*time.Hour, "samensteller")
	if err != nil {
		return err
	}
	signal, err := json.Marshal(map[string]any{
		"organisatie": uwv, "kenmerk": "MIJN-EERSTE-SIGNAAL", "titel": "VOORBEELD: mijn eerste signaal",
		"omschrijving": "VOORBEELD: hier staat wat er misgaat, voor wie, en hoe dat in de uitvoering blijkt.",
		"niveau":       "organisatie", "categorieen": []string{"complexiteit"}, "ernst": "matig", "aanpak": "solve",
		"vertrouwelijkheid": "openbaar", "regelingen": []any{map[string]string{"jci": "jci1.3:c:BWBR0019057"}},
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(st.out, `
Lees de editie:        %[1]s/edities/%[2]s/index.html
Gegevens en sommen:    %[3]s/edities/%[2]s
Publieke sleutels:     %[3]s/sleutels/*.pub
REST-beschrijving:     %[1]s/v1/openapi.json

Dien zelf een signaal in (dit token geldt 12 uur):

curl -sS -H 'Authorization: Bearer %[4]s' -H 'Content-Type: application/json' -d '%[5]s' %[1]s/v1/signalen; echo

Lees het terug:

curl -sS -H 'Authorization: Bearer %[4]s' '%[1]s/v1/signalen?kenmerk=MIJN-EERSTE-SIGNAAL'; echo

Stel een nieuwe editie samen, waarin het meetelt:

curl -sS -H 'Authorization: Bearer %[6]s' -H 'Content-Type: application/json' -d '{"naam":"2026","voorbeeld":true}' %[1]s/v1/edities; echo

`, base, id, c.Data, submitter, signal, compiler)
	if err == nil && !c.Stop {
		_, err = fmt.Fprintln(st.out, "Schakel draait door. Stop met Ctrl-C; wie opnieuw begint, vindt zijn gegevens terug.")
	}
	return err
}

var errNoProposal = errors.New("uit de fixes komt geen voorstel voor een knelpunt")

// propose waits until Schakel itself has proposed a bottleneck, out of the fixes
// in the input that are alike. It does so a moment after they were accepted.
func (st *story) propose(ctx context.Context) error {
	r, err := st.demo.as("toezichthouder", "")
	if err != nil {
		return err
	}
	var answer struct {
		Proposals []struct {
			Signals []string `json:"signalen"`
		} `json:"knelpuntvoorstellen"`
	}
	_, err = backoff.Retry(ctx, func() (int, error) {
		_, err := r.call(ctx, http.MethodGet, "/v1/knelpuntvoorstellen", nil, &answer)
		if err == nil && len(answer.Proposals) == 0 {
			return 0, errNoProposal
		}
		return 0, permanent(err)
	}, append(soon(), backoff.WithMaxElapsedTime(10*time.Second))...)
	if errors.Is(err, errNoProposal) {
		return nil // other input than ours need not lead to one
	}
	if err != nil {
		return err
	}
	st.line("Voorstel", "%d knelpunt voorgesteld door Schakel zelf, uit %d gelijksoortige fixes",
		len(answer.Proposals), len(answer.Proposals[0].Signals))
	return nil
}
