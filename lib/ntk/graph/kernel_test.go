package graph

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// TestSingleNode: on graphs of one node there is nothing to aggregate, and the graph NTK of B blocks
// of R layers is the fully-connected NTK of depth B·R, which package ntk computes by other code.
func TestSingleNode(t *testing.T) {
	x := mat.NewDense(4, 3, rng.Normals(rng.Stream(1, "x"), 12))
	graphs := make([]Graph, 4)
	for i := range graphs {
		graphs[i] = Graph{Features: [][]float64{mat.Row(nil, i, x)}}
	}
	for _, k := range []Kernel{{Blocks: 1, Layers: 1}, {Blocks: 1, Layers: 3}, {Blocks: 3, Layers: 1}, {Blocks: 2, Layers: 2}, {Blocks: 2, Layers: 2, NNGP: true}, {Blocks: 2, Layers: 1, Mean: true}, {}} {
		got, err := k.Gram(t.Context(), graphs)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ntk.Kernel{Depth: k.Blocks * k.Layers, NNGP: k.NNGP}.Gram(x)
		if err != nil {
			t.Fatal(err)
		}
		var d mat.Dense
		d.Sub(got, want)
		if mat.Norm(&d, 2) > 1e-12*mat.Norm(want, 2) {
			t.Errorf("%v: apart by %g", k, mat.Norm(&d, 2))
		}
	}
}

// TestJumping: reading out all blocks adds the kernels of 0, 1, ..., B blocks.
func TestJumping(t *testing.T) {
	a, b := Star(5).OneHotDegrees(4), Cycle(6).OneHotDegrees(4)
	for _, k := range []Kernel{{Blocks: 3, Layers: 1}, {Blocks: 2, Layers: 2, Mean: true}, {Blocks: 2, Layers: 1, NNGP: true}} {
		sum := 0.0
		for blocks := range k.Blocks + 1 {
			one := k
			one.Blocks = blocks
			v, err := one.At(a, b)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		k.Jumping = true
		got, err := k.At(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-sum) > 1e-12*sum {
			t.Errorf("%v: got %.15g, want %.15g", k, got, sum)
		}
	}
}

func TestKernelValues(t *testing.T) {
	one := Kernel{Blocks: 1, Layers: 1}
	zero := Graph{Features: [][]float64{{0, 0}, {0, 0}}, Edges: [][2]int{{0, 1}}}
	cancel := Graph{Features: [][]float64{{1, 0}, {-1, 0}}, Edges: [][2]int{{0, 1}}}
	east, north := Graph{Features: [][]float64{{1, 0}}}, Graph{Features: [][]float64{{0, 1}}}
	for _, tt := range []struct {
		name string
		k    Kernel
		a, b Graph
		want float64
	}{
		{"P₃ with itself: 2·7·7", one, Path(3), Path(3), 98},
		{"P₃ with K₃: 2·7·9", one, Path(3), Complete(3), 126},
		{"K₃ with itself: 2·9·9", one, Complete(3), Complete(3), 162},
		{"means of equal features are those features: 2·3·3", Kernel{Blocks: 1, Layers: 1, Mean: true}, Path(3), Complete(3), 18},
		{"no block: (Σh)·(Σh')", Kernel{}, Path(3), Complete(4), 12},
		{"no layer: linear messages, 7·9", Kernel{Blocks: 1}, Path(3), Complete(3), 63},
		{"features 0 give 0", one, zero, zero, 0},
		{"neighbours that cancel give 0", one, cancel, cancel, 0},
		{"at right angles: Σ¹ = 1/π of G1, and 0·κ₀", one, east, north, 1 / math.Pi},
		{"homogeneous: features times 3 and 5", one, scaled(Path(3), 3), scaled(Complete(3), 5), 15 * 126},
		{"two copies side by side count twice", one, Union(Path(3), Path(3)), Complete(3), 252},
	} {
		got, err := tt.k.At(tt.a, tt.b)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if math.Abs(got-tt.want) > 4*0x1p-52*math.Abs(tt.want) {
			t.Errorf("%s: got %.17g, want %.17g", tt.name, got, tt.want)
		}
	}
}

func scaled(g Graph, c float64) Graph {
	for u := range g.Features {
		for j := range g.Features[u] {
			g.Features[u][j] *= c
		}
	}
	return g
}

func TestKernelErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		k    Kernel
		x, z []Graph
		want string
	}{
		{"no graph", Kernel{}, nil, []Graph{Path(2)}, "x is empty"},
		{"an invalid graph", Kernel{}, []Graph{Path(2)}, []Graph{Path(2), New(1, [2]int{0, 1})}, "z[1]: edge 0"},
		{"features of two lengths", Kernel{}, []Graph{Path(2)}, []Graph{Path(2).OneHotDegrees(3)}, "z[0] has 4 features"},
		{"negative blocks", Kernel{Blocks: -1}, []Graph{Path(2)}, []Graph{Path(2)}, "-1 blocks"},
		{"negative layers", Kernel{Layers: -2}, []Graph{Path(2)}, []Graph{Path(2)}, "-2 layers"},
		{"overflow", Kernel{Blocks: 1, Layers: 1}, []Graph{scaled(Path(2), 1e160)}, []Graph{scaled(Path(2), 1e160)}, "overflows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.k.Cross(t.Context(), tt.x, tt.z); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := (Kernel{Blocks: 1, Layers: 1}).Gram(t.Context(), []Graph{scaled(Path(2), 1e160)}); err == nil {
		t.Error("Gram: an overflow must be an error")
	}
}

