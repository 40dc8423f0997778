package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/sqldb"
)

// saveTiles writes tiles over the narrower ones they replace.
func saveTiles(ctx context.Context, tx *sqldb.Tx, tiles []tile) error {
	rows := make([][]any, len(tiles))
	for i, t := range tiles {
		rows[i] = []any{t.level, t.n, t.hashes}
	}
	_, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table:   "ledger_tile",
		Columns: []string{"level", "n", "hashes"},
		Values:  rows,
		Suffix:  "ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes",
	})
	return err
}

// loadTile reads the first width hashes of a tile.
func loadTile(ctx context.Context, tx *sqldb.Tx, level int, n int64, width int) ([]byte, error) {
	hashes, _, err := sqldb.One(ctx, tx, scanBytes,
		"SELECT hashes FROM ledger_tile WHERE level = $1 AND n = $2", level, n)
	if err != nil {
		return nil, err
	}
	if len(hashes) < width*tlog.HashSize {
		return nil, ErrDamaged.Because(fmt.Errorf("tile %d/%d has %d bytes and should have %d hashes", level, n, len(hashes), width))
	}
	return hashes[:width*tlog.HashSize], nil
}

func scanBytes(row sqldb.Scanner) (b []byte, err error) {
	err = row.Scan(&b)
	return b, err
}

// loadTree reads the right edge of the tree of a size, and holds it against the
// checkpoint that was signed for it.
func loadTree(ctx context.Context, tx *sqldb.Tx, size int64) (tree, error) {
	t := tree{size: size}
	for level := 0; t.count(level) > 0; level++ {
		width := int(t.count(level) % tileWidth)
		hashes := make([]byte, 0, tileBytes)
		if width > 0 {
			stored, err := loadTile(ctx, tx, level, t.count(level)/tileWidth, width)
			if err != nil {
				return tree{}, err
			}
			hashes = append(hashes, stored...)
		}
		t.edge = append(t.edge, hashes)
	}
	root, err := t.root()
	if err != nil {
		return tree{}, ErrDamaged.Because(err)
	}
	c, err := newestCheckpoint(ctx, tx)
	if err != nil {
		return tree{}, err
	}
	if c.Size != size || c.Root != root {
		return tree{}, ErrDamaged.Because(fmt.Errorf("tiles of size %d have root %v, the checkpoint of size %d has %v", size, root, c.Size, c.Root))
	}
	return t, nil
}

// tileReader gives tlog the tiles of a database, as one transaction sees it.
type tileReader struct {
	ctx context.Context // of the one call that the reader lives for
	tx  *sqldb.Tx
}

// Height implements tlog.TileReader.
func (tileReader) Height() int { return tileHeight }

// ReadTiles implements tlog.TileReader.
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		var err error
		if data[i], err = loadTile(r.ctx, r.tx, t.L, t.N, t.W); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// SaveTiles implements tlog.TileReader; there is nowhere better to save them.
func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// hashOf makes a hash of a column.
func hashOf(b []byte) (tlog.Hash, error) {
	if len(b) != tlog.HashSize {
		return tlog.Hash{}, ErrDamaged.Because(fmt.Errorf("a hash of %d bytes", len(b)))
	}
	return tlog.Hash(b), nil
}
