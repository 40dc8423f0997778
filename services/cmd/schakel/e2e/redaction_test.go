package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// slipped is a word that is nowhere but in what is removed. What has the form of
// a personal datum would not have come in.
const slipped = "Zwaluwstaartman"

// TestWhatWasRemovedIsNowhere removes a word from a signal that was amended,
// indexed, published and applied, and looks for it in all that is kept.
func TestWhatWasRemovedIsNowhere(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			c := newClients(h.ways()["REST"])
			as := h.as(access.Redacteur, uwv)
			s := signal(uwv, "LEK-"+slipped)
			s.Title = "Brief aan " + slipped
			made := must(c.signals.SubmitSignal(as, &signalsv1.SubmitSignalRequest{Signal: s}))(t)
			id := made.GetSignal().GetId()
			s.Description, s.AmendmentReason = "Het ging mis bij "+slipped+", en niet alleen daar.", "Uitgebreid na "+slipped+"."
			must(c.signals.AmendSignal(as, &signalsv1.AmendSignalRequest{
				Id: id, ExpectedRevision: 1, Signal: &signalsv1.Signal{Description: s.GetDescription(), AmendmentReason: s.GetAmendmentReason()},
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"description", "amendment_reason"}},
			}))(t)
			await(t, "it is found by the word", func() error {
				found, err := c.signals.ListSignals(as, &signalsv1.ListSignalsRequest{Text: slipped})
				if err == nil && len(found.GetSignals()) != 1 {
					err = fmt.Errorf("%d signals", len(found.GetSignals()))
				}
				return err
			})
			published := h.publish(t, id)
			talk := h.slipInTheCase(t)
			if places := h.kept(t); len(places) == 0 {
				t.Fatal("the word is nowhere before it is removed: this test shows nothing")
			}
			done := must(c.signals.RedactSignal(h.as(access.Bestuurder, uwv), &signalsv1.RedactSignalRequest{
				Id: id, ExpectedRevision: 2, Ground: "Naam van een burger.",
				Places: []*signalsv1.RedactedPlace{
					{Field: "/kenmerk"}, {Field: "/titel", First: 11, Last: 25}, {Field: "/omschrijving", First: 18, Last: 32}, {Field: "/redenWijziging"},
				},
			}))(t)
			if got := done.GetSignal().GetDescription(); got != "Het ging mis bij [verwijderd], en niet alleen daar." {
				t.Errorf("the text is %q", got)
			}
			if len(done.GetErased()) != 2 {
				t.Errorf("erased: %v", done.GetErased())
			}
			talk.redact(t)
			await(t, "the word is nowhere", func() error {
				if places := h.kept(t); len(places) > 0 {
					return errors.New(strings.Join(places, "\n"))
				}
				return nil
			})
			published.verify(t)
			h.provesThatSomethingWasThere(t, done)
			unseen := must(c.signals.RedactSignal(h.as(access.Beheerder, ""), &signalsv1.RedactSignalRequest{
				Id: id, ExpectedRevision: 3, Ground: "Op verzoek.", Places: []*signalsv1.RedactedPlace{{Field: "/titel"}},
			}))(t).GetSignal()
			want := &signalsv1.Signal{Id: id, Revision: 4, RedactedAt: unseen.GetRedactedAt()}
			if diff := cmp.Diff(want, unseen, protocmp.Transform()); diff != "" {
				t.Errorf("what who may not read it is told (-want +got):\n%s", diff)
			}
		})
	}
}

// published is an edition that told of a signal from which something was removed.
type published struct {
	*story
	id string
}

// publish compiles an edition that tells of the signal.
func (h *house) publish(t *testing.T, signal string) published {
	t.Helper()
	s := &story{h, newClients(h.ways()["REST"])}
	s.settled(t, map[string]int32{"signals": 2})
	e := s.compile(t, today(), false)
	if text := s.download(t, e)["signalen.csv"]; !strings.Contains(text, signal) || !strings.Contains(text, slipped) {
		t.Fatalf("the edition does not tell of it: %s", text)
	}
	return published{s, e.GetId()}
}

