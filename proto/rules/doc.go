// Package rules holds messages against the rules that stand beside their
// fields in the protos (protovalidate), and words every violation for people in
// Dutch and in English.
//
// Invariants:
//   - Each rule that a proto of Schakel uses has its Dutch text in the table; a
//     test walks the protos and fails on one without.
//   - No text holds anything of the message checked, only values of the rule.
//   - All violations are listed, not just the first.
//
// The English text is protovalidate's own, or for a rule written in CEL the
// message beside it; what a pattern allows is said in words in both.
//
// It must not know more than the proto says: what needs other data (does this
// organisation exist?) is for the services.
package rules
