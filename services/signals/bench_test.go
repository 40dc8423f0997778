package signals

import (
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
)

// typical is a signal as rich as most.
func typical() *signalsv1.Signal {
	return &signalsv1.Signal{
		Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", ExternalReference: "PROEF-abcd", Title: "VOORBEELD: te hoog voorschot",
		Description: "VOORBEELD: door een late beslissing kreeg iemand een voorschot dat later hoger bleek dan het recht. " +
			"De schuld die zo ontstaat is niet zijn fout, en raakt hem in een periode van ziekte. De regel laat weinig ruimte.",
		Level: "organisatie", Categories: []string{"hardheid", "capaciteit"}, Severity: 3, Approach: 2,
		PublicValues: []string{"betrouwbaarheid"}, Confidentiality: 1, TargetGroups: []string{"gezinnen"},
		Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "jci1.3:c:BWBR0019057&artikel=77"}}},
	}
}

// BenchmarkSteps are the steps that every signal takes before it is stored.
func BenchmarkSteps(b *testing.B) {
	checker, err := rules.New()
	if err != nil {
		b.Fatal(err)
	}
	data, err := reference.Load()
	if err != nil {
		b.Fatal(err)
	}
	skey, _, err := ledger.GenerateKey("proef")
	if err != nil {
		b.Fatal(err)
	}
	signer, err := ledger.NewSigner("proef", skey)
	if err != nil {
		b.Fatal(err)
	}
	c := Config{
		Now: time.Now, NewID: func() string { return uuid.Must(uuid.NewV7()).String() }, Signer: signer,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
	}
	s := &server{Service: New(c), rules: checker, data: data}
	grant := access.Grant{Organisation: typical().GetOrganisation(), Reach: access.Eigen}
	m := typical()
	in := s.incoming(m, false)
	if in.Fault != nil {
		b.Fatal(in.Fault)
	}
	wake := make(chan struct{}, 1)
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			s.incoming(m, false)
		}
	})
	b.Run("draft", func(b *testing.B) {
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			s.draft(grant, in, wake)
		}
	})
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			s.intake.seal(s.draft(grant, in, wake), time.Now())
		}
	})
	b.Run("sign 1000", func(b *testing.B) {
		var drafts []*draft
		for range 1000 {
			d := s.draft(grant, in, wake)
			s.intake.seal(d, time.Now())
			drafts = append(drafts, d)
		}
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			if err := s.intake.sign(drafts); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tell", func(b *testing.B) {
		d := s.draft(grant, in, wake)
		s.intake.seal(d, time.Now())
		_ = s.intake.sign([]*draft{d})
		r := results{}
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			if _, err := r.next(b.Context(), d.outcome()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// cpu reports the processor time of an iteration, which others on the machine
// change less than its duration.
func cpu(b *testing.B) func() {
	used := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}
