package graph

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// exploreBlocks and exploreLayers are the grids of the explorers' sliders.
var (
	exploreBlocks = []float64{0, 1, 2, 3, 4}
	exploreLayers = []float64{1, 2, 3}
)

// ExploreFamilies shows how the graph NTK sorts two families of graphs: accuracy against the number
// of blocks, and the kernel between graphs after centring. The work behind one family and number of
// layers is done once, about 0.3 s on two cores, and shared by all settings.
func ExploreFamilies() figure.Explorer {
	tasks := Tasks()
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = words[t]
	}
	work := map[[2]int]func() (*families, error){}
	for t := range tasks {
		for _, r := range exploreLayers {
			work[[2]int{t, int(r)}] = sync.OnceValues(func() (*families, error) {
				return newFamilies(context.Background(), tasks[t], int(r))
			})
		}
	}
	return figure.Explorer{
		ID: "9.E2/families", Title: "Which graphs can message passing tell apart?",
		Try:  `Start at no blocks and add some. With one sequence of degrees, everything comes from the first two blocks; with triangles, no number of blocks or layers helps.`,
		Play: "blocks",
		Controls: []figure.Control{
			figure.Choose("task", "families", names...).From(1),
			figure.Slide("blocks", "blocks B", exploreBlocks...).From(2),
			figure.Slide("layers", "layers in a block R", exploreLayers...),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			if err := ctx.Err(); err != nil {
				return figure.Figure{}, err
			}
			get := work[[2]int{at.Int("task"), at.Int("layers")}]
			if get == nil || at.Int("blocks") < 0 || at.Int("blocks") >= len(exploreBlocks) {
				return figure.Figure{}, fmt.Errorf("graph.ExploreFamilies: task %d, %d blocks, %d layers: not on the grid", at.Int("task"), at.Int("blocks"), at.Int("layers"))
			}
			f, err := get()
			if err != nil {
				return figure.Figure{}, err
			}
			return f.figure(at.Int("blocks")), nil
		},
	}
}

// families holds what the figures of one task and one number of layers show.
type families struct {
	task   Task
	layers int
	study  *Study
	shown  [][][]float64 // centred cosines of a few graphs, by number of blocks
}

// shownGraphs is how many graphs of each class the picture of the kernel has.
const shownGraphs = 8

func newFamilies(ctx context.Context, task Task, layers int) (*families, error) {
	f := &families{task: task, layers: layers}
	cfg := StudyConfig{Tasks: []Task{task}, PerClass: 30}
	for _, b := range exploreBlocks {
		cfg.Kernels = append(cfg.Kernels, Kernel{Blocks: int(b), Layers: layers})
	}
	var err error
	if f.study, err = RunStudy(ctx, cfg); err != nil {
		return nil, err
	}
	c := f.study.Config
	graphs, labels, err := Draw(task, c.Nodes, shownGraphs, c.Noise, c.Seed)
	if err != nil {
		return nil, err
	}
	var sorted []Graph // the first class, then the second
	for class := range 2 {
		for i, g := range graphs {
			if labels[i] == class {
				sorted = append(sorted, g)
			}
		}
	}
	for _, k := range c.Kernels {
		g, err := k.Gram(ctx, sorted)
		if err != nil {
			return nil, err
		}
		f.shown = append(f.shown, centredCosines(g))
	}
	return f, nil
}

// centredCosines returns the cosines of the angles between the graphs' vectors in feature space after
// their mean is taken off; 0 where a vector is the mean itself.
func centredCosines(g *mat.SymDense) [][]float64 {
	n := g.SymmetricDim()
	mean, all := make([]float64, n), 0.0
	for i := range n {
		for j := range n {
			mean[i] += g.At(i, j) / float64(n)
		}
		all += mean[i] / float64(n)
	}
	at := func(i, j int) float64 { return g.At(i, j) - mean[i] - mean[j] + all }
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, n)
		for j := range out[i] {
			// Equal graphs leave rounding of the common part, which is no direction.
			if size := math.Sqrt(max(0, at(i, i)) * max(0, at(j, j))); size > 1e-9*all {
				out[i][j] = math.Round(1e3*at(i, j)/size) / 1e3
			}
		}
	}
	return out
}

