package main

import "syscall"

// endWithParent has the system end the program when this one is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = endSignal }
