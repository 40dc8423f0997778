package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// found is what became of an attempt.
type found struct {
	verdict string
	faults  []string
	// id is that of the signal, or of the one in its way.
	id      string
	receipt *ledgerv1.Receipt
}

// entrance is a way in for signals.
type entrance struct {
	name string
	// takes says whether an attempt can be made over it.
	takes func(attempt) bool
	// submit makes attempts, which are of one caller, and all trials or none, in
	// order, and gives what became of each.
	submit func(t *testing.T, h *house, all []attempt) []found
}

// entrances are all ways in for signals.
func entrances() []entrance {
	asMessage := func(a attempt) bool { return !a.json }
	line := func(a attempt) bool { return !bytes.ContainsAny(a.text, "\n") && len(bytes.TrimSpace(a.text)) > 0 }
	return []entrance{
		{"REST", func(attempt) bool { return true }, eachAlone(overHTTP)},
		{"NDJSON", line, inLines},
		{"gRPC", asMessage, eachAlone(overCall)},
		{"batch", asMessage, inBatch},
		{"stream", asMessage, inStream},
		{"push", func(a attempt) bool { return line(a) && !a.call }, pushNDJSON},
		{"push CSV", func(a attempt) bool { return inTable(a, false) }, pushCSV},
		{"push XLSX", func(a attempt) bool { return inTable(a, true) }, pushXLSX},
	}
}

// eachAlone makes attempts one by one.
func eachAlone(submit func(*testing.T, *house, attempt) found) func(*testing.T, *house, []attempt) []found {
	return func(t *testing.T, h *house, all []attempt) (out []found) {
		t.Helper()
		for _, a := range all {
			out = append(out, submit(t, h, a))
		}
		return out
	}
}

// caller is the token of who makes attempts: a role and an organisation, or what
// is wrong with it.
func (h *house) caller(t *testing.T, as string) string {
	t.Helper()
	switch as {
	case "niemand":
		return ""
	case "verlopen":
		return expired(h)
	case "vervalst":
		return forged(h)
	}
	name, organisation, _ := strings.Cut(as, " ")
	tooi, ok := map[string]string{"uwv": uwv, "svb": svb, "szw": szw, "proef": sandbox, "": ""}[organisation]
	for _, role := range roles {
		if role.String() == name && ok {
			return h.token(role, tooi)
		}
	}
	t.Fatalf("nobody is %q", as)
	return ""
}

func (h *house) callerContext(t *testing.T, as string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	t.Cleanup(cancel)
	if token := h.caller(t, as); token != "" {
		return bearing(ctx, token)
	}
	return ctx
}

// post posts to the gateway as a caller.
func post(t *testing.T, h *house, path, kind string, first attempt, body []byte) *http.Response {
	t.Helper()
	if first.trial {
		path += "?proefdraaien=true"
	}
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, h.http+path, bytes.NewReader(body)))(t)
	req.Header.Set("Content-Type", kind)
	if token := h.caller(t, first.as); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return must(h.rest.Do(req))(t)
}

func overHTTP(t *testing.T, h *house, a attempt) found {
	t.Helper()
	resp := post(t, h, "/v1/signalen", "application/json", a, a.text)
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(t)
	if resp.StatusCode >= http.StatusBadRequest {
		return declined(t, problemOf(resp.StatusCode, body))
	}
	var m signalsv1.SubmitSignalResponse
	if err := wire.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	want := http.StatusCreated
	if m.GetRepeatedSubmission() || a.trial {
		want = http.StatusOK
	}
	if resp.StatusCode != want {
		t.Errorf("%s: status %d, want %d", a.of, resp.StatusCode, want)
	}
	return taken(t, a, m.GetSignal().GetId(), m.GetRepeatedSubmission(), m.GetReceipt())
}

func overCall(t *testing.T, h *house, a attempt) found {
	t.Helper()
	m, err := newClients(overGRPC{house: h}).signals.SubmitSignal(h.callerContext(t, a.as),
		&signalsv1.SubmitSignalRequest{Signal: a.message, ValidateOnly: a.trial})
	if err != nil {
		return declined(t, err)
	}
	return taken(t, a, m.GetSignal().GetId(), m.GetRepeatedSubmission(), m.GetReceipt())
}

