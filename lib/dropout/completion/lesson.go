package completion

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks lists the claims of section 11.1.2 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakMaxNorm()} }

// BreakMaxNorm drops the bound on the rows of U and V from Theorem 11.1.2.
func BreakMaxNorm() lesson.Break {
	const name, most = "max-norm", .05
	return lesson.Break{
		ID: "11.D7/break", Title: "Does a small training error with a small penalty mean a small risk?",
		Claim: `Factors with rows of squared norm at most $\gamma=1.2$ that bring $\hat L$ and $\hat R$ to their minimum also have a risk below 0.05, on 400 of 600 cells.`,
		Hypotheses: []lesson.Hypothesis{{
			Name: name, Held: `$\max_i\|U(i,:)\|^2\le\gamma$ and $\max_k\|V(k,:)\|^2\le\gamma$ (max-norm)`, Drop: "let rows be as heavy as they like"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			h, err := heavies.Get(ctx, nil, SweepConfig{})
			if err != nil {
				return nil, fmt.Errorf("completion.BreakMaxNorm: %w", err)
			}
			at := 4 // t² = 1, the most that γ = 1.2 allows on the grid
			if dropped[name] {
				at = len(h.Line) - 1
			}
			s := &lesson.State{Holds: h.LineRisk[at] < most, Figure: *figureHeavy(h, at)}
			s.Figure.ID = "11.D7/break"
			if s.Holds {
				s.Verdict = fmt.Sprintf("A unit on the hidden cell (%d, %d) can add 1 there, at most 1.2: the risk is %.3g..", h.Row+1, h.Col+1, h.LineRisk[at])
			} else {
				s.Verdict = fmt.Sprintf("$\\hat L+\\lambda\\hat R$ is the same, %.6g, and the risk is %.3g: row and column meet where nothing was observed.", h.LineObjective[at], h.LineRisk[at])
				s.Counterexample = fmt.Sprintf("one hidden unit, 10 in row %d of U and 10 in row %d of V, 0 elsewhere", h.Row+1, h.Col+1)
			}
			return s, nil
		},
	}
}
