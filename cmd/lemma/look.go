package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/cpu"

	"github.com/lemma-ml/lemma/xla"
)

// What doctor looks at. Each look is quick, works without a network and never fails: what it cannot
// find out it says.

// output runs a program for at most five seconds and returns what it printed.
func output(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipe open
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// goEnv returns the go command's settings, empty without Go.
func goEnv(ctx context.Context) map[string]string {
	env := map[string]string{}
	if out, err := output(ctx, "go", "env", "-json"); err == nil {
		json.Unmarshal([]byte(out), &env) // what does not parse stays empty
	}
	return env
}

func lookGo(ctx context.Context) []finding {
	env := goEnv(ctx)
	if env["GOVERSION"] == "" {
		return []finding{{Name: "go", Status: statusRequired, Detail: "no go command on the PATH: the kernel compiles cells with it", Mend: "see https://go.dev/dl"}}
	}
	detail := fmt.Sprintf("%s at %s; this program was built with %s", env["GOVERSION"], env["GOROOT"], runtime.Version())
	for _, name := range []string{"GOPROXY", "GOFLAGS"} {
		if env[name] != "" {
			detail += "\n" + name + "=" + env[name]
		}
	}
	return []finding{{Name: "go", Status: statusOK, Detail: detail}}
}

func lookCgo(ctx context.Context) []finding {
	cc := goEnv(ctx)["CC"]
	if cc == "" {
		cc = "gcc"
	}
	path, err := exec.LookPath(strings.Fields(cc)[0])
	if err != nil {
		return []finding{{Name: "cgo", Status: statusMissing, Detail: "no C compiler (" + cc + ")", UsedFor: "PJRT plugins (GPU, TPU)", Mend: apt("gcc libc6-dev")}}
	}
	built := "this program was built with cgo and can load PJRT plugins"
	if len(xla.Installable()) == 0 {
		built = "this program was built without cgo: rebuild it with CGO_ENABLED=1 for PJRT plugins"
	}
	return []finding{{Name: "cgo", Status: statusOK, Detail: path + "; " + built}}
}

func lookJupyter(context.Context) []finding {
	var found []string
	for _, name := range []string{"jupyter-lab", "jupyter-notebook"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if len(found) > 0 {
		return []finding{{Name: "jupyter", Status: statusOK, Detail: strings.Join(found, "\n")}}
	}
	return []finding{{Name: "jupyter", Status: statusMissing, Detail: "neither jupyter-lab nor jupyter-notebook on the PATH", UsedFor: "lemma lab; report and run do without", Mend: apt("jupyter-notebook")}}
}

// chromiumNames are the commands that a browser of the Chromium family may have.
var chromiumNames = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

func lookChromium(context.Context) []finding {
	for _, name := range chromiumNames {
		if path, err := exec.LookPath(name); err == nil {
			return []finding{{Name: "chromium", Status: statusOK, Detail: path}}
		}
	}
	return []finding{{Name: "chromium", Status: statusMissing, Detail: "no Chromium on the PATH", UsedFor: "the tests of the pages", Mend: apt("chromium")}}
}

// apt is the command that installs packages where apt is there, else words.
func apt(packages string) string {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return "install " + packages + " with this system's package manager"
	}
	sudo := ""
	if os.Geteuid() != 0 {
		sudo = "sudo "
	}
	return sudo + "apt-get install --no-install-recommends " + packages
}

func lookProcessor(context.Context) []finding {
	detail := fmt.Sprintf("%s/%s, %s in use", runtime.GOOS, runtime.GOARCH, plural(runtime.GOMAXPROCS(0), "core"))
	if name := cpuName(); name != "" {
		detail += ", " + name
	}
	var has []string
	for _, f := range []struct {
		name string
		ok   bool
	}{
		{"AVX2", cpu.X86.HasAVX2}, {"FMA", cpu.X86.HasFMA}, {"AVX512F", cpu.X86.HasAVX512F}, {"AVX512DQ", cpu.X86.HasAVX512DQ},
		{"AVX512BW", cpu.X86.HasAVX512BW}, {"AVX512VL", cpu.X86.HasAVX512VL}, {"NEON", cpu.ARM64.HasASIMD}, {"SVE", cpu.ARM64.HasSVE},
	} {
		if f.ok {
			has = append(has, f.name)
		}
	}
	if len(has) > 0 {
		detail += "\n" + strings.Join(has, " ")
	}
	if total, free := memory(); total > 0 {
		detail += fmt.Sprintf("\nmemory %s, available %s", size(total), size(free))
	}
	return []finding{{Name: "processor", Status: statusOK, Detail: detail}}
}

// cpuName returns the processor's name as Linux tells it.
func cpuName() string { return procField("/proc/cpuinfo", "model name") }

// memory returns the machine's memory in bytes, zero where it cannot be told.
func memory() (total, available int64) {
	bytes := func(field string) int64 {
		kib, _ := strconv.ParseInt(strings.TrimSuffix(procField("/proc/meminfo", field), " kB"), 10, 64)
		return kib << 10
	}
	return bytes("MemTotal"), bytes("MemAvailable")
}

func procField(file, field string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(name) == field {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func lookPlugins(context.Context) []finding {
	plugins := xla.Plugins()
	if len(plugins) == 0 {
		return []finding{{Name: "plugins", Status: statusMissing, Detail: "no PJRT plugin", UsedFor: "XLA on CPU, GPU or TPU; the backend simd is always there", Mend: "lemma doctor -install xla"}}
	}
	var lines []string
	for _, p := range plugins {
		line := p.Platform + "  " + p.Path
		if info, err := os.Stat(p.Path); err == nil {
			line += "  " + size(info.Size())
		}
		lines = append(lines, line)
	}
	return []finding{{Name: "plugins", Status: statusOK, Detail: strings.Join(lines, "\n")}}
}

// lookCaches lists what lemma keeps outside the checkout, so that a person can delete it.
func lookCaches(ctx context.Context) []finding {
	type cache struct{ what, dir string }
	var caches []cache
	dir, noFolder := cacheDir()
	if noFolder == nil {
		caches = append(caches, cache{"kernel, results, data", dir})
		caches = append(caches, cache{"downloads of go-xla", filepath.Join(filepath.Dir(dir), "go-xla")})
	}
	if dir := xla.InstallDir(); dir != "" {
		caches = append(caches, cache{"PJRT plugins", dir})
	}
	env := goEnv(ctx)
	caches = append(caches, cache{"Go's build cache", env["GOCACHE"]}, cache{"Go's modules", env["GOMODCACHE"]})
	var lines []string
	for _, c := range caches {
		if c.dir == "" {
			continue
		}
		n, whole, err := folderSize(c.dir, time.Second)
		text := size(n)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			text = "not there"
		case err != nil:
			text = err.Error()
		case !whole:
			text = "more than " + text
		}
		lines = append(lines, fmt.Sprintf("%s  %s (%s)", short(c.dir), text, c.what))
	}
	f := finding{Name: "caches", Status: statusOK}
	if noFolder != nil {
		f.Status, f.Mend, f.UsedFor = statusMissing, "export HOME=/a/folder/of/yours", "notebooks, reports, data and plugins, whose results are kept there"
		lines = append([]string{noFolder.Error()}, lines...)
	}
	f.Detail = strings.Join(lines, "\n")
	return []finding{f}
}

// folderSize adds up the sizes of the files below dir, for at most the given time; whole says
// whether it got to the end.
func folderSize(dir string, limit time.Duration) (n int64, whole bool, err error) {
	stop := time.Now().Add(limit)
	errLate := errors.New("late")
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == dir:
			return err
		case err != nil:
			return nil // a folder that vanished or may not be read
		case time.Now().After(stop):
			return errLate
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return nil
	})
	if err == errLate {
		return n, false, nil
	}
	return n, true, err
}

// size writes a number of bytes for people.
func size(n int64) string {
	for _, u := range []struct {
		unit  string
		bytes int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.bytes {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.bytes), u.unit)
		}
	}
	return fmt.Sprintf("%d B", n)
}

// lookKernel looks for the programs of the notebook kernel, which report and run build when they
// first need them.
func lookKernel(context.Context) []finding {
	dir, err := cacheDir()
	if err != nil {
		return []finding{{Name: "kernel", Status: statusRequired, Detail: err.Error()}}
	}
	built, _ := filepath.Glob(filepath.Join(dir, "tools", "*", "gonb*")) // the only error is a bad pattern
	if len(built) == 0 {
		return []finding{{Name: "kernel", Status: statusOK, Detail: "not built yet: report and run build it, once"}}
	}
	return []finding{{Name: "kernel", Status: statusOK, Detail: strings.Join(built, "\n")}}
}