// inLines uploads attempts as NDJSON, with white space and empty lines between.
func inLines(t *testing.T, h *house, all []attempt) (out []found) {
	t.Helper()
	var body bytes.Buffer
	for _, a := range all {
		body.Write(a.text)
		body.WriteString(" \r\n\n")
	}
	resp := post(t, h, "/v1/signalen/_bulk", "application/x-ndjson", all[0], body.Bytes())
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return allAs(declined(t, problemOf(resp.StatusCode, must(io.ReadAll(resp.Body))(t))), len(all))
	}
	answers := bufio.NewScanner(resp.Body)
	answers.Buffer(nil, 1<<20)
	accepted, refused := 0, 0
	for answers.Scan() {
		r := must(lineOf(answers.Bytes()))(t)
		if strings.Contains(answers.Text(), canary) {
			t.Errorf("an answer repeats what was sent: %s", answers.Text())
		}
		if r.Done {
			if r.Lines != len(all) || r.Accepted != accepted || r.Refused != refused || len(out) != len(all) {
				t.Errorf("of %d lines it answers %d, and says %s", len(all), len(out), answers.Text())
			}
			return out
		}
		if r.Line != 2*len(out)+1 || len(out) == len(all) {
			t.Fatalf("line %d is answered as %s", 2*len(out)+1, answers.Text())
		}
		a := all[len(out)]
		if r.Problem != nil {
			refused++
			out = append(out, declined(t, problemOf(r.Status, r.Problem)))
			continue
		}
		if string(r.Repeated) != "true" {
			accepted++
		}
		out = append(out, taken(t, a, r.ID, string(r.Repeated) == "true", r.receipt))
	}
	if len(out) != len(all) || !strings.Contains(out[len(out)-1].verdict, "te-groot") {
		t.Errorf("after %d answers it broke off: %v", len(out), answers.Err())
	}
	return append(out, allAs(found{verdict: "broken off"}, len(all)-len(out))...)
}

func inBatch(t *testing.T, h *house, all []attempt) (out []found) {
	t.Helper()
	request := &signalsv1.BatchSubmitSignalsRequest{ValidateOnly: all[0].trial}
	for _, a := range all {
		request.Signals = append(request.Signals, a.message)
	}
	m, err := newClients(overGRPC{house: h}).signals.BatchSubmitSignals(h.callerContext(t, all[0].as), request)
	if err != nil {
		return allAs(declined(t, err), len(all))
	}
	for i, r := range m.GetResults() {
		out = append(out, resultOf(t, all[i], i, r))
	}
	return out
}

func inStream(t *testing.T, h *house, all []attempt) (out []found) {
	t.Helper()
	stream := must(newClients(overGRPC{house: h}).signals.SubmitSignals(h.callerContext(t, all[0].as)))(t)
	go func() {
		for _, a := range all {
			if stream.Send(&signalsv1.SubmitSignalsRequest{Signal: a.message, ValidateOnly: a.trial}) != nil {
				return // Recv tells why
			}
		}
		_ = stream.CloseSend()
	}()
	for i := 0; ; i++ {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			rest := declined(t, statusOf(signalsv1.SignalService_SubmitSignals_FullMethodName, err))
			return append(out, allAs(rest, len(all)-len(out))...)
		}
		out = append(out, resultOf(t, all[i], i, m.GetResult()))
	}
}

// resultOf is what became of one signal of many.
func resultOf(t *testing.T, a attempt, place int, r *signalsv1.SubmitResult) found {
	t.Helper()
	if int(r.GetNumber()) != place+1 {
		t.Errorf("%s: number %d, want %d", a.of, r.GetNumber(), place+1)
	}
	if r.GetFault() != nil {
		return declined(t, statusOf(signalsv1.SignalService_SubmitSignal_FullMethodName, status.ErrorProto(r.GetFault())))
	}
	accepted := r.GetAccepted()
	if r.GetExternalReference() != a.message.GetExternalReference() {
		t.Errorf("%s: it is told as %s", a.of, r.GetExternalReference())
	}
	return taken(t, a, accepted.GetId(), accepted.GetRepeatedSubmission(), accepted.GetReceipt())
}

// taken is what became of an attempt that succeeded.
func taken(t *testing.T, a attempt, id string, repeated bool, receipt *ledgerv1.Receipt) found {
	t.Helper()
	f := found{verdict: "accepted", id: id, receipt: receipt}
	if repeated {
		f.verdict = "repeated"
	}
	if a.trial == (id != "") || a.trial == (receipt != nil) {
		t.Errorf("%s: a trial is %v, and it has id %q and receipt %v", a.of, a.trial, id, receipt)
	}
	return f
}

// statuses are those of HTTP for the codes of gRPC.
var statuses = map[codes.Code]int{
	codes.InvalidArgument: 400, codes.Unauthenticated: 401, codes.PermissionDenied: 403, codes.NotFound: 404,
	codes.AlreadyExists: 409, codes.FailedPrecondition: 409, codes.ResourceExhausted: 429, codes.Unavailable: 503,
}

// declined is what became of an attempt that was refused.
func declined(t *testing.T, err error) found {
	t.Helper()
	r := refused(err)
	if r.HTTP == 0 {
		r.HTTP = statuses[r.Code]
	}
	if r.HTTP == 0 || r.Text == "" && r.Reason != "" {
		t.Errorf("refused without words: %v", r)
	}
	if strings.Contains(fmt.Sprint(r), canary) {
		t.Errorf("the answer repeats what was sent: %v", r)
	}
	return found{verdict: fmt.Sprintf("refused %d %s", r.HTTP, r.Reason), faults: r.Faults, id: r.Resource}
}

func allAs(f found, n int) []found {
	out := make([]found, n)
	for i := range out {
		out[i] = f
	}
	return out
}
