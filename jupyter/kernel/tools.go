package kernel

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// The programs that make a kernel, as import paths of main packages. go.mod names them as tools.
const (
	gonbPath      = "github.com/janpfeifer/gonb"
	goimportsPath = "golang.org/x/tools/cmd/goimports"
	toolsModule   = "golang.org/x/tools"
)

// Tools are the programs that make a kernel.
type Tools struct {
	Gonb        string // path of the gonb program
	Goimports   string // path of the goimports program
	GonbVersion string // such as "v0.11.3"
	GoVersion   string // of the go command that built them, such as "go1.26.0"
	Go          string // path of the go command
}

// BuildConfig says from where and to where Build builds.
type BuildConfig struct {
	// ModuleDir is the folder of a module whose go.mod requires gonb and goimports at the
	// wanted versions: a checkout of Lemma, or its folder in the module cache.
	ModuleDir string

	// CacheDir receives one folder for each combination of versions; "" means
	// lemma/tools in the user's cache folder.
	CacheDir string

	// Progress, if set, is called with a short line of text when a build starts, and then every
	// few seconds with how many packages have been compiled: "compiling gonb: 120 packages". It is
	// not called where the tools are there already.
	Progress func(string)
}

// Build returns gonb and goimports at the versions of ModuleDir's go.mod. It compiles them with
// the go command at the first call for a combination of versions (about 25 s on two cores with
// an empty build cache) and finds them afterwards (milliseconds). The folder appears at once when
// both are complete; two processes that build at the same time do not disturb each other.
func Build(ctx context.Context, cfg BuildConfig) (*Tools, error) {
	t, built, err := Lookup(ctx, cfg)
	if err != nil || built {
		return t, err
	}
	if err := build(ctx, cfg, t, filepath.Dir(t.Gonb)); err != nil {
		return nil, fmt.Errorf("kernel.Build: %w", err)
	}
	return t, nil
}

// Lookup says where Build finds or puts the tools, and whether they are there. It builds
// nothing.
func Lookup(ctx context.Context, cfg BuildConfig) (t *Tools, built bool, err error) {
	fail := func(err error) (*Tools, bool, error) { return nil, false, fmt.Errorf("kernel.Build: %w", err) }
	t, replaced, err := versions(cfg.ModuleDir)
	if err != nil {
		return fail(err)
	}
	if t.Go, err = FindGo(); err != nil {
		return fail(err)
	}
	if t.GoVersion, err = goVersion(ctx, t.Go, cfg.ModuleDir); err != nil {
		return fail(err)
	}
	cache := cfg.CacheDir
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return fail(fmt.Errorf("no cache folder (set HOME or XDG_CACHE_HOME): %w", err))
		}
		cache = filepath.Join(user, "lemma", "tools")
	}
	dir := filepath.Join(cache, strings.Join([]string{"gonb-" + t.GonbVersion, "tools-" + replaced.tools, t.GoVersion, runtime.GOOS, runtime.GOARCH}, "_"))
	t.Gonb, t.Goimports = filepath.Join(dir, exe("gonb")), filepath.Join(dir, exe("goimports"))
	return t, !replaced.local && executable(t.Gonb) && executable(t.Goimports), nil
}

type toolVersions struct {
	tools string
	local bool // gonb comes from a folder: its version says nothing about its source
}

// versions reads the versions of the tools from go.mod.
func versions(moduleDir string) (*Tools, toolVersions, error) {
	var v toolVersions
	name := filepath.Join(moduleDir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, v, fmt.Errorf("the versions of the kernel: %w", err)
	}
	f, err := modfile.ParseLax(name, data, nil)
	if err != nil {
		return nil, v, err
	}
	t := &Tools{}
	for _, r := range f.Require {
		switch r.Mod.Path {
		case gonbPath:
			t.GonbVersion = r.Mod.Version
		case toolsModule:
			v.tools = r.Mod.Version
		}
	}
	if t.GonbVersion == "" || v.tools == "" {
		return nil, v, fmt.Errorf("%s does not require %s and %s; add them with: go get -tool %s %s", name, gonbPath, toolsModule, gonbPath, goimportsPath)
	}
	for _, r := range f.Replace {
		if (r.Old.Path == gonbPath || r.Old.Path == toolsModule) && r.New.Version == "" {
			v.local = true
		}
	}
	return t, v, nil
}

// FindGo returns the path of the go command: on PATH, or where the running program's toolchain
// lay.
func FindGo() (string, error) {
	if path, err := exec.LookPath("go"); err == nil {
		return filepath.Abs(path)
	}
	// A program built with -trimpath does not know where its toolchain lay.
	if path := filepath.Join(runtime.GOROOT(), "bin", exe("go")); filepath.IsAbs(path) && executable(path) {
		return path, nil
	}
	return "", errors.New("the go command is not on PATH; install Go from https://go.dev/dl")
}

func goVersion(ctx context.Context, goCmd, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, goCmd, "env", "GOVERSION")
	cmd.Dir = dir // a toolchain line in go.mod counts
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go env GOVERSION: %w", withStderr(err))
	}
	return strings.TrimSpace(string(out)), nil
}

func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}

func build(ctx context.Context, cfg BuildConfig, t *Tools, dir string) error {
	report := cfg.Progress
	if report == nil {
		report = func(string) {}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".building-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	report(fmt.Sprintf("building the Go kernel (gonb %s with %s), once", t.GonbVersion, t.GoVersion))

	cmd := exec.CommandContext(ctx, t.Go, "build", "-v", "-trimpath", "-o", tmp+string(filepath.Separator), gonbPath, goimportsPath)
	cmd.Dir = cfg.ModuleDir
	// Without cgo no C compiler is needed; without a workspace the versions are go.mod's.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "PWD="+cfg.ModuleDir)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var tail bytes.Buffer // what is not a package name explains a failure
	lines := bufio.NewScanner(stderr)
	count := newPackageCount(report, time.Now)
	for lines.Scan() {
		line := lines.Text()
		if !strings.ContainsAny(line, " :") {
			count.add()
			continue
		}
		fmt.Fprintln(&tail, line)
	}
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("go build %s %s in %s: %w\n%s", gonbPath, goimportsPath, cfg.ModuleDir, err, tail.String())
	}
	// A folder cannot be renamed onto one that is not empty: an older one goes first. Another
	// process may put its own there in between, which is as good.
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil && !(executable(t.Gonb) && executable(t.Goimports)) {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// sayEvery is how often a build says how far it is.
const sayEvery = 5 * time.Second

// packageCount counts the packages that the go command names as it compiles them.
type packageCount struct {
	report func(string)
	now    func() time.Time
	said   time.Time
	n      int
}

func newPackageCount(report func(string), now func() time.Time) *packageCount {
	return &packageCount{report: report, now: now, said: now()}
}

func (c *packageCount) add() {
	c.n++
	if t := c.now(); t.Sub(c.said) >= sayEvery {
		c.said = t
		c.report(fmt.Sprintf("compiling gonb: %d packages", c.n))
	}
}

func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func executable(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && (runtime.GOOS == "windows" || st.Mode()&0o111 != 0)
}
