package config

import (
	"fmt"
	"io"
	"log/slog"
)

// mask stands in the place of every secret that is set.
const mask = "********"

// Secret is a value that no print, log or encoding shows: a password, a key, a
// database URL. The zero value is not set.
//
// The text sits behind a pointer, so that fmt shows no more than an address
// even where it bypasses methods, as it does for unexported fields.
type Secret struct{ text *string }

// NewSecret wraps text; an empty text is no secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text itself, for the one place that uses it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet says whether there is a text.
func (s Secret) IsSet() bool { return s.text != nil }

// Equal compares the texts.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String returns the mask, or nothing when not set.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return mask
}

// Format masks under every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue masks in slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText masks in JSON, YAML and all that encodes through text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text from a flag, the environment or a file.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
