package wire_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// typical is a signal as agencies send them: about 1 kB.
const typical = `{"organisatie":"https://identifier.overheid.nl/tooi/id/zbo/zb000117","kenmerk":"VOORBEELD-2026-000123",` +
	`"titel":"Samenloop van twee regelingen leidt tot terugvordering","omschrijving":"Bij verhuizing naar het buitenland komt de melding te laat binnen, ` +
	`waardoor mensen maanden later moeten terugbetalen. De wet biedt geen ruimte om daarvan af te wijken. Dit raakt naar schatting enkele duizenden ` +
	`huishoudens per jaar en kost veel handwerk in de uitvoering.","niveau":"organisatie","categorieen":["hardheid","samenloop"],` +
	`"regelingen":[{"jci":"jci1.3:c:BWBR0002221&artikel=8&g=2026-01-01"},{"celex":"32004R0883"}],"publiekeWaarden":["rechtvaardigheid"],` +
	`"doelgroepen":["gepensioneerden"],"omvang":{"minimum":100,"maximum":2000,"perJaar":true,"bron":"eigen schatting","zekerheid":"geschat"},` +
	`"ernst":"hoog","bekendSindsDatum":"2024-03-01","aanpak":"solve","verwijzingen":[{"omschrijving":"Jaarverslag","uri":"https://voorbeeld.nl/jaarverslag"}],` +
	`"vertrouwelijkheid":"openbaar"}`

func typicalSignal(b *testing.B) *signalsv1.Signal {
	b.Helper()
	m := &signalsv1.Signal{}
	if err := wire.UnmarshalInput([]byte(typical), m); err != nil {
		b.Fatal(err)
	}
	return m
}

// The protojson halves are the yardstick: same message, same machine, same run.

func BenchmarkUnmarshal(b *testing.B) {
	m := typicalSignal(b)
	other, err := protojson.Marshal(m)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("wire", func(b *testing.B) {
		bench(b, len(typical), func() error { return wire.UnmarshalInput([]byte(typical), &signalsv1.Signal{}) })
	})
	b.Run("wire, one after another", func(b *testing.B) {
		var reader wire.Reader
		bench(b, len(typical), func() error { return reader.UnmarshalInput([]byte(typical), &signalsv1.Signal{}) })
	})
	b.Run("protojson", func(b *testing.B) {
		bench(b, len(other), func() error { return protojson.Unmarshal(other, &signalsv1.Signal{}) })
	})
	binary, err := proto.Marshal(m)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("binary", func(b *testing.B) {
		bench(b, len(binary), func() error { return proto.Unmarshal(binary, &signalsv1.Signal{}) })
	})
}

func BenchmarkMarshal(b *testing.B) {
	m := typicalSignal(b)
	b.Run("wire", func(b *testing.B) {
		bench(b, len(typical), func() error { _, err := wire.Marshal(m); return err })
	})
	b.Run("protojson", func(b *testing.B) {
		bench(b, len(typical), func() error { _, err := protojson.Marshal(m); return err })
	})
}

func bench(b *testing.B, size int, call func() error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
}
