package exec

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// CellError says that a cell failed: it did not compile, panicked, exited with a code, or asked
// for input.
type CellError struct {
	Cell   int    // index in Result.Notebook.Cells
	Source string // the cell's source
	Name   string // short kind: "compile error", "panic", "exit status 3", "input requested", or the kernel's ename
	Value  string // one line
	Detail string // the compiler's messages or the stack trace, as text without colours; may be empty
	Place  string // Event.Place of the cell; "" counts in Result.Notebook.Cells
}

// Error is one line: the cell (counted from 1, as a reader sees it) and what happened.
func (e *CellError) Error() string {
	s := fmt.Sprintf("exec.Run: %s (%s): %s", place(e.Place, e.Cell), firstLine(e.Source), e.Name)
	if e.Value != "" && e.Value != e.Name {
		s += ": " + e.Value
	}
	return s
}

// TimeoutError says that a cell ran longer than Options.CellTimeout.
type TimeoutError struct {
	Cell   int
	Source string
	Limit  time.Duration
	Killed bool   // it did not end when interrupted
	Place  string // as in CellError
}

func (e *TimeoutError) Error() string {
	how := "was interrupted"
	if e.Killed {
		how = "did not end when interrupted and was killed with its kernel"
	}
	return fmt.Sprintf("exec.Run: %s (%s): took longer than %v and %s", place(e.Place, e.Cell), firstLine(e.Source), e.Limit, how)
}

func place(name string, index int) string {
	if name == "" {
		return fmt.Sprintf("cell %d", index+1)
	}
	return name
}

// ParameterError says that a parameter does not fit the notebook.
type ParameterError struct {
	Name  string
	Msg   string
	Known []string // the parameters that the notebook has, sorted
}

func (e *ParameterError) Error() string {
	known := "the notebook has none (no cell is tagged \"parameters\")"
	if len(e.Known) > 0 {
		known = "known: " + strings.Join(e.Known, ", ")
	}
	return fmt.Sprintf("exec.Run: parameter %q: %s; %s", e.Name, e.Msg, known)
}

// ExitCode maps the error of Run to the exit code of a command: 0 for nil, 1 for a cell that
// failed, 3 for a timeout, 4 for a kernel that died or did not start, 2 for everything else
// (usage, input, a cancelled context).
func ExitCode(err error) int {
	var cell *CellError
	var timeout *TimeoutError
	var died *kernel.DiedError
	var start *kernel.StartError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &cell):
		return 1
	case errors.As(err, &timeout):
		return 3
	case errors.As(err, &died), errors.As(err, &start):
		return 4
	}
	return 2
}

// imported matches the start of an import declaration.
var imported = regexp.MustCompile(`^import[\s"(]`)

// firstLine is the line of a source that says most of it in a message: the first that is code and
// no import, else the first that is not empty.
func firstLine(src string) string {
	const most = 50
	best, imports := "", false
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if best == "" {
			best = line
		}
		switch {
		case imports:
			imports = !strings.HasPrefix(line, ")")
			continue
		case imported.MatchString(line):
			imports = strings.Contains(line, "(") && !strings.Contains(line, ")")
			continue
		case line == "%%" || line == "%main" || strings.HasPrefix(line, "//"):
			continue // it only starts the program, or is a comment
		}
		best = line
		break
	}
	if r := []rune(best); len(r) > most {
		best = string(r[:most]) + "..."
	}
	return best
}
