package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/mat"
)

// TableConfig describes the comparison of kernels on the embedded UCI tables (section 9.5). The
// protocol draws no random number: within each class the k-th sample is in fold k mod 5, columns are
// standardised by the training rows (population standard deviation), kernel regression on ±1 codes has
// the relative ridge 0.01. The zero value takes about 5 s on two cores, nearly all of it on the digits.
type TableConfig struct {
	Tables  []string // names for data.Embedded; nil means all four
	Methods []Method // nil means UCIMethods
}

// Method is a kernel in the comparison. RBF set means exp(-‖x-x'‖²/d) in place of Kernel.
type Method struct {
	Name   string
	Kernel Kernel
	RBF    bool
}

// UCIMethods are the columns of the table.
func UCIMethods() []Method {
	return []Method{
		{Name: "linear", Kernel: Kernel{}},
		{Name: "RBF", RBF: true},
		{Name: "NTK 1", Kernel: Kernel{Depth: 1}},
		{Name: "NTK 3", Kernel: Kernel{Depth: 3}},
		{Name: "NTK 5", Kernel: Kernel{Depth: 5}},
		{Name: "NNGP 3", Kernel: Kernel{Depth: 3, NNGP: true}},
		{Name: "NTK 3 with bias", Kernel: Kernel{Depth: 3, Bias: true}},
	}
}

// Tables is the result: Scores[t][m] for table t and method m.
type Tables struct {
	Config TableConfig
	Names  []string // of the tables
	Scores [][]Score
}

// RunTables cross-validates every method on every table.
func RunTables(ctx context.Context, cfg TableConfig, progress func(done, total int)) (*Tables, error) {
	if cfg.Tables == nil {
		cfg.Tables = data.EmbeddedNames()
	}
	if cfg.Methods == nil {
		cfg.Methods = UCIMethods()
	}
	r := &Tables{Config: cfg, Names: cfg.Tables}
	for t, name := range cfg.Tables {
		table, err := data.Embedded(name)
		if err != nil {
			return nil, fmt.Errorf("ntk.RunTables: %w", err)
		}
		r.Scores = append(r.Scores, nil)
		for m, method := range cfg.Methods {
			v := Validation{Kernel: method.Kernel}.withDefaults()
			validate := func() (*Score, error) { return CrossValidate(ctx, v, table.X, table.Y) }
			if method.RBF {
				validate = func() (*Score, error) {
					return crossValidate(ctx, v, table.X, table.Y, func(a *mat.Dense, labels []int, b *mat.Dense) ([]int, error) {
						return classifyRBF(ctx, a, labels, b, v.Ridge)
					})
				}
			}
			s, err := validate()
			if err != nil {
				return nil, fmt.Errorf("ntk.RunTables: %s, %s: %w", name, method.Name, err)
			}
			r.Scores[t] = append(r.Scores[t], *s)
			if progress != nil {
				progress(t*len(cfg.Methods)+m+1, len(cfg.Tables)*len(cfg.Methods))
			}
		}
	}
	return r, nil
}

// AverageRank returns, for each method, its rank by correct rows averaged over the tables: 1 is the
// best, and methods that tie share the mean of their ranks.
func (t *Tables) AverageRank() []float64 {
	out := make([]float64, len(t.Config.Methods))
	for _, scores := range t.Scores {
		for m := range out {
			rank := 1.0
			for o, other := range scores {
				switch {
				case other.Correct > scores[m].Correct:
					rank++
				case other.Correct == scores[m].Correct && o != m:
					rank += .5
				}
			}
			out[m] += rank / float64(len(t.Scores))
		}
	}
	return out
}

// classifyRBF is Classify with the Gaussian kernel exp(-‖x-z‖²/d), the usual choice on standardised
// columns; the mean of its diagonal is 1.
func classifyRBF(ctx context.Context, train *mat.Dense, labels []int, test *mat.Dense, ridge float64) ([]int, error) {
	k, err := rbf(ctx, train, train)
	if err != nil {
		return nil, err
	}
	n, _ := k.Dims()
	g := mat.NewSymDense(n, k.RawMatrix().Data)
	addDiagonal(g, ridge)
	f, err := linalg.CholeskyContext(ctx, g)
	if err != nil {
		return nil, err
	}
	classes := distinct(labels)
	alpha, err := f.SolveContext(ctx, Codes(labels, classes))
	if err != nil {
		return nil, err
	}
	cross, err := rbf(ctx, test, train)
	if err != nil {
		return nil, err
	}
	var scores mat.Dense
	scores.Mul(cross, alpha)
	return decide(&scores, classes), nil
}

// rbf returns exp(-‖x-z‖²/d).
func rbf(ctx context.Context, x, z *mat.Dense) (*mat.Dense, error) {
	inner, err := Kernel{}.CrossContext(ctx, x, z)
	if err != nil {
		return nil, err
	}
	xx, err := Kernel{}.Diag(x)
	if err != nil {
		return nil, err
	}
	zz, err := Kernel{}.Diag(z)
	if err != nil {
		return nil, err
	}
	_, d := x.Dims()
	inner.Apply(func(i, j int, v float64) float64 {
		return math.Exp(-max(0, xx[i]+zz[j]-2*v) / float64(d))
	}, inner)
	return inner, nil
}