// TestGramIsPSD: a kernel is; and Cross agrees with Gram.
func TestGramIsPSD(t *testing.T) {
	graphs, _, err := Draw(Mixing, 15, 10, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []Kernel{{Blocks: 2, Layers: 1}, {Blocks: 3, Layers: 2, Jumping: true}, {Blocks: 2, Layers: 1, Mean: true}} {
		g, err := k.Gram(t.Context(), graphs)
		if err != nil {
			t.Fatal(err)
		}
		v, err := linalg.EigenvaluesSym(g)
		if err != nil {
			t.Fatal(err)
		}
		if v[len(v)-1] < -1e-12*v[0] {
			t.Errorf("%v: smallest eigenvalue %g of %g", k, v[len(v)-1], v[0])
		}
		c, err := k.Cross(t.Context(), graphs, graphs)
		if err != nil {
			t.Fatal(err)
		}
		var d mat.Dense
		d.Sub(c, g)
		if mat.Norm(&d, 2) > 1e-9*mat.Norm(g, 2) {
			t.Errorf("%v: Cross and Gram apart by %g", k, mat.Norm(&d, 2))
		}
	}
}

func TestProcessors(t *testing.T) {
	graphs, _, err := Draw(Signal, 12, 6, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	var first *mat.SymDense
	for _, p := range []int{1, 2, 3} {
		old := runtime.GOMAXPROCS(p)
		g, err := Kernel{Blocks: 2, Layers: 2}.Gram(t.Context(), graphs)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = g
		}
		if !reflect.DeepEqual(g, first) {
			t.Errorf("GOMAXPROCS = %d gives another matrix", p)
		}
	}
}

// TestCancel: work of minutes ends soon after the context does. The bound is the time that a person
// waits, far above what it takes.
func TestCancel(t *testing.T) {
	g := Complete(300).OneHotDegrees(3)
	graphs := make([]Graph, 60)
	for i := range graphs {
		graphs[i] = g
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := (Kernel{Blocks: 20, Layers: 2}).Gram(ctx, graphs); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// TestWeisfeilerLehman: the kernel of P₃ and K₃ by hand. Round 0: all colours equal, 3·3. Round 1:
// ends (one neighbour), middle and triangle nodes (two): 1·3 in common. Round 2: the middle has seen
// ends, the triangle nodes their like: nothing.
func TestWeisfeilerLehman(t *testing.T) {
	for rounds, want := range [][3]float64{{9, 9, 9}, {9 + 4 + 1, 9 + 3, 9 + 9}, {9 + 5 + 5, 12, 27}} {
		g, err := WeisfeilerLehman([]Graph{Path(3), Complete(3)}, rounds, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]float64{g.At(0, 0), g.At(0, 1), g.At(1, 1)}; got != want {
			t.Errorf("%d rounds: got %v, want %v", rounds, got, want)
		}
	}
	if _, err := WeisfeilerLehman([]Graph{Path(3)}, -1, nil); err == nil {
		t.Error("negative rounds")
	}
	if _, err := WeisfeilerLehman([]Graph{Path(3)}, 1, func(Graph) []int { return nil }); err == nil {
		t.Error("too few colours")
	}
}

func TestDegreeHistogram(t *testing.T) {
	g, err := DegreeHistogram([]Graph{Path(3), Star(4)})
	if err != nil {
		t.Fatal(err)
	}
	// Path: two of degree 1, one of 2. Star: three of degree 1, one of 3.
	if g.At(0, 0) != 5 || g.At(0, 1) != 6 || g.At(1, 1) != 10 {
		t.Errorf("got %v", g)
	}
}

func TestCrossValidate(t *testing.T) {
	labels := []int{7, 3, 7, 3, 7, 3, 7, 3}
	y := []float64{1, -1, 1, -1, 1, -1, 1, -1}
	perfect, flat := mat.NewSymDense(8, nil), mat.NewSymDense(8, nil)
	for i := range 8 {
		for j := range 8 {
			perfect.SetSym(i, j, y[i]*y[j])
			flat.SetSym(i, j, 1)
		}
	}
	s, err := CrossValidate(t.Context(), perfect, labels, 4, .01)
	if err != nil {
		t.Fatal(err)
	}
	if s.Correct != 8 || !reflect.DeepEqual(s.Predicted, labels) {
		t.Errorf("a kernel that is the labels: %+v", s)
	}
	if s, err = CrossValidate(t.Context(), flat, labels, 4, .01); err != nil {
		t.Fatal(err)
	}
	if s.Correct != 4 || s.Predicted[0] != 3 {
		t.Errorf("a kernel that sees nothing must give every graph the smaller label: %+v", s)
	}
	for name, err := range map[string]error{
		"ridge 0":          third(CrossValidate(t.Context(), flat, labels, 4, 0)),
		"too few labels":   third(CrossValidate(t.Context(), flat, labels[:7], 4, .01)),
		"one class":        third(CrossValidate(t.Context(), flat, make([]int, 8), 4, .01)),
		"too many folds":   third(CrossValidate(t.Context(), flat, labels, 9, .01)),
		"a matrix of zero": third(CrossValidate(t.Context(), mat.NewSymDense(8, nil), labels, 4, .01)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func third(_ *ntk.Score, err error) error { return err }
