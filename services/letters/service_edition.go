package letters

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// Editions is the use cases of editions: compiling them, and keeping their
// files. What was compiled stands in the ledger, as everything; the files stand
// in a folder that all replicas share, one folder an edition.
type Editions struct {
	*Service
	// Ledgers are what editions are compiled from.
	Ledgers edition.Ledgers
	// Signer signs what is published, with the key of the ledger of letters.
	Signer *ledger.Signer
	// Dir is the folder of the files.
	Dir string
	// Logger tells of trouble that Run has.
	Logger *slog.Logger
}

var (
	errUnknownEdition = fault.New(fault.NotFound, "onbekende-editie", fault.Text{
		NL: "Deze editie is er niet.", EN: "there is no such edition",
	})
	errUnknownFile = fault.New(fault.NotFound, "onbekend-bestand", fault.Text{
		NL: "De editie heeft geen bestand met deze naam.", EN: "the edition has no file of this name",
	})
	errUnreachable = fault.New(fault.Unavailable, "bestand-niet-bereikbaar", fault.Text{
		NL: "Het bestand is op dit moment niet bereikbaar.", EN: "the file cannot be reached at the moment",
	})
	errFuture = fault.New(fault.Invalid, "peildatum-in-toekomst", fault.Text{
		NL: "De peildatum ligt in de toekomst.", EN: "the reference date lies in the future",
	}).With(fault.Field{Path: "reference_date", Reason: "datum-in-toekomst", Text: fault.Text{
		NL: "ligt in de toekomst", EN: "lies in the future",
	}})
)

// Wanted is the edition that is asked for. A zero Date is today.
type Wanted struct {
	Name    string
	Date    reference.Date
	Example bool
}

// Compile compiles an edition from the newest checkpoints, keeps its files and
// records it. When nothing but editions happened since the same one was
// compiled, it gives that one, and says so. Faults: Invalid for a date to come;
// Unavailable when a ledger cannot be read.
func (s *Editions) Compile(ctx context.Context, w Wanted) (_ *lettersv1.Edition, before bool, err error) {
	today := reference.DutchDate(s.Now())
	if w.Date.IsZero() {
		w.Date = today
	}
	if w.Date.After(today) {
		return nil, false, errFuture
	}
	checkpoints, err := s.Ledgers.Now(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("compiling an edition: %w", err)
	}
	identity := edition.NewIdentity(edition.Identity{Name: w.Name, ReferenceDate: w.Date, Example: w.Example}, s.Data, checkpoints)
	if held, err := s.same(ctx, identity, checkpoints[1]); held != nil || err != nil {
		return held, held != nil, err
	}
	compiled, err := edition.Compile(ctx, s.Data, s.Ledgers, identity)
	if err != nil {
		return nil, false, fmt.Errorf("compiling an edition: %w", err)
	}
	if compiled, err = compiled.Sealed(s.Signer); err != nil {
		return nil, false, err
	}
	// What was removed from signals since is in it, if it was read before.
	read := checkpoints[0].Size
	if err := edition.Write(filepath.Join(s.Dir, identity.ID()), compiled); err != nil {
		return nil, false, fmt.Errorf("keeping an edition's files: %w", err)
	}
	return s.publish(ctx, compiled, read)
}

// publish records an edition whose files are kept, and that was compiled of so many
// entries of signals, unless another replica just did.
func (s *Editions) publish(ctx context.Context, e *edition.Edition, read int64) (m *lettersv1.Edition, before bool, err error) {
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		m, before = editionToProto(e, s.now()), false
		if err := tx.Lock(ctx, "edition "+m.GetId()); err != nil {
			return err
		}
		// Not while somebody goes through the folders, who may have missed this one.
		if err := tx.Lock(ctx, editionFiles); err != nil {
			return err
		}
		if err := s.Store.RemoveAgain(ctx, tx, read); err != nil {
			return err
		}
		payload, ok, err := s.Store.Edition(ctx, tx, m.GetId())
		if err != nil {
			return err
		}
		if before = ok; ok {
			m, err = decodeEdition(payload)
			return err
		}
		return s.record(ctx, tx, change{s.event(m.GetId(), "", m.GetCompiledAt().AsTime(), &eventsv1.EditionCompiled{Edition: m}), 1})
	})
	return m, before, err
}

// same finds the edition that tells of the same: made of the same checkpoints,
// but that the ledger of letters may have grown since by nothing but editions.
func (s *Editions) same(ctx context.Context, wanted edition.Identity, letters ledger.Checkpoint) (*lettersv1.Edition, error) {
	all, _, err := s.List(ctx, page.Page{Size: page.Default})
	if err != nil {
		return nil, err
	}
	for _, held := range all {
		identity, from := identityOf(held, letters.Origin)
		if !identity.SameBut(wanted, letters.Origin) {
			continue
		}
		if only, err := s.onlyEditions(ctx, from, letters.Size); only || err != nil {
			return held, err
		}
	}
	return nil, nil
}

