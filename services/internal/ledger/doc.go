// Package ledger is the log of everything that changed in a service: outbox,
// audit trail, receipts and replay by one mechanism. A change is written as an
// [Entry] in the transaction that makes it; a [Log] gives committed entries
// their place, appends them to a Merkle tree (RFC 6962) and signs a [Checkpoint]
// of it (C2SP tlog-checkpoint, signed-note); a [Reader] hands out entries and
// proofs, so that no entry can vanish or change unnoticed.
//
//	use case ── Append ──▶ ledger_entry + ledger_pending     the caller's transaction
//	                              │
//	leader ── Sequence ──▶ ledger_order, ledger_tile,        one transaction a round,
//	                       ledger_checkpoint                 fenced by ledger_state
//	                              │
//	             Publisher ◀──────┴──────▶ Reader, LedgerService
//
// # Invariants
//
//   - An entry is there if, and only if, its change is.
//   - The leaf is SHA-256(0x00 ‖ salt ‖ payload), of the bytes as they are
//     stored. Nothing else is hashed, and no JSON is ever hashed anew.
//   - Indexes are contiguous from 0. An entry has one index and keeps it; within
//     a subject the order is that of the changes, since the caller locked the
//     subject before it appended.
//   - Of two checkpoints of a log the smaller is a prefix of the larger. One is
//     signed only in the transaction that stores what it says.
//   - A receipt is signed before the commit that it promises, so it is shown to
//     nobody until that commit has succeeded.
//   - At most one process changes the log at a time; each round begins by
//     locking the row with the leader's epoch. No clock has a say in it, and
//     none is compared with another's.
//   - Erasure empties payload, salt and receipt. Leaf, place and tree stay, and
//     every reader takes an erased entry as it comes. The leader sees to the
//     copies: in the stream, and in the files of the database.
//   - A proof is verified against the signed root before it is handed out.
//
// # What may go wrong, and what then
//
//	step                      fault                        then
//	Append                    the caller rolls back        nothing was written
//	                          revision or id is taken      Conflict; the caller's transaction fails
//	commit of a change        outcome unknown              the caller repeats; a subject's revision, or its
//	                                                       own key, shows what is there
//	                          later than a higher seq's    taken in a later round: entries are picked, not
//	                                                       passed by a watermark
//	lease                     leader dies                  silent for Config.Lease, another takes over
//	                          two take over at once        one finds the row changed and stands by
//	                          leader frozen in mid-round   PostgreSQL ends its transaction, then as dead;
//	                                                       when it wakes it is fenced
//	                          clocks are wrong             nothing: only silence on the own clock counts
//	round                     fault before the commit      rolled back; repeated, with other entries perhaps.
//	                                                       The checkpoint that was signed was shown to nobody
//	                          outcome of commit unknown    the next round reads the size; a cached tree of
//	                                                       another size is read anew from its tiles
//	                          tree is not what was signed  ErrDamaged: Run ends, nothing is signed
//	publishing                fails, or process dies       repeated by this leader or the next, from the
//	                                                       index published last; readers do without
//	                          repeated                     harmless, by the Publisher's contract
//	taking back what was      fails, or process dies       repeated by this leader or the next, from the list of
//	erased                                                 what was erased and may be elsewhere
//	reading                   a hole, a changed tile       ErrDamaged, instead of a wrong answer
//	Import                    any                          nothing was imported
//
// # Must not
//
// It must not know what an event means, decide who may read (the proto and the
// chain do), wait for a publisher, sign what is not stored in the same
// transaction, or delete an entry. Nothing outside writes its tables; joining
// ledger_entry by seq to read a payload is what they are for.
// A log holds at most 2³¹−1 entries, as CloudEvents' sequence does.
package ledger
