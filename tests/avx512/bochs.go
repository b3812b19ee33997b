//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// entry is a file in the root of the emulated machine.
type entry struct {
	name string
	mode uint32
	data []byte
}

// cpio writes entries as the kernel wants its first file system.
func cpio(files []entry) []byte {
	var b bytes.Buffer
	pad := func() { b.Write(make([]byte, -b.Len()&3)) }
	for i, f := range append(files, entry{name: "TRAILER!!!"}) {
		mode := f.mode
		if mode != 0 {
			mode |= 0o100000 // a regular file
		}
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
			i+1, mode, 0, 0, 1, 0, len(f.data), 0, 0, 0, 0, len(f.name)+1, 0, f.name)
		pad()
		b.Write(f.data)
		pad()
	}
	return b.Bytes()
}

// isolinux boots the kernel. Bochs counts the processor's saved state as Linux's compact form does
// not, and Linux then gives up AVX altogether: 321 and 323 are xsavec and xsaves.
const isolinux = `default tests
prompt 0
timeout 1
label tests
 kernel vmlinuz
 append initrd=initrd.img console=ttyS0 quiet loglevel=3 clearcpuid=321,323 mitigations=off tsc=reliable nowatchdog random.trust_cpu=on panic=1
`

// machine is Bochs's configuration: folder, processor.
const machine = `megs: 2048
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=%[2]s, ips=200000000
clock: sync=none
ata0-master: type=cdrom, path=%[1]s/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=%[1]s/serial
log: %[1]s/log
panic: action=fatal
error: action=ignore
info: action=ignore
display_library: rfb, options="timeout=0"
`

// bochs boots the kernel with the files as its root and returns what the machine printed; it prints
// it as it comes.
func bochs(ctx context.Context, dir, cpu string, kernel []byte, files []entry) (string, error) {
	disc := filepath.Join(dir, "disc", "isolinux")
	if err := os.MkdirAll(disc, 0o755); err != nil {
		return "", err
	}
	write := map[string][]byte{
		filepath.Join(disc, "vmlinuz"):      kernel,
		filepath.Join(disc, "initrd.img"):   cpio(files),
		filepath.Join(disc, "isolinux.cfg"): []byte(isolinux),
		filepath.Join(dir, "bochsrc"):       fmt.Appendf(nil, machine, dir, cpu),
		filepath.Join(dir, "go"):            []byte("c\n"), // where Bochs is built with its debugger
	}
	for _, f := range []string{"/usr/lib/ISOLINUX/isolinux.bin", "/usr/lib/syslinux/modules/bios/ldlinux.c32"} {
		data, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		write[filepath.Join(disc, filepath.Base(f))] = data
	}
	for path, data := range write {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return "", err
		}
	}
	iso := exec.CommandContext(ctx, "xorriso", "-as", "mkisofs", "-quiet", "-o", filepath.Join(dir, "boot.iso"),
		"-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", filepath.Join(dir, "disc"))
	if out, err := iso.CombinedOutput(); err != nil {
		return "", fmt.Errorf("xorriso: %w\n%s", err, out)
	}
	cmd := exec.CommandContext(ctx, "bochs", "-q", "-f", filepath.Join(dir, "bochsrc"), "-rc", filepath.Join(dir, "go"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var serial string
	for running := true; running; {
		var end error
		select {
		case end = <-ended: // the exit status says nothing: it is 1 after the power went off
			running = false
		case <-time.After(time.Second):
		}
		data, err := os.ReadFile(filepath.Join(dir, "serial"))
		if err != nil && !running {
			return "", fmt.Errorf("bochs: %w\n%s", end, said.Bytes())
		}
		text := strings.ReplaceAll(string(data), "\r", "")
		fmt.Print(text[len(serial):])
		serial = text
	}
	return serial, ctx.Err()
}