// onlyEditions says whether the entries of the ledger of letters from one index
// to another tell of nothing but editions.
func (s *Editions) onlyEditions(ctx context.Context, from, to int64) (bool, error) {
	if to-from > page.Default {
		return false, nil // so many that compiling anew costs no more
	}
	for from < to {
		entries, err := s.Ledgers.Letters.Entries(ctx, from, int(to-from))
		if err != nil {
			return false, err
		}
		for _, e := range entries {
			from++
			event, err := ledger.Parse(e.Payload)
			if _, ok := event.Data.(*eventsv1.EditionCompiled); !ok || err != nil || e.Erased {
				return false, nil
			}
		}
		if len(entries) == 0 {
			return false, nil
		}
	}
	return true, nil
}

// Get finds an edition, with its files as they are now: something may have been
// erased from them, and then there is a notice of that. Fault: NotFound.
func (s *Editions) Get(ctx context.Context, id string) (m *lettersv1.Edition, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		payload, ok, err := s.Store.Edition(ctx, tx, id)
		if err == nil && !ok {
			err = errUnknownEdition
		}
		if err == nil {
			m, err = decodeEdition(payload)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	dir := os.DirFS(filepath.Join(s.Dir, m.GetId()))
	if _, err := fs.Stat(dir, edition.NoticePath); err != nil {
		return m, nil
	}
	m.Files = append(m.Files, &lettersv1.EditionFile{Path: edition.NoticePath, MediaType: edition.NoticeType})
	for _, f := range m.GetFiles() {
		if f.GetPath() != edition.NoticePath && !edition.MayChange(f.GetPath()) {
			continue
		}
		data, err := fs.ReadFile(dir, f.GetPath())
		if err != nil {
			return nil, errUnreachable.Because(err)
		}
		sum := sha256.Sum256(data)
		f.Size, f.Sha256 = int32(len(data)), hex.EncodeToString(sum[:])
	}
	return m, nil
}

// List gives a page of editions, the newest first, and the cursor of the next.
func (s *Editions) List(ctx context.Context, p page.Page) ([]*lettersv1.Edition, string, error) {
	payloads, err := s.Store.ListEditions(ctx, p)
	if err != nil {
		return nil, "", fmt.Errorf("listing editions: %w", err)
	}
	var all []*lettersv1.Edition
	for _, payload := range payloads {
		m, err := decodeEdition(payload)
		if err != nil {
			return nil, "", err
		}
		all = append(all, m)
	}
	all, next := page.Cut(p, all, func(m *lettersv1.Edition) page.Position {
		return page.Position{At: m.GetCompiledAt().AsTime(), ID: m.GetId()}
	})
	return all, next, nil
}

// Open opens a file of an edition. Only what the edition lists is opened.
// Fault: NotFound.
func (s *Editions) Open(ctx context.Context, id, path string) (*lettersv1.EditionFile, fs.File, error) {
	m, err := s.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range m.GetFiles() {
		if file.GetPath() != path {
			continue
		}
		f, err := os.DirFS(filepath.Join(s.Dir, m.GetId())).Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = errUnreachable.Because(err)
		}
		return file, f, err
	}
	return nil, nil, errUnknownFile
}

// editionToProto is what is recorded of an edition.
func editionToProto(e *edition.Edition, now time.Time) *lettersv1.Edition {
	m := &lettersv1.Edition{
		Id: e.Identity.ID(), Name: e.Identity.Name, ReferenceDate: e.Identity.ReferenceDate.String(),
		ReferenceVersion: e.Identity.ReferenceVersion, CompilerVersion: e.Identity.CompilerVersion,
		Example: e.Identity.Example, CompiledAt: refproto.Timestamp(now),
		State: lettersv1.EditionState_EDITION_STATE_GEPUBLICEERD, Counts: e.Counts,
	}
	for _, c := range e.Identity.Checkpoints {
		m.Checkpoints = append(m.Checkpoints, &ledgerv1.Checkpoint{
			Origin: c.Origin, Size: int32(c.Size), RootHash: c.Root[:], Note: string(c.Note), SignedAt: refproto.Timestamp(c.SignedAt),
		})
	}
	for _, f := range e.Files {
		sum := sha256.Sum256(f.Data)
		m.Files = append(m.Files, &lettersv1.EditionFile{
			Path: f.Path, MediaType: f.MediaType, Size: int32(len(f.Data)), Sha256: hex.EncodeToString(sum[:]),
		})
	}
	return m
}

// identityOf is the identity of a recorded edition, and the size that the ledger
// of an origin had.
func identityOf(m *lettersv1.Edition, origin string) (edition.Identity, int64) {
	date, _ := reference.ParseDate(m.GetReferenceDate())
	id := edition.Identity{
		Name: m.GetName(), ReferenceDate: date, Example: m.GetExample(),
		ReferenceVersion: m.GetReferenceVersion(), CompilerVersion: m.GetCompilerVersion(),
	}
	var size int64
	for _, c := range m.GetCheckpoints() {
		id.Checkpoints = append(id.Checkpoints, ledger.Checkpoint{
			Origin: c.GetOrigin(), Size: int64(c.GetSize()), Root: [32]byte(c.GetRootHash()),
		})
		if c.GetOrigin() == origin {
			size = int64(c.GetSize())
		}
	}
	return id, size
}

func decodeEdition(payload []byte) (*lettersv1.Edition, error) {
	data, err := decode[*eventsv1.EditionCompiled](payload)
	return data.GetEdition(), err
}
