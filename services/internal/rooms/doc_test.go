// Package rooms holds the walls of the house: the tests that keep each package
// in its room, and each file of a size to read. It has no code of its own.
//
// The rules, from the design:
//   - proto imports nothing of ours; gateway only proto; reference nothing at
//     all but the standard library and fault; its subpackages proto,
//     reference and fault.
//   - A service (a folder of services that is not cmd, internal, reference or
//     bench) imports proto, services/internal, services/reference and itself:
//     never another service, never the gateway, never cmd.
//   - services/internal imports no service, no gateway and no cmd.
//   - What is made for tests is imported by tests alone.
//   - A service's domain files import no proto, no SQL, no Redis and no plumbing
//     that does: they hold with the standard library, fault and reference.
//   - No Go file is longer than 500 lines, none has an init function, and each
//     package says what it is for. Generated files are exempt.
//
// Each rule is a function of plain data, tested on examples that break it, and
// then held against the real tree.
//
// It must not grow rules of taste: only what the design says, and what a
// reader would otherwise have to check by hand.
package rooms
