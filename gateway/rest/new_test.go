package rest_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"schakel.example/gateway/rest"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

func TestNewRefusesWhatItCannotServe(t *testing.T) {
	t.Parallel()
	signals := rest.Backend{Name: "signals", Conn: panicking{}, Services: []*grpc.ServiceDesc{&signalsv1.SignalService_ServiceDesc}}
	tests := []struct {
		name   string
		config rest.Config
		want   string
	}{
		{"a service of which no RPC is bound", rest.Config{Backends: []rest.Backend{{Name: "x", Conn: panicking{}, Services: []*grpc.ServiceDesc{&ledgerv1.LedgerService_ServiceDesc}}}}, ""},
		{"no services", rest.Config{}, ""},
		{"one service twice", rest.Config{Backends: []rest.Backend{signals, signals}}, "POST /v1/signalen is there twice"},
		{"a service that is not linked", rest.Config{Backends: []rest.Backend{{Name: "x", Conn: panicking{}, Services: []*grpc.ServiceDesc{{ServiceName: "x.Y"}}}}}, "x.Y is not linked"},
		{"a backend without a connection", rest.Config{Backends: []rest.Backend{{Name: "x"}}}, "without a name or connection"},
		{"a negative limit", rest.Config{MaxBody: -1}, "must be positive"},
		{"a negative time", rest.Config{Timeout: -time.Second}, "must be positive"},
		{"problem types that run into their base", rest.Config{Problems: "https://voorbeeld.nl"}, "does not end in a slash"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.Rules = checker(t)
			_, err := rest.New(tt.config)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheRulesAreMadeWhenNotGiven(t *testing.T) {
	t.Parallel()
	if _, err := rest.New(rest.Config{}); err != nil {
		t.Error(err)
	}
}
