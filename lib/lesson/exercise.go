package lesson

import (
	"errors"
	"fmt"
	"strings"
)

// Exercise is an exercise of the book: in our own words, corrected where the book errs.
type Exercise struct {
	Number   string   `json:"number"`            // "9.3a": chapter, exercise, part
	Row      string   `json:"row"`               // its row of the inventory, "9.X3a"
	Title    string   `json:"title"`             // one line, plain text
	Text     string   `json:"text"`              // the statement, Markdown with TeX
	Erratum  string   `json:"erratum,omitempty"` // what the book prints otherwise and why that is wrong, Markdown with TeX
	Hint     string   `json:"hint"`              // Markdown with TeX
	Solution string   `json:"solution"`          // written out, Markdown with TeX
	Answers  []Answer `json:"answers,omitempty"` // checked in the page
	Code     []*Code  `json:"code,omitempty"`    // checked by lemma check ex
}

// Code is a function that a reader writes in Go.
type Code struct {
	Task      string `json:"task"`      // what it computes, Markdown with TeX
	Name      string `json:"name"`      // of the function, exported: "Phi"
	Signature string `json:"signature"` // its type with named parameters: "func(rho float64) float64"
	Doc       string `json:"doc"`       // its doc comment, plain lines without //
	Body      string `json:"body"`      // of the stub: compiles and is wrong, "return 0"

	// Check looks for an input on which f, of the type that Signature says, is wrong.
	Check func(f any, c *Checker) *Counterexample `json:"-"`
}

// Declaration is the head of the function: "func Phi(rho float64) float64".
func (c *Code) Declaration() string {
	return "func " + c.Name + strings.TrimPrefix(c.Signature, "func")
}

// Stub returns a Go file with the functions of the exercises, that compiles as it is.
func Stub(all ...Exercise) string {
	var b strings.Builder
	b.WriteString("// Package answer is where the functions are written; its name is free.\npackage answer\n")
	for _, e := range all {
		for _, c := range e.Code {
			b.WriteString("\n")
			for _, line := range strings.Split(strings.TrimSpace(c.Doc), "\n") {
				b.WriteString(strings.TrimRight("// "+line, " ") + "\n")
			}
			fmt.Fprintf(&b, "//\n// Exercise %s: lemma check ex %s answer.go\n%s {\n\t%s // to be written\n}\n", e.Number, e.Number, c.Declaration(), c.Body)
		}
	}
	return b.String()
}

// Validate reports what is wrong with the description.
func (e *Exercise) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("exercise %q: "+format, append([]any{e.Number}, args...)...))
	}
	for _, f := range []struct{ name, text string }{{"Number", e.Number}, {"Row", e.Row}, {"Title", e.Title}, {"Text", e.Text}, {"Hint", e.Hint}, {"Solution", e.Solution}} {
		if f.text == "" {
			bad("no %s", f.name)
		}
	}
	for i := range e.Answers {
		if err := e.Answers[i].Validate(); err != nil {
			bad("answer %d: %v", i+1, err)
		}
	}
	seen := map[string]bool{}
	for _, c := range e.Code {
		if c.Name == "" || !strings.HasPrefix(c.Signature, "func(") || c.Doc == "" || c.Body == "" || c.Check == nil || seen[c.Name] {
			bad("code %q: name, signature, doc, body and check are required, and names differ", c.Name)
		}
		seen[c.Name] = true
	}
	return errors.Join(errs...)
}
