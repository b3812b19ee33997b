package kernel

import (
	"fmt"
	"strings"
)

// StartError says that a kernel did not start.
type StartError struct {
	Reason string
	Log    string // the end of what the kernel wrote to its stderr
}

func (e *StartError) Error() string { return "kernel.Start: " + e.Reason + logTail(e.Log) }

// DiedError says that a running kernel ended by itself or no longer answers.
type DiedError struct {
	Reason string // such as "signal: killed", "exit status 2", "no heartbeat for 20s"
	Log    string // the end of what the kernel wrote to its stderr
}

func (e *DiedError) Error() string {
	return "kernel: the kernel died: " + e.Reason
}

// logTail quotes the last lines of a log.
func logTail(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	const most = 10
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return fmt.Sprintf("; it wrote:\n\t%s", strings.Join(lines, "\n\t"))
}
