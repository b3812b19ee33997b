//go:build unix

package widgets

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// canDetach says whether a program can outlive the one that started it.
const canDetach = true

// detach gives the command a session of its own, so that what interrupts the cell leaves it alone.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// processBirth tells a process from a later one of the same number, where the system says when it
// began. It is empty where the process is not there.
func processBirth(pid int) string {
	if err := syscall.Kill(pid, 0); err != nil && err != syscall.EPERM {
		return ""
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "there" // no /proc: the number must do
	}
	// The name in parentheses may hold anything; the times come after it.
	_, rest, _ := strings.Cut(string(data[strings.LastIndexByte(string(data), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}
