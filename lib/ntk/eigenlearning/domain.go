package eigenlearning

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// domain is a finite set of points with a kernel whose eigenfunctions are known: what an experiment
// draws training sets from.
type domain struct {
	gram    *mat.SymDense
	levels  []Level
	targets *mat.Dense // M×c, mean square 1 each
	group   []int      // of each target: its place in Config.Degrees
	size    []float64  // targets of each group

	// totals returns the learnability of all eigenfunctions of each level together.
	totals func(*Fit) []float64
}

// newDomain builds the domain of a configuration with its defaults filled in.
func newDomain(cfg Config) (*domain, error) {
	kernel := ntk.Kernel{Depth: cfg.Depth, NNGP: cfg.NNGP}
	if cfg.Circle > 0 {
		return circleDomain(cfg, kernel)
	}
	cube, err := NewCube(cfg.Bits, kernel)
	if err != nil {
		return nil, err
	}
	d := &domain{gram: cube.Gram(), levels: cube.Spectrum()}
	d.totals = func(f *Fit) []float64 {
		out := make([]float64, len(d.levels))
		for s, l := range f.walshLearnability() {
			out[bits.OnesCount(uint(s))] += l
		}
		return out
	}
	var columns [][]float64
	for p, k := range cfg.Degrees {
		for _, s := range cube.parities(k) { // by symmetry their errors have one mean
			columns, d.group = append(columns, cube.Parity(s)), append(d.group, p)
		}
	}
	d.setTargets(columns, len(cfg.Degrees))
	return d, nil
}

func (d *domain) setTargets(columns [][]float64, groups int) {
	d.targets = mat.NewDense(d.gram.SymmetricDim(), len(columns), nil)
	d.size = make([]float64, groups)
	for j, c := range columns {
		d.targets.SetCol(j, c)
		d.size[d.group[j]]++
	}
}

// circleLevels returns the eigenvalues of a kernel on m evenly spaced points of the unit circle, by
// frequency 0..m/2, and the kernel's first row, whose discrete Fourier transform they are. Values that
// are rounding count as 0.
func circleLevels(k ntk.Kernel, m int) (levels []Level, row []float64, err error) {
	if m < 3 || m > 1<<maxBits {
		return nil, nil, fmt.Errorf("eigenlearning.Run: %d points, want 3 to %d", m, 1<<maxBits)
	}
	r, err := k.Cross(mat.NewDense(1, 2, []float64{1, 0}), ntk.Circle(m))
	if err != nil {
		return nil, nil, fmt.Errorf("eigenlearning.Run: %w", err)
	}
	row = r.RawRowView(0)
	for f := 0; f <= m/2; f++ {
		l := Level{Degree: f, Count: 2}
		if f == 0 || 2*f == m {
			l.Count = 1
		}
		for j, v := range row {
			l.Lambda += v * cosine(f*j, m) / float64(m)
		}
		if math.Abs(l.Lambda) < float64(m)*0x1p-52*row[0] {
			l.Lambda = 0
		}
		levels = append(levels, l)
	}
	return levels, row, nil
}

// cosine is cos(2πi/m), the phase reduced first.
func cosine(i, m int) float64 { return math.Cos(2 * math.Pi * float64(i%m) / float64(m)) }

func circleDomain(cfg Config, kernel ntk.Kernel) (*domain, error) {
	m := cfg.Circle
	levels, row, err := circleLevels(kernel, m)
	if err != nil {
		return nil, err
	}
	d := &domain{levels: levels, gram: mat.NewSymDense(m, nil)}
	for i := range m {
		for j := i; j < m; j++ {
			d.gram.SetSym(i, j, row[j-i])
		}
	}
	wave := func(f int, sine bool) []float64 {
		v := make([]float64, m)
		for i := range v {
			v[i] = cosine(f*i, m)
			if sine {
				v[i] = math.Sin(2 * math.Pi * float64(f*i%m) / float64(m))
			}
		}
		floats.Scale(math.Sqrt(float64(m))/floats.Norm(v, 2), v)
		return v
	}
	waves := func(l Level) [][]float64 {
		w := [][]float64{wave(l.Degree, false)}
		if l.Count == 2 {
			w = append(w, wave(l.Degree, true))
		}
		return w
	}
	d.totals = func(f *Fit) []float64 { return f.fourierLearnability(levels) }
	var columns [][]float64
	for p, f := range cfg.Degrees {
		for _, w := range waves(levels[f]) {
			columns, d.group = append(columns, w), append(d.group, p)
		}
	}
	d.setTargets(columns, len(cfg.Degrees))
	return d, nil
}
