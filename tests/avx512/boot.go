//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/cpu"
)

// boot is what the emulated machine runs as its first process: the tests in /list, one package a
// line, then it switches the machine off.
func boot() {
	for _, m := range [][2]string{{"proc", "/proc"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}} {
		if err := os.MkdirAll(m[1], 0o755); err == nil {
			err = syscall.Mount(m[0], m[1], m[0], 0, "")
			if err != nil {
				fmt.Printf("mount %s: %v\n", m[1], err)
			}
		}
	}
	fmt.Printf("processor: AVX2 %t, AVX-512 F %t DQ %t BW %t VL %t\n", cpu.X86.HasAVX2, cpu.X86.HasAVX512F, cpu.X86.HasAVX512DQ, cpu.X86.HasAVX512BW, cpu.X86.HasAVX512VL)
	list, err := os.ReadFile("/list")
	if err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(string(list)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		cmd := exec.Command(f[1], f[2:]...)
		cmd.Dir, cmd.Env = "/tmp", []string{"HOME=/tmp", "TMPDIR=/tmp"}
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
		fmt.Print(verdict(f[0], cmd.Run()))
	}
	time.Sleep(time.Second) // the serial line is slow
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
	select {}
}
