package workload

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

//go:embed pytorch.py
var torchSource string

// pythons are tried in this order; distributions put PyTorch into the system's.
var pythons = []string{"python3", "/usr/bin/python3"}

// A Torch is a Python process that does workloads in PyTorch.
type Torch struct {
	Version string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	said    strings.Builder // on standard error; read only when the process has ended
}

// NewTorch starts PyTorch with the given number of threads. The process ends with ctx or with Close.
// It is an error if no Python has PyTorch.
func NewTorch(ctx context.Context, threads int) (*Torch, error) {
	var last error
	for _, python := range pythons {
		t, err := startTorch(ctx, python, threads)
		if err == nil {
			return t, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no PyTorch (Debian, Ubuntu: apt-get install python3-torch): %w", last)
}

func startTorch(ctx context.Context, python string, threads int) (*Torch, error) {
	cmd := exec.CommandContext(ctx, python, "-c", torchSource, fmt.Sprint(threads))
	n := fmt.Sprint(threads)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n, "MKL_NUM_THREADS="+n)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t := &Torch{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	cmd.Stderr = &t.said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if t.out.Scan() {
		var ok bool
		if t.Version, ok = strings.CutPrefix(t.out.Text(), "ready "); ok {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%s: %s", python, t.lastWords())
}

// lastWords ends the process and returns the last line that it wrote to standard error.
func (t *Torch) lastWords() string {
	t.Close()
	lines := strings.Split(strings.TrimSpace(t.said.String()), "\n")
	return lines[len(lines)-1]
}

// Run repeats a workload and returns what one repetition took in the fastest part, on the clock and
// in processor time.
func (t *Torch) Run(name string, repetitions int) (wall, cpu time.Duration, err error) {
	part, parts := split(repetitions)
	if _, err := fmt.Fprintf(t.in, "%s\t%d\t%d\t%d\n", name, part, parts, warmup); err != nil {
		return 0, 0, fmt.Errorf("workload: PyTorch: %w", err)
	}
	if !t.out.Scan() {
		return 0, 0, fmt.Errorf("workload: PyTorch ended in %q: %s", name, t.lastWords())
	}
	var w, c float64
	if _, err := fmt.Sscan(t.out.Text(), &w, &c); err != nil {
		return 0, 0, fmt.Errorf("workload: PyTorch: %q: %s", name, t.out.Text())
	}
	return time.Duration(w * 1e9), time.Duration(c * 1e9), nil
}

// Close ends the process.
func (t *Torch) Close() {
	t.in.Close()
	t.cmd.Wait()
}
