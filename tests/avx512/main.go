//go:build linux

// Command avx512 runs the tests of packages on a processor that the machine at hand need not have:
// Bochs emulates one with AVX-512, boots Debian's kernel on it, and the test programs run there as
// its only processes.
//
//	go run ./tests/avx512 ./simd/internal/vec ./simd/internal/gemm
//
// The emulator is not perfect: Bochs 2.7 rounds float16 wrongly (VCVTPS2PH) and takes a shift by 64 for
// one by 0 (VPSRAVQ), so that TestExactTypes of vec fails there, on AVX2 as on AVX-512, in those two.
//
// It is for kernels in assembly that the processor of the machine cannot execute. The emulator does
// some hundred million instructions a second, so tests run with -short; a boot takes half a minute.
// With that, minutes of processor time of the packages that have such kernels, or run them:
//
//	./simd/internal/philox ./simd/internal/transpose                               1
//	./simd/internal/window                                                         1
//	./simd/internal/loop                                                           2
//	-run 'Test(RandomAxes|Windows)/avx512' ./simd/internal/gemm                    3
//	-run '^(TestAccuracy32|TestPlace|TestExact)$/avx512' ./simd/internal/vec       1
//
// Tests that go through the sets of instructions are asked for that alone, as in the last two lines.
//
// It needs Debian or Ubuntu with the packages that it names when they are missing, and fetches the
// kernel's package (15 MB) with apt-get download without installing it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	if os.Getpid() == 1 {
		boot()
		return
	}
	run := flag.String("run", "", "run only tests that match this `pattern`")
	skip := flag.String("skip", "", "leave out tests that match this `pattern`")
	cpu := flag.String("cpu", "corei7_skylake_x", "Bochs `model` of the processor")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: go run ./tests/avx512 [flags] PACKAGE...\n\nruns tests on an emulated processor with AVX-512, such as\n\n\tgo run ./tests/avx512 ./simd/internal/vec ./simd/internal/gemm\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := emulate(ctx, *cpu, *run, *skip, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "avx512:", err)
		os.Exit(1)
	}
}

// needs are files that must be there and the Debian package that each is of.
var needs = [][2]string{
	{"/usr/bin/bochs", "bochs"},
	{"/usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_rfb_gui.so", "bochs"},
	{"/usr/share/bochs/BIOS-bochs-latest", "bochsbios"},
	{"/usr/share/bochs/VGABIOS-lgpl-latest", "vgabios"},
	{"/usr/bin/xorriso", "xorriso"},
	{"/usr/lib/ISOLINUX/isolinux.bin", "isolinux"},
	{"/usr/lib/syslinux/modules/bios/ldlinux.c32", "syslinux-common"},
}

// emulate builds the packages' tests and this program, boots them and prints what they print.
func emulate(ctx context.Context, cpu, pattern, skip string, packages []string) error {
	var missing []string
	for _, n := range needs {
		if _, err := os.Stat(n[0]); err != nil {
			missing = append(missing, n[1])
		}
	}
	if missing != nil {
		return fmt.Errorf("not installed: %s\non Debian and Ubuntu: apt-get install --no-install-recommends %[1]s", strings.Join(missing, " "))
	}
	dir, err := os.MkdirTemp("", "avx512-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	kernel, err := fetchKernel(ctx, dir)
	if err != nil {
		return err
	}
	files := []entry{}
	build := func(name string, args ...string) error {
		path := filepath.Join(dir, name)
		cmd := exec.CommandContext(ctx, "go", append(args, "-o", path)...)
		if args[0] == "build" {
			cmd.Args = append(cmd.Args, "./tests/avx512")
		}
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
		}
		data, err := os.ReadFile(path)
		files = append(files, entry{name, 0o755, data})
		return err
	}
	if err := build("init", "build"); err != nil {
		return err
	}
	var list strings.Builder
	for i, p := range packages {
		name := fmt.Sprintf("test%d", i)
		if err := build(name, "test", "-c", p); err != nil {
			return err
		}
		fmt.Fprintf(&list, "%s\t/%s\t-test.short\t-test.v\t-test.run=%s\t-test.skip=%s\n", p, name, pattern, skip)
	}
	files = append(files, entry{"list", 0o644, []byte(list.String())})
	serial, err := bochs(ctx, dir, cpu, kernel, files)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if !strings.Contains(serial, verdict(p, nil)) {
			return fmt.Errorf("%s did not pass", p)
		}
	}
	return nil
}

// verdict is the line that boot prints after the tests of a package.
func verdict(pkg string, err error) string {
	if err == nil {
		return "passed: " + pkg + "\n"
	}
	return "failed: " + pkg + ": " + err.Error() + "\n"
}

// fetchKernel returns the kernel for virtual machines of this Debian's release.
func fetchKernel(ctx context.Context, dir string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, "apt-cache", "depends", "linux-image-cloud-amd64").Output()
	if err != nil {
		return nil, fmt.Errorf("apt-cache depends linux-image-cloud-amd64: %w", err)
	}
	_, name, _ := strings.Cut(string(out), "Depends: ")
	name, _, _ = strings.Cut(name, "\n")
	if name == "" {
		return nil, errors.New("apt knows no linux-image-cloud-amd64 (apt-get update?)")
	}
	for _, args := range [][]string{
		{"apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", name},
		{"sh", "-c", "dpkg-deb -x linux-image-*.deb kernel"},
	} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, "kernel", "boot", "vmlinuz-*"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("%s holds %d kernels, want 1", name, len(found))
	}
	return os.ReadFile(found[0])
}
