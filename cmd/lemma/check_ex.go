package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/lesson"
)

func checkCommand() *command {
	return &command{
		name:    "check",
		summary: "check a reader's own work",
		about:   `lemma check ex checks the exercises: a function written in Go against properties it must have.`,
		examples: []example{
			{"lemma check ex", "the exercises of the book"},
			{"lemma check ex 9.3 answer.go", "all parts of Exercise 3 that the file answers"},
		},
		sub: []*command{checkExCommand()},
	}
}

func checkExCommand() *command {
	return &command{
		name:    "ex",
		args:    "[number [file.go | -]]",
		summary: "check an exercise written in Go, and show the smallest input on which it is wrong",
		about: `Without a file the statement is printed, with what to write; -stub writes a file to begin with.
With one, its functions are compiled and tried on telling inputs and on random ones. A function
that is wrong is shown by the smallest input that can be found, with the property that it breaks. "-"
is standard input. The file's package may have any name; it may import the standard library, gonum
and Lemma, nothing else, and nothing is fetched from a network.

The code runs on this machine as any program of yours does. One call may take two seconds and the
program a gigabyte.

Exit code 0: all that was checked is right. 1: something is wrong, does not compile or is not
there. 2: bad usage. Formulas are TeX; the notebook shows them set.`,
		examples: []example{
			{"lemma check ex", "the exercises of the book"},
			{"lemma check ex 9.3", "all parts of Exercise 3: statements, and what to write"},
			{"lemma check ex 9.1 -stub answer.go", "a file that compiles, to be filled in"},
			{"lemma check ex 9.1 answer.go", "check it"},
			{"lemma check ex 9.1 - < answer.go", "the same from standard input, as an editor may give it"},
			{"lemma check ex 9.3b -hint", "a nudge; -solution is all of it"},
		},
		flags: func(fs *flag.FlagSet) action {
			e := exercising{}
			fs.StringVar(&e.stub, "stub", "", "write the functions to be filled in to `file`, which must not exist")
			fs.BoolVar(&e.hint, "hint", false, "print the hint")
			fs.BoolVar(&e.solution, "solution", false, "print the solution")
			fs.BoolVar(&e.json, "json", false, "print JSON instead of text")
			fs.Uint64Var(&e.seed, "seed", 0, "the random inputs derive from `n`")
			fs.DurationVar(&e.timeout, "timeout", 2*time.Minute, "end the checked program after `duration`")
			return e.run
		},
	}
}

// exercising holds the flags of check ex.
type exercising struct {
	stub                 string
	hint, solution, json bool
	seed                 uint64
	timeout              time.Duration
}

func (e *exercising) run(ctx context.Context, t terminal, args []string) error {
	if len(args) == 0 {
		if e.stub != "" || e.hint || e.solution {
			return badUsage("which exercise? lemma check ex lists them")
		}
		return e.list(t)
	}
	if len(args) > 2 {
		return badUsage("%d arguments, want an exercise and a file", len(args))
	}
	found, err := book.FindExercises(args[0])
	if err != nil {
		if strings.HasSuffix(args[0], ".go") {
			return badUsage("%s is a file; the exercise comes first: lemma check ex 9.1 %s", args[0], args[0])
		}
		return failure{exitUsage, err}
	}
	if len(args) == 1 {
		if e.stub != "" {
			return e.writeStub(t, found)
		}
		return e.show(t, found)
	}
	if e.stub != "" || e.hint || e.solution {
		return badUsage("a file to check together with -stub, -hint or -solution: choose one")
	}
	if e.timeout <= 0 {
		return badUsage("-timeout %v, want a positive duration", e.timeout)
	}
	return e.check(ctx, t, args[0], args[1], found)
}

func (e *exercising) list(t terminal) error {
	if e.json {
		return printJSON(t.Out, map[string]any{"exercises": book.Exercises()})
	}
	tab := table{head: []string{"number", "title", "functions"}, flex: []int{1}}
	for _, x := range book.Exercises() {
		var names []string
		for _, c := range x.Code {
			names = append(names, c.Name)
		}
		tab.add(x.Number, x.Title, strings.Join(names, ", "))
	}
	tab.write(t.Out, t.width())
	fmt.Fprintln(t.Out, "\nlemma check ex NUMBER shows one and what to write.")
	return nil
}

func (e *exercising) show(t terminal, found []lesson.Exercise) error {
	if e.json {
		return printJSON(t.Out, map[string]any{"exercises": found})
	}
	width := 100
	if w := t.width(); w > 0 {
		width = min(max(w, 60), width)
	}
	for i, x := range found {
		if i > 0 {
			fmt.Fprintln(t.Out)
		}
		fmt.Fprintf(t.Out, "Exercise %s (%s): %s\n\n", x.Number, x.Row, x.Title)
		switch {
		case e.hint || e.solution:
			if e.hint {
				paragraphs(t.Out, "Hint. "+x.Hint, width)
			}
			if e.solution {
				paragraphs(t.Out, "Solution. "+x.Solution, width)
			}
		default:
			paragraphs(t.Out, x.Text, width)
			if x.Erratum != "" {
				paragraphs(t.Out, "The book prints this differently. "+x.Erratum, width)
			}
			for _, c := range x.Code {
				paragraphs(t.Out, "To write: "+c.Task, width)
				fmt.Fprintf(t.Out, "      %s\n\n", c.Declaration())
			}
		}
	}
	if !e.hint && !e.solution {
		id := found[0].Number
		if len(found) > 1 {
			id = id[:len(id)-1]
		}
		fmt.Fprintf(t.Out, "begin with:  lemma check ex %s -stub answer.go\ncheck it:    lemma check ex %s answer.go\nif stuck:    lemma check ex %s -hint (or -solution)\n", id, id, id)
	}
	return nil
}

