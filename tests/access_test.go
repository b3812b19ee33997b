package tests

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The accessibility checker, axe-core, and the sum of its axe.min.js. `make deps` fetches it with npm;
// so does the first test that needs it.
const (
	axeVersion = "4.14.1"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

// errNoAxe is that axe-core cannot be had here, which is no fault of what is tested.
var errNoAxe = errors.New("axe-core cannot be fetched")

// needAxe returns axe-core. Without it a test is skipped; one that has a wrong sum is a failure.
func needAxe(t *testing.T) string {
	t.Helper()
	script, err := axeScript()
	if errors.Is(err, errNoAxe) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return script
}

var axeScript = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "lemma", "tests", "axe-core-"+axeVersion+".min.js")
	if raw, err := os.ReadFile(path); err == nil && sum(raw) == axeSum {
		return string(raw), nil
	}
	raw, err := fetchAxe()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoAxe, err)
	}
	if got := sum(raw); got != axeSum {
		return "", fmt.Errorf("axe.min.js of axe-core %s has the sum %s, want %s", axeVersion, got, axeSum)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	temp := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(temp, raw, 0o644); err != nil {
		return "", err
	}
	return string(raw), os.Rename(temp, path)
})

func sum(raw []byte) string {
	s := sha256.Sum256(raw)
	return hex.EncodeToString(s[:])
}

// fetchAxe has npm download the package, from the registry that npm is set up for, and takes the
// script out of it. Nothing of the package is run.
func fetchAxe() ([]byte, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return nil, errors.New("no npm on the PATH; make deps installs it")
	}
	dir, err := os.MkdirTemp("", "lemma-axe-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "axe-core@"+axeVersion)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return nil, fmt.Errorf("npm pack axe-core@%s: %w: %s", axeVersion, err, lines[0])
	}
	f, err := os.Open(filepath.Join(dir, "axe-core-"+axeVersion+".tgz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("axe.min.js in the package: %w", err)
		}
		if h.Name == "package/axe.min.js" {
			return io.ReadAll(io.LimitReader(r, 8<<20))
		}
	}
}

// axeFinding is one rule that a page breaks.
type axeFinding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML    string
		Target  []any
		Summary string `json:"failureSummary"`
	}
}

// axe has axe-core look at a page, in the light and in the dark: it must find nothing serious or
// critical.
func (b *browser) axe(t *testing.T, path string) {
	t.Helper()
	t.Run("axe-core", func(t *testing.T) { // by itself, so that the rest counts where it is skipped
		script := needAxe(t)
		defer b.through(t, looks[0])
		for _, l := range []look{looks[0], looks[3]} {
			b.through(t, l)
			b.open(t, path)
			b.do(t, chromedp.Evaluate[chromedp.Void](script+";undefined"))
			raw := get(t, b, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
			var found []axeFinding
			if err := json.Unmarshal([]byte(raw), &found); err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Impact != "serious" && f.Impact != "critical" {
					t.Logf("%s, %s: %s (%s): %s, %d times", filepath.Base(path), l.name, f.ID, f.Impact, f.Help, len(f.Nodes))
					continue
				}
				first := f.Nodes[0]
				t.Errorf("%s, %s: %s (%s): %s, %d times, first %v\n%.300s\n%s", filepath.Base(path), l.name, f.ID, f.Impact, f.Help, len(f.Nodes), first.Target, first.HTML, first.Summary)
			}
		}
	})
}

// axe-core is seen to find what is wrong, or the tests above prove nothing.
func TestAxeNotices(t *testing.T) {
	b := newBrowser(t)
	script := needAxe(t)
	page := filepath.Join(t.TempDir(), "bad.html")
	text := `<!doctype html><title>bad</title><body><main><h1>bad</h1><img src="data:,"><input><p style="color:#aaa;background:#fff">pale</p></main>`
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	b.open(t, page)
	b.do(t, chromedp.Evaluate[chromedp.Void](script+";undefined"))
	got := get(t, b, chromedp.Evaluate[string](`axe.run().then(r => r.violations.map(v => v.id + " " + v.impact).join(", "))`, chromedp.EvalAwaitPromise))
	for _, want := range []string{"image-alt critical", "label critical", "color-contrast serious", "html-has-lang serious"} {
		if !strings.Contains(got, want) {
			t.Errorf("axe-core did not find %s, only %s", want, got)
		}
	}
}
