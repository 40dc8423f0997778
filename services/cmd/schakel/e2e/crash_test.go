package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/testenv"
)

var seed = flag.Uint64("seed", 0, "what decides when a killed server dies; 0 is another time each run")

// batch is how many signals are pushed between one kill and the next.
const batch = 120

// victim is something that can die, and comes back.
type victim struct {
	name string
	die  func()
	back func()
}

// victims are the processes of the house.
func (h *house) victims() (all []victim) {
	for i, server := range h.servers {
		all = append(all, victim{fmt.Sprintf("process %d", i), server.Kill, server.Restart})
	}
	return all
}

// TestAKilledServerLosesNothingItAcknowledged kills the server while a file is
// pushed, time and again, starts it anew, and looks for every signal that it
// acknowledged. In half of the rounds push sees it through by itself; in the
// others it dies too, and is run again.
func TestAKilledServerLosesNothingItAcknowledged(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	h.survives(t, 20, h.victims())
}

// TestAnyPartMayDie does so to each of four processes, to Redis, which comes back
// empty, and to PostgreSQL: all of it, and the process of every connection.
func TestAnyPartMayDie(t *testing.T) {
	t.Parallel()
	if kinds()["four processes"] == nil {
		return // there are no such parts; testenv says what is left out
	}
	postgres := testenv.StartPostgres(t)
	h := fourProcessesOn(t, postgres.Database)
	all := append(h.victims(),
		victim{"Redis", h.redis.Kill, h.redis.Restart},
		victim{"PostgreSQL", postgres.Kill, postgres.Restart},
		victim{"PostgreSQL's connections", postgres.KillBackends, func() {}})
	h.survives(t, len(all), all)
}

// survives kills each of the victims in turn, in so many rounds.
func (h *house) survives(t *testing.T, kills int, victims []victim) {
	decides := *seed
	if decides == 0 {
		decides = uint64(time.Now().UnixNano())
	}
	t.Logf("go test -seed=%d", decides)
	random := rand.New(rand.NewPCG(decides, 0))
	random.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	acks := watch(t, h, 40)
	var all []string
	for round := range kills {
		references, victim := batchOf(round), victims[round%len(victims)]
		file := write(t, "signalen.ndjson", ndjson(t, references))
		all = append(all, references...)
		p := startPush(t, h, acks, file)
		acks.await(round*batch+random.IntN(batch), time.Duration(random.IntN(20_000))*time.Microsecond, p.done)
		victim.die()
		if round%2 == 1 {
			p.kill()
		}
		victim.back()
		h.holds(t, acks.since(round*batch))
		if round%2 == 1 {
			p = startPush(t, h, acks, file)
		}
		if accepted, repeated := p.end(t); accepted+repeated != batch {
			t.Fatalf("round %d, %s: %d accepted, %d repeated of %d", round, victim.name, accepted, repeated, batch)
		}
		if round%5 == 0 {
			s := &story{h, newClients(h.ways()["gRPC"])}
			s.bundle(t, uwv, []string{acks.get(references[0]).id, acks.get(references[batch/2]).id})
		}
	}
	h.holds(t, acks.since(0))
	h.once(t, all)
	whole := write(t, "alles.ndjson", ndjson(t, all))
	if accepted, repeated := startPush(t, h, acks, whole).end(t); accepted != 0 || repeated != len(all) {
		t.Errorf("pushed again: %d accepted, %d repeated", accepted, repeated)
	}
	h.once(t, all)
	h.settled(t, map[string]int32{"signals": int32(len(all))})
	h.folds(t).holds(t, acks.since(0))
	if t.Logf("%d submissions were under way at a kill", acks.broken.Load()); acks.broken.Load() == 0 {
		t.Error("no kill was in the midst of anything")
	}
}

func batchOf(round int) []string {
	all := make([]string, batch)
	for i := range all {
		all[i] = fmt.Sprintf("KILL-%02d-%04d", round, i)
	}
	return all
}

