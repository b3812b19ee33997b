package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/kernel"
)

func TestLabRefuses(t *testing.T) {
	t.Setenv("JUPYTER_TOKEN", "short")
	text := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(text, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"two folders", []string{".", ".."}, "want one folder or notebook"},
		{"an unknown front end", []string{"-with", "vscode"}, "want lab or notebook"},
		{"no such port", []string{"-port", "70000"}, "1 to 65535"},
		{"a name for an address", []string{"-ip", "example.com"}, "want an address"},
		{"a short token on a network", []string{"-ip", "0.0.0.0"}, "want at least 16"},
		{"no such folder", []string{"/no/such/folder"}, "no such file"},
		{"what is no notebook", []string{text}, "neither a folder nor a notebook"},
		{"the kernel without its file", nil, "connection file"},
	} {
		name := "lab"
		if c.args == nil {
			name = "kernel"
		}
		out, errs, code := lemma(t, "", append([]string{name}, c.args...)...)
		if code != 2 || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit code %d, want 2 and %q in %s%s", c.reason, code, c.want, errs, out)
		}
	}
}

func TestLabWithoutJupyter(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, errs, code := lemma(t, "", "lab", t.TempDir())
	if code != 2 || !strings.Contains(errs, "no Jupyter on the PATH") || !strings.Contains(errs, "jupyter-notebook") || !strings.Contains(errs, "pip install") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	fake(t, "jupyter-notebook", "echo 'No module named notebook' >&2; exit 1")
	if _, errs, _ := lemma(t, "", "lab", t.TempDir()); !strings.Contains(errs, "does not work") || !strings.Contains(errs, "No module named notebook") {
		t.Errorf("a Jupyter that is broken: %s", errs)
	}
}

// Who asks for JupyterLab is told the package that has it, and what there is instead.
func TestLabWithoutJupyterLab(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, errs, code := lemma(t, "", "lab", "-with", "lab", t.TempDir()); code != 2 || !strings.Contains(errs, "pip install jupyterlab") || strings.Contains(errs, "-with notebook") {
		t.Errorf("without any: exit code %d, %s", code, errs)
	}
	fake(t, "jupyter-notebook", "echo 6.4.12")
	if _, err := exec.LookPath("jupyter-lab"); err == nil {
		t.Skip("JupyterLab is installed for all")
	}
	if _, errs, code := lemma(t, "", "lab", "-with", "lab", t.TempDir()); code != 2 || !strings.Contains(errs, "-with notebook") {
		t.Errorf("beside a notebook: exit code %d, %s", code, errs)
	}
}

// What is wrong with a connection file is told before anything is built.
func TestKernelRefusesItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.json")
	const ok = `{"transport": "tcp", "ip": "127.0.0.1", "key": "k", "signature_scheme": "hmac-sha256", "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5}`
	for _, c := range []struct{ reason, text, want string }{
		{"what is no JSON", "# text", "not a JSON object"},
		{"a list", "[1]", "not a JSON object (array"},
		{"nothing in it", "{}", "transport is not there"},
		{"no ports", ok[:strings.Index(ok, `, "shell_port"`)] + "}", "shell_port is not there"},
		{"a port that is none", strings.Replace(ok, "5}", "70000}", 1), "hb_port is 70000, want 1 to 65535"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, errs, code := lemma(t, "", "kernel", path); code != 2 || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit code %d, want 2 and %q in %s", c.reason, code, c.want, errs)
		}
	}
	if _, errs, code := lemma(t, "", "kernel", path+".not"); code != 2 || !strings.Contains(errs, "no such file") {
		t.Errorf("a file that is not there: exit code %d, %s", code, errs)
	}
	if err := os.WriteFile(path, []byte(ok), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkConnection(path); err != nil {
		t.Error(err)
	}
}

func TestLabPortTaken(t *testing.T) {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	port := fmt.Sprint(at.Addr().(*net.TCPAddr).Port)
	if _, errs, code := lemma(t, "", "lab", "-port", port, t.TempDir()); code != 2 || !strings.Contains(errs, "-port "+port+": it is taken") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestLabToken(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token, err := (&lab{ip: "127.0.0.1"}).check(nil)
		if err != nil || len(token) < minToken || seen[token] {
			t.Fatalf("token %q, %v", token, err)
		}
		seen[token] = true
	}
	t.Setenv("JUPYTER_TOKEN", "0123456789abcdef")
	if token, err := (&lab{ip: "0.0.0.0"}).check(nil); err != nil || token != "0123456789abcdef" {
		t.Errorf("the token of the environment: %q, %v", token, err)
	}
	for ip, want := range map[string]bool{"127.0.0.1": true, "127.8.8.8": true, "::1": true, "localhost": true, "0.0.0.0": false, "::": false, "10.0.0.1": false} {
		if loopback(ip) != want {
			t.Errorf("loopback(%s) = %t", ip, !want)
		}
	}
}

