package kernel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/wire"
)

// A front end writes a connection file, starts Serve, runs a cell and shuts the kernel down.
func TestKernelServe(t *testing.T) {
	tools := tools(t)
	front := &Kernel{
		ID: wire.NewID(), Session: wire.NewID(), cfg: Config{StartTimeout: 30 * time.Second}, log: &tail{most: 1 << 10},
		key: []byte("key"), events: make(chan Event, 256), died: make(chan struct{}), reaped: make(chan struct{}),
	}
	var err error
	if front.dir, err = privateDir(); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(front.dir)
	file, err := front.connectionFile()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		served <- Serve(ctx, Config{Tools: tools, GOPROXY: "off"}, file, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module prepared\n\ngo 1.25\n"), 0o600)
		})
	}()
	life, stop := context.WithCancel(context.Background())
	if err := front.connect(life); err != nil {
		t.Fatal(err)
	}
	if err := front.handshake(ctx); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if _, err := front.Execute(ctx, "!*head -n 1 go.mod", text(&out)); err != nil || out.String() != "module prepared\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	if _, err := front.Request(Control, "shutdown_request", map[string]any{"restart": false}); err != nil {
		t.Error(err)
	}
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("after a shutdown: %v", err)
		}
	case <-ctx.Done():
		t.Error("Serve did not return after a shutdown")
	}
	stop()
	front.conn.close()
	front.readers.Wait()
}

func TestServeErrors(t *testing.T) {
	ctx := context.Background()
	if err := Serve(ctx, Config{}, "x", nil); err == nil || !strings.Contains(err.Error(), "Tools is nil") {
		t.Errorf("got %v", err)
	}
	if err := Serve(ctx, Config{Tools: program(t, "")}, "/nonexistent/kernel-1.json", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "kernel-1.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var died *DiedError
	if err := Serve(ctx, Config{Tools: program(t, "exit 3")}, file, nil); !errors.As(err, &died) || died.Reason != "exit status 3" {
		t.Errorf("got %v", err)
	}
	quick, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := Serve(quick, Config{Tools: program(t, "sleep 100")}, file, func(string) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
