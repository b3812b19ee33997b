//go:build unix

package workload

import (
	"syscall"
	"time"
)

// processorTime is what this process has used so far, on all its threads.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return now()
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
