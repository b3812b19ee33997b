package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/wire"
)

// tools builds gonb, at the first call; a test that needs it is skipped under -short.
func tools(t testing.TB) *Tools {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and starts the real kernel")
	}
	tools, err := Build(context.Background(), BuildConfig{ModuleDir: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	return tools
}

// started starts a kernel that the test's end closes, and asserts that nothing is left of it.
func started(t *testing.T, cfg Config) *Kernel {
	t.Helper()
	cfg.Tools = tools(t)
	k, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(k.dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", k.dir)
		}
		if left := marked(k.ID); len(left) > 0 {
			t.Errorf("processes left: %v", left)
		}
	})
	return k
}

// marked returns the processes that carry a kernel's marker.
func marked(id string) (pids []string) {
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range environs {
		if data, err := os.ReadFile(f); err == nil && strings.Contains(string(data), marker+"="+id) {
			pids = append(pids, f)
		}
	}
	return pids
}

// text collects what a request prints.
func text(b *strings.Builder) func(*wire.Message) {
	return func(m *wire.Message) {
		var s struct{ Text string }
		if m.Type() == "stream" && m.Decode(&s) == nil {
			b.WriteString(s.Text)
		}
	}
}

func TestKernelStart(t *testing.T) {
	begin := time.Now()
	k := started(t, Config{GOPROXY: "off"})
	t.Logf("kernel ready after %v", time.Since(begin))
	if k.WorkDir() == "" {
		t.Error("no folder with a go.mod")
	}
	if k.Err() != nil {
		t.Errorf("a kernel that lives has error %v", k.Err())
	}
}

func TestKernelExecute(t *testing.T) {
	k := started(t, Config{GOPROXY: "off"})
	for i := range 3 {
		var out strings.Builder
		begin := time.Now()
		reply, err := k.Execute(context.Background(), fmt.Sprintf("%%%%\nfmt.Println(%d * 7)", 6+i), text(&out))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("trivial cell: %v", time.Since(begin))
		if want := fmt.Sprintln(42 + 7*i); reply.Status != "ok" || out.String() != want {
			t.Errorf("got %+v, output %q, want %q", reply, out.String(), want)
		}
	}
	if n := k.Refused(); n != 0 {
		t.Errorf("%d messages refused", n)
	}
}
