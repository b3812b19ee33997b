package deepnet

import "math"

// The kinds of rows in Table.
const (
	Plain    = "plain descent"
	Stopping = "early stopping"
	Ridge    = "l2 penalty"
	Lasso    = "l1 penalty"
	Masks    = "dropout"
	InPlace  = "dropout's penalty"
)

// Row is one regularizer, tuned on the validation digits.
type Row struct {
	Kind   string
	Chosen string // the method with the least validation loss among those of its kind
	Score  Score  // on the test digits
}

// Table compares regularizers over the outcomes of some results on the same digits: of each kind the
// strength with the least validation loss. Early stopping is plain descent at the look with the least
// validation loss.
func Table(results ...*Result) []Row {
	var rows []Row
	for _, kind := range []string{Plain, Stopping, Ridge, Lasso, Masks, InPlace} {
		best := Row{Kind: kind, Score: Score{Validation: math.Inf(1)}}
		for _, r := range results {
			for i := range r.Outcomes {
				o := &r.Outcomes[i]
				score := o.Test
				if kind == Stopping {
					score = o.Stopped
				}
				if o.Method.kind() == kind || kind == Stopping && o.Method.kind() == Plain {
					if score.Validation < best.Score.Validation {
						best.Chosen, best.Score = o.Method.Name(), score
					}
				}
			}
		}
		if best.Chosen != "" {
			rows = append(rows, best)
		}
	}
	return rows
}

func (m Method) kind() string {
	switch {
	case m.L1 > 0:
		return Lasso
	case m.L2 > 0:
		return Ridge
	case m.Rate == 0:
		return Plain
	case m.Penalty:
		return InPlace
	}
	return Masks
}
