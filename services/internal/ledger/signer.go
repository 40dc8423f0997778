package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Signer signs the checkpoints and receipts of one log with an Ed25519 key.
// The first line of their texts tells the two apart, so that neither can be
// taken for the other. A Signer is safe for concurrent use.
type Signer struct {
	origin string
	key    note.Signer
	public string
}

// NewSigner makes the signer of the log with an origin: a URL without scheme,
// such as "signalen.example.nl/logboek". skey is a private key in the form of
// the note package, as GenerateKey makes it; it must be named after the origin.
// The error never holds the key.
func NewSigner(origin, skey string) (*Signer, error) {
	key, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("the private key of log %q: %w", origin, err)
	}
	if key.Name() != origin {
		return nil, fmt.Errorf("the private key belongs to log %q, not to %q", key.Name(), origin)
	}
	public, err := publicKey(origin, skey)
	if err != nil {
		return nil, err
	}
	return &Signer{origin: origin, key: key, public: public}, nil
}

// publicKey derives the public key from a private key that note.NewSigner
// accepted: its last part is the base64 of an algorithm byte and the seed.
func publicKey(origin, skey string) (string, error) {
	// PRIVATE+KEY+<name>+<hash>+<key>, of which the key's base64 may have plus
	// signs of its own.
	seed, err := base64.StdEncoding.DecodeString(strings.SplitN(skey, "+", 5)[4])
	if err != nil {
		return "", fmt.Errorf("the private key of log %q is malformed", origin)
	}
	public := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	return note.NewEd25519VerifierKey(origin, public)
}

// Origin is the log's identity, the first line of its checkpoints.
func (s *Signer) Origin() string { return s.origin }

// PublicKey is the key with which anyone verifies what s signed, in the form
// of the note package: name, key hash and key.
func (s *Signer) PublicKey() string { return s.public }

// GenerateKey makes a new key pair for a log. The private key skey must be kept
// secret; the public key vkey must be made known.
func GenerateKey(origin string) (skey, vkey string, err error) {
	return note.GenerateKey(rand.Reader, origin)
}

// Keys makes the set of public keys against which notes are verified. A log
// that changed its key has several: what the old one signed stays valid.
func Keys(vkeys ...string) (note.Verifiers, error) {
	verifiers := make([]note.Verifier, len(vkeys))
	for i, vkey := range vkeys {
		var err error
		if verifiers[i], err = note.NewVerifier(vkey); err != nil {
			return nil, fmt.Errorf("public key %d: %w", i+1, err)
		}
	}
	return note.VerifierList(verifiers...), nil
}

// signedFor says whether a verified signature is by a key of that log: a key
// signs for the log that it is named after and for no other.
func signedFor(n *note.Note, origin string) bool {
	return slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return s.Name == origin })
}
