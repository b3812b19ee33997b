package tied

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Block is a set of columns of one length that spans some eigenvectors of M.
type Block struct {
	Columns int     // k
	Support []int   // E, eigenvectors counted from 0, rising
	Norm    float64 // c = Σ_E λ_i/(k + λ|E|), the squared length of each column
}

// Family is a set of critical points of (11.11) that rotations within the blocks and the order of the columns
// turn into each other.
type Family struct {
	Blocks   []Block   // of different lengths above 0; columns in none are 0
	Spectrum []float64 // of UUᵀ along the eigenvectors of M: λ_i - λc on supports, 0 elsewhere
	Value    float64   // L_θ
	Global   bool      // it is a global minimum
}

// Equalized says whether all columns have one length.
func (f *Family) Equalized(width int) bool {
	return len(f.Blocks) == 0 || len(f.Blocks) == 1 && f.Blocks[0].Columns == width
}

// Name writes the blocks: "{0,1}" for one that spans w₁ and w₂ over all columns, "{0}×2" for one that leaves
// columns to others.
func (f *Family) Name(width int) string {
	if len(f.Blocks) == 0 {
		return "{}"
	}
	name := ""
	for i, b := range f.Blocks {
		if i > 0 {
			name += " + "
		}
		name += "{"
		for k, e := range b.Support {
			if k > 0 {
				name += ","
			}
			name += fmt.Sprint(e)
		}
		name += "}"
		if b.Columns != width {
			name += fmt.Sprintf("×%d", b.Columns)
		}
	}
	return name
}

// Limits of the enumerations.
const (
	equalizedLimit = 16
	familyLimit    = 7
)

// Equalized returns the families of equalized critical points (Lemma 11.3.7): the supports E with |E| ≤ d₁
// whose s_i = λ_i - λ·Σ_E λ_k/(d₁ + λ|E|) are all above 0, (11.14). They are ordered by value. Where M has a
// repeated eigenvalue they are the members along the basis at hand. d₀ is at most 16. Cost O(2^d₀).
func (m *Model) Equalized() ([]Family, error) {
	if m.d0 > equalizedLimit {
		return nil, fmt.Errorf("tied.Equalized: M of order %d has 2^%d supports, want an order of at most %d", m.d0, m.d0, equalizedLimit)
	}
	var out []Family
	for bits := range 1 << m.d0 {
		var support []int
		for i := range m.d0 {
			if bits>>i&1 == 1 {
				support = append(support, i)
			}
		}
		if len(support) > m.d1 {
			continue
		}
		if f, ok := m.family([]Block{{Columns: m.d1, Support: support}}); ok {
			out = append(out, f)
		}
	}
	sortFamilies(out)
	return out, nil
}

// Families returns all families of critical points, equalized or not, by value. For λ = 0 nothing tells
// columns apart and they are those of Equalized. d₀ is at most 7. The cost grows like the number of ways to
// share d₀ eigenvectors out to blocks.
func (m *Model) Families() ([]Family, error) {
	if m.lambda == 0 {
		return m.Equalized()
	}
	if m.d0 > familyLimit {
		return nil, fmt.Errorf("tied.Families: M of order %d, want at most %d", m.d0, familyLimit)
	}
	var out []Family
	var share func(i int, supports [][]int)
	share = func(i int, supports [][]int) {
		if len(supports) > m.d1 {
			return
		}
		if i == m.d0 {
			m.columns(supports, &out)
			return
		}
		share(i+1, supports) // in no support
		for k := range supports {
			next := slices.Clone(supports)
			next[k] = append(slices.Clone(next[k]), i)
			share(i+1, next)
		}
		share(i+1, append(slices.Clone(supports), []int{i}))
	}
	share(0, nil)
	sortFamilies(out)
	return out, nil
}

// columns gives each support every number of columns that fits, and keeps what is critical.
func (m *Model) columns(supports [][]int, out *[]Family) {
	blocks := make([]Block, len(supports))
	var give func(k, left int)
	give = func(k, left int) {
		if k == len(supports) {
			if f, ok := m.family(blocks); ok {
				*out = append(*out, f)
			}
			return
		}
		for n := len(supports[k]); n <= left; n++ {
			blocks[k] = Block{Columns: n, Support: supports[k]}
			give(k+1, left-n)
		}
	}
	give(0, m.d1)
}

