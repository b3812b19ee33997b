//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endSignal asks Jupyter to end; an interrupt would have it ask whether it really shall.
const endSignal = syscall.SIGTERM

// ownGroup puts the program in a process group of its own: Ctrl-C in the terminal is for this
// program, which ends the other in order.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

// killGroup ends what a program that has ended left in its group.
func killGroup(cmd *exec.Cmd) {
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // an error means that nothing is left
}
