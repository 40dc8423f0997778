package e2e

import (
	"path/filepath"
	"testing"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

func TestAClientThatCallsTooOftenIsRefusedByEveryWayIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, filepath.Join(t.TempDir(), "data"))
	h.settings = append(h.settings, "--rate=0.001", "--burst=2")
	h.start("all")
	ctx := bearing(t.Context(), h.token(access.Aanleveraar, uwv))
	var reasons []string
	for _, way := range []string{"REST", "gRPC", "REST", "gRPC"} {
		_, err := signalsv1.NewSignalServiceClient(h.ways()[way]).SubmitSignal(ctx, &signalsv1.SubmitSignalRequest{Signal: signal(uwv, "S-1")})
		reason := ""
		if r := refused(err); r != nil {
			reason = r.Reason
		}
		reasons = append(reasons, reason)
	}
	if reasons[0] != "" || reasons[1] != "" || reasons[2] != "te-vaak" || reasons[3] != "te-vaak" {
		t.Errorf("the calls were refused for %q", reasons)
	}
	other := bearing(t.Context(), h.token(access.Toezichthouder, ""))
	if _, err := signalsv1.NewSignalServiceClient(h.ways()["gRPC"]).ListSignals(other, &signalsv1.ListSignalsRequest{}); err != nil {
		t.Errorf("another client: %v", err)
	}
}
