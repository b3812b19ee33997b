package graph

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

// exploreBlocks and exploreLayers are the grids of the explorers' sliders.
var (
	exploreBlocks = []float64{0, 1, 2, 3, 4}
	exploreLayers = []float64{1, 2, 3}
)

// ExploreFamilies shows how the graph NTK sorts two families of graphs: accuracy against the number
// of blocks, and the output at every graph when it was left out. The work behind one pair of families
// and number of layers is done once, in one pass over all numbers of blocks of about half a second on two cores, and shared by all settings.
func ExploreFamilies() figure.Explorer {
	tasks := Tasks()
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = words[t]
	}
	type key struct{ task, layers int }
	work := keep.New(len(tasks)*len(exploreLayers), func(ctx context.Context, k key) (*families, error) {
		return newFamilies(ctx, tasks[k.task], k.layers)
	})
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
			k := key{at.Int("task"), at.Int("layers")}
			if k.task < 0 || k.task >= len(tasks) || !slices.Contains(exploreLayers, float64(k.layers)) || !slices.Contains(exploreBlocks, float64(at.Int("blocks"))) {
				return figure.Figure{}, fmt.Errorf("graph.ExploreFamilies: task %d, %d blocks, %d layers: not on the grid", k.task, at.Int("blocks"), k.layers)
			}
			f, err := work.Get(ctx, k)
			if err != nil {
				return figure.Figure{}, err
			}
			return f.figure(at.Int("blocks")), nil
		},
	}
}

// families holds what the figures of one task and one number of layers show.
type families struct {
	task      Task
	layers    int
	labels    []int
	baselines [2]ntk.Score // degree histogram, Weisfeiler-Lehman
	scores    []ntk.Score  // by number of blocks
	outputs   [][]float64  // by number of blocks: at every graph, positive for the second family
}

func newFamilies(ctx context.Context, task Task, layers int) (*families, error) {
	f := &families{task: task, layers: layers}
	c := StudyConfig{PerClass: 40}.withDefaults()
	graphs, labels, err := Draw(task, c.Nodes, c.PerClass, c.Noise, c.Seed)
	if err != nil {
		return nil, err
	}
	f.labels = labels
	validate := func(gram *mat.SymDense, err error) (*ntk.Score, *mat.Dense, error) {
		if err != nil {
			return nil, nil, err
		}
		return crossValidate(ctx, gram, labels, c.Folds, c.Ridge)
	}
	degrees, _, err := validate(DegreeHistogram(graphs))
	if err != nil {
		return nil, err
	}
	lehman, _, err := validate(WeisfeilerLehman(graphs, c.Rounds, firstColours(task)))
	if err != nil {
		return nil, err
	}
	f.baselines = [2]ntk.Score{*degrees, *lehman}
	last := int(exploreBlocks[len(exploreBlocks)-1]) // exploreBlocks are all numbers up to it
	grams, err := Kernel{Blocks: last, Layers: layers}.grams(ctx, "graph.ExploreFamilies", graphs, 0)
	if err != nil {
		return nil, err
	}
	for _, g := range grams {
		s, out, err := validate(g, nil)
		if err != nil {
			return nil, err
		}
		f.scores = append(f.scores, *s)
		f.outputs = append(f.outputs, mat.Col(nil, 1, out))
	}
	return f, nil
}

