// Package signals is the intake: it takes signals of bottlenecks in, durably
// and with a receipt, and shows what became of them.
//
// A submission is checked in full (all faults at once), group-committed
// together with its ledger entry, and only then acknowledged. It is idempotent
// by organisation and external reference.
//
//	SubmitSignal, BatchSubmitSignals, SubmitSignals
//	     │ check, digest
//	     ▼
//	a lane for each organisation ── in turn ──▶ two writers ── a commit ──▶ outcomes
//
// There is one path behind every way in. What waits is bounded, in signals and in
// bytes, in all and of one organisation. A call for which there is no room is
// refused as a whole, and told when to come back; a stream is read no further
// until there is room, and takes half of it at most. Writers take from the lanes
// in turn: nobody waits longer for another's flood than a batch or two.
//
// Signals are found by an index that follows the own ledger, apart from the intake:
// it may lag behind, by a second, or by more while much comes in, for it leaves the
// database to the intake then.
//
//	own ledger ── IndexEntries ──▶ signal_text (words), signal_term (what is named)
//	row of signal ──▶ state, severity, level, … and facets: what it is counted by
//
// What the index takes in is the signal as it is, whatever the entry says: it can be
// told of an entry late, twice or out of order, be emptied and filled again (Reindex),
// and brings nothing back that was erased. Counting is one pass over the rows that
// are selected.
//
// Who may read what (sqlstore/reach.go says it, once, for every statement):
//
//	who oversees             everything
//	an organisation          its own; what was reported under protection only as editor or board
//	a department             what is open or internal in bottlenecks that were put to it by a letter
//	anyone                   what is open and covered by an edition that was published
//
// What is public is the revision that the edition covered, and where the signal stands
// since. Once it says something else it is out of sight, until an edition covers that.
// In which bottleneck a signal is, only those are told, and find it by, who read it for
// another reason than that it is public.
//
// History, receipts and changes are for the organisation itself, and for who
// oversees. What is of a sandbox is listed and counted for itself alone, and for who
// names it. What letters were sent and which editions were published comes in with
// the events of letters; Publish marks what an edition covers, a little at a time.
//
// Triage is where an organisation looks at its own signals before they become
// bottlenecks. What is found, merged or split is a revision of the signal with a
// receipt; links and rules are entries of their own.
//
//	own ledger ── Propose ──▶ what signals are alike in ──▶ BottleneckProposed, for letters
//
// Fixes are alike that share a category and a rule, down to the article. As many as
// the organisation's rule for the category asks for, within its window, propose a
// bottleneck; when it set none that is five within a year (PresetRule). A fix stands
// in one proposal of its kind, and each next one within the window takes twice as
// many. What was withdrawn or merged does not count, and counts again once a merge
// is undone; what is bundled does, and so does what was reported under protection
// and triaged as a fix. A sandbox proposes nothing.
//
// What slipped in that leads to a person is removed by Redact: what is left is the
// next revision, or the next entry of a message, and what was before is erased, with
// the entry that says so. The index, the digests and the reference go along; the
// stream and the files of the database the leader of the ledger cleans.
//
// Whoever reports under protection is nobody here: a code that is forgotten when it
// is used, and a secret of which the hash is kept. Ids are random, and times are
// days. What comes of them waits until an hour after its day, and then goes into the
// ledger and the tables at once, in the order of random ids: until then nobody but
// who has the secret sees any of it, and from then on nothing tells its hour. For an
// answer there is nothing to wait for.
//
//	code ── Report ──▶ waiting ◀── Case, Say ── secret
//	                      │ Release, after the day
//	                      ▼
//	                signal, case ◀── Answer, Messages ── editors and the board
//
// Codes are the one thing that is in no entry: the ledger would tell when they were
// made. A ledger that is folded anew has none, and they are made again.
//
// Invariants:
//   - What was acknowledged is on disk: the signal, its ledger entry and its
//     receipt, in one transaction.
//   - Of the signals of one organisation with one reference, the first to come is
//     the one that is stored. The key of the table says so between replicas, the
//     lanes within one; so nothing is looked up before it is stored.
//   - A repetition is recognised by a digest over what was submitted, in which
//     what is not set leaves no trace: builds that know more fields and builds that
//     know fewer agree on it. What holds a field that is not known is refused, and
//     is no repetition of anything.
//   - A commit of which the outcome is not known is made once more, which shows it.
//   - The content of a signal lives once, in the payload of its ledger entry.
//     The table of signals holds what is searched by, and finds the content by
//     subject and revision; so it can be built again from the ledger.
//   - The states that follow from letters (bundled, answered, closed) come in
//     with the events of letters, and are no revision of the signal.
//   - Every read and write takes an access.Grant; what a caller may not see is
//     to them as if it were not there. What is missing, another's or confidential
//     runs the same statements and gives the same answer, and is in no list, count,
//     facet or export.
//   - A bottleneck is proposed in the transaction that counts the fix which makes it
//     enough, in the order of the ledger: never twice, also when all is built anew.
//   - What was redacted is in no row, no index and no answer, and a repetition of it
//     does not bring it back under the same reference.
//   - What is written for a reporter holds no time but the day, and no id but a random
//     one; and nothing is logged of it. It is on disk before it is acknowledged, and
//     goes from where it waits in the transaction that appends it to the ledger.
//   - A signal is merged into one that is not merged itself, and not withdrawn while
//     it is so; undoing that gives back what was before.
//   - Whatever was accepted can be amended, triaged, merged and withdrawn with texts of
//     any length that is allowed: its content leaves that much of an entry free.
//   - Both engines find the same: words are made into tokens by package search, and
//     by nothing else.
//
// Files: signal.go is the domain, pure; store.go says what the use cases need;
// service.go and those named after it are the use cases, of which service_intake.go
// and those named after it take signals in; triage.go and those named after it are
// triage; grpc.go, those named after it and convert.go speak proto; consumer.go
// applies what letters tells, consumer_own.go and fold.go what the own ledger tells.
// Package sqlstore keeps it all in SQLite or PostgreSQL, and storetest holds both to
// one suite.
//
// It must not know letters or contacts but by their events, nor decide about
// bottlenecks.
package signals
