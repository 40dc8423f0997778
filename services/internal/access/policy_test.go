package access_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "schakel.example/proto/gen/go/schakel/contacts/v1"
	_ "schakel.example/proto/gen/go/schakel/ledger/v1"
	_ "schakel.example/proto/gen/go/schakel/letters/v1"
	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	_ "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

var update = flag.Bool("update", false, "write the golden table anew")

func TestWhoMayCallWhatIsAsAgreed(t *testing.T) {
	t.Parallel()
	policy, err := access.NewPolicy(nil, access.Linked()...)
	if err != nil {
		t.Fatal(err) // an RPC of ours without an access option
	}
	const golden = "testdata/access.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(policy.Table()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), policy.Table()); diff != "" {
		t.Errorf("the protos and %s differ; if the protos are right: go test -update (-want +got):\n%s", golden, diff)
	}
}

func TestEachServiceOfSchakelIsLinkedIntoTheseTests(t *testing.T) {
	t.Parallel()
	const root = "../../../proto/"
	files, err := filepath.Glob(root + "schakel/*/v*/*_service.proto")
	if err != nil || len(files) == 0 {
		t.Fatalf("no services found: %v", err)
	}
	for _, file := range files {
		if _, err := protoregistry.GlobalFiles.FindFileByPath(strings.TrimPrefix(filepath.ToSlash(file), root)); err != nil {
			t.Errorf("%s: import its Go package in this file", file)
		}
	}
}

// service describes a service with one method per entry; nil allowances are a
// missing option.
func service(t *testing.T, methods map[string]*optionsv1.Access) protoreflect.ServiceDescriptor {
	t.Helper()
	s := &descriptorpb.ServiceDescriptorProto{Name: proto.String("S")}
	for name, option := range methods {
		m := &descriptorpb.MethodDescriptorProto{
			Name: proto.String(name), InputType: proto.String(".t.M"), OutputType: proto.String(".t.M"),
			Options: &descriptorpb.MethodOptions{},
		}
		if option != nil {
			proto.SetExtension(m.Options, optionsv1.E_Access, option)
		}
		s.Method = append(s.Method, m)
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("t.proto"), Package: proto.String("t"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("M")}},
		Service:     []*descriptorpb.ServiceDescriptorProto{s},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Services().Get(0)
}

func allow(pairs ...access.Allowance) *optionsv1.Access {
	option := &optionsv1.Access{}
	for _, a := range pairs {
		option.Allow = append(option.Allow, &optionsv1.Allowance{Role: optionsv1.Role(a.Role), Reach: optionsv1.Reach(a.Reach)})
	}
	return option
}

