package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Exit codes. run and report add 3 (timeout) and 4 (the kernel died).
const (
	exitOK          = 0
	exitFailed      = 1   // something that was checked or run failed
	exitUsage       = 2   // bad usage or bad input: nothing was done
	exitInterrupted = 130 // Ctrl-C, as shells have it
)

// terminal is where a command reads and writes.
type terminal struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // progress and messages
}

// width returns the number of columns of the terminal that Out is, or 0 where it is none.
func (t terminal) width() int { return columns(t.Out) }

// errWidth is width for Err.
func (t terminal) errWidth() int { return columns(t.Err) }

func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return n
}

// command is one of lemma's commands, or one of a command's own (lemma ntk gram).
type command struct {
	name     string
	args     string // "[chapter | ID ...]"
	summary  string // one line
	about    string // paragraphs that teach; may be empty
	examples []example
	// flags defines the flags and returns what runs the command once they are parsed.
	flags func(fs *flag.FlagSet) action
	sub   []*command // if set, flags is not used
}

type example struct{ line, what string }

type action func(ctx context.Context, t terminal, args []string) error

// failure is an error with an exit code of its own.
type failure struct {
	code int
	err  error
}

func (f failure) Error() string { return f.err.Error() }
func (f failure) Unwrap() error { return f.err }

// badUsage is an error in what the user gave: exit code 2.
func badUsage(format string, args ...any) error {
	return failure{exitUsage, fmt.Errorf(format, args...)}
}

// failed ends with exit code 1 and no further message: what failed has been printed.
var failed = failure{exitFailed, errors.New("")}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, t terminal) int {
	root := &command{name: "lemma", summary: "the book Theory of Deep Learning, executable", sub: commands(), about: rootAbout, examples: rootExamples}
	err := root.dispatch(ctx, t, "lemma", args)
	code := exitOK
	if err != nil {
		code = exitFailed
		var f failure
		if errors.As(err, &f) {
			code = f.code
		}
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			code, err = exitInterrupted, errors.New("interrupted")
		}
		if msg := err.Error(); msg != "" {
			fmt.Fprintf(t.Err, "lemma: %s\n", msg)
		}
	}
	return code
}

const rootAbout = `Every theorem, bound, algorithm, figure, table and exercise of the book is a function to
import, a claim that is checked against measurement, and a notebook to play with.`

var rootExamples = []example{
	{"lemma report", "run the notebooks and write report/index.html"},
	{"lemma verify 9", "check the claims of chapter 9"},
	{"lemma verify 9.L2 -v -power", "one claim: all evidence, and whether its check can fail"},
	{"lemma lab", "the notebooks in Jupyter"},
	{"lemma ntk classify -train iris.csv -label species", "neural tangent kernel on your own data"},
	{"lemma check ex 9.1 -stub answer.go", "an exercise to fill in; lemma check ex 9.1 answer.go checks it"},
	{"lemma draw 9.F1/width -o width.html", "a figure with its controls, in a page"},
	{"lemma doctor", "what this machine has, what is missing and how to get it"},
}

// dispatch parses one level of the command line and runs it.
func (c *command) dispatch(ctx context.Context, t terminal, path string, args []string) error {
	if c.sub != nil {
		if len(args) == 0 {
			c.help(t.Err, path, nil)
			return failure{exitUsage, named(path, errors.New("which command?"))}
		}
		name := args[0]
		switch name {
		case "-h", "-help", "--help":
			c.help(t.Out, path, nil)
			return nil
		case "help":
			if len(args) == 1 {
				c.help(t.Out, path, nil)
				return nil
			}
			return c.dispatch(ctx, t, path, append(args[1:], "-h"))
		}
		names := []string{"help"}
		for _, s := range c.sub {
			if s.name == name {
				return s.dispatch(ctx, t, path+" "+name, args[1:])
			}
			names = append(names, s.name)
		}
		what := "command"
		if strings.HasPrefix(name, "-") {
			what = "flag"
		}
		return failure{exitUsage, named(path, fmt.Errorf("unknown %s %q%s; %s -h lists the commands", what, name, didYouMean(name, names), path))}
	}
	fs := flag.NewFlagSet(path, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // its messages are replaced by our own
	act := c.flags(fs)
	rest, err := parse(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(t.Out, path, fs)
		return nil
	}
	if err != nil {
		return failure{exitUsage, named(path, fmt.Errorf("%w; %s -h shows how to use it", err, path))}
	}
	if err := act(ctx, t, rest); err != nil {
		if err.Error() == "" {
			return err
		}
		return named(path, err)
	}
	return nil
}

// named puts the command's name before an error, but for "lemma", which run puts there.
func named(path string, err error) error {
	if name := strings.TrimPrefix(strings.TrimPrefix(path, "lemma"), " "); name != "" {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// parse parses flags and arguments in any order: the flag package stops at the first argument, but
// `lemma verify 9 -json` is how people write. "--" ends the flags.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, explain(fs, err)
		}
		used := len(args) - fs.NArg()
		ended := used > 0 && args[used-1] == "--"
		args = fs.Args()
		if ended || len(args) == 0 {
			return append(rest, args...), nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// explain adds the nearest flag to the flag package's complaint about an unknown one.
func explain(fs *flag.FlagSet, err error) error {
	const unknown = "flag provided but not defined: -"
	name, ok := strings.CutPrefix(err.Error(), unknown)
	if !ok {
		return err
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
	return fmt.Errorf("unknown flag -%s%s", name, didYouMean("-"+name, names))
}

// help writes what the command does, how to call it and examples.
func (c *command) help(w io.Writer, path string, fs *flag.FlagSet) {
	usage := path
	if c.sub != nil {
		usage += " COMMAND"
	} else {
		if c.args != "" {
			usage += " " + c.args
		}
		if hasFlags(fs) {
			usage += " [flags]"
		}
	}
	fmt.Fprintf(w, "%s: %s\n\n  %s\n", path, c.summary, usage)
	if c.about != "" {
		fmt.Fprintf(w, "\n%s\n", c.about)
	}
	if len(c.examples) > 0 {
		fmt.Fprintf(w, "\nExamples\n")
		for _, e := range c.examples {
			fmt.Fprintf(w, "  %s\n      %s\n", e.line, e.what)
		}
	}
	if c.sub != nil {
		fmt.Fprintf(w, "\nCommands\n")
		for _, s := range c.sub {
			fmt.Fprintf(w, "  %-10s %s\n", s.name, s.summary)
		}
		fmt.Fprintf(w, "\n%s COMMAND -h teaches one of them.\n", path)
	}
	if hasFlags(fs) {
		fmt.Fprintf(w, "\nFlags\n")
		fs.VisitAll(func(f *flag.Flag) {
			arg, text := flag.UnquoteUsage(f)
			// The value's name, in quotes for the flag package, need not be read twice.
			if arg != "" {
				text = strings.TrimPrefix(strings.Replace(text, ": "+arg, "", 1), arg+": ")
			}
			head := "-" + f.Name
			if arg != "" {
				head += " " + arg
			}
			if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
				text += fmt.Sprintf(" (default %s)", f.DefValue)
			}
			fmt.Fprintf(w, "  %-22s %s\n", head, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 25)))
		})
	}
}

func hasFlags(fs *flag.FlagSet) bool {
	n := 0
	if fs != nil {
		fs.VisitAll(func(*flag.Flag) { n++ })
	}
	return n > 0
}
