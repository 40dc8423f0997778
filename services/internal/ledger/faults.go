package ledger

import "schakel.example/services/internal/fault"

// The faults of this package; see the table in its documentation. Never written
// to: Because and With copy.
var (
	// ErrNotLeader: another process sequences this log, or took it over.
	ErrNotLeader = fault.New(fault.Unavailable, "niet-de-leider", fault.Text{
		NL: "Een ander proces voert nu het logboek.",
		EN: "another process leads this log now",
	})
	// ErrDamaged: what is stored is not what was signed. Nothing may be signed
	// on top of it, and only a person can say what to do.
	ErrDamaged = fault.New(fault.Internal, "logboek-beschadigd", fault.Text{
		NL: "De opgeslagen gegevens van het logboek kloppen niet met het ondertekende controlepunt.",
		EN: "what is stored of the log does not match its signed checkpoint",
	})
	errNoCheckpoint = fault.New(fault.Unavailable, "nog-geen-controlepunt", fault.Text{
		NL: "Het logboek heeft nog geen ondertekend controlepunt. Probeer het later opnieuw.",
		EN: "the log has no signed checkpoint yet; try again later",
	})
	errProof = fault.New(fault.Invalid, "buiten-het-logboek", fault.Text{
		NL: "De gevraagde plaats of omvang valt buiten het logboek, of de volgorde klopt niet.",
		EN: "the index or size asked for is outside the log, or not in order",
	})
	errCheckpoint = fault.New(fault.Invalid, "controlepunt-ongeldig", fault.Text{
		NL: "Dit is geen geldig controlepunt: de vorm of de ondertekening klopt niet.",
		EN: "this is no valid checkpoint: its form or its signature is wrong",
	})
	errEvent = fault.New(fault.Invalid, "gebeurtenis-ongeldig", fault.Text{
		NL: "Dit is geen geldige gebeurtenis.",
		EN: "this is no valid event",
	})
	errEventType = fault.New(fault.Invalid, "gebeurtenis-onbekend", fault.Text{
		NL: "Dit programma kent deze soort gebeurtenis niet. Gebruik een nieuwer programma.",
		EN: "this program does not know this type of event; use a newer program",
	})
	errTooLarge = fault.New(fault.Invalid, "gebeurtenis-te-groot", fault.Text{
		NL: "De inhoud is te groot om vast te leggen: hoogstens 64 KiB. Maak de tekst korter.",
		EN: "the content is too large to be logged: at most 64 KiB; shorten the text",
	})
	errReceipt = fault.New(fault.Invalid, "ontvangstbewijs-ongeldig", fault.Text{
		NL: "Dit is geen geldig ontvangstbewijs van deze inhoud.",
		EN: "this is no valid receipt of this content",
	})
)
