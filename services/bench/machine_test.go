package bench

import (
	"os"
	"testing"
)

func TestTheTimeOfTheMachineIsReadWithoutWhatWasIdleOrCountedTwice(t *testing.T) {
	got, err := busyTicks([]byte("cpu  10 20 30 1000 2000 5 6 7 100 200\ncpu0 1 1 1 1 1 1 1 1 1 1\n"))
	if err != nil || got != 10+20+30+5+6+7 {
		t.Error(got, err)
	}
	if _, err := busyTicks([]byte("cpu  10\n")); err == nil {
		t.Error("a line without its fields is read")
	}
}

func TestAProcessIsReadWhateverItsName(t *testing.T) {
	pid, p, ok := parseProcess("12 (a) 1 (b) S 7 0 0 0 0 0 0 0 0 0 100 20 3 4 0 0\n")
	if !ok || pid != 12 || p.parent != 7 || p.ticks != 127 {
		t.Error(pid, p, ok)
	}
	for _, text := range []string{"", "12 (a) S 7", "x (a) S 7 0 0 0 0 0 0 0 0 0 1 2 3 4"} {
		if _, _, ok := parseProcess(text); ok {
			t.Errorf("%q is a process", text)
		}
	}
}

func TestDescendantsAreOursHoweverDeep(t *testing.T) {
	all := map[int]process{1: {}, 5: {parent: 1}, 6: {parent: 5}, 7: {parent: 6}, 8: {parent: 9}, 9: {parent: 8}}
	for pid, want := range map[int]bool{5: true, 6: true, 7: true, 1: false, 8: false, 404: false} {
		if descends(all, pid, 5) != want {
			t.Errorf("%d: %v", pid, !want)
		}
	}
}

func TestThisProcessIsOursAndHasMemory(t *testing.T) {
	size, err := resident(os.Getpid())
	if err != nil || size < 1<<20 {
		t.Error(size, err)
	}
	if _, err := parseResident("VmPeak: 1 kB\n"); err == nil {
		t.Error("memory is read from a status without it")
	}
	before, err := measure()
	if err != nil || before.ours < 0 || before.machine < before.ours {
		t.Error(before, err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if pids := programs(exe); len(pids) != 1 || pids[0] != os.Getpid() {
		t.Errorf("%d runs %s, not %v", os.Getpid(), exe, pids)
	}
}
