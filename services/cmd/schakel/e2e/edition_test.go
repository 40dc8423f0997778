package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/reference"
)

// settled waits until ledgers hold so many entries.
func (h *house) settled(t *testing.T, sizes map[string]int32) {
	t.Helper()
	for part, want := range sizes {
		client := ledgerv1.NewLedgerServiceClient(h.conns[part])
		await(t, "the ledger of "+part, func() error {
			got, err := client.GetCheckpoint(t.Context(), &ledgerv1.GetCheckpointRequest{})
			if size := got.GetCheckpoint().GetSize(); err == nil && size != want {
				err = fmt.Errorf("it has %d entries, not %d", size, want)
			}
			return err
		})
	}
}

// today is the reference date of the editions of a test: one for all, since it
// may be midnight between them.
func today() string { return reference.DutchDate(time.Now()).String() }

// compile compiles the edition of a day.
func (s *story) compile(t *testing.T, day string, before bool) *lettersv1.Edition {
	t.Helper()
	r := must(s.editions.CompileEdition(s.as(access.Samensteller, ""), &lettersv1.CompileEditionRequest{Name: "2026", ReferenceDate: day}))(t)
	if r.GetRepeatedSubmission() != before || r.GetEdition().GetState() != lettersv1.EditionState_EDITION_STATE_GEPUBLICEERD {
		t.Errorf("compiled: %v", r)
	}
	got := must(s.editions.GetEdition(t.Context(), &lettersv1.GetEditionRequest{Id: r.GetEdition().GetId()}))(t).GetEdition()
	if !proto.Equal(got, r.GetEdition()) {
		t.Errorf("the public gets another edition: %v", got)
	}
	return r.GetEdition()
}

// download fetches the files of an edition as open data, and holds each to what
// the edition says of it and to what the stream over gRPC gives.
func (s *story) download(t *testing.T, e *lettersv1.Edition) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, file := range e.GetFiles() {
		resp, err := s.rest.Get(s.http + "/edities/" + e.GetId() + "/" + file.GetPath())
		if err != nil {
			t.Fatal(err)
		}
		data := must(io.ReadAll(resp.Body))(t)
		_ = resp.Body.Close()
		sum := sha256.Sum256(data)
		if resp.StatusCode != http.StatusOK || hex.EncodeToString(sum[:]) != file.GetSha256() || len(data) != int(file.GetSize()) ||
			resp.Header.Get("Content-Type") != file.GetMediaType() || resp.Header.Get("ETag") != `"`+hex.EncodeToString(sum[:])+`"` {
			t.Errorf("%s: %s, %d bytes, %v", file.GetPath(), resp.Status, len(data), resp.Header)
		}
		if streamed := s.stream(t, e.GetId(), file.GetPath()); !bytes.Equal(streamed, data) {
			t.Errorf("%s: over gRPC it is another file", file.GetPath())
		}
		files[file.GetPath()] = string(data)
	}
	return files
}

func (s *story) stream(t *testing.T, id, path string) (data []byte) {
	t.Helper()
	client := lettersv1.NewEditionServiceClient(s.conns["letters"])
	stream := must(client.ReadEditionFile(t.Context(), &lettersv1.ReadEditionFileRequest{Id: id, Path: path}))(t)
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return data
		} else if err != nil {
			t.Fatal(err)
		}
		data = append(data, piece.GetData()...)
	}
}

// verify verifies downloaded files as an outsider does.
func (s *story) verify(t *testing.T, e *lettersv1.Edition, files map[string]string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "gedownload")
	save(t, dir, files)
	var findings []struct {
		What string `json:"wat"`
		OK   bool   `json:"klopt"`
	}
	schakel(t, "verify", "edition", dir, "--id="+e.GetId(), "--key="+s.keys(), "--output=json").ends(t, 0).json(t, &findings)
	// Every file but the list of sums, the identity, three checkpoints.
	if len(findings) != len(files)-1+1+3 {
		t.Errorf("%d things were looked at: %v", len(findings), findings)
	}
}

// save writes files below a folder.
func save(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for path, data := range files {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(data), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// counted sees to it that every signal is counted once, and told once.
func (s *story) counted(t *testing.T, files map[string]string, ids []string) {
	t.Helper()
	total := 0
	for _, row := range table(t, files["aantallen.csv"]) {
		total += must(strconv.Atoi(row["aantal"]))(t)
	}
	var told []string
	for _, row := range table(t, files["signalen.csv"]) {
		told = append(told, row["id"])
	}
	slices.Sort(told)
	slices.Sort(ids)
	if total != len(ids) || !slices.Equal(told, ids) {
		t.Errorf("%d signals counted, and told of: %v; want %v", total, told, ids)
	}
	if answers := table(t, files["reacties.csv"]); len(answers) != 1 || answers[0]["keuze"] != "deels-overgenomen" {
		t.Errorf("answers: %v", answers)
	}
}

// table reads a CSV file as its rows, by the names of the columns.
func table(t *testing.T, text string) (rows []map[string]string) {
	t.Helper()
	records := must(csv.NewReader(bytes.NewReader([]byte(text))).ReadAll())(t)
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// everything is what a house holds, as those see it who see all.
func (s *story) everything(t *testing.T) []proto.Message {
	t.Helper()
	ctx := s.as(access.Toezichthouder, "")
	return []proto.Message{
		must(s.signals.ListSignals(ctx, &signalsv1.ListSignalsRequest{PageSize: 500}))(t),
		must(s.bottlenecks.ListBottlenecks(ctx, &lettersv1.ListBottlenecksRequest{}))(t),
		must(s.letters.ListLetters(ctx, &lettersv1.ListLettersRequest{}))(t),
		must(s.contacts.ListContactPersons(ctx, &contactsv1.ListContactPersonsRequest{}))(t),
		must(s.contacts.ListContacts(ctx, &contactsv1.ListContactsRequest{}))(t),
		must(s.editions.ListEditions(ctx, &lettersv1.ListEditionsRequest{}))(t),
	}
}

// afterRestart bundles a new signal: what joins the parts works again.
func (s *story) afterRestart(t *testing.T) []string {
	t.Helper()
	one := must(s.signals.SubmitSignal(s.as(access.Aanleveraar, uwv), &signalsv1.SubmitSignalRequest{Signal: signal(uwv, "NA-HERSTART")}))(t)
	ids := []string{one.GetSignal().GetId()}
	s.bundle(t, uwv, ids)
	return ids
}
