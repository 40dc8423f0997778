package storetest

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// editor edits the signals of an agency, svbEditor those of another.
var (
	editor    = access.Grant{Organisation: uwv, Role: access.Redacteur, Reach: access.Eigen}
	svbEditor = access.Grant{Organisation: svb, Role: access.Redacteur, Reach: access.Eigen}
)

func report() signals.Report {
	return signals.Report{Title: "Wie belt, wordt niet gehoord", Description: "Het team mag niet afwijken.", Categories: []string{"hardheid"}, Severity: 3}
}

// secret is the hash of the nth secret.
func secret(n int) []byte {
	sum := sha256.Sum256([]byte{byte(n)})
	return sum[:]
}

// codes makes codes of an agency.
func (r *rig) codes(n int) []string {
	r.Helper()
	codes, err := r.MakeCodes(r.Context(), editor, n)
	r.must(err)
	return codes
}

// protecting are the cases about reports of people who must stay unknown.
var protecting = map[string]func(*rig){
	"a report becomes a protected signal of whoever handed out the code": func(r *rig) {
		code := r.codes(1)[0]
		done, err := r.Report(r.Context(), strings.ToLower(" "+code), secret(1), report())
		r.must(err)
		found, err := r.Case(r.Context(), secret(1))
		r.must(err)
		s := found.Signal
		r.same("what it is", []any{s.Organisation, s.Protected, s.Confidentiality, s.State, s.Title},
			[]any{uwv, true, signals.Confidential, signals.Received, report().Title})
		r.same("the receipt", found.First.Receipt, done.Receipt)
		receipt, err := ledger.VerifyReceipt(done.Receipt, found.First.Payload, r.keys)
		r.must(err)
		midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		r.same("when, by the receipt", receipt.GetAcceptedAt().AsTime(), midnight)
		r.same("by when it stands in the log, by the receipt", time.Duration(receipt.GetMergeDelaySeconds())*time.Second, 48*time.Hour)
		r.same("when, by the signal", s.ReceivedAt, midnight)
	},
	"no id and no time of a report tells more than the day": func(r *rig) {
		r.run(r.Service)
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		_, err = r.Say(r.Context(), secret(1), uuid.NewString(), "Is er al iets bekend?")
		r.must(err)
		r.overnight()
		found, err := r.Case(r.Context(), secret(1))
		r.must(err)
		_, err = r.Answer(r.Context(), editor, found.Signal.ID, uuid.NewString(), "Wij kijken ernaar.")
		r.must(err)
		r.sequence()
		entries, err := r.Service.Log.Entries(r.Context(), 0, 9)
		r.must(err)
		r.same("how many entries", len(entries), 4)
		for _, e := range entries {
			event, err := ledger.Parse(e.Payload)
			r.must(err)
			if h, m, s := event.Time.Clock(); h+m+s+event.Time.Nanosecond() != 0 {
				r.Errorf("%s at %v", event.Type, event.Time)
			}
			id, _, _ := strings.Cut(e.Subject, "/")
			for _, text := range []string{e.ID, id} {
				if u := uuid.MustParse(text); u.Version() != 4 {
					r.Errorf("%s has an id of version %d", event.Type, u.Version())
				}
			}
		}
	},
	"neither code nor secret is stored": func(r *rig) {
		codes := r.codes(3)
		_, err := r.Report(r.Context(), codes[0], secret(1), report())
		r.must(err)
		all := strings.Join(append(r.rows(), testenv.Rows(r.T, r.db, "reporting_code", "protected_case", "protected_waiting", "case_message")...), "\n")
		used := sha256.Sum256([]byte(strings.ReplaceAll(codes[0], "-", "")))
		left := sha256.Sum256([]byte(strings.ReplaceAll(codes[1], "-", "")))
		r.same("whether the hash of a code that is left is stored", strings.Contains(all, bytesOf(string(left[:]))), true)
		r.same("whether that of one that was used is", strings.Contains(all, bytesOf(string(used[:]))), false)
		for _, code := range codes {
			for _, text := range []string{code, strings.ReplaceAll(code, "-", "")} {
				if strings.Contains(all, text) || strings.Contains(all, bytesOf(text)) {
					r.Error("a code is stored")
				}
			}
		}
	},
	"no row tells which code of a list it is of": func(r *rig) {
		r.codes(50)
		var order []string
		r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
			order, err = sqldb.All(r.Context(), tx, func(row sqldb.Scanner) (string, error) {
				var hash []byte
				err := row.Scan(&hash)
				return string(hash), err
			}, `SELECT hash FROM reporting_code`) // as they lie
			return err
		}))
		r.same("how many", len(order), 50)
		r.same("that they lie in the order of their hashes", slices.IsSorted(order), true)
	},
	"a code is good however it was typed": func(r *rig) {
		for i, typed := range []func(string) string{
			strings.ToLower,
			func(code string) string { return strings.ReplaceAll(code, "-", "") },
			func(code string) string { return "\t" + strings.ReplaceAll(code, "-", "\u2011") + "\u00a0" },
			func(code string) string { return strings.ReplaceAll(code, "-", " \u2013 ") },
			strings.NewReplacer("0", "o", "1", "l").Replace,
		} {
			_, err := r.Report(r.Context(), typed(r.codes(1)[0]), secret(i), report())
			r.must(err)
		}
	},
	"whoever has no code keeps nobody from writing": func(r *rig) {
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			_, err := r.Report(r.Context(), "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", secret(1), report())
			r.refused(err, fault.Denied, "meldcode-ongeldig")
			return nil
		}))
	},
	"the same report with the same secret is answered as before": func(r *rig) {
		code := r.codes(1)[0]
		first, err := r.Report(r.Context(), code, secret(1), report())
		r.must(err)
		before := append(r.rows(), testenv.Rows(r.T, r.db, "protected_waiting")...)
		r.pass(time.Hour)
		again, err := r.Report(r.Context(), code, secret(1), report())
		r.must(err)
		r.same("the answer", again, signals.Reported{Receipt: first.Receipt, Repeated: true})
		other := report()
		other.Title = "Iets anders"
		_, err = r.Report(r.Context(), code, secret(1), other)
		r.refused(err, fault.Conflict, "geheim-bezet")
		r.same("what is stored", append(r.rows(), testenv.Rows(r.T, r.db, "protected_waiting")...), before)
		r.overnight()
		again, err = r.Report(r.Context(), code, secret(1), report())
		r.must(err)
		r.same("the answer once it was released", again, signals.Reported{Receipt: first.Receipt, Repeated: true})
		_, err = r.Report(r.Context(), code, secret(1), other)
		r.refused(err, fault.Conflict, "geheim-bezet")
	},
	"a code admits one report, also of those who come at once": func(r *rig) {
		code := r.codes(1)[0]
		var done sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			done.Go(func() { _, errs[i] = r.Report(r.Context(), code, secret(i), report()) })
		}
		done.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
				continue
			}
			r.refused(err, fault.Denied, "meldcode-ongeldig")
		}
		r.same("how many reports", good, 1)
		_, err := r.Report(r.Context(), "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", secret(9), report())
		r.refused(err, fault.Denied, "meldcode-ongeldig")
	},
	"one report, sent at once by an impatient client, is one": func(r *rig) {
		code := r.codes(1)[0]
		var done sync.WaitGroup
		answers, errs := make([]signals.Reported, 8), make([]error, 8)
		for i := range errs {
			done.Go(func() { answers[i], errs[i] = r.Report(r.Context(), code, secret(1), report()) })
		}
		done.Wait()
		fresh := 0
		for i, err := range errs {
			r.must(err)
			if !answers[i].Repeated {
				fresh++
			}
			r.same("the receipt", answers[i].Receipt, answers[0].Receipt)
		}
		r.same("how many are new", fresh, 1)
	},
	"what was removed from a report is no longer compared": func(r *rig) {
		code := r.codes(1)[0]
		_, err := r.Report(r.Context(), code, secret(1), report())
		r.must(err)
		r.overnight()
		found, err := r.Case(r.Context(), secret(1))
		r.must(err)
		_, err = r.Redact(r.Context(), editor, found.Signal.ID, 1, []signals.Place{{Field: "/titel"}}, "Naam van een collega.")
		r.must(err)
		again, err := r.Report(r.Context(), code, secret(1), report())
		r.must(err)
		r.same("whether it was there", again.Repeated, true)
		now, err := r.Case(r.Context(), secret(1))
		r.must(err)
		r.same("what is shown", now.Signal.Title, "[verwijderd]")
		r.same("a receipt that holds", string(now.First.Receipt) == string(again.Receipt), true)
		_, err = ledger.VerifyReceipt(now.First.Receipt, now.First.Payload, r.keys)
		r.must(err)
	},
	"cases come back with their ledger": func(r *rig) {
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		_, err = r.Say(r.Context(), secret(1), uuid.NewString(), "Is er al iets bekend?")
		r.must(err)
		r.overnight()
		r.foldsTheSame()
	},
}
