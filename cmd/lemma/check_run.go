package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// answerFile is a reader's Go file, read and not compiled.
type answerFile struct {
	path, abs string
	source    []byte         // with its package called answer
	names     map[string]int // functions and variables of the file and their lines
	order     []string
	problem   string // why it is no Go, with lines; everything else is empty then
}

// readAnswer reads the file, or in for "-". What is wrong with its Go is a problem for the reader, not
// an error.
func readAnswer(in io.Reader, path string) (*answerFile, error) {
	var source []byte
	var err error
	if path == "-" {
		path = "stdin.go" // as messages name it
		source, err = io.ReadAll(in)
	} else {
		source, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	a := &answerFile{path: path, abs: abs, names: map[string]int{}}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, source, parser.ParseComments)
	if err != nil {
		a.problem = "✗ it does not compile:\n    " + err.Error()
		return a, nil
	}
	var foreign []string
	for _, i := range f.Imports {
		name, _ := strconv.Unquote(i.Path.Value) // the parser has looked at it
		switch {
		case name == "C":
			foreign = append(foreign, fmt.Sprintf("✗ %s: import \"C\" cannot be checked; write it in Go", fset.Position(i.Pos())))
		case !importable(name):
			foreign = append(foreign, fmt.Sprintf("✗ %s: import %q: want packages of the standard library, of gonum or of Lemma; nothing else is there", fset.Position(i.Pos()), name))
		}
	}
	if len(foreign) > 0 {
		a.problem = strings.Join(foreign, "\n")
		return a, nil
	}
	add := func(n *ast.Ident) {
		a.names[n.Name] = fset.Position(n.Pos()).Line
		a.order = append(a.order, n.Name)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					for _, n := range v.Names {
						add(n)
					}
				}
			}
		}
	}
	// A package main cannot be imported, and a constraint such as ignore would leave the file out.
	at, end := fset.Position(f.Name.Pos()).Offset, fset.Position(f.Name.End()).Offset
	head := buildLine.ReplaceAll(source[:at], []byte("// $1"))
	a.source = slices.Concat(head, []byte(`answer; import _ "lemma.check/first"`), source[end:])
	return a, nil
}

// importable reports whether an answer may import a package: of the standard library, whose paths begin
// with a word without a point, of gonum or of this project.
func importable(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return true
	}
	for _, module := range []string{"gonum.org/v1/gonum", modulePath} {
		if path == module || strings.HasPrefix(path, module+"/") {
			return true
		}
	}
	return false
}

var buildLine = regexp.MustCompile(`(?m)^//(go:build|[ \t]*\+build)`)

