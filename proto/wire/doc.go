// Package wire is the one codec of Schakel's Dutch JSON: the gateway speaks it
// to the outside, the services store their events in it.
//
// The rules, decided once (design §1):
//   - A field is called by its json_name, the Dutch term; no other name is
//     understood. A field that is not set is left out, and null is the same as
//     left out.
//   - An enum value is the name after the enum's own prefix, in lower case,
//     with hyphens: SIGNAL_STATE_ONTVANGEN is "ontvangen". _UNSPECIFIED has no
//     word and is left out.
//   - A time is RFC 3339 in UTC with three decimals; read with any offset, and
//     cut to milliseconds. Bytes are standard base64 with padding.
//   - A merge patch (RFC 7396) names what it changes, in a field mask that has
//     no form of its own: null empties a field, an object patches a message in
//     its turn, a list replaces a list. What only Schakel fills in it may not
//     name at all.
//   - What a request holds in a header (schakel.options.v1.header) or in the path
//     is understood nowhere else.
//   - Numbers are finite and at most 32 bits wide if whole: what JavaScript
//     cannot hold does not go over this wire.
//
// Invariants:
//   - [Marshal] is deterministic: fields in order of number, map keys sorted,
//     no space. Still its text is never hashed or compared afresh; what is
//     hashed is stored.
//   - [Unmarshal] reads all that Marshal writes, and gives the same message.
//   - [UnmarshalInput] lists every fault of the input that it can reach, not
//     just the first, each with a JSON pointer in Dutch names, a stable reason
//     and a text in Dutch and English. What it could read is in the message
//     all the same, elements of lists at their own index, so that rules can be
//     held against the rest.
//   - No fault repeats a value of the input: it may be personal data. Names of
//     fields are repeated, cut to a length.
//   - No input makes it panic, recurse without end, or list faults without end;
//     and of a caller's list it reads no more elements than the rules of its
//     field allow.
//
// It must not know what a field means: rules of the domain stand in the protos
// and in the services.
package wire