// ndjson is signals of UWV, a line each.
func ndjson(t *testing.T, references []string) []byte {
	t.Helper()
	var lines bytes.Buffer
	for _, reference := range references {
		lines.Write(must(wire.Marshal(signal(uwv, reference)))(t))
		lines.WriteByte('\n')
	}
	return lines.Bytes()
}

// push is a `schakel push` under way.
type push struct {
	cmd         *exec.Cmd
	out, stderr bytes.Buffer
	stop        context.CancelCauseFunc
	done        chan struct{}
}

func startPush(t *testing.T, h *house, acks *acks, file string, more ...string) *push {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), 2*soon)
	ctx, stop := context.WithCancelCause(limit)
	p := &push{stop: stop, done: make(chan struct{})}
	args := append([]string{"push", file, "--server=" + acks.url, "--token=" + h.token(access.Aanleveraar, uwv),
		"--output=json", "--refused=" + t.TempDir() + "/geweigerd.ndjson"}, more...)
	p.cmd = exec.CommandContext(ctx, testenv.Build(t, program), args...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.stderr
	p.cmd.Cancel = func() error {
		if errors.Is(context.Cause(ctx), errInterrupt) {
			return p.cmd.Process.Signal(syscall.SIGINT)
		}
		return p.cmd.Process.Kill()
	}
	go func() {
		defer close(p.done)
		defer cancel()
		_ = testenv.Execute(p.cmd) // how it ended is asked of it
	}()
	t.Cleanup(p.kill)
	return p
}

var errInterrupt = errors.New("interrupted")

// kill ends push as hard as can be.
func (p *push) kill() {
	p.stop(nil)
	<-p.done
}

// interrupt ends push as Ctrl-C does.
func (p *push) interrupt() {
	p.stop(errInterrupt)
	<-p.done
}

// end waits until push is done, and says what it told.
func (p *push) end(t *testing.T) (accepted, repeated int) {
	t.Helper()
	<-p.done
	var told struct {
		Accepted int `json:"aangenomen"`
		Repeated int `json:"herhaald"`
		Refused  int `json:"geweigerd"`
	}
	c := command{args: []string{"push"}, code: p.cmd.ProcessState.ExitCode(), out: p.out.String(), stderr: p.stderr.String()}
	c.ends(t, 0).json(t, &told)
	return told.Accepted, told.Repeated
}

// holds sees to it that every acknowledged signal is there, with the receipt
// that was given for it, which is valid.
func (h *house) holds(t *testing.T, acknowledged map[string]ack) {
	t.Helper()
	h.ready()
	c := newClients(h.ways()["gRPC"])
	ctx := h.as(access.Aanleveraar, uwv)
	keys := must(ledger.Keys(strings.Fields(h.publicKeys(t))...))(t)
	for reference, ack := range acknowledged {
		var got *signalsv1.GetReceiptResponse
		await(t, reference+" was acknowledged as "+ack.id, func() (err error) {
			got, err = c.signals.GetReceipt(ctx, &signalsv1.GetReceiptRequest{Id: ack.id})
			if problem := refused(err); problem != nil && problem.Code != codes.Unavailable {
				t.Fatalf("%s was acknowledged as %s: %v", reference, ack.id, err)
			}
			return err // as long as a database comes back
		})
		if !proto.Equal(got.GetReceipt(), ack.receipt) {
			t.Errorf("%s: another receipt than the one acknowledged", reference)
		}
		if _, err := ledger.VerifyReceipt(must(proto.Marshal(got.GetReceipt()))(t), got.GetPayload(), keys); err != nil {
			t.Errorf("%s: %v", reference, err)
		}
	}
}

// once sees to it that exactly these signals are there, each once.
func (h *house) once(t *testing.T, references []string) {
	t.Helper()
	c := newClients(h.ways()["gRPC"])
	var got []string
	request := &signalsv1.ListSignalsRequest{PageSize: 500}
	for {
		page := must(c.signals.ListSignals(h.as(access.Toezichthouder, ""), request))(t)
		for _, s := range page.GetSignals() {
			got = append(got, s.GetExternalReference())
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(references)), got); diff != "" {
		t.Errorf("signals (-pushed +there):\n%s", diff)
	}
}
