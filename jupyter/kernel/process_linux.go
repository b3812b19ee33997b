package kernel

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dieWithParent has the kernel killed when this program is, even by SIGKILL.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// lockForDeathSignal keeps the goroutine that starts the kernel on its thread: the death signal
// is sent when that thread ends, not the process.
func lockForDeathSignal() { runtime.LockOSThread() }

// killMarked kills the processes whose environment carries the kernel's id: those that left its
// process group. New ones may appear while it looks, so it looks again until there is none.
func killMarked(id string) {
	want := []byte(marker + "=" + id)
	for range 10 {
		found := false
		environs, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, f := range environs {
			data, err := os.ReadFile(f) // of other users' processes it fails
			if err != nil {
				continue
			}
			for kv := range bytes.SplitSeq(data, []byte{0}) {
				if bytes.Equal(kv, want) {
					pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
					found = syscall.Kill(pid, syscall.SIGKILL) == nil || found
				}
			}
		}
		if !found {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Activity is what the processes of a kernel's cells do, as far as the system tells.
type Activity struct {
	Known      bool          // whether the system tells
	CPU        time.Duration // used so far by the group's living processes without the kernel
	Running    bool          // a thread runs, waits for a processor or for a disk
	ReadsStdin bool          // a process waits for a read from its standard input to return
}

// Activity looks at the processes of the kernel's group (Linux only).
func (k *Kernel) Activity() Activity {
	a := Activity{Known: true}
	pgid := k.cmd.Process.Pid
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range stats {
		data, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		// pid (name) state ppid pgrp ... utime stime: the name may hold anything but is last in
		// parentheses.
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if len(fields) < 13 || fields[2] != strconv.Itoa(pgid) {
			continue
		}
		pid := filepath.Base(filepath.Dir(f))
		if pid == strconv.Itoa(pgid) {
			continue
		}
		for _, ticks := range fields[11:13] {
			n, _ := strconv.Atoi(ticks)
			a.CPU += time.Duration(n) * 10 * time.Millisecond // USER_HZ is 100
		}
		a.Running = a.Running || running(pid)
		a.ReadsStdin = a.ReadsStdin || readsStdin(pid)
	}
	return a
}

// running reports whether a thread of the process is in state R or D. On a crowded machine a
// busy program gets little time; this tells it from one that waits.
func running(pid string) bool {
	stats, _ := filepath.Glob("/proc/" + pid + "/task/*/stat")
	for _, f := range stats {
		data, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		if len(fields) > 0 && (fields[0] == "R" || fields[0] == "D") {
			return true
		}
	}
	return false
}

// readsStdin reports whether a thread of the process is inside read(0, ...).
func readsStdin(pid string) bool {
	read := map[string]string{"amd64": "0", "arm64": "63", "riscv64": "63"}[runtime.GOARCH]
	calls, _ := filepath.Glob("/proc/" + pid + "/task/*/syscall")
	for _, f := range calls {
		data, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(data))
		if read != "" && len(fields) > 2 && fields[0] == read && fields[1] == "0x0" {
			return true
		}
	}
	return false
}
