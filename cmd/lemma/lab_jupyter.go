package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// jupyterProgram is an installed front end.
type jupyterProgram struct {
	kind    string // "lab" or "notebook"
	path    string
	version string // such as "4.2.5"
}

func (j *jupyterProgram) String() string {
	if j.kind == "lab" {
		return "JupyterLab " + j.version
	}
	return "Jupyter Notebook " + j.version
}

// major is the first number of the version, 0 if it has none.
func (j *jupyterProgram) major() int {
	n, _ := strconv.Atoi(strings.SplitN(j.version, ".", 2)[0])
	return n
}

// class is the name under which the program takes its settings: Jupyter Notebook up to version 6 and
// JupyterLab up to version 2 are their own servers.
func (j *jupyterProgram) class() string {
	if j.kind == "notebook" && j.major() < 7 || j.kind == "lab" && j.major() < 3 {
		return "NotebookApp"
	}
	return "ServerApp"
}

// page is where the program shows a folder ("") or a notebook of it.
func (j *jupyterProgram) page(file string) string {
	name := url.PathEscape(file)
	switch {
	case j.kind == "lab" && file != "":
		return "lab/tree/" + name
	case j.kind == "lab":
		return "lab"
	case file != "":
		return "notebooks/" + name
	}
	return "tree"
}

// findJupyter returns the front end of the kind asked for, or the first that works.
func findJupyter(ctx context.Context, kind string) (*jupyterProgram, error) {
	kinds := []string{"lab", "notebook"}
	if kind != "" {
		kinds = []string{kind}
	}
	var broken []string
	for _, k := range kinds {
		path, err := exec.LookPath("jupyter-" + k)
		if err != nil {
			continue
		}
		ask, cancel := context.WithTimeout(ctx, 30*time.Second) // Python's first start after an update compiles
		cmd := exec.CommandContext(ask, path, "--version")
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		cancel()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		version := strings.TrimSpace(string(out))
		if err != nil || version == "" {
			broken = append(broken, fmt.Sprintf("%s --version: %v", path, errors.Join(err, stderrOf(err))))
			continue
		}
		return &jupyterProgram{k, path, version}, nil
	}
	what := "Jupyter"
	if kind != "" {
		what = "jupyter-" + kind
	}
	msg := "no " + what + " on the PATH"
	if len(broken) > 0 {
		msg = what + " does not work: " + strings.Join(broken, "; ")
	}
	get := apt("jupyter-notebook") + ", or pip install jupyterlab"
	switch kind {
	case "lab":
		get = "pip install jupyterlab" // Debian and Ubuntu have no package of it
		if _, err := exec.LookPath("jupyter-notebook"); err == nil {
			get += "; or take the Jupyter Notebook that is installed: -with notebook"
		}
	case "notebook":
		get = apt("jupyter-notebook") + ", or pip install notebook"
	}
	return nil, badUsage("%s; get it: %s. The notebooks run without it too: lemma run, lemma report", msg, get)
}

// stderrOf is what a program that failed said last.
func stderrOf(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
		return errors.New(lines[len(lines)-1])
	}
	return nil
}

// newToken draws a token that nobody guesses: 192 bits of the system's.
func newToken() (string, error) {
	b := make([]byte, 24)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// server is a running Jupyter.
type server struct {
	jupyter    *jupyterProgram
	private    string // folder for its settings, kernelspec and runtime files
	root, file string // what it serves and opens
	ip         string
	port       int // 0 means any
	token      string
	noBrowser  bool
	grace      time.Duration // from asking it to end to ending it; 0 means 15 s, since its kernels have 5
	log        io.Writer     // what it says, if anybody wants to know

	address string // with the token, once it has started

	ended chan struct{}
	err   error // why it ended, once it has
	said  lastWords
}

// settings writes the token into files that only the user can read, not on the command line, which
// everybody can: as a setting in a folder of JUPYTER_CONFIG_PATH, which prevails over the user's own
// settings, and for JUPYTER_TOKEN_FILE, which counts where settings are switched off.
func (s *server) settings() error {
	auth := map[string]any{"token": s.token}
	name, doc := "jupyter_server_config.json", map[string]any{"IdentityProvider": auth, "ServerApp": map[string]any{}}
	switch {
	case s.jupyter.class() == "NotebookApp":
		name, doc = "jupyter_notebook_config.json", map[string]any{"NotebookApp": auth}
	case s.jupyter.kind == "lab" && s.jupyter.major() < 4: // on a server that may be of version 1
		doc = map[string]any{"ServerApp": auth}
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(s.private, name), raw, 0o600),
		os.WriteFile(filepath.Join(s.private, "token"), []byte(s.token), 0o600))
}

