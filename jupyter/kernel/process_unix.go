//go:build unix

package kernel

import (
	"errors"
	"os/exec"
	"syscall"
)

// prepare puts the kernel in a process group of its own, so that an interrupt from the terminal
// does not reach it and the group can be killed as one.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
}

func killGroup(pid int) { syscall.Kill(-pid, syscall.SIGKILL) }

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
