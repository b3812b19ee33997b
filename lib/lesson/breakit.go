package lesson

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Break is a claim with hypotheses that a reader can drop, one or several, and see what becomes of
// it. It is a description; package widgets computes the states and shows them.
type Break struct {
	ID         string                                                     `json:"id"`    // stable name, such as "9.R4/break"
	Title      string                                                     `json:"title"` // one line, plain text
	Claim      string                                                     `json:"claim"` // what the claim says, Markdown with TeX
	Hypotheses []Hypothesis                                               `json:"hypotheses"`
	State      func(ctx context.Context, dropped Dropped) (*State, error) `json:"-"` // what happens; pure
}

// Hypothesis is one that can be dropped.
type Hypothesis struct {
	Name string `json:"name"` // key in Dropped, such as "scaling"
	Held string `json:"held"` // the hypothesis, a phrase with TeX: "the output is scaled by $1/\sqrt m$"
	Drop string `json:"drop"` // what a reader does, a phrase: "drop the scaling"
}

// Dropped says which hypotheses are dropped, by name.
type Dropped map[string]bool

// State is the claim under some hypotheses.
type State struct {
	Holds          bool          `json:"holds"`
	Verdict        string        `json:"verdict"`                  // what is seen, a sentence or two with TeX
	Counterexample string        `json:"counterexample,omitempty"` // of a claim that fails: the smallest one found, in words and numbers
	Figure         figure.Figure `json:"figure"`
}

// maxHypotheses bounds the states, of which each is a figure on the page.
const maxHypotheses = 3

// Names returns the names of the hypotheses dropped in state k: bit i of k is hypothesis i.
func (b *Break) Dropped(k int) Dropped {
	d := Dropped{}
	for i, h := range b.Hypotheses {
		if k>>i&1 == 1 {
			d[h.Name] = true
		}
	}
	return d
}

// States computes all 2^h states; in state k hypothesis i is dropped if bit i of k is set. With
// every hypothesis in place the claim must hold, and some state must make it fail.
func (b *Break) States(ctx context.Context) ([]State, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	out := make([]State, 1<<len(b.Hypotheses))
	fails := false
	for k := range out {
		s, err := b.State(ctx, b.Dropped(k))
		if err != nil {
			return nil, fmt.Errorf("break %q, %s: %w", b.ID, b.Words(k), err)
		}
		if !s.Holds && s.Counterexample == "" || s.Verdict == "" {
			return nil, fmt.Errorf("break %q, %s: a state needs a verdict, and one that fails a counterexample", b.ID, b.Words(k))
		}
		if err := s.Figure.Validate(); err != nil {
			return nil, fmt.Errorf("break %q, %s: %w", b.ID, b.Words(k), err)
		}
		out[k] = *s
		fails = fails || !s.Holds
	}
	if !out[0].Holds {
		return nil, fmt.Errorf("break %q: the claim fails with every hypothesis in place: %s", b.ID, out[0].Counterexample)
	}
	if !fails {
		return nil, fmt.Errorf("break %q: no state breaks the claim", b.ID)
	}
	return out, nil
}

// Words says what state k drops: "all hypotheses in place", "drop the scaling".
func (b *Break) Words(k int) string {
	var w []string
	for i, h := range b.Hypotheses {
		if k>>i&1 == 1 {
			w = append(w, h.Drop)
		}
	}
	if len(w) == 0 {
		return "all hypotheses in place"
	}
	return strings.Join(w, ", ")
}

// Validate reports what is wrong with the description, without computing a state.
func (b *Break) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("break %q: "+format, append([]any{b.ID}, args...)...))
	}
	if b.ID == "" || b.Title == "" || b.Claim == "" || b.State == nil {
		bad("ID, Title, Claim and State are required")
	}
	if n := len(b.Hypotheses); n < 1 || n > maxHypotheses {
		bad("%d hypotheses to drop, want 1 to %d", n, maxHypotheses)
	}
	seen := map[string]bool{}
	for _, h := range b.Hypotheses {
		if h.Name == "" || h.Held == "" || h.Drop == "" || seen[h.Name] {
			bad("hypothesis %q: Name, Held and Drop are required, and names differ", h.Name)
		}
		seen[h.Name] = true
	}
	return errors.Join(errs...)
}
