package exec

import (
	"cmp"
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// ended is the message by which GoNB tells, on stderr and in a message of its own, that a
// program did not end with code 0: the text of the error of Go's os/exec.
var ended = regexp.MustCompile(`^(?:\^C\n)?((?:exit status -?\d+|signal: [^\n]+|wait: [^\n]+))\n?$`)

// panicked finds the line of a Go program's fatal end.
var panicked = regexp.MustCompile(`(?m)^(?:panic: |fatal error: |runtime: goroutine stack exceeds ).*$`)

// judge says how a cell failed, from the kernel's reply and the cell's outputs; nil if it did
// not. It knows both forms: an error reply (compilation, special commands; from v0.11.4 also
// programs that fail), and, with GoNB up to v0.11.3, a reply "ok" after a stderr that ends in
// "exit status N".
func judge(reply *kernel.Reply, o *cellOutputs) *CellError {
	if reply.Status != "ok" {
		return fromReply(reply, o)
	}
	m := ended.FindStringSubmatch(o.stderr)
	if m == nil {
		return nil
	}
	return program(m[1], o, reply.ExecutionCount)
}

// program describes a program that ended with a code or a signal.
func program(end string, o *cellOutputs, count int) *CellError {
	e := &CellError{Name: end, Value: end}
	text := o.stderrText()
	if loc := panicked.FindStringIndex(text); loc != nil {
		e.Name, e.Value = "panic", strings.TrimSpace(text[loc[0]:loc[1]])
		e.Detail = text[loc[0]:]
		for _, kind := range []string{"panic", "fatal error"} {
			if rest, ok := strings.CutPrefix(e.Value, kind+": "); ok {
				e.Name, e.Value = kind, rest
			}
		}
		e.Value = where(e.Detail, e.Value, count)
	}
	return e
}

// fromReply describes a failure that the kernel reports as one.
func fromReply(reply *kernel.Reply, o *cellOutputs) *CellError {
	e := &CellError{Name: reply.EName, Value: firstMessage(uncolour(reply.EValue)), Detail: uncolour(strings.Join(reply.Traceback, "\n"))}
	if m := ended.FindStringSubmatch(reply.EValue); m != nil {
		return program(m[1], o, reply.ExecutionCount)
	}
	if reply.Status == "aborted" {
		e.Name, e.Value = "aborted", "the kernel did not run the cell"
		return e
	}
	// With HTML errors the compiler's text is in a display, and the error says only which
	// command failed.
	if shown := compilerText(o); shown != "" {
		e.Detail = shown
		e.Value = firstMessage(shown)
	}
	if compilerMessage.MatchString(e.Detail) || compilerMessage.MatchString(uncolour(reply.EValue)) {
		e.Name = "compile error"
	}
	e.Value = where(e.Detail, e.Value, reply.ExecutionCount)
	return e
}

var (
	// compilerMessage is a position of the go command in the cell's file.
	compilerMessage = regexp.MustCompile(`(?m)(?:^|[ /])main(?:_test)?\.go:\d+:\d+: `)
	position        = regexp.MustCompile(`^\S*main(?:_test)?\.go:\d+:\d+: `)
	tags            = regexp.MustCompile(`(?s)<style>.*?</style>|<div class="gonb-err-context">.*?</div>\s*(?:</div>)?|<[^>]*>`)
)

// firstMessage is the line that says most of a command's output: the first with a position in
// the cell's file, without it; else the first that is not a heading.
func firstMessage(text string) string {
	first, heading := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := position.FindString(line); m != "" {
			return strings.TrimSpace(line[len(m):])
		}
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "failed to run ") || strings.HasSuffix(line, " imports"):
			if heading == "" {
				heading = line
			}
		case first == "":
			first = line
		}
	}
	return cmp.Or(first, heading)
}

// cellLine is how GoNB names a line of a cell, in compile errors and in stack traces.
var cellLine = regexp.MustCompile(`Cell ?\[(\d+)\]:? Line (\d+)`)

// where puts the first line of a cell that a text names before a message: "line 4: ..." for the
// cell with the given execution count, "line 4 of In[2]: ..." for another.
func where(text, message string, count int) string {
	m := cellLine.FindStringSubmatch(text)
	if m == nil {
		return message
	}
	place := "line " + m[2]
	if m[1] != strconv.Itoa(count) {
		place += " of In[" + m[1] + "]"
	}
	return place + ": " + message
}

// compilerText finds GoNB's HTML report of compile errors among the outputs and returns its
// text.
func compilerText(o *cellOutputs) string {
	for _, out := range o.outputs {
		if out.Type != ipynb.DisplayData {
			continue
		}
		if s, ok := out.MIME("text/html"); ok && strings.Contains(s, "gonb-err-location") {
			var lines []string
			for line := range strings.Lines(html.UnescapeString(tags.ReplaceAllString(s, ""))) {
				if line = strings.TrimSpace(line); line != "" {
					lines = append(lines, line)
				}
			}
			return strings.Join(lines, "\n")
		}
	}
	return ""
}