// paragraphs writes Markdown with TeX as lines of at most width characters; code keeps its lines.
func paragraphs(w io.Writer, text string, width int) {
	for _, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(part, "```") {
			for _, line := range strings.Split(strings.Trim(part, "`\n"), "\n") {
				fmt.Fprintf(w, "      %s\n", line)
			}
			fmt.Fprintln(w)
			continue
		}
		for _, line := range strings.Split(part, "\n") {
			fmt.Fprintf(w, "  %s\n", wrap(line, width-2, "  "))
		}
		fmt.Fprintln(w)
	}
}

func (e *exercising) writeStub(t terminal, found []lesson.Exercise) error {
	if !strings.HasSuffix(e.stub, ".go") {
		return badUsage("-stub %s: want a name that ends in .go", e.stub)
	}
	if strings.HasSuffix(e.stub, "_test.go") {
		return badUsage("-stub %s: a file that ends in _test.go is only seen by go test", e.stub)
	}
	if _, err := os.Stat(e.stub); err == nil {
		return badUsage("-stub %s: the file is there already and stays as it is", e.stub)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return failure{exitUsage, fmt.Errorf("-stub: %w", err)}
	}
	if err := hasFolder("-stub", e.stub); err != nil {
		return err
	}
	if err := data.WriteFile(e.stub, func(w io.Writer) error {
		_, err := io.WriteString(w, lesson.Stub(found...))
		return err
	}); err != nil {
		return fmt.Errorf("-stub: %w", err)
	}
	fmt.Fprintf(t.Out, "wrote %s: fill in the functions\n", e.stub)
	return nil
}

// checked is what is said about one function.
type checked struct {
	Number  string         `json:"number"`
	Func    string         `json:"func"`
	Verdict string         `json:"verdict"` // right, wrong, missing, or unchecked where the file could not be compiled or run
	Result  *lesson.Result `json:"result,omitempty"`
}

func (e *exercising) check(ctx context.Context, t terminal, id, path string, found []lesson.Exercise) error {
	a, err := readAnswer(t.In, path)
	if err != nil {
		return err
	}
	live := !e.json && t.errWidth() > 0
	if live {
		fmt.Fprint(t.Err, "compiling…\r")
	}
	results, problem, err := a.judge(ctx, found, e.seed, e.timeout)
	if live {
		fmt.Fprint(t.Err, "\x1b[K")
	}
	if err != nil {
		return err
	}
	wrong := problem != ""
	there := 0
	for _, r := range results {
		if r.Verdict != "missing" {
			there++
		}
		wrong = wrong || r.Verdict != "right" && r.Verdict != "missing"
	}
	wrong = wrong || there == 0
	if e.json {
		out := map[string]any{"exercise": id, "file": path, "seed": e.seed, "right": !wrong, "functions": results}
		if problem != "" {
			out["problem"] = problem
		}
		if err := printJSON(t.Out, out); err != nil {
			return err
		}
		if wrong {
			return failed
		}
		return nil
	}
	for _, r := range results {
		head := fmt.Sprintf("%s  %s", r.Number, r.Func)
		switch r.Verdict {
		case "right":
			fmt.Fprintf(t.Out, "✓ %s is right: %d properties hold on %d inputs\n", head, r.Result.Properties, r.Result.Inputs)
		case "wrong":
			fmt.Fprintf(t.Out, "✗ %s is wrong\n", head)
			if c := r.Result.Counterexample; c != nil {
				for _, line := range strings.Split(c.String(), "\n") {
					fmt.Fprintln(t.Out, "    "+line)
				}
			}
		case "missing":
			if there > 0 {
				fmt.Fprintf(t.Out, "– %s is not in the file\n", head)
			}
		}
	}
	if problem != "" {
		fmt.Fprintln(t.Out, problem)
	} else if there == 0 {
		fmt.Fprintf(t.Out, "✗ %s has none of the functions:\n", a.path)
		for _, x := range found {
			for _, c := range x.Code {
				fmt.Fprintf(t.Out, "    %s%s\n", c.Declaration(), a.near(c.Name))
			}
		}
		fmt.Fprintf(t.Out, "  lemma check ex %s -stub FILE writes them to be filled in\n", id)
	}
	if wrong {
		return failed
	}
	return nil
}

// near names a function or variable of the file whose name is close to the one that is wanted.
func (a *answerFile) near(name string) string {
	for _, n := range a.order {
		if n != name && strings.EqualFold(n, name) {
			return fmt.Sprintf(" (there is %s: write it with this capital)", n)
		}
	}
	return didYouMean(name, slices.Clone(a.order))
}
