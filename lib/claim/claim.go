package claim

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/figure"
)

// Kind is the kind of statement a claim is, in the book's words.
type Kind string

// The kinds that inventories use.
const (
	Lemma      Kind = "lemma"
	Theorem    Kind = "theorem"
	Identity   Kind = "identity"
	Bound      Kind = "bound"
	Limit      Kind = "limit"
	Definition Kind = "definition"
	Model      Kind = "model"
	Algorithm  Kind = "algorithm"
	Experiment Kind = "experiment"
	Figure     Kind = "figure"
	Table      Kind = "table"
	Exercise   Kind = "exercise"
	Remark     Kind = "remark"
)

// Check produces the evidence for one statement. It is pure: the same Env gives the same Finding.
// It returns an error only where no evidence could be had (bad input, cancelled, no backend); a
// statement that fails is a Finding like any other.
type Check func(ctx context.Context, env Env) (*Finding, error)

// Env is what a check is given.
type Env struct {
	Seed     uint64                // all randomness derives from it
	Backend  backends.Backend      // compute for claims whose NeedsBackend is set
	Progress func(done, total int) // may be nil; called from the checking goroutine
}

// Report calls Progress if there is one.
func (e Env) Report(done, total int) {
	if e.Progress != nil {
		e.Progress(done, total)
	}
}

// Claim is one row of the book.
type Claim struct {
	ID           string        // inventory ID, "9.L2"; a second claim on the same row is "9.L2/hoeffding"
	Kind         Kind          // lemma, bound, exercise, ...
	Title        string        // a few words: "Concentration of H(0)"
	Ref          string        // place in the book: "Lemma 9.2.2"
	Statement    string        // what is claimed, in TeX between $ signs within prose
	Source       string        // function or example that implements it: "ntk.Concentration"
	NeedsBackend bool          // Env.Backend is used
	Check        Check         // evidence for the statement
	Alternatives []Alternative // at least one; each must fail
	Errata       []Erratum     // where the book prints it differently
}

// Alternative is a statement near the true one that the check must tell from it: a wrong constant,
// a dropped factor, a hypothesis broken. Run on it, the check must find Fails.
type Alternative struct {
	Name  string // "without the factor xᵀx'"
	Check Check
}

// Erratum is a place where the book's text is wrong. The claim holds the corrected statement; where
// the printed one can be evaluated, the claim's evidence marks it with Printed.
type Erratum struct {
	Number  string // "9.1"; the chapter's own numbering
	Where   string // "Problem 9.2.1 and Exercise 1"
	Printed string // what the book says, TeX within prose
	Correct string // what is right
	Why     string // derivation or counterexample, in a sentence or two
}

// Finding is what a check found.
type Finding struct {
	Evidence []Evidence
	Figure   *figure.Figure // the picture that shows it; may be nil
	Notes    []string       // what a reader should know beside the numbers
}

// Add appends pieces of evidence.
func (f *Finding) Add(e ...Evidence) { f.Evidence = append(f.Evidence, e...) }

// Note appends a formatted note.
func (f *Finding) Note(format string, args ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, args...))
}
