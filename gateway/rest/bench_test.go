package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

const typical = `{"organisatie":"https://identifier.overheid.nl/tooi/id/zbo/zb000117","kenmerk":"VOORBEELD-2026-000123",` +
	`"titel":"Samenloop van twee regelingen leidt tot terugvordering","omschrijving":"Bij verhuizing naar het buitenland komt de melding te laat binnen, ` +
	`waardoor mensen maanden later moeten terugbetalen. De wet biedt geen ruimte om daarvan af te wijken. Dit raakt naar schatting enkele duizenden ` +
	`huishoudens per jaar en kost veel handwerk in de uitvoering.","niveau":"organisatie","categorieen":["hardheid"],` +
	`"regelingen":[{"jci":"jci1.3:c:BWBR0002221&artikel=8"}],"ernst":"hoog","aanpak":"solve","vertrouwelijkheid":"openbaar"}`

// BenchmarkSubmit measures what the gateway adds to a call: everything between
// the HTTP server and the connection to the service; and the same with gRPC
// over memory behind it.
func BenchmarkSubmit(b *testing.B) {
	b.Run("nothing behind", func(b *testing.B) { submit(b, isolated(b, empty{})) })
	b.Run("bufconn behind", func(b *testing.B) {
		conn := serve(b, func(s *grpc.Server) { signalsv1.RegisterSignalServiceServer(s, &echo{}) })
		submit(b, isolated(b, conn))
	})
}

// echo answers with the signal that was sent.
type echo struct{ signals }

func submit(b *testing.B, handler http.Handler) {
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/v1/signalen", strings.NewReader(typical))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code, w.Body)
		}
	}
}
