package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

var update = flag.Bool("update", false, "write what came out into testdata")

// roles are all roles, the public last.
var roles = []access.Role{
	access.Aanleveraar, access.Redacteur, access.Bestuurder, access.Beantwoorder, access.Contactpersoon, access.Bewindspersoon,
	access.Samensteller, access.Toezichthouder, access.Beheerder, access.Service, access.Bewijshouder, access.Publiek,
}

// parties are the organisations that callers act for, or none. Everything that
// is asked for is UWV's, or SZW's, or between those two; SVB and OCW are
// strangers to it.
var parties = []struct{ name, tooi string }{{"uwv", uwv}, {"szw", szw}, {"svb", svb}, {"ocw", ocw}, {"geen", ""}}

// TestAccess calls every method as every role, for parties and for strangers,
// and compares what came of it with testdata/access.golden: a line of the table
// is what roles get from a method, per organisation.
func TestAccess(t *testing.T) {
	t.Parallel()
	const golden = "testdata/access.golden"
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			requests := h.requests(t)
			for _, way := range []string{"gRPC", "REST"} {
				got := h.accessTable(t, way, requests)
				if *update && way == "gRPC" {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want := string(must(os.ReadFile(golden))(t))
				if way == "REST" {
					want = boundToREST(want)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("over %s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

// boundToREST leaves out the methods that REST does not have.
func boundToREST(table string) string {
	var kept []string
	for part := range strings.SplitSeq(table, "\n\n") {
		method, _, _ := strings.Cut(part, "\n")
		if rule, _ := binding(method); rule != nil {
			kept = append(kept, part)
		}
	}
	return strings.TrimSuffix(strings.Join(kept, "\n\n"), "\n") + "\n"
}

// anyone stands in a request for whoever makes it.
const anyone = "wie het vraagt"

// requests makes something to ask for, and gives for each method a request that
// is right, and that can be repeated.
func (h *house) requests(t *testing.T) map[string]proto.Message {
	t.Helper()
	s := &story{h, newClients(h.ways()["gRPC"])}
	ids := s.submit(t, uwv, 1)
	one := s.bundle(t, uwv, ids)
	sent := s.send(t, uwv, one)
	s.answer(t, sent, ids)
	person, held := s.contact(t)
	h.settled(t, map[string]int32{"signals": 1, "contacts": 2})
	e := s.compile(t, today(), false)
	all := map[string]proto.Message{
		"GetReceipt":             &signalsv1.GetReceiptRequest{Id: ids[0]},
		"OpenBottleneck":         &lettersv1.OpenBottleneckRequest{Bottleneck: bottleneck(uwv, "KP-"+ids[0], ids...)},
		"GetBottleneck":          &lettersv1.GetBottleneckRequest{Id: one},
		"ListBottlenecks":        &lettersv1.ListBottlenecksRequest{},
		"DraftLetter":            &lettersv1.DraftLetterRequest{Letter: letter(uwv, "BRIEF-1", szw, one)},
		"GetLetter":              &lettersv1.GetLetterRequest{Id: sent.GetId()},
		"ListLetters":            &lettersv1.ListLettersRequest{},
		"AdoptLetter":            &lettersv1.AdoptLetterRequest{Id: sent.GetId(), AdoptedBy: office(uwv)},
		"SendLetter":             &lettersv1.SendLetterRequest{Id: sent.GetId()},
		"AnswerItem":             &lettersv1.AnswerItemRequest{Letter: sent.GetId(), Number: 1, Response: answer(anyone)},
		"CompileEdition":         &lettersv1.CompileEditionRequest{Name: e.GetName(), ReferenceDate: e.GetReferenceDate()},
		"GetEdition":             &lettersv1.GetEditionRequest{Id: e.GetId()},
		"ListEditions":           &lettersv1.ListEditionsRequest{},
		"ReadEditionFile":        &lettersv1.ReadEditionFileRequest{Id: e.GetId(), Path: "index.html"},
		"DesignateContactPerson": &contactsv1.DesignateContactPersonRequest{ContactPerson: contactPerson(szw)},
		"GetContactPerson":       &contactsv1.GetContactPersonRequest{Id: person},
		"ListContactPersons":     &contactsv1.ListContactPersonsRequest{},
		"LogContact":             &contactsv1.LogContactRequest{Contact: contact(szw, "PC-1", person)},
		"GetContact":             &contactsv1.GetContactRequest{Id: held},
		"ListContacts":           &contactsv1.ListContactsRequest{},
		"ListOrganisations":      &referencev1.ListOrganisationsRequest{},
		"GetOrganisation":        &referencev1.GetOrganisationRequest{Code: "zb000117"},
		"ListRegulations":        &referencev1.ListRegulationsRequest{},
		"GetRegulation":          &referencev1.GetRegulationRequest{Id: "BWBR0019057"},
		"ListTerms":              &referencev1.ListTermsRequest{},
		"GetTerm":                &referencev1.GetTermRequest{Vocabulary: "categorieen", Code: "hardheid"},
		"GetCheckpoint":          &ledgerv1.GetCheckpointRequest{},
		"ListEntries":            &ledgerv1.ListEntriesRequest{},
		"GetInclusionProof":      &ledgerv1.GetInclusionProofRequest{Index: 0, Size: 1},
		"GetConsistencyProof":    &ledgerv1.GetConsistencyProofRequest{From: 1, To: 1},
	}
	for _, more := range []map[string]proto.Message{s.changes(t), s.triage(t), s.protected(t)} {
		maps.Copy(all, more)
	}
	return all
}

// accessTable calls everything as everyone, over one way.
func (h *house) accessTable(t *testing.T, way string, requests map[string]proto.Message) string {
	t.Helper()
	tokens := map[string]context.Context{}
	for _, role := range roles {
		for _, party := range parties {
			tokens[role.String()+party.name] = h.as(role, party.tooi)
		}
	}
	var table []string
	for _, method := range methods() {
		name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
		if rule, _ := binding(name); way == "REST" && rule == nil {
			continue
		}
		request, ok := requests[string(method.Name())]
		if !ok {
			t.Errorf("nothing to ask of %s", name)
			continue
		}
		// Roles that get the same share a line.
		var lines []string
		who := map[string][]string{}
		for _, role := range roles {
			var outcomes []string
			for _, party := range parties {
				ctx := tokens[role.String()+party.name]
				outcomes = append(outcomes, party.name+"="+h.outcome(ctx, way, method, asked(request, party.tooi)))
			}
			line := same(outcomes)
			if len(who[line]) == 0 {
				lines = append(lines, line)
			}
			who[line] = append(who[line], role.String())
		}
		part := name
		for _, line := range lines {
			part += "\n\t" + strings.Join(who[line], " ") + ": " + line
		}
		table = append(table, part)
	}
	return strings.Join(table, "\n\n") + "\n"
}

// asked is the request as an organisation makes it.
func asked(request proto.Message, organisation string) proto.Message {
	if m, ok := request.(*lettersv1.AnswerItemRequest); ok && organisation != "" {
		m = proto.CloneOf(m)
		m.Response = answer(organisation)
		return m
	}
	return request
}

// same says what is the same for all parties once.
func same(outcomes []string) string {
	_, first, _ := strings.Cut(outcomes[0], "=")
	for _, outcome := range outcomes {
		if _, this, _ := strings.Cut(outcome, "="); this != first {
			return strings.Join(outcomes, " ")
		}
	}
	return first
}

// methods are all methods of all services, sorted.
func methods() (all []protoreflect.MethodDescriptor) {
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if strings.HasPrefix(string(service.FullName()), "schakel.") {
					all = append(all, service.Methods().Get(j))
				}
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.MethodDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return all
}

// outcome is what a call came to: the reason of the refusal, or "ok"; for a list
// in which the caller sees nothing, "leeg". Every part has a ledger; each must
// say the same.
func (h *house) outcome(ctx context.Context, way string, method protoreflect.MethodDescriptor, request proto.Message) string {
	if method.Parent().Name() != "LedgerService" {
		return h.outcomeOf(ctx, h.ways()[way], method, request)
	}
	var all []string
	for part := range services {
		all = append(all, part+"="+h.outcomeOf(ctx, overGRPC{h, part}, method, request))
	}
	slices.Sort(all)
	return same(all)
}

func (h *house) outcomeOf(ctx context.Context, conn grpc.ClientConnInterface, method protoreflect.MethodDescriptor, request proto.Message) string {
	name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	response := must(protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName()))(h.t).New().Interface()
	var err error
	if method.IsStreamingServer() || method.IsStreamingClient() {
		err = firstOf(ctx, conn, method, request, response)
	} else {
		err = conn.Invoke(ctx, name, request, response)
	}
	if errors.Is(err, io.EOF) {
		return "leeg"
	}
	if problem := refused(errors.Join(err, refusedWithin(response))); problem != nil {
		return problem.Reason
	}
	m := response.ProtoReflect()
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		if strings.HasPrefix(string(method.Name()), "List") && f.IsList() && m.Get(f).List().Len() == 0 {
			return "leeg"
		}
	}
	if counted, ok := response.(*signalsv1.CountSignalsResponse); ok && counted.GetTotal() == 0 {
		return "leeg"
	}
	return "ok"
}

// refusedWithin is how the first signal of many was refused, if it was.
func refusedWithin(response proto.Message) error {
	var fault *statuspb.Status
	switch m := response.(type) {
	case *signalsv1.BatchSubmitSignalsResponse:
		if len(m.GetResults()) > 0 {
			fault = m.GetResults()[0].GetFault()
		}
	case *signalsv1.SubmitSignalsResponse:
		fault = m.GetResult().GetFault()
	}
	if fault == nil {
		return nil
	}
	return statusOf(signalsv1.SignalService_SubmitSignal_FullMethodName, status.ErrorProto(fault))
}

// firstOf reads the first message of a stream; io.EOF when there is none.
func firstOf(ctx context.Context, conn grpc.ClientConnInterface, method protoreflect.MethodDescriptor, request, response proto.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: method.IsStreamingServer(), ClientStreams: method.IsStreamingClient()}, name)
	if err == nil {
		err = stream.SendMsg(request)
	}
	if err == nil {
		err = stream.CloseSend()
	}
	if err == nil || errors.Is(err, io.EOF) && stream != nil { // a call that failed already: RecvMsg tells how
		err = stream.RecvMsg(response)
	}
	if _, isStatus := status.FromError(err); isStatus && err != nil {
		return statusOf(name, err)
	}
	return err
}
