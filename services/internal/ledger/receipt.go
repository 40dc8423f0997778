package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
)

// MergeDelay is the promise in a receipt: the entry stands in the log within
// this time. It is the time in which a fallen leader is replaced; while one
// lives it takes less than a second.
const MergeDelay = 5 * time.Second

// receiptHeader is the first line of a receipt's text. It holds spaces, so no
// origin can be equal to it and no receipt can pass for a checkpoint.
const receiptHeader = "schakel receipt v1"

// Receipts gives every entry of a batch its receipt. The batch is signed once:
// each receipt holds the signed root of a Merkle tree over the batch, and the
// path from its own leaf to it. Call it with exactly the entries of one commit;
// whoever holds a receipt of entries that were not committed holds a false
// promise.
func (s *Signer) Receipts(now time.Time, entries []Entry) error {
	return s.receipts(now, MergeDelay, entries)
}

// DayMergeDelay is the promise in a receipt that tells the day alone, as its
// midnight in UTC: a day in the Netherlands is over within one day of that, and what
// came in on it then goes into the log, all at once.
const DayMergeDelay = 48 * time.Hour

// ReceiptsOfDay is Receipts for entries of which nobody may know more than the
// day.
func (s *Signer) ReceiptsOfDay(day time.Time, entries []Entry) error {
	return s.receipts(day, DayMergeDelay, entries)
}

func (s *Signer) receipts(now time.Time, delay time.Duration, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	now = now.UTC().Truncate(time.Millisecond)
	size := len(entries)
	leaves, paths := make([]tlog.Hash, size), make([][][]byte, size)
	for i, e := range entries {
		leaves[i] = e.Leaf()
		paths[i] = make([][]byte, 0, bits.Len(uint(size-1)))
	}
	root := batchTree(leaves, paths)
	signed, err := note.Sign(&note.Note{Text: receiptText(s.origin, int64(size), root, now, delay)}, s.key)
	if err != nil {
		return fmt.Errorf("signing a batch: %w", err)
	}
	receipt := &ledgerv1.Receipt{
		Origin: s.origin, AcceptedAt: timestamppb.New(now), MergeDelaySeconds: int32(delay / time.Second),
		BatchSize: int32(size), Note: string(signed),
	}
	for i := range entries {
		receipt.EntryId, receipt.Salt, receipt.LeafHash = entries[i].ID, entries[i].Salt[:], leaves[i][:]
		receipt.BatchIndex, receipt.Path = int32(i), paths[i]
		// Its bytes are stored and handed out as they are; deterministic only
		// so that equal input gives equal bytes.
		if entries[i].Receipt, err = (proto.MarshalOptions{Deterministic: true}).Marshal(receipt); err != nil {
			return fmt.Errorf("a receipt: %w", err)
		}
	}
	return nil
}

// batchTree gives the root of the Merkle tree over leaves, of which there is one
// at least, and adds to the path of each leaf what leads from it to the root
// (RFC 6962 §2.1.1): all at once, each hash is made only once.
func batchTree(leaves []tlog.Hash, paths [][][]byte) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1) // the largest power of 2 below
	left, right := batchTree(leaves[:k], paths[:k]), batchTree(leaves[k:], paths[k:])
	for i := range paths[:k] {
		paths[i] = append(paths[i], right[:])
	}
	for i := range paths[k:] {
		paths[k+i] = append(paths[k+i], left[:])
	}
	return tlog.NodeHash(left, right)
}

// VerifyReceipt checks offline that a receipt is the log's signed promise to
// hold this payload, and returns what it says. The error is a fault Invalid
// whose cause says what is wrong. Whether the promise was kept is another
// question: an inclusion proof answers it.
func VerifyReceipt(receipt, payload []byte, keys note.Verifiers) (*ledgerv1.Receipt, error) {
	r := new(ledgerv1.Receipt)
	if err := proto.Unmarshal(receipt, r); err != nil {
		return nil, errReceipt.Because(err)
	}
	if err := verifyReceipt(r, payload, keys); err != nil {
		return nil, errReceipt.Because(err)
	}
	return r, nil
}

func verifyReceipt(r *ledgerv1.Receipt, payload []byte, keys note.Verifiers) error {
	if len(r.GetSalt()) != len(Entry{}.Salt) || len(r.GetLeafHash()) != tlog.HashSize {
		return errors.New("salt or leaf hash is not 32 bytes")
	}
	leaf := Entry{Salt: [32]byte(r.GetSalt()), Payload: payload}.Leaf()
	if !bytes.Equal(leaf[:], r.GetLeafHash()) {
		return errors.New("the leaf hash is not that of salt and payload")
	}
	if id, _, err := identify(payload); err != nil || id != r.GetEntryId() {
		return errors.New("the payload is an event with another id")
	}
	path, err := pathOf(r.GetPath())
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(r.GetNote()), keys)
	if err != nil {
		return err
	}
	if !signedFor(opened, r.GetOrigin()) {
		return fmt.Errorf("no key of %q signed it", r.GetOrigin())
	}
	root, err := receiptRoot(opened.Text, r)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, int64(r.GetBatchSize()), root, int64(r.GetBatchIndex()), leaf)
}

// receiptText is the signed text of a batch.
func receiptText(origin string, size int64, root tlog.Hash, accepted time.Time, delay time.Duration) string {
	return fmt.Sprintf("%s\n%s\n%d\n%s\n%d\n%d\n", receiptHeader, origin, size,
		base64.StdEncoding.EncodeToString(root[:]), accepted.UnixMilli(), delay/time.Second)
}

// receiptRoot takes the root from the signed text, which must say for the rest
// what the receipt says.
func receiptRoot(text string, r *ledgerv1.Receipt) (tlog.Hash, error) {
	lines := bytes.Split([]byte(text), []byte("\n"))
	if len(lines) != 7 {
		return tlog.Hash{}, errors.New("the signed text has another form")
	}
	root, err := parseHash(string(lines[3]))
	if err != nil {
		return tlog.Hash{}, err
	}
	accepted := r.GetAcceptedAt().AsTime()
	delay := time.Duration(r.GetMergeDelaySeconds()) * time.Second
	same := text == receiptText(r.GetOrigin(), int64(r.GetBatchSize()), root, accepted, delay)
	if !same || !accepted.Equal(accepted.Truncate(time.Millisecond)) {
		return tlog.Hash{}, errors.New("the signed text says something else than the receipt")
	}
	return root, nil
}

// pathOf reads the hashes of a proof.
func pathOf(hashes [][]byte) ([]tlog.Hash, error) {
	path := make([]tlog.Hash, len(hashes))
	for i, h := range hashes {
		if len(h) != tlog.HashSize {
			return nil, fmt.Errorf("hash %d of the path is not 32 bytes", i)
		}
		path[i] = tlog.Hash(h)
	}
	return path, nil
}

// hashBytes is the opposite of pathOf.
func hashBytes(path []tlog.Hash) [][]byte {
	hashes := make([][]byte, len(path))
	for i := range path {
		hashes[i] = path[i][:]
	}
	return hashes
}