// judge compiles the file with the checks and runs them. problem is what a reader must mend before
// anything can be said: it does not compile, it crashed.
func (a *answerFile) judge(ctx context.Context, all []lesson.Exercise, seed uint64, timeout time.Duration) (results []checked, problem string, err error) {
	var there []lesson.Exercise
	for _, x := range all {
		y := x
		y.Code = nil
		for _, c := range x.Code {
			verdict := "missing"
			if _, ok := a.names[c.Name]; ok {
				y.Code = append(y.Code, c)
				verdict = "unchecked"
			} else if a.problem != "" {
				verdict = "unchecked"
			}
			results = append(results, checked{Number: x.Number, Func: c.Name, Verdict: verdict})
		}
		if len(y.Code) > 0 {
			there = append(there, y)
		}
	}
	if a.problem != "" || len(there) == 0 {
		return results, a.problem, nil
	}
	dir, err := os.MkdirTemp("", "lemma-check-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	program, problem, err := a.build(ctx, dir, there)
	if err != nil || problem != "" {
		return results, problem, err
	}
	token, err := newToken()
	if err != nil {
		return nil, "", err
	}
	limited, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	cmd := exec.CommandContext(limited, program, fmt.Sprint(seed))
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	cmd.Cancel = func() error {
		killGroup(cmd)
		return cmd.Process.Kill()
	}
	cmd.Stdin = strings.NewReader(token + "\n")
	var printed bytes.Buffer
	cmd.Stderr = &limitedWriter{&printed, 64 << 10}
	events, out := io.Pipe()
	cmd.Stdout = out
	var last *lesson.Event
	read := make(chan error, 1)
	go func() {
		var err error
		last, err = readEvents(events, token, results)
		io.Copy(io.Discard, events) // or the program would wait for ever
		read <- err
	}()
	runtime.LockOSThread() // where the system ends the program with this one, it is with this thread
	runErr := cmd.Run()
	runtime.UnlockOSThread()
	if cmd.Process != nil {
		killGroup(cmd)
	}
	out.Close()
	err = <-read
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if err != nil {
		return nil, "", err
	}
	if errors.Is(runErr, exec.ErrWaitDelay) { // it ended, and left others running
		runErr = nil
	}
	var exit *exec.ExitError
	switch {
	case limited.Err() != nil:
		problem = fmt.Sprintf("✗ not finished after %v", timeout)
	case runErr != nil && !errors.As(runErr, &exit):
		return nil, "", runErr
	case last != nil: // it ended while a function was being tried
		for i := range results {
			if results[i].Number == last.Number && results[i].Func == last.Name {
				results[i].Verdict = "wrong"
				results[i].Result = &lesson.Result{Counterexample: &lesson.Counterexample{
					Property: last.Name + " returns", Input: last.Input, Got: crash(printed.String()), Want: "a value"}}
			}
		}
	case runErr != nil && exit.ExitCode() != 1:
		problem = "✗ the program ended before all checks: " + crash(printed.String())
	}
	if problem == "" {
		var names []string
		for _, r := range results {
			if r.Verdict == "unchecked" {
				names = append(names, r.Func)
			}
		}
		if len(names) > 0 {
			problem = "✗ the program ended before all checks: not checked: " + strings.Join(names, ", ")
		}
	}
	return results, problem, nil
}

// readEvents fills in the results and returns what was being tried when the events ended, if anything.
// A line that does not begin with the token is the answer's own and does not count.
func readEvents(r io.Reader, token string, results []checked) (last *lesson.Event, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line, ours := bytes.CutPrefix(lines.Bytes(), []byte(token))
		var e lesson.Event
		if !ours || json.Unmarshal(line, &e) != nil { // or cut off
			continue
		}
		if e.Result == nil {
			last = &e
			continue
		}
		last = nil
		for i := range results {
			if results[i].Number == e.Number && results[i].Func == e.Name {
				results[i].Result, results[i].Verdict = e.Result, "wrong"
				if e.Result.Right {
					results[i].Verdict = "right"
				}
			}
		}
	}
	return last, lines.Err()
}

// crash is the line that says why a Go program ended.
func crash(stderr string) string {
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if s, ok := strings.CutPrefix(line, "runtime: goroutine stack exceeds "); ok {
			return "a stack overflow: it calls itself without end (" + s + ")"
		}
		if strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "panic:") {
			return "a crash: " + strings.TrimSpace(line[strings.Index(line, ":")+1:])
		}
	}
	return "the end of the program, as by os.Exit"
}

// build compiles the program of the reader's file and the checks in dir. Messages of the compiler
// name the reader's file and lines.
func (a *answerFile) build(ctx context.Context, dir string, all []lesson.Exercise) (program, problem string, err error) {
	own, err := ownModule(ctx)
	if err != nil {
		return "", "", err
	}
	if err := own.WriteTo(dir, "lemma.check"); err != nil {
		return "", "", err
	}
	topic, err := book.ExercisePackage(all[0].Number)
	if err != nil {
		return "", "", err
	}
	if err := os.Mkdir(filepath.Join(dir, "answer"), 0o700); err != nil {
		return "", "", err
	}
	if err := os.Mkdir(filepath.Join(dir, "first"), 0o700); err != nil {
		return "", "", err
	}
	for name, text := range map[string][]byte{
		"first/first.go":   []byte(firstPackage),
		"answer/answer.go": append([]byte("//line "+a.abs+":1:1\n"), a.source...),
		"main.go":          a.program(modulePath+"/"+topic, all),
	} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), text, 0o600); err != nil {
			return "", "", err
		}
	}
	program = filepath.Join(dir, "check.exe")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
	cmd.WaitDelay = time.Second
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GO111MODULE=on", "GOPROXY=off", "CGO_ENABLED=0", "GOOS=", "GOARCH=")
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	if err == nil {
		return program, "", nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return "", "", fmt.Errorf("go build: %w; lemma doctor says what is missing", err)
	}
	text := string(out)
	if strings.Contains(text, "module lookup disabled by GOPROXY=off") {
		return "", "", fmt.Errorf("a module that Lemma needs is not in the module cache, and a check fetches nothing; go mod download in its checkout does\n%s", strings.TrimSpace(text))
	}
	if rel, err := filepath.Rel(dir, a.abs); err == nil { // the go command shortens paths
		text = strings.ReplaceAll(text, rel+":", a.abs+":")
	}
	if !a.blamed(text) {
		return "", "", fmt.Errorf("go build of the checks: %w\n%s\nlemma doctor says what is missing", err, strings.TrimSpace(text))
	}
	return "", "✗ it does not compile:\n" + a.compiler(text, all), nil
}

