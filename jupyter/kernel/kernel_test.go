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

func TestKernelDied(t *testing.T) {
	rows := []struct {
		reason, code, want string
		heartbeat          time.Duration
	}{
		{"killed", "%%\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\nselect {}", "signal: killed", 0},
		{"stopped", "%%\nsyscall.Kill(os.Getppid(), syscall.SIGSTOP)\nselect {}", "no heartbeat for 2s", 2 * time.Second},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			k := started(t, Config{GOPROXY: "off", Heartbeat: row.heartbeat})
			_, err := k.Execute(context.Background(), row.code, nil)
			var died *DiedError
			if !errors.As(err, &died) || died.Reason != row.want {
				t.Errorf("got %v, want %q", err, row.want)
			}
			if _, err := k.Execute(context.Background(), "%%", nil); err == nil {
				t.Error("a dead kernel takes requests")
			}
		})
	}
}

func TestKernelInterrupt(t *testing.T) {
	k := started(t, Config{GOPROXY: "off"})
	var out strings.Builder
	collect := text(&out)
	reply, err := k.Execute(context.Background(), "%%\nfmt.Println(\"on\")\nfor {\n}", func(m *wire.Message) {
		collect(m)
		if strings.Contains(out.String(), "on\n") && m.Type() == "stream" {
			if err := k.Interrupt(); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil || !strings.Contains(out.String(), "signal: interrupt") {
		t.Errorf("got %+v, %v, output %q", reply, err, out.String())
	}
	out.Reset()
	if _, err := k.Execute(context.Background(), "%%\nfmt.Println(\"again\")", text(&out)); err != nil || out.String() != "again\n" {
		t.Errorf("after an interrupt: %q, %v", out.String(), err)
	}
}

// Processes that a cell starts in a session of their own outlive it, but not the kernel.
func TestKernelLeaks(t *testing.T) {
	k := started(t, Config{GOPROXY: "off"})
	if _, err := k.Execute(context.Background(), "!setsid sleep 1000 >/dev/null 2>&1 < /dev/null & ", nil); err != nil {
		t.Fatal(err)
	}
	if len(marked(k.ID)) < 2 {
		t.Error("the process that was to leak is not there")
	}
	// started's clean-up asserts that it is gone.
}

func TestKernelCancel(t *testing.T) {
	k := started(t, Config{GOPROXY: "off"})
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := k.Execute(ctx, "%%\nfor {\n}", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// program writes a shell script that stands for gonb.
func program(t *testing.T, script string) *Tools {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gonb")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return &Tools{Gonb: path, Goimports: path, Go: path}
}

func TestStartErrors(t *testing.T) {
	rows := []struct {
		reason string
		cfg    Config
		want   []string
	}{
		{"no tools", Config{}, []string{"Config.Tools is nil"}},
		{"no program", Config{Tools: &Tools{Gonb: "/nonexistent/gonb", Goimports: "/x/y", Go: "/x/y"}}, []string{"no such file"}},
		{"no folder", Config{Tools: program(t, ""), Dir: "/nonexistent"}, []string{`working folder "/nonexistent"`}},
		{"ends at once", Config{Tools: program(t, "echo cannot work >&2; exit 7")}, []string{"it ended: exit status 7", "cannot work"}},
		{"never listens", Config{Tools: program(t, "sleep 100"), StartTimeout: 200 * time.Millisecond}, []string{"no connection within 200ms"}},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			begin := time.Now()
			_, err := Start(context.Background(), row.cfg)
			var se *StartError
			if !errors.As(err, &se) {
				t.Fatalf("got %v, want a *StartError", err)
			}
			for _, want := range row.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			t.Logf("%v", time.Since(begin))
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, Config{Tools: program(t, "sleep 100")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a cancelled start: got %v", err)
	}
}

func TestSweep(t *testing.T) {
	base := t.TempDir()
	rows := []struct {
		reason, owner string
		goes          bool
	}{
		{"its program is gone", "999999999 " + pidSpace(), true},
		{"its program lives", fmt.Sprint(os.Getpid(), " ", pidSpace()), false},
		{"another container's", "999999999 pid:[1]", false},
		{"not ours", "text", false},
	}
	for i, row := range rows {
		dir := filepath.Join(base, fmt.Sprintf("lemma-kernel-%d", i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "owner"), []byte(row.owner), 0o600); err != nil {
			t.Fatal(err)
		}
		sweep(base)
		if _, err := os.Stat(dir); (err != nil) != row.goes {
			t.Errorf("%s: gone %v, want %v", row.reason, err != nil, row.goes)
		}
	}
}
