package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of processor time in /proc (proc(5), USER_HZ).
const tick = 10 * time.Millisecond

// usage is how much processor time was used since some moment: by the whole
// machine, by this process with all that it started, and by this process alone.
type usage struct{ machine, ours, self time.Duration }

// measure reads the usage so far.
func measure() (usage, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}, fmt.Errorf("the benchmarks need Linux: %w", err)
	}
	machine, err := busyTicks(stat)
	if err != nil {
		return usage{}, err
	}
	var ours, self int64
	all := processes()
	for pid, p := range all {
		if descends(all, pid, os.Getpid()) {
			ours += p.ticks
		}
		if pid == os.Getpid() {
			self = p.ticks
		}
	}
	return usage{time.Duration(machine) * tick, time.Duration(ours) * tick, time.Duration(self) * tick}, nil
}

// busyTicks adds up the first line of /proc/stat, without what was idle or is
// counted twice (guests are in user and nice).
func busyTicks(stat []byte) (int64, error) {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	fields := strings.Fields(string(line))
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, errors.New("bench: /proc/stat has another form")
	}
	var sum int64
	for i, text := range fields[1:9] {
		const idle, iowait = 3, 4
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, err
		}
		if i != idle && i != iowait {
			sum += n
		}
	}
	return sum, nil
}

// process is a line of the table of processes: its parent, and what it and its
// children that ended used.
type process struct {
	parent int
	ticks  int64
}

// processes lists those that run. Those that end meanwhile are left out.
func processes() map[int]process {
	all := map[int]process{}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if pid, p, ok := parseProcess(string(text)); ok {
			all[pid] = p
		}
	}
	return all
}

// parseProcess reads /proc/PID/stat. The name is in parentheses, and may hold
// any character.
func parseProcess(text string) (pid int, p process, ok bool) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 1 || end < open {
		return 0, p, false
	}
	pid, err := strconv.Atoi(text[:open-1])
	fields := strings.Fields(text[end+1:])
	if err != nil || len(fields) < 15 {
		return 0, p, false
	}
	if p.parent, err = strconv.Atoi(fields[1]); err != nil {
		return 0, p, false
	}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, p, false
		}
		p.ticks += n
	}
	return pid, p, true
}

// descends says whether a process is the ancestor, or a descendant of it.
func descends(all map[int]process, pid, ancestor int) bool {
	for range len(all) {
		if pid == ancestor {
			return true
		}
		p, ok := all[pid]
		if !ok {
			return false
		}
		pid = p.parent
	}
	return false
}

// settle waits until we and what we started have next to nothing left to do, and
// says how long that took.
func settle(ctx context.Context) (time.Duration, error) {
	const window, calm, limit = 200 * time.Millisecond, 2 * tick, 2 * time.Minute
	start := time.Now()
	clock := time.NewTicker(window)
	defer clock.Stop()
	for {
		before, err := measure()
		if err != nil {
			return 0, err
		}
		select {
		case <-clock.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		after, err := measure()
		if err != nil {
			return 0, err
		}
		if took := time.Since(start); after.ours-before.ours <= calm {
			return took - window, nil
		} else if took > limit {
			return took, fmt.Errorf("after %v something that was started is still busy", limit)
		}
	}
}

// programs finds the running processes of a program.
func programs(path string) (pids []int) {
	for pid := range processes() {
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && exe == path {
			pids = append(pids, pid)
		}
	}
	return pids
}

// resident is how much memory a process has in use, in bytes.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseResident(string(text))
}

func parseResident(status string) (int64, error) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kib int64
			_, err := fmt.Sscanf(rest, "%d kB", &kib)
			return kib << 10, err
		}
	}
	return 0, errors.New("bench: no VmRSS in the status of a process")
}

// inMemory says whether a folder is on a file system without a disk.
func inMemory(folder string) (bool, error) {
	const tmpfs, ramfs = 0x01021994, 0x858458f6 // statfs(2)
	var s syscall.Statfs_t
	err := syscall.Statfs(folder, &s)
	return s.Type == tmpfs || s.Type == ramfs, err
}
