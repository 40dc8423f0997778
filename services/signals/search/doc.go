// Package search says what a signal can be found by: the words of its texts, and
// the rules that it points at. It is pure, so that what is found is decided here
// and not by a database: both engines keep the tokens that it makes, and are
// asked for the tokens that it makes of a question.
//
// Invariants:
//   - A text is found by each of its words, in whatever form Dutch gives them, with
//     or without accents and capitals; but for the words that stand in every text.
//   - Tokens hold lower-case letters and digits alone, so that no engine can read
//     anything else into them.
//   - Equal texts give equal tokens, and a token made of a token is that token.
//
// A change in what it makes is a change of every index: those are then built
// anew, by a migration that empties them and sets their watermark back.
//
// It must not know signals, stores or who asks.
package search
