//go:build !linux

package kernel

import "time"

func lockForDeathSignal() {}

// killMarked needs Linux's /proc; elsewhere the process group is what is killed.
func killMarked(string) {}

// Activity is what the processes of a kernel's cells do, as far as the system tells.
type Activity struct {
	Known      bool          // whether the system tells
	CPU        time.Duration // used so far by the group's living processes without the kernel
	Running    bool          // a thread runs, waits for a processor or for a disk
	ReadsStdin bool          // a process waits for a read from its standard input to return
}

// Activity looks at the processes of the kernel's group (Linux only).
func (k *Kernel) Activity() Activity { return Activity{} }
