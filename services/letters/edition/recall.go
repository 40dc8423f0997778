package edition

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
)

// archive is a ledger that also gives its earlier checkpoints, as Local does.
type archive interface {
	// CheckpointAt gives the checkpoint of a size. Fault: NotFound.
	CheckpointAt(ctx context.Context, size int64) (ledger.Checkpoint, error)
}

// Recall gives an identity that was read the signed notes of its checkpoints, so
// that Compile makes the same files once more. The ledgers must be read from
// their own databases. It refuses what cannot be made the same by this program
// with these data: the error is for people, in Dutch.
func (l Ledgers) Recall(ctx context.Context, data *reference.Data, id Identity) (Identity, error) {
	if err := sameVersions(data, id); err != nil {
		return Identity{}, err
	}
	id.Checkpoints = slices.Clone(id.Checkpoints)
	for _, one := range l.all() {
		if err := recall(ctx, one, id.Checkpoints); err != nil {
			return Identity{}, err
		}
	}
	for _, c := range id.Checkpoints {
		if c.Note == nil {
			return Identity{}, fmt.Errorf("de editie is gemaakt uit logboek %s, en dat is er hier niet", c.Origin)
		}
	}
	return id, nil
}

// sameVersions refuses an identity of other reference data, or of another
// compiler.
func sameVersions(data *reference.Data, id Identity) error {
	if id.ReferenceVersion == data.Version() && id.CompilerVersion == CompilerVersion {
		return nil
	}
	advice := "gebruik de versie van toen"
	embedded, _, _ := strings.Cut(id.ReferenceVersion, "+")
	if embedded == reference.Version && id.CompilerVersion == CompilerVersion {
		advice = "geef met --reference de map met de eigen tabellen van toen, of laat --reference weg als er geen waren"
	}
	return fmt.Errorf("de editie is gemaakt met referentiegegevens %s en samensteller %s; hier zijn dat %s en %s: %s",
		id.ReferenceVersion, id.CompilerVersion, data.Version(), CompilerVersion, advice)
}

// recall fills in the checkpoint of one ledger.
func recall(ctx context.Context, one Ledger, checkpoints []ledger.Checkpoint) error {
	newest, err := one.Checkpoint(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(checkpoints, func(c ledger.Checkpoint) bool { return c.Origin == newest.Origin })
	kept, ok := one.(archive)
	if i < 0 || !ok {
		return fmt.Errorf("de editie is niet gemaakt uit logboek %s", newest.Origin)
	}
	want := &checkpoints[i]
	c, err := kept.CheckpointAt(ctx, want.Size)
	if err != nil {
		return fmt.Errorf("het controlepunt van logboek %s bij %d regels: %w", want.Origin, want.Size, err)
	}
	if c.Root != want.Root || c.Origin != want.Origin {
		return fmt.Errorf("logboek %s heeft bij %d regels een ander controlepunt dan de editie noemt", want.Origin, want.Size)
	}
	*want = c
	return nil
}
