package tests

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// building holds the folder of the built command for the life of the test binary.
var building struct {
	sync.Once
	dir, path string
	err       error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if building.dir != "" {
		os.RemoveAll(building.dir)
	}
	os.Exit(code)
}

// lemmaPath builds cmd/lemma once and returns the program's path.
func lemmaPath(t *testing.T) string {
	t.Helper()
	building.Do(func() {
		if building.dir, building.err = os.MkdirTemp("", "lemma-tests-"); building.err != nil {
			return
		}
		building.path = filepath.Join(building.dir, "lemma")
		cmd := exec.Command("go", "build", "-o", building.path, "./cmd/lemma")
		cmd.Dir = ".."
		if out, err := cmd.CombinedOutput(); err != nil {
			building.err = errors.New("go build ./cmd/lemma: " + string(out))
		}
	})
	if building.err != nil {
		t.Fatal(building.err)
	}
	return building.path
}

// result is what a run of the command left.
type result struct {
	out, err string
	code     int
}

// invocation says how to run the command.
type invocation struct {
	dir     string        // "" means the root of the checkout
	env     []string      // on top of the test's own
	timeout time.Duration // 0 means 5 minutes
}

func (inv invocation) run(t *testing.T, args ...string) result {
	t.Helper()
	if inv.timeout == 0 {
		inv.timeout = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), inv.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, lemmaPath(t), args...)
	cmd.Dir = inv.dir
	if cmd.Dir == "" {
		cmd.Dir = ".."
	}
	cmd.Env = append(os.Environ(), inv.env...)
	cmd.WaitDelay = 10 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("lemma %s: no end within %v\n%s%s", strings.Join(args, " "), inv.timeout, &out, &errs)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// lemma runs the command in the root of the checkout.
func lemma(t *testing.T, args ...string) result {
	t.Helper()
	return invocation{}.run(t, args...)
}

func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: needs minutes, the kernel or the browser")
	}
}
