package graph

import (
	"context"
	"fmt"
	"math/bits"
	"strings"

	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks returns the claims about graph kernels with hypotheses to drop. They need no backend and
// take well under a second.
func Breaks() []lesson.Break { return []lesson.Break{BreakRegular()} }

// BreakRegular is the blindness of 9.E2/blind with its two hypotheses to drop: degrees all equal,
// features all equal. Where it fails, the counterexample has the fewest nodes and edges there are.
func BreakRegular() lesson.Break {
	return lesson.Break{
		ID: "9.E2/break", Title: "Graphs that no message passing tells apart",
		Claim: `Two graphs of one number of nodes, in which all nodes have one degree and equal features, have the same graph NTK with every graph, for any number of blocks and layers.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "regular", Held: "all nodes have the same degree", Drop: "let degrees differ, and keep the number of edges"},
			{Name: "equal", Held: "all nodes have the same features", Drop: "mark one node of each graph"},
		},
		State: regularState,
	}
}

func regularState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn = "graph.BreakRegular"
	k := Kernel{Blocks: 4, Layers: 1}
	marked := dropped["equal"]
	dress := func(a, b Graph) [2]Graph {
		if marked {
			return [2]Graph(distinguished(a, b))
		}
		return [2]Graph{a, b}
	}
	pair, names := dress(Cycle(6), Union(Cycle(3), Cycle(3))), [2]string{"hexagon", "two triangles"}
	if dropped["regular"] {
		a, b, err := smallest(ctx, k, dress)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		pair, names = dress(a, b), [2]string{"first", "second"}
	}
	f, y, err := pairFigure(ctx, names, pair, k.Layers, marked)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	f.ID = "9.E2-break"
	s := &lesson.State{Figure: f}
	if !dropped["regular"] && !marked {
		worst := 0.0
		others := [][2]Graph{pair, {prism(), bipartite()}, {Cycle(7), Union(Cycle(3), Cycle(4))}, {Cycle(8), Union(Cycle(4), Cycle(4))}, {Cycle(9), Union(Cycle(3), Cycle(3), Cycle(3))}}
		for _, p := range others {
			for _, k := range []Kernel{{Blocks: 2, Layers: 1}, {Blocks: 5, Layers: 3, Jumping: true}} {
				d, err := relativeDistance(ctx, k, p[0], p[1])
				if err != nil {
					return nil, fmt.Errorf("%s: %w", fn, err)
				}
				worst = max(worst, d)
			}
		}
		s.Holds = worst < 1e-6 // the root of rounding
		s.Verdict = fmt.Sprintf("Distance 0 for a hexagon and two triangles at every number of blocks, and for %d other pairs: every node sees the same sums.", len(others)-1)
		if !s.Holds {
			s.Counterexample = fmt.Sprintf("A pair at distance %.2g.", worst)
		}
		return s, nil
	}
	blocks := 0
	for blocks < len(y)-1 && y[blocks] == 0 {
		blocks++
	}
	s.Verdict = fmt.Sprintf("The kernel tells them apart with $B\\ge%d$.", blocks)
	what := "A hexagon and two triangles"
	if dropped["regular"] {
		what = fmt.Sprintf("The fewest nodes and edges there are: edges %s against %s on %d nodes", edgeWords(pair[0]), edgeWords(pair[1]), pair[0].Nodes())
	}
	if marked {
		what += ", node 0 marked"
	}
	s.Counterexample = fmt.Sprintf("%s: distance %.3f at $B=%d$.", what, y[blocks], blocks)
	return s, nil
}

// edgeWords writes edges as "0–1, 0–2".
func edgeWords(g Graph) string {
	words := make([]string, len(g.Edges))
	for i, e := range g.Edges {
		words[i] = fmt.Sprintf("%d–%d", e[0], e[1])
	}
	return strings.Join(words, ", ")
}

// smallest returns the first two graphs of equal numbers of nodes and edges that the kernel tells
// apart, fewest nodes first, then fewest edges, among all graphs of up to five nodes.
func smallest(ctx context.Context, k Kernel, dress func(a, b Graph) [2]Graph) (Graph, Graph, error) {
	for n := 2; n <= 5; n++ {
		all := Complete(n).Edges
		for m := 0; m <= len(all); m++ {
			var first *Graph
			for set := range uint(1) << len(all) {
				if bits.OnesCount(set) != m {
					continue
				}
				var e [][2]int
				for i := range all {
					if set>>i&1 == 1 {
						e = append(e, all[i])
					}
				}
				g := New(n, e...)
				if first == nil {
					first = &g
					continue
				}
				p := dress(*first, g)
				d, err := relativeDistance(ctx, k, p[0], p[1])
				if err != nil {
					return Graph{}, Graph{}, err
				}
				if d > 1e-6 {
					return *first, g, nil
				}
			}
		}
	}
	return Graph{}, Graph{}, fmt.Errorf("the %s tells no two graphs of up to five nodes apart", k)
}

// Predictions returns what a reader is asked about graph kernels before it is shown. It needs no
// backend and takes about a second.
func Predictions(ctx context.Context) ([]lesson.Prediction, error) {
	p, err := PredictTriangles(ctx)
	if err != nil {
		return nil, err
	}
	return []lesson.Prediction{p}, nil
}

// PredictTriangles asks how well the graph NTK tells many triangles from few in 4-regular graphs: not
// at all.
func PredictTriangles(ctx context.Context) (lesson.Prediction, error) {
	s, err := RunStudy(ctx, StudyConfig{Tasks: []Task{Triangles}})
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("graph.PredictTriangles: %w", err)
	}
	f := FigureStudy(s)
	f.ID, f.Title = "9.E2/predict", "Many against few triangles"
	v, t := s.Scores[0][len(s.Methods)-1], s.Facts[0].Triangles
	return lesson.Prediction{
		ID: "9.E2/predict", Title: "Counting triangles by passing messages",
		Question: fmt.Sprintf(`Two families of graphs with %d nodes, every node of degree 4. Graphs of the first have %.0f triangles on average, of the second %.0f. Kernel regression with the graph NTK of %d blocks sees %d of them with their families and is asked about the rest. What **percentage** does it get right?`,
			s.Config.Nodes, t[0], t[1], s.Config.Kernels[len(s.Config.Kernels)-1].Blocks, v.N*(s.Config.Folds-1)/s.Config.Folds),
		Guess: &lesson.Guess{
			Answer: 100 * v.Accuracy(), Unit: "%", Worst: 40, Obvious: "nearly all, the families look so different", Baseline: 95, Figure: &f,
		},
		Reading: `Exactly half. All nodes have one degree and one feature, so that every node receives the same sum in every block, whatever is joined to what: all graphs of both families have **identical** kernel rows. The same holds for a trained network of this kind, at any width, and for the Weisfeiler-Lehman kernel.`,
	}, nil
}
