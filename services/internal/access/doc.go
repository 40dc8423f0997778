// Package access decides who may call what, and how far the caller sees.
//
// Each method says in its proto which roles may call it and with what reach
// (schakel.options.v1.access). A Policy is built from those options; a Verifier
// turns a bearer token (JWT of an OpenID Connect issuer) into Claims; Policy and
// Claims together give a Grant, which travels in the context and which every
// store takes as a parameter.
//
// Invariants:
//   - A method without the option, or with an empty one, makes NewPolicy fail:
//     there is no default that lets anyone in.
//   - A token that is shown is verified, also where none is needed.
//   - Only asymmetric signatures count; the clock is injected.
//   - A Grant that reaches no further than what is public names no
//     organisation, so that no store can mistake it for more.
//   - Errors tell nothing of the caller or of the token.
//
// It must not know data: whether this signal is that organisation's is decided
// by the stores, with the Grant. The built-in Issuer is for the embedded mode
// alone, which refuses to listen beyond this machine.
package access