func TestAPolicyIsRefusedWhenAMethodDoesNotSayWhoMayCallIt(t *testing.T) {
	t.Parallel()
	good := allow(access.Allowance{Role: access.Publiek, Reach: access.Openbaar})
	tests := []struct {
		name   string
		option *optionsv1.Access
		want   string
	}{
		{"no option", nil, "missing or empty"},
		{"an empty option", allow(), "missing or empty"},
		{"no role", allow(access.Allowance{Reach: access.Alle}), "no known role"},
		{"a role from the future", allow(access.Allowance{Role: 99, Reach: access.Alle}), "no known role"},
		{"no reach", allow(access.Allowance{Role: access.Service}), "service names no known reach"},
		{"the public reaching beyond what is public", allow(access.Allowance{Role: access.Publiek, Reach: access.Alle}), "publiek reaches no further"},
		{"a role twice", allow(access.Allowance{Role: access.Service, Reach: access.Alle}, access.Allowance{Role: access.Service, Reach: access.Eigen}), "allowed twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := service(t, map[string]*optionsv1.Access{"Good": good, "Bad": tt.option})
			_, err := access.NewPolicy(nil, s)
			if err == nil || !strings.Contains(err.Error(), "/t.S/Bad: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want %q about /t.S/Bad", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "Good") {
				t.Errorf("the good method is blamed: %v", err)
			}
			extra := map[string][]access.Allowance{"/t.S/Bad": {{Role: access.Publiek, Reach: access.Openbaar}}}
			if _, err := access.NewPolicy(extra, s); err != nil {
				t.Errorf("with an allowance given beside: %v", err)
			}
		})
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	const own = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	policy, err := access.NewPolicy(nil, service(t, map[string]*optionsv1.Access{
		"Public": allow(access.Allowance{Role: access.Publiek, Reach: access.Openbaar}, access.Allowance{Role: access.Redacteur, Reach: access.Eigen}),
		"Closed": allow(access.Allowance{Role: access.Redacteur, Reach: access.Eigen}, access.Allowance{Role: access.Toezichthouder, Reach: access.Alle}),
		"Turned": allow(access.Allowance{Role: access.Toezichthouder, Reach: access.Alle}, access.Allowance{Role: access.Redacteur, Reach: access.Eigen}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		method string
		claims access.Claims
		want   access.Grant
		reason string
	}{
		{"the public needs no token", "Public", access.Claims{},
			access.Grant{Role: access.Publiek, Reach: access.Openbaar}, ""},
		{"a token widens the reach", "Public", access.Claims{Subject: "s", Organisation: own, Roles: []access.Role{access.Redacteur}},
			access.Grant{Caller: "s", Organisation: own, Role: access.Redacteur, Reach: access.Eigen}, ""},
		{"a role that is not allowed leaves the public's reach, without organisation", "Public", access.Claims{Subject: "s", Organisation: own, Roles: []access.Role{access.Service}},
			access.Grant{Caller: "s", Role: access.Publiek, Reach: access.Openbaar}, ""},
		{"without organisation an own reach falls back to the public's", "Public", access.Claims{Subject: "s", Roles: []access.Role{access.Redacteur}},
			access.Grant{Caller: "s", Role: access.Publiek, Reach: access.Openbaar}, ""},
		{"of several roles the widest counts", "Closed", access.Claims{Subject: "s", Organisation: own, Roles: []access.Role{access.Toezichthouder, access.Redacteur}},
			access.Grant{Caller: "s", Organisation: own, Role: access.Toezichthouder, Reach: access.Alle}, ""},
		{"also when it stands first", "Turned", access.Claims{Subject: "s", Organisation: own, Roles: []access.Role{access.Toezichthouder, access.Redacteur}},
			access.Grant{Caller: "s", Organisation: own, Role: access.Toezichthouder, Reach: access.Alle}, ""},
		{"a role of no organisation", "Closed", access.Claims{Subject: "s", Roles: []access.Role{access.Toezichthouder, access.Redacteur}},
			access.Grant{Caller: "s", Role: access.Toezichthouder, Reach: access.Alle}, ""},
		{"a role with a smaller reach is left out", "Turned", access.Claims{Subject: "s", Organisation: own, Roles: []access.Role{access.Redacteur, access.Toezichthouder}},
			access.Grant{Caller: "s", Organisation: own, Role: access.Toezichthouder, Reach: access.Alle}, ""},
		{"a closed method needs a token", "Closed", access.Claims{}, access.Grant{}, "token-ontbreekt"},
		{"a token without the role is denied", "Closed", access.Claims{Subject: "s", Organisation: own, Roles: []access.Role{access.Aanleveraar}}, access.Grant{}, "rol-ontbreekt"},
		{"a token without the organisation is denied", "Closed", access.Claims{Subject: "s", Roles: []access.Role{access.Redacteur}}, access.Grant{}, "organisatie-ontbreekt"},
		{"an unknown method is refused", "Unknown", access.Claims{Subject: "s", Roles: []access.Role{access.Toezichthouder}}, access.Grant{}, "onbekende-aanroep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := policy.Decide("/t.S/"+tt.method, tt.claims)
			if tt.reason == "" && err != nil || tt.reason != "" && (err == nil || fault.Of(err).Reason != tt.reason) {
				t.Fatalf("err = %v, want %q", err, tt.reason)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("grant (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhoHasSeveralRolesOfOneReachHasThemAll(t *testing.T) {
	t.Parallel()
	policy, err := access.NewPolicy(nil, service(t, map[string]*optionsv1.Access{
		"Shared": allow(access.Allowance{Role: access.Aanleveraar, Reach: access.Eigen}, access.Allowance{Role: access.Redacteur, Reach: access.Eigen},
			access.Allowance{Role: access.Bestuurder, Reach: access.Eigen}, access.Allowance{Role: access.Publiek, Reach: access.Openbaar}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, roles := range [][]access.Role{{access.Aanleveraar, access.Bestuurder}, {access.Bestuurder, access.Aanleveraar}} {
		grant, err := policy.Decide("/t.S/Shared", access.Claims{Subject: "s", Organisation: "own", Roles: roles})
		if err != nil {
			t.Fatal(err)
		}
		for role, want := range map[access.Role]bool{
			access.Aanleveraar: true, access.Bestuurder: true, access.Redacteur: false, access.Publiek: false, access.Toezichthouder: false,
		} {
			if grant.Is(role) != want {
				t.Errorf("%v: is %v %v", roles, role, !want)
			}
		}
	}
	if (access.Grant{}).Is(access.Aanleveraar) {
		t.Error("the zero grant has a role")
	}
}

func TestAGrantCoversItsOwnOrAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		grant access.Grant
		own   bool
		other bool
	}{
		{"the zero grant nothing", access.Grant{}, false, false},
		{"what is public covers no organisation", access.Grant{Reach: access.Openbaar, Organisation: "own"}, false, false},
		{"its own", access.Grant{Reach: access.Eigen, Organisation: "own"}, true, false},
		{"all", access.Grant{Reach: access.Alle}, true, true},
	}
	for _, tt := range tests {
		if own, other := tt.grant.Covers("own"), tt.grant.Covers("other"); own != tt.own || other != tt.other {
			t.Errorf("%s: covers own %v, another's %v", tt.name, own, other)
		}
		if tt.grant.Reach != access.Alle && tt.grant.Covers("") {
			t.Errorf("%s: covers the empty organisation", tt.name)
		}
	}
}

func TestTheGrantTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if _, found := access.From(context.Background()); found {
		t.Error("found a grant where none is")
	}
	want := access.Grant{Caller: "s", Role: access.Service, Reach: access.Alle}
	if got, found := access.From(access.With(context.Background(), want)); !found || got != want {
		t.Errorf("got %v, %v", got, found)
	}
}

func TestRolesAreReadByTheirSlugOnly(t *testing.T) {
	t.Parallel()
	for n := range optionsv1.Role_name {
		role := access.Role(n)
		if got, ok := access.ParseRole(role.String()); n != 0 && (!ok || got != role) {
			t.Errorf("ParseRole(%q) = %v, %v", role.String(), got, ok)
		}
	}
	for _, text := range []string{"", "unspecified", "Service", "SERVICE", "koning", "role_service"} {
		if role, ok := access.ParseRole(text); ok {
			t.Errorf("ParseRole(%q) = %v", text, role)
		}
	}
}
