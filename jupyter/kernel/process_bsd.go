//go:build unix && !linux

package kernel

import "syscall"

func dieWithParent(*syscall.SysProcAttr) {}
