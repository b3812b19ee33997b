package kernel

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBuild(t *testing.T) {
	first := tools(t)
	second, err := Build(context.Background(), BuildConfig{ModuleDir: "../..", Progress: func(s string) { t.Errorf("built again: %s", s) }})
	if err != nil || *second != *first {
		t.Errorf("got %+v, %v; want %+v", second, err, first)
	}
	if !strings.HasPrefix(first.GonbVersion, "v0.") || !strings.HasPrefix(first.GoVersion, "go1.") {
		t.Errorf("versions %q and %q", first.GonbVersion, first.GoVersion)
	}
}

func TestBuildErrors(t *testing.T) {
	write := func(text string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	rows := []struct{ reason, dir, want string }{
		{"no module", t.TempDir(), "go.mod: no such file"},
		{"no requirement", write("module x\n\ngo 1.25\n"), "does not require github.com/janpfeifer/gonb and golang.org/x/tools; add them with: go get -tool"},
		{"not a go.mod", write("require ("), "go.mod:1"},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			_, err := Build(context.Background(), BuildConfig{ModuleDir: row.dir, CacheDir: t.TempDir()})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

// A build that fails leaves no half-made folder and says what the go command said.
func TestBuildFails(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	mod := "module x\n\ngo 1.25\n\nrequire (\n\tgithub.com/janpfeifer/gonb v0.0.0-nosuch\n\tgolang.org/x/tools v0.0.0-nosuch\n)\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	_, err := Build(context.Background(), BuildConfig{ModuleDir: dir, CacheDir: cache})
	if err == nil || !strings.Contains(err.Error(), "nosuch") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(cache); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// However many packages the go command names, a build says little, and nothing twice.
func TestBuildProgress(t *testing.T) {
	var said []string
	now := time.Unix(0, 0)
	count := newPackageCount(func(s string) { said = append(said, s) }, func() time.Time { return now })
	for range 300 {
		now = now.Add(40 * time.Millisecond)
		count.add()
	}
	if want := []string{"compiling gonb: 125 packages", "compiling gonb: 250 packages"}; !slices.Equal(said, want) {
		t.Errorf("in 12 s said %q, want %q", said, want)
	}
}

// A build with a go command that names packages and complains: the names are not passed on, the
// complaint is in the error.
func TestBuildTellsNoPackageNames(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\nif [ \"$1\" = env ]; then echo go1.99; exit; fi\nfor p in a b/c d; do echo $p >&2; done\necho 'it is too late' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var said []string
	_, err := Build(context.Background(), BuildConfig{ModuleDir: "../..", CacheDir: t.TempDir(), Progress: func(s string) { said = append(said, s) }})
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 1\nit is too late\n") {
		t.Errorf("got %v, want what the go command said without the packages", err)
	}
	if len(said) != 1 || !strings.HasPrefix(said[0], "building the Go kernel (gonb v0.") {
		t.Errorf("said %q, want one line", said)
	}
}

func TestEnvironment(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"gopls", "other"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	tools := &Tools{Gonb: "/tools/gonb", Goimports: "/tools/goimports", Go: "/go/bin/go"}
	rows := []struct {
		reason string
		cfg    Config
		want   []string
	}{
		{"defaults", Config{}, []string{"GOWORK=off", "GOFLAGS=-mod=mod -buildvcs=false -ldflags=-w", "CGO_ENABLED=0", "GOPROXY=user"}},
		{"offline, with cgo", Config{GOPROXY: "off", CGO: true}, []string{"GOPROXY=off", "CGO_ENABLED=1"}},
		{"a workspace of its own", Config{Workspace: true}, []string{"GOWORK=", "GOFLAGS=-buildvcs=false -ldflags=-w"}},
		{"what is given counts last", Config{ExtraEnv: []string{"GOPROXY=last", "NEW=1"}}, []string{"GOPROXY=last", "NEW=1"}},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			dir := t.TempDir()
			row.cfg.Tools = tools
			row.cfg.Env = []string{"PATH=" + bin + ":/usr/bin:" + bin, "GOFLAGS=-mod=vendor -buildvcs=false", "GOWORK=/somewhere", "GOPROXY=user", "TMPDIR=/tmp"}
			env, err := environment(row.cfg, "id", dir)
			if err != nil {
				t.Fatal(err)
			}
			path := "PATH=/tools:/go/bin:" + filepath.Join(dir, "bin", "2") + ":/usr/bin"
			for _, want := range append(row.want, path, "TMPDIR="+filepath.Join(dir, "tmp"), marker+"=id") {
				if !slices.Contains(env, want) {
					t.Errorf("no %q in %q", want, env)
				}
			}
			names, _ := os.ReadDir(filepath.Join(dir, "bin", "2"))
			if len(names) != 1 || names[0].Name() != "other" {
				t.Errorf("in place of the folder with gopls: %v", names)
			}
		})
	}
}

func TestInstallSpec(t *testing.T) {
	dir := t.TempDir()
	tools := &Tools{Gonb: "/tools/gonb", Goimports: "/tools/goimports", Go: "/go/bin/go", GonbVersion: "v0.11.3"}
	for range 2 { // again over itself
		path, err := InstallSpec(dir, "gonb", KernelSpec(tools))
		if err != nil {
			t.Fatal(err)
		}
		if path != filepath.Join(dir, "kernels", "gonb", "kernel.json") {
			t.Errorf("path %q", path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var spec Spec
		if err := json.Unmarshal(data, &spec); err != nil {
			t.Fatal(err)
		}
		if spec.InterruptMode != "message" || spec.Argv[0] != "/tools/gonb" || spec.Argv[2] != "{connection_file}" || !strings.HasPrefix(spec.Env["PATH"], "/tools:") {
			t.Errorf("got %+v", spec)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "kernels", "gonb")); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}
