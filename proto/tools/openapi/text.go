package main

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// comment gives the comment that stands before d, its lines joined, its
// paragraphs kept.
func comment(d protoreflect.Descriptor) string {
	leading := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments
	var paragraphs []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(leading), "\n\n") {
		paragraphs = append(paragraphs, strings.Join(strings.Fields(paragraph), " "))
	}
	return strings.Join(paragraphs, "\n\n")
}

// firstSentence gives the first sentence of text, without its full stop.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, ". ")
	return strings.TrimSuffix(text, ".")
}

// addSentence puts a sentence after what s describes already.
func addSentence(s *schema, sentence string) {
	s.Description = strings.TrimSpace(s.Description + " " + sentence)
}

// wireName gives the name by which JSON knows an enum's value: without the
// enum's prefix, in lower case, with hyphens. So SIGNAL_STATE_ONTVANGEN of
// SignalState is "ontvangen".
func wireName(enum protoreflect.EnumDescriptor, value protoreflect.EnumValueDescriptor) string {
	name := strings.TrimPrefix(string(value.Name()), upperSnake(string(enum.Name()))+"_")
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
}

// upperSnake turns SignalState into SIGNAL_STATE.
func upperSnake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}