func (f *families) figure(blocks int) figure.Figure {
	scores := f.study.Scores[0]
	x := exploreBlocks
	y, low, high := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for b := range x {
		v := scores[2+b]
		y[b], low[b], high[b] = v.Accuracy(), v.Low, v.High
	}
	place := make([]float64, 2*shownGraphs)
	for i := range place {
		place[i] = float64(i + 1)
	}
	now := y[blocks]
	verdict := "the kernel tells them apart"
	switch {
	case scores[2+blocks].Correct*2 == scores[2+blocks].N:
		verdict = "exactly one half: the kernel is blind here"
	case low[blocks] <= .5:
		verdict = "not to be told from guessing"
	}
	return figure.Figure{
		ID: "9.E2-families", Title: "Two families of graphs under the graph NTK", Columns: 2,
		Caption: fmt.Sprintf(`%s, $B=%d$, $R=%d$: %.2f of the graphs are put in the right family, %s. Degree histogram %.2f, Weisfeiler-Lehman %.2f.`,
			words[f.task], blocks, f.layers, now, verdict, scores[0].Accuracy(), scores[1].Accuracy()),
		Alt: fmt.Sprintf("Left: accuracy against blocks from 0 to 4 is %s; a mark at %d blocks. Right: map of the kernel between 16 graphs, eight of each family.",
			list(y), blocks),
		Panels: []figure.Panel{
			{
				Title: "accuracy",
				X:     figure.Axis{Label: "blocks B"}.Range(-.3, 4.3), Y: figure.Axis{Label: "accuracy"}.Range(.35, 1.05),
				Layers: []figure.Layer{
					figure.HRule("guessing", .5),
					figure.VRule("", float64(blocks)),
					figure.Line("degree histogram", 2, []float64{0, 4}, []float64{scores[0].Accuracy(), scores[0].Accuracy()}).As(figure.Bound),
					figure.Line("Weisfeiler-Lehman", 3, []float64{0, 4}, []float64{scores[1].Accuracy(), scores[1].Accuracy()}).As(figure.Bound),
					figure.Points("graph NTK, 95% interval", 1, x, y, low, high),
				},
			},
			{
				Title: "kernel between graphs, centred",
				X:     figure.Axis{Label: "graph"}, Y: figure.Axis{Label: "graph"},
				Layers: []figure.Layer{
					figure.Heat("", place, place, f.shown[blocks]).Coloured(figure.Axis{Label: "cosine"}.Range(-1, 1)),
				},
			},
		},
	}
}

// list writes numbers in words: "0.50, 0.83, 0.91".
func list(v []float64) string {
	s := ""
	for i, x := range v {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%.2f", x)
	}
	return s
}

// pictured is a pair of graphs with the places of their nodes.
type pictured struct {
	name string
	a, b Graph
}

func picturedPairs() []pictured {
	return []pictured{
		{"hexagon, two triangles", Cycle(6), Union(Cycle(3), Cycle(3))},
		{"prism, K₃,₃", prism(), bipartite()},
		{"path, star", Path(6), Star(6)},
		{"two trees of one degree sequence", tree(0), tree(1)},
	}
}

// tree is a path of five nodes with one more node, hung on the second or on the middle node of it;
// the degrees are the same.
func tree(k int) Graph {
	g := Path(5)
	g.Features = append(g.Features, []float64{1})
	g.Edges = append(g.Edges, [2]int{1 + k, 5})
	return g
}

