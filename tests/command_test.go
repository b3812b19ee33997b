package tests

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The exit codes that scripts rely on, from the program itself.
func TestExitCodes(t *testing.T) {
	slow(t)
	for _, c := range []struct {
		reason string
		args   []string
		code   int
		want   string
	}{
		{"help", []string{"-h"}, 0, "lemma report"},
		{"no command", nil, 2, "which command?"},
		{"an unknown command", []string{"verfy"}, 2, `"verify"`},
		{"an unknown flag", []string{"verify", "-jsn"}, 2, `"-json"`},
		{"one claim", []string{"verify", "9.L2"}, 0, "9.L2"},
		{"an unknown backend", []string{"verify", "9", "-backend", "tensorflow"}, 2, "known are auto, xla, go"},
		{"a plugin that is not there", []string{"verify", "9", "-backend", "xla:/no/such/plugin.so"}, 2, "no such file"},
		{"errata", []string{"errata", "9"}, 0, "printed"},
		{"the library on a table", []string{"ntk", "classify", "-train", "@wine"}, 0, "accuracy"},
		{"bad data", []string{"ntk", "gram", "-train", "Makefile"}, 2, "Makefile"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			r := lemma(t, c.args...)
			if r.code != c.code || !strings.Contains(r.out+r.err, c.want) {
				t.Errorf("lemma %s: exit code %d, want %d and %q in\n%s%s", strings.Join(c.args, " "), r.code, c.code, c.want, r.out, r.err)
			}
		})
	}
}

// chapter9 is the form of `lemma verify -json`.
type chapter9 struct {
	Claims []struct {
		ID, Title, Verdict string
		Evidence           []struct {
			Name, Cause                 string
			Theory, Measured, Tolerance *float64
		}
		Tightness *float64
		Vacuous   *bool
		Power     []struct {
			Name     string
			Survived bool
		}
		Seconds float64
	}
	Missing []string
	Failed  *int
}

// Chapter 9 holds, its checks can fail, and neither depends on how many cores there are.
func TestVerifyChapter9(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	junit := filepath.Join(dir, "junit.xml")
	inv := invocation{timeout: 10 * time.Minute}
	first := inv.run(t, "verify", "9", "-json", "-power", "-junit", junit)
	var doc chapter9
	if err := json.Unmarshal([]byte(first.out), &doc); err != nil {
		t.Fatalf("exit code %d, %v\n%s%s", first.code, err, first.out, first.err)
	}
	if first.code != 0 || doc.Failed == nil || *doc.Failed != 0 {
		t.Errorf("exit code %d, failed %v", first.code, doc.Failed)
	}
	if len(doc.Claims) == 0 {
		t.Fatal("no claims")
	}
	for _, c := range doc.Claims {
		if c.Verdict == "fails" || c.Title == "" || len(c.Evidence) == 0 || c.Vacuous == nil {
			t.Errorf("%s: %+v", c.ID, c)
		}
		if len(c.Power) == 0 {
			t.Errorf("%s names no alternative", c.ID)
		}
		for _, p := range c.Power {
			if p.Survived {
				t.Errorf("%s: the alternative %q survives", c.ID, p.Name)
			}
		}
		for _, e := range c.Evidence {
			if e.Cause == "" || e.Tolerance == nil || e.Name == "" {
				t.Errorf("%s: a tolerance without a cause: %+v", c.ID, e)
			}
		}
	}
	raw, err := os.ReadFile(junit)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suite []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &suites); err != nil || len(suites.Suite) != 1 || suites.Suite[0].Tests != len(doc.Claims) || suites.Suite[0].Failures != 0 {
		t.Errorf("JUnit: %v, %+v", err, suites)
	}

	// What the first run found on all cores another finds on one.
	again := invocation{timeout: 15 * time.Minute, env: []string{"GOMAXPROCS=1"}}.run(t, "verify", "9", "-json")
	if got, want := comparable(t, again.out), comparable(t, first.out); got != want {
		t.Errorf("GOMAXPROCS=1 gives other numbers:\n%s", firstDifference(got, want))
	}
	old, now := filepath.Join(dir, "old.json"), filepath.Join(dir, "new.json")
	for path, text := range map[string]string{old: first.out, now: again.out} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if r := lemma(t, "diff", old, now); r.code != 0 || !strings.Contains(r.out, "the same") {
		t.Errorf("lemma diff of the two: exit code %d\n%s%s", r.code, r.out, r.err)
	}
}

// comparable is the JSON of a verification without what may differ: times, and alternatives, which
// only -power runs.
func comparable(t *testing.T, raw string) string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range doc["claims"].([]any) {
		delete(c.(map[string]any), "seconds")
		delete(c.(map[string]any), "power")
	}
	out, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// firstDifference shows the first lines in which two texts differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer than the other"
}

// GoMLX's own backend and simd give the same quantities.
func TestBackendsAgree(t *testing.T) {
	slow(t)
	r := invocation{timeout: 10 * time.Minute}.run(t, "verify", "9.A2", "9.L1", "9.R4", "-backend", "go,simd", "-agree", "-json")
	var doc struct {
		Quantities []struct{ ID string }
		Differ     int
	}
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil || r.code != 0 || doc.Differ != 0 || len(doc.Quantities) == 0 {
		t.Errorf("exit code %d, %v, %d of %d quantities differ\n%s", r.code, err, doc.Differ, len(doc.Quantities), r.err)
	}
}

// Ctrl-C ends a verification soon, with the exit code of an interruption and with what was checked.
func TestInterrupt(t *testing.T) {
	slow(t)
	var out, errs bytes.Buffer
	cmd := exec.Command(lemmaPath(t), "verify", "9", "-power", "-j", "1")
	cmd.Dir = ".."
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		t.Skipf("it ended before it could be interrupted: %v", err)
	case <-time.After(2 * time.Second):
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Skip("it ended before it could be interrupted:", err)
	}
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		cmd.Process.Kill()
		t.Fatal("still running 30 s after Ctrl-C")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, &errs)
	}
	if !strings.Contains(errs.String(), "interrupted") || !strings.Contains(out.String(), "verdict") {
		t.Errorf("no word of the interruption, or no table:\n%s%s", &out, &errs)
	}
}

// Without a network nothing hangs, and what needs one says so.
func TestOffline(t *testing.T) {
	slow(t)
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, ".cache"), "GOPROXY=off", "PJRT_PLUGIN_LIBRARY_PATH=" + home,
		"HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9"}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"doctor"}, 0, "lemma doctor -install xla"},
		{[]string{"verify", "9.L2", "-backend", "xla"}, 2, "no PJRT plugin on this machine"},
		{[]string{"ntk", "spectrum", "-train", "@iris"}, 0, "eigenvalue"},
	} {
		r := invocation{env: env, timeout: 2 * time.Minute}.run(t, c.args...)
		if c.args[0] == "verify" && r.code == 0 {
			continue // no claim of this row needs a backend
		}
		if r.code != c.code || !strings.Contains(r.out+r.err, c.want) {
			t.Errorf("lemma %s: exit code %d, want %d and %q in\n%s%s", strings.Join(c.args, " "), r.code, c.code, c.want, r.out, r.err)
		}
	}
	r := invocation{env: env, timeout: 2 * time.Minute}.run(t, "doctor", "-install", "cpu", "-timeout", "5s")
	if r.code == 0 {
		t.Errorf("a plugin was installed without a network:\n%s", r.out)
	}
}
