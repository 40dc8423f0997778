// Package refproto says the reference data's types in proto, and back: one
// conversion for all services. It must not check anything but form.
package refproto

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/services/reference"
)

// Timestamp is t in proto; the zero time is none.
func Timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// Time is the time of a timestamp in UTC, cut to the milliseconds that stores
// keep; none is the zero time.
func Time(ts *timestamppb.Timestamp) time.Time {
	if ts == nil {
		return time.Time{}
	}
	return ts.AsTime().Truncate(time.Millisecond)
}

// Provisions says provisions in proto.
func Provisions(all []reference.Provision) []*referencev1.Provision {
	var out []*referencev1.Provision
	for _, p := range all {
		m := &referencev1.Provision{}
		switch p.Kind() {
		case reference.ProvisionJCI:
			m.Register = &referencev1.Provision_Jci{Jci: p.String()}
		case reference.ProvisionCELEX:
			m.Register = &referencev1.Provision_Celex{Celex: p.String()}
		case reference.ProvisionKamerstuk:
			m.Register = &referencev1.Provision_Kamerstuk{Kamerstuk: p.String()}
		case reference.ProvisionCVDR:
			m.Register = &referencev1.Provision_Cvdr{Cvdr: p.String()}
		}
		out = append(out, m)
	}
	return out
}

// ProvisionsFrom reads provisions. One that cannot be read is the zero
// Provision, and its fault is noted under path and index; with a nil checklist
// it is only left zero.
func ProvisionsFrom(all []*referencev1.Provision, path string, faults *reference.Checklist) []reference.Provision {
	var out []reference.Provision
	for i, m := range all {
		kind, text := notation(m)
		p, err := reference.ParseProvision(kind, text)
		if err != nil && faults != nil && text != "" {
			faults.Unread(fmt.Sprintf("%s[%d].%s", path, i, kind), kind, text, err)
		}
		out = append(out, p)
	}
	return out
}

func notation(m *referencev1.Provision) (reference.ProvisionKind, string) {
	switch r := m.GetRegister().(type) {
	case *referencev1.Provision_Jci:
		return reference.ProvisionJCI, r.Jci
	case *referencev1.Provision_Celex:
		return reference.ProvisionCELEX, r.Celex
	case *referencev1.Provision_Kamerstuk:
		return reference.ProvisionKamerstuk, r.Kamerstuk
	case *referencev1.Provision_Cvdr:
		return reference.ProvisionCVDR, r.Cvdr
	}
	return "", ""
}

// Office says an office in proto; nil is none.
func Office(o *reference.Office) *referencev1.Office {
	if o == nil {
		return nil
	}
	return &referencev1.Office{Organisation: o.Organisation, Function: o.Function}
}

// OfficeFrom reads an office; nil is none.
func OfficeFrom(m *referencev1.Office) *reference.Office {
	if m == nil {
		return nil
	}
	return &reference.Office{Organisation: m.GetOrganisation(), Function: m.GetFunction()}
}

// bases are the bases of a deadline in proto.
func bases() map[reference.Basis]referencev1.DeadlineBasis {
	return map[reference.Basis]referencev1.DeadlineBasis{
		reference.BasisStatutory: referencev1.DeadlineBasis_DEADLINE_BASIS_WETTELIJK,
		reference.BasisAgreed:    referencev1.DeadlineBasis_DEADLINE_BASIS_AFGESPROKEN,
		reference.BasisNone:      referencev1.DeadlineBasis_DEADLINE_BASIS_GEEN,
	}
}

// Deadline says a deadline in proto, explained in Dutch; nil is none.
func Deadline(d *reference.Deadline) *referencev1.Deadline {
	if d == nil {
		return nil
	}
	m := &referencev1.Deadline{Basis: bases()[d.Basis], EndDate: d.End.String(), Provisional: d.Provisional}
	for _, step := range d.Explanation {
		m.Explanation = append(m.Explanation, step.NL)
	}
	return m
}

// DeadlineFrom reads a deadline that Deadline said; nil is none.
func DeadlineFrom(m *referencev1.Deadline) *reference.Deadline {
	if m == nil {
		return nil
	}
	d := &reference.Deadline{Provisional: m.GetProvisional()}
	d.End, _ = reference.ParseDate(m.GetEndDate())
	for basis, value := range bases() {
		if value == m.GetBasis() {
			d.Basis = basis
		}
	}
	for _, step := range m.GetExplanation() {
		d.Explanation = append(d.Explanation, reference.Text{NL: step})
	}
	return d
}