// blamed reports whether the go command finds fault with the reader's file, and not with the disk, the
// network or the module.
func (a *answerFile) blamed(out string) bool {
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") && (strings.Contains(line, a.abs+":") || strings.Contains(line, "lemma.check/answer")) {
			return true
		}
	}
	return false
}

// compiler is what the go command says, in the reader's terms.
func (a *answerFile) compiler(out string, all []lesson.Exercise) string {
	var lines []string
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "go: downloading") || strings.HasPrefix(line, "go: finding") {
			continue
		}
		lines = append(lines, "    "+qualified.ReplaceAllString(strings.ReplaceAll(line, a.abs, a.path), "$1"))
	}
	for _, x := range all {
		for _, c := range x.Code {
			if strings.Contains(out, fmt.Sprintf("%s:%d", filepath.Base(a.abs), a.names[c.Name])) {
				lines = append(lines, "  wanted: "+c.Declaration())
			}
		}
	}
	return strings.Join(lines, "\n")
}

// qualified is a name of the reader's package as the compiler writes it in ours.
var qualified = regexp.MustCompile(`\banswer\.([A-Z]\w*)`)

// firstPackage is initialized before the reader's package, which imports it: it takes the standard
// output for the events, with a token from the standard input before each, so that nothing an answer
// prints is taken for one.
const firstPackage = `package first

import (
	"bufio"
	"io"
	"os"
	"strings"
)

var events = marked{out: os.Stdout}

func init() {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		panic(err)
	}
	events.token = strings.TrimSpace(line)
	if os.Stdout, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		panic(err)
	}
}

type marked struct {
	out   io.Writer
	token string
}

func (m marked) Write(line []byte) (int, error) {
	_, err := m.out.Write(append([]byte("\n"+m.token), line...))
	return len(line), err
}

// Events takes a line a call.
func Events() io.Writer { return events }
`

// program is the main file around the reader's package. A function of another type than the
// exercise wants is an error at the line of the reader's declaration.
func (a *answerFile) program(topic string, all []lesson.Exercise) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `package main

import (
	"os"
	"runtime/debug"
	"strconv"

	"lemma.check/answer"
	"lemma.check/first"
	"github.com/lemma-ml/lemma/lib/lesson"
	topic %q
)

func main() {
	debug.SetMaxStack(64 << 20)
	seed, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	code := map[string]*lesson.Code{}
	for _, e := range topic.Exercises() {
		for _, c := range e.Code {
			code[e.Number+" "+c.Name] = c
		}
	}
	right, err := lesson.Judge(first.Events(), []lesson.Trial{
`, topic)
	n := 0
	for _, x := range all {
		for _, c := range x.Code {
			fmt.Fprintf(&b, "\t\t{Number: %q, Function: f%d, Code: code[%q]},\n", x.Number, n, x.Number+" "+c.Name)
			n++
		}
	}
	b.WriteString(`	}, lesson.Checker{Seed: seed}, lesson.Limits{})
	if err != nil {
		panic(err)
	}
	if !right {
		os.Exit(1)
	}
}
`)
	n = 0
	for _, x := range all {
		for _, c := range x.Code {
			fmt.Fprintf(&b, "\n//line %s:%d\nvar f%d %s = answer.%s\n", a.abs, a.names[c.Name], n, c.Signature, c.Name)
			n++
		}
	}
	return b.Bytes()
}

// limitedWriter keeps the first bytes and takes the rest without keeping it.
type limitedWriter struct {
	b    *bytes.Buffer
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	k := min(len(p), w.left)
	w.b.Write(p[:k])
	w.left -= k
	return len(p), nil
}