// ExplorePairs shows two small graphs and their distance in the kernel's feature space against the
// number of blocks.
func ExplorePairs() figure.Explorer {
	pairs := picturedPairs()
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i] = p.name
	}
	return figure.Explorer{
		ID: "9.E2/pairs", Title: "Two graphs: how far apart?",
		Try: `A hexagon and two triangles stay at distance 0, whatever the blocks and layers, until one node is marked. The two trees have the same degrees: without features they need three blocks, with degrees as features one.`,
		Controls: []figure.Control{
			figure.Choose("pair", "graphs", names...),
			figure.Choose("features", "features", "1 at every node", "one-hot degrees", "one node marked", "random numbers"),
			figure.Slide("layers", "layers in a block R", exploreLayers...),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			i := at.Int("pair")
			if i < 0 || i >= len(pairs) || at.Int("layers") < 0 {
				return figure.Figure{}, fmt.Errorf("graph.ExplorePairs: pair %d, %d layers, want a pair of 0 to %d and layers >= 0", i, at.Int("layers"), len(pairs)-1)
			}
			return drawPair(ctx, pairs[i], at.Int("features"), at.Int("layers"))
		},
	}
}

func drawPair(ctx context.Context, p pictured, features, layers int) (figure.Figure, error) {
	g := []Graph{p.a, p.b}
	switch features {
	case 1:
		g = []Graph{p.a.OneHotDegrees(6), p.b.OneHotDegrees(6)}
	case 2:
		g = distinguished(p.a, p.b)
	case 3:
		r := rng.Stream(0, "pair")
		for i, old := range g {
			g[i] = Graph{Edges: old.Edges, Features: make([][]float64, old.Nodes())}
			for u := range g[i].Features {
				g[i].Features[u] = rng.Normals(r, 2)
			}
		}
	}
	x, y := exploreBlocks, make([]float64, len(exploreBlocks))
	for b := range x {
		var err error
		if y[b], err = relativeDistance(ctx, Kernel{Blocks: b, Layers: layers}, g[0], g[1]); err != nil {
			return figure.Figure{}, err
		}
		if y[b] < 1e-7 {
			y[b] = 0 // the root of rounding
		}
	}
	same := "never apart"
	for b := range y {
		if y[b] > 0 {
			same = fmt.Sprintf("first apart at $B=%d$", b)
			break
		}
	}
	return figure.Figure{
		ID: "9.E2-pairs", Title: "Distance of two graphs in the kernel's feature space", Columns: 3,
		Caption: fmt.Sprintf(`%s, $R=%d$: %s; distance %.3f at $B=4$. They have %d and %d triangles.`, p.name, layers, same, y[4], p.a.Triangles(), p.b.Triangles()),
		Alt:     fmt.Sprintf("Two drawings of graphs (%s), and their relative distance for 0 to 4 blocks: %s.", p.name, list(y)),
		Panels: []figure.Panel{
			sketch(p.a, "first", features == 2), sketch(p.b, "second", features == 2),
			{
				Title: "distance", X: figure.Axis{Label: "blocks B"}.Range(-.3, 4.3), Y: figure.Axis{Label: "distance over root mean norm"}.Range(-.05, 1.9),
				Layers: []figure.Layer{figure.HRule("", 0), figure.Line("", 1, x, y), figure.Points("", 1, x, y, nil, nil)},
			},
		},
	}, nil
}

// sketch draws a graph with its nodes on a circle.
func sketch(g Graph, title string, marked bool) figure.Panel {
	n := g.Nodes()
	x, y := make([]float64, n), make([]float64, n)
	for u := range n {
		angle := math.Pi/2 - 2*math.Pi*float64(u)/float64(n)
		x[u], y[u] = math.Cos(angle), math.Sin(angle)
	}
	p := figure.Panel{Title: title, X: figure.Axis{Label: "place"}.Range(-1.3, 1.3), Y: figure.Axis{Label: "place"}.Range(-1.3, 1.3)}
	var ex, ey []float64 // all edges in one line, with a gap after each
	for _, e := range g.Edges {
		ex = append(ex, x[e[0]], x[e[1]], x[e[1]])
		ey = append(ey, y[e[0]], y[e[1]], math.NaN())
	}
	p.Layers = append(p.Layers, figure.Line("edges", 0, ex, ey).As(figure.Reference), figure.Points("nodes", 0, x, y, nil, nil))
	if marked {
		p.Layers = append(p.Layers, figure.Points("marked", 1, x[:1], y[:1], nil, nil))
	}
	return p
}