func (f *families) figure(blocks int) figure.Figure {
	x := exploreBlocks
	y, low, high := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for b, v := range f.scores {
		y[b], low[b], high[b] = v.Accuracy(), v.Low, v.High
	}
	// One row of points for each family, spread over its height in the order of the graphs.
	var place, output [2][]float64
	for i, c := range f.labels {
		place[c] = append(place[c], float64(c)+.6*(float64(i/2)/float64(len(f.labels)/2)-.5))
		// Three digits are what a picture shows; those beyond are rounding's where the kernel is blind.
		output[c] = append(output[c], math.Round(1e3*min(max(f.outputs[blocks][i], -2), 2))/1e3)
	}
	now := f.scores[blocks]
	verdict := "the kernel tells them apart"
	switch {
	case now.Correct*2 == now.N:
		verdict = "exactly one half, the kernel is blind here"
	case now.Low <= .5:
		verdict = "not to be told from guessing"
	}
	level := func(name string, series int, s ntk.Score) figure.Layer {
		return figure.Line(name, series, []float64{0, 4}, []float64{s.Accuracy(), s.Accuracy()}).As(figure.Bound)
	}
	return figure.Figure{
		ID: "9.E2-families", Title: "Two families of graphs under the graph NTK", Columns: 2,
		Caption: fmt.Sprintf(`%s, $B=%d$, $R=%d$: %.2f of the graphs are put in the right family: %s. Degree histogram %.2f, Weisfeiler-Lehman %.2f.`,
			words[f.task], blocks, f.layers, now.Accuracy(), verdict, f.baselines[0].Accuracy(), f.baselines[1].Accuracy()),
		Alt: fmt.Sprintf("Left: accuracy against blocks from 0 to 4 is %s; a mark at %d blocks. Right: the outputs at %d graphs of each family; %d of all are put in the right family.",
			list(y), blocks, len(f.labels)/2, now.Correct),
		Panels: []figure.Panel{
			{
				Title: "accuracy",
				X:     figure.Axis{Label: "blocks B"}.Range(-.3, 4.3), Y: figure.Axis{Label: "accuracy"}.Range(.35, 1.05),
				Layers: []figure.Layer{
					figure.HRule("guessing", .5),
					figure.VRule("", float64(blocks)),
					level("degree histogram", 2, f.baselines[0]),
					level("Weisfeiler-Lehman", 3, f.baselines[1]),
					figure.Points("graph NTK, 95% interval", 1, x, y, low, high),
				},
			},
			{
				Title: "every graph, when it was left out",
				X:     figure.Axis{Label: "output, decided by its sign"}.Range(-2.1, 2.1), Y: figure.Axis{Label: "family", Categories: []string{"first", "second"}}.Range(-.5, 1.5),
				Layers: []figure.Layer{
					figure.VRule("", 0),
					figure.Points("", 0, output[0], place[0], nil, nil),
					figure.Points("", 1, output[1], place[1], nil, nil),
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
	names [2]string
	a, b  Graph
}

func picturedPairs() []pictured {
	return []pictured{
		{[2]string{"hexagon", "two triangles"}, Cycle(6), Union(Cycle(3), Cycle(3))},
		{[2]string{"prism", "K₃,₃"}, prism(), bipartite()},
		{[2]string{"path", "star"}, Path(6), Star(6)},
		{[2]string{"tree", "another tree, same degrees"}, tree(0), tree(1)},
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
		names[i] = p.names[0] + " and " + p.names[1]
	}
	return figure.Explorer{
		ID: "9.E2/pairs", Title: "Two graphs: how far apart?",
		Try: `A hexagon and two triangles stay at distance 0, whatever the blocks and layers, until one node is marked; the prism and K₃,₃ even then. The two trees have the same degrees: without features they need three blocks, with degrees as features one.`,
		Controls: []figure.Control{
			figure.Choose("pair", "graphs", names...),
			figure.Choose("features", "features", "1 at every node", "one-hot degrees", "one node marked"),
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
	g := [2]Graph{p.a, p.b}
	switch features {
	case 1:
		g = [2]Graph{p.a.OneHotDegrees(6), p.b.OneHotDegrees(6)}
	case 2:
		g = [2]Graph(distinguished(p.a, p.b))
	}
	f, y, err := pairFigure(ctx, p.names, g, layers, features == 2)
	if err != nil {
		return figure.Figure{}, err
	}
	f.ID = "9.E2-pairs"
	f.Caption = fmt.Sprintf(`%s and %s, $R=%d$: %s; distance %.3f at $B=4$. They have %d and %d triangles.`, p.names[0], p.names[1], layers, firstApart(y), y[4], p.a.Triangles(), p.b.Triangles())
	return f, nil
}

// firstApart says at how many blocks the distance is not 0.
func firstApart(y []float64) string {
	for b := range y {
		if y[b] > 0 {
			return fmt.Sprintf("first apart at $B=%d$", b)
		}
	}
	return "never apart"
}

// pairFigure draws two graphs and their distance against the number of blocks, and returns the
// distances.
func pairFigure(ctx context.Context, names [2]string, g [2]Graph, layers int, marked bool) (figure.Figure, []float64, error) {
	x, y := exploreBlocks, make([]float64, len(exploreBlocks))
	for b := range x {
		var err error
		if y[b], err = relativeDistance(ctx, Kernel{Blocks: b, Layers: layers}, g[0], g[1]); err != nil {
			return figure.Figure{}, nil, err
		}
		if y[b] < 1e-7 {
			y[b] = 0 // the root of rounding
		}
	}
	return figure.Figure{
		Title: "Distance of two graphs in the kernel's feature space", Columns: 3,
		Alt: fmt.Sprintf("Two drawings of graphs, %s and %s, and their relative distance for 0 to 4 blocks: %s.", names[0], names[1], list(y)),
		Panels: []figure.Panel{
			sketch(g[0], names[0], marked), sketch(g[1], names[1], marked),
			{
				Title: "distance", X: figure.Axis{Label: "blocks B"}.Range(-.3, 4.3), Y: figure.Axis{Label: "distance over root mean norm"}.Range(-.04, 1.2),
				Layers: []figure.Layer{figure.HRule("", 0), figure.Line("", 1, x, y), figure.Points("", 1, x, y, nil, nil)},
			},
		},
	}, y, nil
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
	number := figure.Layer{Kind: figure.KindText, Role: figure.Reference}
	for u := range n {
		number.X, number.Y, number.Text = append(number.X, 1.16*x[u]-.04), append(number.Y, 1.16*y[u]-.04), append(number.Text, strconv.Itoa(u))
	}
	p.Layers = append(p.Layers, figure.Line("", 0, ex, ey).As(figure.Reference), figure.Points("", 0, x, y, nil, nil), number)
	if marked {
		p.Layers = append(p.Layers, figure.Points("marked", 1, x[:1], y[:1], nil, nil))
	}
	return p
}