// -copy never writes over a person's work.
func TestLabCopies(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	for _, name := range []string{"1.ipynb", "2.ipynb", "other.txt"} {
		if err := os.WriteFile(filepath.Join(from, name), []byte("original "+name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := lab{copy: to}
	var said strings.Builder
	if root, file, err := l.place(terminal{Err: &said}, []string{filepath.Join(from, "1.ipynb")}); err != nil || root != to || file != "1.ipynb" {
		t.Fatalf("place gives %s, %s, %v", root, file, err)
	}
	if err := os.WriteFile(filepath.Join(to, "1.ipynb"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, file, err := l.place(terminal{Err: &said}, []string{from}); err != nil || file != "" {
		t.Fatal(file, err)
	}
	if got := said.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "kept ") || !strings.Contains(got, "1.ipynb, which differs from") {
		t.Errorf("of a kept copy it says %q", got)
	}
	if _, _, err := l.place(terminal{Err: &said}, []string{filepath.Join(from, "2.ipynb")}); err != nil || strings.Contains(said.String(), "2.ipynb") {
		t.Errorf("of a copy that is the same it says %q, %v", said.String(), err)
	}
	for name, want := range map[string]string{"1.ipynb": "mine", "2.ipynb": "original 2.ipynb"} {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "other.txt")); err == nil {
		t.Error("a file that is no notebook was copied")
	}
}

// Each generation of Jupyter has its own names for the same settings and pages.
func TestLabSpeaksToEachJupyter(t *testing.T) {
	for _, c := range []struct {
		j                                jupyterProgram
		class, folder, page, config, key string
	}{
		{jupyterProgram{"notebook", "", "6.4.12"}, "NotebookApp", "notebook_dir", "notebooks/a%20b.ipynb", "jupyter_notebook_config.json", "NotebookApp"},
		{jupyterProgram{"notebook", "", "7.2.2"}, "ServerApp", "root_dir", "notebooks/a%20b.ipynb", "jupyter_server_config.json", "IdentityProvider"},
		{jupyterProgram{"lab", "", "3.6.8"}, "ServerApp", "root_dir", "lab/tree/a%20b.ipynb", "jupyter_server_config.json", "ServerApp"},
		{jupyterProgram{"lab", "", "4.4.1"}, "ServerApp", "root_dir", "lab/tree/a%20b.ipynb", "jupyter_server_config.json", "IdentityProvider"},
	} {
		s := server{jupyter: &c.j, private: t.TempDir(), root: "/r", file: "a b.ipynb", ip: "127.0.0.1", port: 9000, token: "secret-secret-secret", noBrowser: true}
		args := s.args()
		for _, want := range []string{"--" + c.class + "." + c.folder + "=/r", "--" + c.class + ".port=9000", "--" + c.class + ".port_retries=0", "--" + c.class + ".open_browser=False", "/r/a b.ipynb"} {
			if !slices.Contains(args, want) {
				t.Errorf("%v: no %s among %q", &c.j, want, args)
			}
		}
		if strings.Contains(strings.Join(args, " "), "secret") {
			t.Errorf("%v: the token is on the command line", &c.j)
		}
		if got := c.j.page(s.file); got != c.page {
			t.Errorf("%v shows a notebook at %s, want %s", &c.j, got, c.page)
		}
		if err := s.settings(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(s.private, c.config)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]map[string]string
		if err := json.Unmarshal(raw, &doc); err != nil || doc[c.key]["token"] != s.token {
			t.Errorf("%v: settings %s, %v", &c.j, raw, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %v", path, info.Mode())
		}
	}
}

// fake puts a shell script in front of the PATH.
func fake(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/usr/bin"+string(os.PathListSeparator)+"/bin")
}

// A Jupyter that says what it serves, as a real one does, and ends when it is told to.
const obedient = `case "$1" in --version) echo 4.4.1; exit;; esac
trap 'echo bye; exit 0' TERM
echo "{\"url\": \"http://0.0.0.0:8890/\", \"port\": 8890, \"base_url\": \"/\", \"token\": \"$(cat "$JUPYTER_TOKEN_FILE")\"}" > "$JUPYTER_RUNTIME_DIR/jpserver-1.json"
while :; do sleep 0.05; done`

func TestLabServer(t *testing.T) {
	begin := func(t *testing.T, ctx context.Context) (*server, error) {
		j, err := findJupyter(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		s := &server{jupyter: j, private: t.TempDir(), root: t.TempDir(), ip: "0.0.0.0", token: "a-token-that-is-long"}
		return s, s.start(ctx)
	}
	t.Run("says its address and ends in order", func(t *testing.T) {
		fake(t, "jupyter-lab", obedient)
		ctx, cancel := context.WithCancel(context.Background())
		s, err := begin(t, ctx)
		if err != nil {
			t.Fatal(err)
		}
		if want := "http://127.0.0.1:8890/lab?token=a-token-that-is-long"; s.address != want {
			t.Errorf("address %s, want %s", s.address, want)
		}
		cancel()
		ended := make(chan error, 1)
		go func() { ended <- s.wait() }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Fatal("it goes on after its context")
		}
		if !strings.Contains(s.said.String(), "bye") {
			t.Errorf("it was not asked to end; it said %q", s.said.String())
		}
	})
	t.Run("does not take the token", func(t *testing.T) {
		fake(t, "jupyter-lab", strings.Replace(obedient, `$(cat "$JUPYTER_TOKEN_FILE")`, "", 1))
		if _, err := begin(t, context.Background()); err == nil || !strings.Contains(err.Error(), "does not take its token") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("does not take the token, nor end when it is asked to", func(t *testing.T) {
		fake(t, "jupyter-lab", strings.Replace(strings.Replace(obedient, `$(cat "$JUPYTER_TOKEN_FILE")`, "", 1), "echo bye; exit 0", "", 1))
		j, err := findJupyter(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		s := &server{jupyter: j, private: t.TempDir(), root: t.TempDir(), ip: "0.0.0.0", token: "a-token-that-is-long", grace: 300 * time.Millisecond}
		started := make(chan error, 1)
		go func() { started <- s.start(context.Background()) }()
		select {
		case err := <-started:
			if err == nil || !strings.Contains(err.Error(), "does not take its token") {
				t.Errorf("got %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("it waits for a Jupyter that does not listen")
		}
	})
	t.Run("cannot start", func(t *testing.T) {
		fake(t, "jupyter-lab", `case "$1" in --version) echo 4.4.1; exit;; esac
echo "port 8888 is in use" >&2; exit 1`)
		if _, err := begin(t, context.Background()); err == nil || !strings.Contains(err.Error(), "exit status 1\nport 8888 is in use") {
			t.Errorf("got %v", err)
		}
	})
}

// The address holds the token whatever its letters are.
func TestLabAddress(t *testing.T) {
	if got, want := withToken("http://h/lab?a=b", "a&b=#c+d %"), "http://h/lab?a=b&token=a%26b%3D%23c%2Bd+%25"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The kernelspec names this program, and its folder holds what Jupyter looks for.
func TestLabRegistersItsKernel(t *testing.T) {
	dir := t.TempDir()
	if err := registerKernel(dir, "/module", &kernel.Tools{Gonb: "/t/gonb", Goimports: "/t/goimports", Go: "/g/go"}, true); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "kernels", "gonb", "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec kernel.Spec
	if err := json.Unmarshal(raw, &spec); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint([]string{self, "kernel", "-module", "/module", "-offline", "{connection_file}"})
	if fmt.Sprint(spec.Argv) != want || spec.InterruptMode != "message" || spec.Language != "go" || spec.Env == nil {
		t.Errorf("kernelspec %s, want the program %s", raw, want)
	}
}

// A terminal that is closed ends Jupyter, and takes the token with it.
func TestLabEndsWithItsTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	if runtime.GOOS == "windows" {
		t.Skip("no SIGHUP")
	}
	program, tmp, pid := filepath.Join(t.TempDir(), "lemma"), t.TempDir(), filepath.Join(t.TempDir(), "pid")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	fake(t, "jupyter-lab", strings.Replace(obedient, "trap ", "echo $$ > "+pid+"\ntrap ", 1))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "lab", "-no-browser", t.TempDir())
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "PATH="+os.Getenv("PATH")+string(os.PathListSeparator)+filepath.Dir(goTool))
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n') // the address: it is ready
	private, _ := filepath.Glob(filepath.Join(tmp, "lemma-lab-*"))
	for range 3 { // the system's, the shell's
		cmd.Process.Signal(syscall.SIGHUP)
		time.Sleep(20 * time.Millisecond)
	}
	err = cmd.Wait()
	if !strings.Contains(line, "token=") || len(private) != 1 {
		t.Fatalf("it did not start: %q, %v, %v\n%s", line, private, err, errs.String())
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "lemma-lab-*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v\n%s", left, err, errs.String())
	}
	raw, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	if exec.Command("kill", "-0", strings.TrimSpace(string(raw))).Run() == nil {
		t.Error("Jupyter goes on")
	}
}