// verify has the edition verified: something was erased, and nothing is wrong.
func (p published) verify(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, file := range must(p.editions.GetEdition(t.Context(), &lettersv1.GetEditionRequest{Id: p.id}))(t).GetEdition().GetFiles() {
		resp := must(p.rest.Get(p.http + "/edities/" + p.id + "/" + file.GetPath()))(t)
		data := must(io.ReadAll(resp.Body))(t)
		_ = resp.Body.Close()
		sum := sha256.Sum256(data)
		if resp.StatusCode != http.StatusOK || file.GetSha256() != hex.EncodeToString(sum[:]) || resp.Header.Get("ETag") != `"`+file.GetSha256()+`"` {
			t.Errorf("%s: %s %v, listed as %v", file.GetPath(), resp.Status, resp.Header, file)
		}
		path := filepath.Join(dir, file.GetPath())
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	schakel(t, "verify", "edition", dir, "--id="+p.id, "--key="+p.keys()).ends(t, 0, "gewist  bestand signalen.csv", "klopt   bericht van wat er is gewist")
}

// talk is what was said in the case of a protected signal.
type talk struct {
	*house
	client                  signalsv1.ProtectedSignalServiceClient
	secret, signal, message string
}

// slipInTheCase reports under protection, and lets the word slip into a message.
func (h *house) slipInTheCase(t *testing.T) talk {
	t.Helper()
	s := talk{
		house: h, client: signalsv1.NewProtectedSignalServiceClient(h.conns["signals"]),
		secret: strings.Repeat("A", 43), message: uuid.NewString(),
	}
	codes := must(s.client.CreateReportingCodes(h.as(access.Bestuurder, uwv), &signalsv1.CreateReportingCodesRequest{Count: 1}))(t)
	sum := sha256.Sum256([]byte(s.secret))
	must(s.client.ReportUnderProtection(t.Context(), &signalsv1.ReportUnderProtectionRequest{
		Code: codes.GetCodes()[0], SecretHash: base64.RawURLEncoding.EncodeToString(sum[:]), Report: &signalsv1.ProtectedReport{
			Title: "Wie belt, wordt niet gehoord", Description: "Het team mag niet afwijken van het script.",
			Categories: []string{"hardheid"}, Severity: signalsv1.Severity_SEVERITY_HOOG,
		},
	}))(t)
	must(s.client.AddCaseMessage(t.Context(), &signalsv1.AddCaseMessageRequest{
		Secret: s.secret, MessageId: s.message, Text: "Vraag het aan " + slipped + ".",
	}))(t)
	h.overnight(t)
	for _, id := range h.protectedOnes(t) {
		s.signal = id
	}
	return s
}

// redact removes the word from the message.
func (s talk) redact(t *testing.T) {
	t.Helper()
	done := must(newClients(s.ways()["REST"]).signals.RedactSignal(s.as(access.Redacteur, uwv), &signalsv1.RedactSignalRequest{
		Id: s.signal, ExpectedRevision: 1, Ground: "Naam van een collega.",
		Places: []*signalsv1.RedactedPlace{{Field: "/berichten/" + s.message + "/tekst", First: 15, Last: 29}},
	}))(t)
	if len(done.GetErased()) != 1 || done.GetErased()[0].GetMessage() != s.message {
		t.Errorf("erased: %v", done.GetErased())
	}
	found := must(s.client.GetCase(t.Context(), &signalsv1.GetCaseRequest{Secret: s.secret}))(t)
	if got := found.GetMessages()[0].GetText(); got != "Vraag het aan [verwijderd]." {
		t.Errorf("the message is %q", got)
	}
}

// provesThatSomethingWasThere holds what is left of the erased revisions against
// the history.
func (h *house) provesThatSomethingWasThere(t *testing.T, done *signalsv1.RedactSignalResponse) {
	t.Helper()
	c := newClients(h.ways()["gRPC"])
	history := must(c.signals.ListSignalRevisions(h.as(access.Redacteur, uwv), &signalsv1.ListSignalRevisionsRequest{Id: done.GetSignal().GetId()}))(t)
	if len(history.GetRevisions()) != 3 {
		t.Fatalf("%d revisions", len(history.GetRevisions()))
	}
	for i, e := range done.GetErased() {
		was := history.GetRevisions()[2-i]
		if !was.GetErased() || was.GetSignal() != nil || was.GetNumber() != e.GetRevision() || !bytes.Equal(was.GetLeafHash(), e.GetLeafHash()) {
			t.Errorf("revision %d is %v, erased was %v", e.GetRevision(), was, e)
		}
	}
}

// kept tells where the word that slipped stands, in all that the house keeps: its
// files, its databases, its queue and its log.
func (h *house) kept(t *testing.T) (places []string) {
	t.Helper()
	look := func(place string, text []byte) {
		if bytes.Contains(bytes.ToLower(text), []byte(strings.ToLower(slipped[:len(slipped)-3]))) { // also when stemmed
			places = append(places, place)
		}
	}
	err := filepath.WalkDir(h.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while we looked
		}
		look(path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range h.servers {
		look("the log", []byte(server.Log()))
	}
	for _, setting := range h.settings {
		if _, dsn, ok := strings.Cut(setting, "-database="); ok {
			look(setting, []byte(strings.Join(everyRow(t, dsn), "\n")))
		}
	}
	if h.redis != nil {
		look("Redis", []byte(everyEntry(t, h.redis.Addr())))
	}
	return places
}

// everyRow is what the tables of a database hold.
func everyRow(t *testing.T, dsn string) (all []string) {
	t.Helper()
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: dsn})
	var tables []string
	err := db.Read(t.Context(), func(tx *sqldb.Tx) (err error) {
		tables, err = sqldb.All(t.Context(), tx, func(row sqldb.Scanner) (name string, err error) {
			err = row.Scan(&name)
			return name, err
		}, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range testenv.Rows(t, db, tables...) {
		all = append(all, row, plainBytes(row))
	}
	return all
}

// plainBytes makes text of columns of bytes, which are told as numbers.
func plainBytes(row string) string {
	var out strings.Builder
	for word := range strings.FieldsFuncSeq(row, func(r rune) bool { return r == ' ' || r == '[' || r == ']' || r == '=' }) {
		var b byte
		if _, err := fmt.Sscanf(word, "%d", &b); err == nil {
			out.WriteByte(b)
		}
	}
	return out.String()
}

// everyEntry is what the streams of a Redis hold, what it only marked as deleted
// included: as it would write them to disk.
func everyEntry(t *testing.T, address string) string {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	must(client.ConfigSet(t.Context(), "rdbcompression", "no").Result())(t)
	var out strings.Builder
	for _, key := range must(client.Keys(t.Context(), "*").Result())(t) {
		fmt.Fprintln(&out, key, must(client.Dump(t.Context(), key).Result())(t))
	}
	return out.String()
}