// args are Jupyter's.
func (s *server) args() []string {
	class := s.jupyter.class()
	port, retries := s.port, 0
	if port == 0 {
		port, retries = 8888, 50
	}
	folder := "root_dir"
	if class == "NotebookApp" {
		folder = "notebook_dir"
	}
	set := func(name string, value any) string { return fmt.Sprintf("--%s.%s=%v", class, name, value) }
	args := []string{set(folder, s.root), set("ip", s.ip), set("port", port), set("port_retries", retries),
		"--MultiKernelManager.default_kernel_name=" + jupyterName} // of a new notebook
	if s.noBrowser {
		args = append(args, set("open_browser", "False"))
	}
	if os.Geteuid() == 0 {
		args = append(args, set("allow_root", "True")) // Jupyter refuses otherwise; run tells the reader
	}
	if s.file != "" {
		args = append(args, filepath.Join(s.root, s.file))
	}
	return args
}

// start starts Jupyter and waits until it says its address. It ends when ctx does.
func (s *server) start(ctx context.Context) error {
	if err := s.settings(); err != nil {
		return err
	}
	runtimeDir := filepath.Join(s.private, "runtime")
	if err := os.Mkdir(runtimeDir, 0o700); err != nil {
		return err
	}
	running, end := context.WithCancel(ctx)
	cmd := exec.CommandContext(running, s.jupyter.path, s.args()...)
	cmd.Dir = s.private
	cmd.Env = append(os.Environ(),
		"JUPYTER_PATH="+joinList(s.private, os.Getenv("JUPYTER_PATH")),
		"JUPYTER_CONFIG_PATH="+joinList(s.private, os.Getenv("JUPYTER_CONFIG_PATH")),
		"JUPYTER_RUNTIME_DIR="+runtimeDir,
		"JUPYTER_TOKEN=", "JUPYTER_TOKEN_FILE="+filepath.Join(s.private, "token"),
		"PWD="+s.private,
	)
	s.said.also = s.log
	cmd.Stdout, cmd.Stderr = &s.said, &s.said
	ownGroup(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(endSignal) }
	if cmd.WaitDelay = s.grace; s.grace == 0 {
		cmd.WaitDelay = 15 * time.Second
	}
	s.ended = make(chan struct{})
	started := make(chan error, 1)
	go func() {
		defer end()
		runtime.LockOSThread() // where the system ends Jupyter with this program, it is with this thread
		err := cmd.Start()
		started <- err
		if err == nil {
			s.err = cmd.Wait()
			killGroup(cmd)
		}
		close(s.ended)
	}()
	if err := <-started; err != nil {
		return err
	}
	late := time.NewTimer(startWithin)
	defer late.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	stop := func(err error) error {
		end() // not cmd.Cancel: the grace of one that does not listen counts from here
		<-s.ended
		return err
	}
	for {
		select {
		case <-s.ended:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s ended before it was ready: %s\n%s", s.jupyter, reason(s.err), s.said.String())
		case <-late.C:
			return stop(fmt.Errorf("%s did not start within %v\n%s", s.jupyter, startWithin, s.said.String()))
		case <-tick.C:
			ready, err := s.ready(runtimeDir)
			if err != nil {
				return stop(err)
			}
			if ready {
				return nil
			}
		}
	}
}

// ready reports whether Jupyter has written what it serves, and learns its address. A Jupyter that
// does not ask for the token is refused: then settings prevail that this program does not know.
func (s *server) ready(runtimeDir string) (bool, error) {
	var info struct {
		URL   string `json:"url"`
		Port  int    `json:"port"`
		Base  string `json:"base_url"`
		Token string `json:"token"`
	}
	for _, pattern := range []string{"nbserver-*.json", "jpserver-*.json"} {
		files, _ := filepath.Glob(filepath.Join(runtimeDir, pattern)) // the pattern is well formed
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil || json.Unmarshal(raw, &info) != nil {
				return false, nil // half written
			}
		}
	}
	if info.URL == "" {
		return false, nil
	}
	if info.Token != s.token {
		return false, fmt.Errorf("%s does not take its token from this program: its own settings are stronger; look for token and password in what jupyter --paths lists", s.jupyter)
	}
	host := s.ip
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if strings.HasPrefix(info.URL, "https:") {
		scheme = "https"
	}
	base := info.Base
	if base == "" {
		base = "/"
	}
	s.address = withToken(scheme+"://"+net.JoinHostPort(host, strconv.Itoa(info.Port))+base+s.jupyter.page(s.file), s.token)
	return true, nil
}

// wait returns when Jupyter has ended: nil if somebody shut it down in the browser.
func (s *server) wait() error {
	<-s.ended
	if s.err == nil {
		return nil
	}
	return fmt.Errorf("%s ended: %s\n%s", s.jupyter, reason(s.err), s.said.String())
}

func reason(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// joinList is a list of folders as the environment has it.
func joinList(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, string(os.PathListSeparator))
}

// lastWords keeps the end of what a program says.
type lastWords struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	also io.Writer
}

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(p)
	if n := w.buf.Len() - 4<<10; n > 0 {
		w.buf.Next(n)
	}
	if w.also != nil {
		w.also.Write(p)
	}
	return len(p), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(w.buf.String())
}