// family completes the blocks, and says whether they are a family: all s_i above 0, no two lengths the same.
func (m *Model) family(blocks []Block) (Family, bool) {
	f := Family{Spectrum: make([]float64, m.d0)}
	penalty := 0.0
	for _, b := range blocks {
		if len(b.Support) == 0 {
			continue
		}
		sum := 0.0
		for _, i := range b.Support {
			sum += m.values[i]
		}
		b.Norm = sum / (float64(b.Columns) + m.lambda*float64(len(b.Support)))
		for _, i := range b.Support {
			s := m.values[i] - m.lambda*b.Norm
			if !(s > m.zero()) {
				return Family{}, false
			}
			f.Spectrum[i] = s
		}
		for _, o := range f.Blocks {
			if math.Abs(o.Norm-b.Norm) <= 1e-12*b.Norm {
				return Family{}, false // one block of the columns of both
			}
		}
		f.Blocks = append(f.Blocks, b)
		penalty += float64(b.Columns) * b.Norm * b.Norm
	}
	for i, v := range m.values {
		f.Value += (v - f.Spectrum[i]) * (v - f.Spectrum[i])
	}
	f.Value += m.lambda * penalty
	f.Global = m.global(&f)
	return f, true
}

// global says whether an equalized family has the ρ largest eigenvalues as its support.
func (m *Model) global(f *Family) bool {
	if !f.Equalized(m.d1) {
		return false
	}
	rho := 0 // the eigenvalues that the minimum keeps, but for one that rounding alone holds above the threshold
	for _, s := range m.Minimum().Spectrum {
		if s > m.zero() {
			rho++
		}
	}
	if len(f.Blocks) == 0 {
		return rho == 0
	}
	e := f.Blocks[0].Support
	if len(e) != rho {
		return false
	}
	for k, i := range e {
		if !m.same(i, k) { // of equal eigenvalues any will do
			return false
		}
	}
	return true
}

// same says whether two eigenvalues are one to rounding.
func (m *Model) same(i, j int) bool {
	return math.Abs(m.values[i]-m.values[j]) <= m.zero()
}

// zero is how far from 0 rounding may put an s_i that is 0: on the border of two families.
func (m *Model) zero() float64 {
	return 1e-12 * max(math.Abs(m.values[0]), math.Abs(m.values[m.d0-1]))
}

func sortFamilies(list []Family) {
	slices.SortStableFunc(list, func(a, b Family) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
}

// Point returns a critical point of the family: blocks side by side, zero columns last. r, if not nil, chooses
// the rotation of each block; nil means the one nearest to the eigenvectors in order.
func (m *Model) Point(f *Family, r *rand.Rand) *mat.Dense {
	u := mat.NewDense(m.d0, m.d1, nil)
	at := 0
	for _, b := range f.Blocks {
		var v *mat.Dense
		if r != nil {
			var qr mat.QR
			qr.Factorize(mat.NewDense(b.Columns, b.Columns, rng.Normals(r, b.Columns*b.Columns)))
			v = &mat.Dense{}
			qr.QTo(v)
		}
		part := *m
		part.d1 = b.Columns
		u.Slice(0, m.d0, at, at+b.Columns).(*mat.Dense).Copy(part.factor(b.Support, f.Spectrum, v))
		at += b.Columns
	}
	return u
}

// Case returns the number of an equalized family in the proof of Lemma 11.3.7: 1 for the global minimum, 2
// for a support of the largest eigenvalues that is too small, 3 for any other. Case 0, one that is too large,
// never occurs: Equalized would have met an s_i ≤ 0.
func (m *Model) Case(f *Family) int {
	if f.Global {
		return 1
	}
	if len(f.Blocks) == 0 {
		return 2
	}
	for k, i := range f.Blocks[0].Support {
		if !m.same(i, k) {
			return 3
		}
	}
	if len(f.Blocks[0].Support) > m.Minimum().Rank {
		return 0
	}
	return 2
}
