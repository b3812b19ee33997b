package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Claims returns the claims of chapter 9 about graph kernels. Together they take about 6 s of one
// processor; 9.E2/networks needs a backend.
func Claims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.E2", Kind: claim.Experiment, Title: "The graph NTK on small graphs", Ref: "Section 9.5",
			Statement: `With one constant feature the graph NTK of $B$ blocks of $R$ layers is $(BR+1)\,(\mathbf 1^\top\tilde A^B\mathbf 1)(\mathbf 1^\top\tilde A'^B\mathbf 1)$, $\tilde A=A+I$: it counts walks. With features, kernel regression on it tells apart families of graphs that have the same degrees and the same features, node for node, where a histogram of degrees and the kernel without message passing stay at one half; with real values at the nodes it needs no rounding, where the Weisfeiler-Lehman kernel, to which every value is a colour of its own, gets no more than half right.`,
			Source:    "graph.Kernel, graph.RunStudy, graph.WeisfeilerLehman",
			Check:     checkStudy(study{}),
			Alternatives: []claim.Alternative{
				{Name: "aggregation over neighbours without the node itself", Check: checkStudy(study{degree: func(d int) float64 { return float64(d) }})},
				{Name: "BR in the place of BR + 1: the readout is not trained", Check: checkStudy(study{factor: func(b, r int) float64 { return float64(b * r) }})},
				{Name: "no message passing", Check: checkStudy(study{kernels: []Kernel{{}, {}, {}}})},
				{Name: "random graphs against hubs, whose degrees differ, in the place of one sequence of degrees", Check: checkStudy(study{mixing: Hubs})},
				{Name: "values rounded to their signs for the Weisfeiler-Lehman kernel", Check: checkStudy(study{rounded: true})},
			},
		},
		{
			ID: "9.E2/blind", Kind: claim.Experiment, Title: "What no graph NTK can see", Ref: "Section 9.5",
			Statement: `The graph NTK does not change when nodes are renamed. It is blind beyond that: a hexagon and two triangles, the prism and $K_{3,3}$, any two regular graphs of one degree and size with equal features, have identical kernel rows for every number of blocks and layers, although they differ in triangles; so has the Weisfeiler-Lehman kernel. Families of 4-regular graphs with many and with few triangles are told apart in exactly half of the cases. A mark at one node lifts the blindness to the hexagon, not to the prism: a node and its neighbours enter one sum, so that the kernel sees less than Weisfeiler and Lehman, who keep them apart.`,
			Source:    "graph.Kernel, graph.WeisfeilerLehman",
			Check:     checkBlind(blind{}),
			Alternatives: []claim.Alternative{
				{Name: "a path in the place of the hexagon: not regular", Check: checkBlind(blind{path: true})},
				{Name: "nodes renamed in the edges, features left where they were", Check: checkBlind(blind{leaveFeatures: true})},
				{Name: "random features at every node", Check: checkBlind(blind{random: true})},
			},
		},
		{
			ID: "9.E2/networks", Kind: claim.Experiment, Title: "The graph NTK is the limit of graph networks", Ref: "Section 9.5",
			Statement:    `Gradients of random graph networks of width $m$, by automatic differentiation, have a Gram matrix whose mean is the graph NTK and whose relative distance to it falls as $m^{-1/2}$; the covariance of the outputs, over 5000 networks, is the graph NNGP kernel.`,
			Source:       "graph.RunNetworks, graph.Probe, graph.RunOutputs",
			NeedsBackend: true,
			Check:        checkNetworks(limits{}),
			Alternatives: []claim.Alternative{
				{Name: "the covariance of outputs in the place of the tangent kernel", Check: checkNetworks(limits{theta: func(k Kernel) Kernel { k.NNGP = true; return k }})},
				{Name: "means over neighbours in the limit, sums in the networks", Check: checkNetworks(limits{theta: func(k Kernel) Kernel { k.Mean = true; return k }})},
				{Name: "one layer fewer in each block", Check: checkNetworks(limits{theta: func(k Kernel) Kernel { k.Layers--; return k }})},
				{Name: "the last block alone read out in the limit, all blocks in the networks", Check: checkNetworks(limits{theta: func(k Kernel) Kernel { k.Jumping = false; return k }})},
				{Name: "outputs whose covariance is that of one layer fewer in each block", Check: checkNetworks(limits{sigma: func(k Kernel) Kernel { k.Layers--; return k }})},
				{Name: "outputs whose covariance is the tangent kernel", Check: checkNetworks(limits{sigma: func(k Kernel) Kernel { k.NNGP = false; return k }})},
				{Name: "a distance that falls as 1/m, as that of the mean does", Check: checkNetworks(limits{rate: -1})},
			},
		},
	}
}

// study is a theory behind 9.E2: what a node's neighbourhood weighs, the factor of the closed form,
// the kernels of the experiment with and without message passing, the task of equal degrees, and
// whether the Weisfeiler-Lehman kernel is said to fail on values rounded to their signs.
type study struct {
	degree  func(d int) float64
	factor  func(blocks, layers int) float64
	kernels []Kernel // without message passing, for Mixing, for Signal
	mixing  Task
	rounded bool
}

func (s study) withDefaults() study {
	if s.degree == nil {
		s.degree = func(d int) float64 { return float64(d + 1) }
	}
	if s.factor == nil {
		s.factor = func(b, r int) float64 { return float64(b*r + 1) }
	}
	if s.kernels == nil {
		s.kernels = []Kernel{{}, {Blocks: 2, Layers: 1}, {Blocks: 1, Layers: 1}}
	}
	if s.mixing == "" {
		s.mixing = Mixing
	}
	return s
}

func checkStudy(s study) claim.Check {
	s = s.withDefaults()
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		one := Kernel{Blocks: 1, Layers: 1}
		path, triangle := Path(3), Complete(3)
		mass := func(g Graph) float64 {
			sum := 0.0
			for _, d := range g.Degrees() {
				sum += s.degree(d)
			}
			return sum
		}
		for _, g := range []struct {
			name   string
			a, b   Graph
			golden float64
		}{{"k(P₃,P₃)", path, path, 98}, {"k(P₃,K₃)", path, triangle, 126}, {"k(K₃,K₃)", triangle, triangle, 162}} {
			v, err := one.At(g.a, g.b)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(g.name+", B = R = 1, features 1", g.golden, v, claim.Exact),
				claim.Equals(g.name+" against 2·Σ(deg+1)·Σ'(deg'+1)", 2*mass(g.a)*mass(g.b), v, claim.Exact))
		}
		star, wheel := Star(7), Cycle(8)
		wheel.Edges = append(wheel.Edges, [2]int{0, 4}, [2]int{1, 5})
		for _, k := range []Kernel{{Blocks: 1, Layers: 3}, {Blocks: 2, Layers: 1}, {Blocks: 3, Layers: 2}} {
			v, err := k.At(star, wheel)
			if err != nil {
				return nil, err
			}
			want := s.factor(k.Blocks, k.Layers) * walks(star, k.Blocks) * walks(wheel, k.Blocks)
			f.Add(claim.Equals(fmt.Sprintf("star against chorded cycle, B = %d, R = %d: (BR+1)·walks·walks'", k.Blocks, k.Layers), want, v, claim.Rounding(want, 64)))
		}
		cfg := StudyConfig{Kernels: s.kernels, Tasks: []Task{Hubs, s.mixing, Signal}, Seed: env.Seed, Progress: env.Report}
		r, err := studies.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		const histogram, lehman, flat, deep, wide = 0, 1, 2, 3, 4
		half := float64(r.Scores[1][0].N) / 2
		hubs, mixed, signal := r.Scores[0], r.Scores[1], r.Scores[2]
		f.Add(claim.Equals("edges of a graph, hubs against uniform", r.Facts[0].Edges[1], r.Facts[0].Edges[0], claim.Exact),
			claim.Above("hubs against uniform: accuracy of the degree histogram", .9, hubs[histogram].Accuracy(), claim.Exact),
			claim.Above("hubs against uniform: accuracy of the graph NTK, B = 2", .9, hubs[deep].Accuracy(), claim.Exact),
			claim.Equals("one sequence of degrees: graphs that the degree histogram gets right", half, float64(mixed[histogram].Correct), claim.Exact),
			claim.Equals("one sequence of degrees: graphs that the kernel without blocks gets right", half, float64(mixed[flat].Correct), claim.Exact),
			claim.Above("one sequence of degrees: lower end of the interval of the graph NTK, B = 2", .6, mixed[deep].Low, claim.Exact),
			claim.Equals("one set of values: graphs that the degree histogram gets right", half, float64(signal[histogram].Correct), claim.Exact),
			claim.Equals("one set of values: graphs that the kernel without blocks gets right", half, float64(signal[flat].Correct), claim.Exact),
			claim.Above("one set of values: lower end of the interval of the graph NTK, B = 1", .6, signal[wide].Low, claim.Exact))
		right, err := lehmanOnValues(ctx, r.Config, s.rounded)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("one set of values: graphs that the Weisfeiler-Lehman kernel gets right, every value a colour", half, float64(right), claim.Exact))
		for t, task := range r.Config.Tasks {
			for _, m := range []int{histogram, lehman, flat, deep, wide} {
				v := r.Scores[t][m]
				f.Note("%s, %s: %d of %d right, interval [%.3f, %.3f].", task, r.Methods[m], v.Correct, v.N, v.Low, v.High)
			}
		}
		f.Note("The families are synthetic and small; no claim is made about molecules or social networks, whose collections are downloads.")
		fig := FigureStudy(r)
		f.Figure = &fig
		return f, nil
	}
}

// lehmanOnValues is how many graphs of Signal the Weisfeiler-Lehman kernel gets right with the values as
// they are for colours, or rounded to their signs.
func lehmanOnValues(ctx context.Context, c StudyConfig, rounded bool) (int, error) {
	graphs, labels, err := Draw(Signal, c.Nodes, c.PerClass, c.Noise, c.Seed)
	if err != nil {
		return 0, err
	}
	colour := func(g Graph) []int {
		out := make([]int, g.Nodes())
		for u, h := range g.Features {
			out[u] = int(math.Float64bits(h[1]))
		}
		return out
	}
	if rounded {
		colour = firstColours(Signal)
	}
	gram, err := WeisfeilerLehman(graphs, c.Rounds, colour)
	if err != nil {
		return 0, err
	}
	s, err := CrossValidate(ctx, gram, labels, c.Folds, c.Ridge)
	if err != nil {
		return 0, err
	}
	return s.Correct, nil
}

// walks is 1ᵀÃ^B1, the number of walks of B steps, a step staying put or following an edge.
func walks(g Graph, steps int) float64 {
	v := make([]float64, g.Nodes())
	for u := range v {
		v[u] = 1
	}
	for range steps {
		next := slices.Clone(v)
		for _, e := range g.Edges {
			next[e[0]] += v[e[1]]
			next[e[1]] += v[e[0]]
		}
		v = next
	}
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum
}

// blind is a theory behind 9.E2/blind, with its hypotheses broken one at a time.
type blind struct {
	path          bool // of six nodes, in the place of the hexagon
	leaveFeatures bool // where they were, when nodes are renamed
	random        bool // features at every node
}

// prism is two triangles joined node to node, and bipartite is K_{3,3}.
func prism() Graph {
	g := Union(Cycle(3), Cycle(3))
	g.Edges = append(g.Edges, [2]int{0, 3}, [2]int{1, 4}, [2]int{2, 5})
	return g
}

func bipartite() Graph {
	var e [][2]int
	for u := range 3 {
		for v := 3; v < 6; v++ {
			e = append(e, [2]int{u, v})
		}
	}
	return New(6, e...)
}

func checkBlind(b blind) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		first := Cycle(6)
		if b.path {
			first = Path(6)
		}
		pairs := []struct {
			name string
			a, b Graph
		}{{"a hexagon and two triangles", first, Union(Cycle(3), Cycle(3))}, {"the prism and K₃,₃", prism(), bipartite()}}
		kernels := []Kernel{{Blocks: 3, Layers: 1, Jumping: true}, {Blocks: 3, Layers: 2, Mean: true}, {Blocks: 3, Layers: 1, NNGP: true}}
		for blocks := 1; blocks <= 6; blocks++ {
			for layers := 1; layers <= 3; layers++ {
				kernels = append(kernels, Kernel{Blocks: blocks, Layers: layers})
			}
		}
		for _, p := range pairs {
			f.Add(claim.Above(p.name+": difference in triangles", 1, math.Abs(float64(p.a.Triangles()-p.b.Triangles())), claim.Exact))
			if b.random {
				r := rng.Stream(env.Seed, "features")
				for _, g := range []*Graph{&p.a, &p.b} {
					for u := range g.Features {
						g.Features[u] = rng.Normals(r, 2)
					}
				}
			}
			probes := []Graph{p.a, p.b, Path(4), Star(5), Complete(4)}
			if b.random {
				probes = probes[:2]
			}
			worst := 0.0
			for _, k := range kernels {
				c, err := k.Cross(ctx, []Graph{p.a, p.b}, probes)
				if err != nil {
					return nil, err
				}
				for j := range probes {
					worst = max(worst, math.Abs(c.At(0, j)-c.At(1, j))/math.Abs(c.At(0, j)))
				}
			}
			f.Add(claim.Equals(p.name+": largest relative difference of their kernel rows, B = 1 to 6, R = 1 to 3, and three variants", 0, worst, claim.Rounding(1, 256)))
			w, err := WeisfeilerLehman([]Graph{p.a, p.b}, 6, nil)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(p.name+": Weisfeiler-Lehman distance after six rounds", 0, w.At(0, 0)+w.At(1, 1)-2*w.At(0, 1), claim.Exact))
		}
		seen := distinguished(Cycle(6), Union(Cycle(3), Cycle(3)))
		v, err := relativeDistance(ctx, Kernel{Blocks: 2, Layers: 1}, seen[0], seen[1])
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("a hexagon and two triangles with one node marked: relative distance, B = 2", .01, v, claim.Exact))

		// The complements of the prism and of K₃,₃ are a hexagon and two triangles, and the hexagon is
		// the double cover of the triangle: sums over open neighbourhoods in them, started from one
		// node, have equal values in another order at every step.
		prisms := distinguished(prism(), bipartite())
		for _, k := range []Kernel{{Blocks: 3, Layers: 1}, {Blocks: 6, Layers: 2, Jumping: true}} {
			if v, err = relativeDistance(ctx, k, prisms[0], prisms[1]); err != nil {
				return nil, err
			}
			f.Add(claim.Equals("the prism and K₃,₃ with one node marked: relative distance, "+k.String(), 0, v, claim.Because(1e-6, "the root of rounding")))
		}
		w, err := WeisfeilerLehman(prisms, 2, func(g Graph) []int {
			c := make([]int, g.Nodes())
			c[0] = 1
			return c
		})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Above("the prism and K₃,₃ with one node marked: Weisfeiler-Lehman distance after two rounds", 1, w.At(0, 0)+w.At(1, 1)-2*w.At(0, 1), claim.Exact))

		worst, err := renaming(ctx, env.Seed, b.leaveFeatures)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("largest relative change of the kernel when nodes are renamed, 10 pairs of random graphs", 0, worst, claim.Because(1e-8, "rounding of sums in another order: ε of ρ is ε/√(2(1-ρ)) of the angle, and 1-ρ < 1e-14 counts as 0")))

		r, err := studies.Get(ctx, nil, StudyConfig{Tasks: []Task{Triangles}, Kernels: []Kernel{{Blocks: 2, Layers: 1}, {Blocks: 3, Layers: 2, Jumping: true}}, PerClass: 30, Seed: env.Seed, Progress: env.Report})
		if err != nil {
			return nil, err
		}
		for m, name := range r.Methods {
			f.Add(claim.Equals("4-regular graphs, many against few triangles: right of 60, "+name, 30, float64(r.Scores[0][m].Correct), claim.Exact))
		}
		f.Add(claim.Above("4-regular graphs: triangles on average, many over few", 2, r.Facts[0].Triangles[0]/r.Facts[0].Triangles[1], claim.Exact))
		f.Note("Why for every B and R: let all nodes of a graph have degree r and one feature. Then no row of S and T depends on its node at the start; a block multiplies each row by r + 1, or by 1 for means, and a layer acts entry by entry, with variances that are equal too. So the kernel with any graph depends on the number of nodes, r and the feature alone.")
		f.Note("A regular graph looks the same from every node: with equal features all sums over neighbours are equal at every step, in networks of any width, trained or not. Counting triangles needs another architecture.")
		return f, nil
	}
}

// distinguished marks one node of each graph by a second feature.
func distinguished(graphs ...Graph) []Graph {
	out := make([]Graph, len(graphs))
	for i, g := range graphs {
		out[i] = Graph{Edges: g.Edges, Features: make([][]float64, g.Nodes())}
		for u := range out[i].Features {
			out[i].Features[u] = []float64{1, 0}
		}
		out[i].Features[0] = []float64{0, 1}
	}
	return out
}

// relativeDistance is the distance of two graphs in the kernel's feature space over the root of the
// mean of their squared norms.
func relativeDistance(ctx context.Context, k Kernel, a, b Graph) (float64, error) {
	g, err := k.Gram(ctx, []Graph{a, b})
	if err != nil {
		return 0, err
	}
	size := g.At(0, 0) + g.At(1, 1)
	return math.Sqrt(max(0, size-2*g.At(0, 1)) / (size / 2)), nil
}

// renaming is the largest relative change of the kernel of two random graphs with random features
// when the nodes of both are renamed.
func renaming(ctx context.Context, seed uint64, leaveFeatures bool) (float64, error) {
	worst := 0.0
	for i := range 10 {
		r := rng.Stream(seed, fmt.Sprintf("renaming/%d", i))
		var graphs, renamed []Graph
		for range 2 {
			g, err := ErdosRenyi(r, 9, 14)
			if err != nil {
				return 0, err
			}
			for u := range g.Features {
				g.Features[u] = rng.Normals(r, 2)
			}
			p, err := g.Permuted(r.Perm(9))
			if err != nil {
				return 0, err
			}
			if leaveFeatures {
				p.Features = g.Features
			}
			graphs, renamed = append(graphs, g), append(renamed, p)
		}
		k := Kernel{Blocks: 1 + i%3, Layers: 1 + i%2, Jumping: i%4 == 3}
		a, err := k.Gram(ctx, graphs)
		if err != nil {
			return 0, err
		}
		b, err := k.Gram(ctx, renamed)
		if err != nil {
			return 0, err
		}
		var d mat.Dense
		d.Sub(a, b)
		worst = max(worst, mat.Norm(&d, 2)/mat.Norm(a, 2))
	}
	return worst, nil
}

// limits is a theory behind 9.E2/networks: which kernels are said to be the limits of gradients and of
// outputs, nil for what they are, and the power of m by which the first is reached; 0 means -1/2.
type limits struct {
	theta, sigma func(Kernel) Kernel
	rate         float64
}

// outputDraws and outputWidth are how many networks of which width give the covariance of outputs: to
// 8 % on the diagonal, four standard errors. That of a finite width differs from the limit by less than
// a hundredth.
const outputDraws, outputWidth = 5000, 64

func checkNetworks(l limits) claim.Check {
	if l.rate == 0 {
		l.rate = -.5
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		var first *Networks
		for _, k := range []Kernel{{Blocks: 2, Layers: 1}, {Blocks: 1, Layers: 2, Jumping: true}} {
			cfg := NetworksConfig{Kernel: k, Seed: env.Seed, Progress: env.Report}
			if k.Jumping {
				cfg.Widths, cfg.Nets = []int{64}, []int{200}
			}
			r, err := networks.Get(ctx, env.Backend, cfg)
			if err != nil {
				return nil, err
			}
			theta := r.Theta
			if l.theta != nil {
				g, err := l.theta(k).Gram(ctx, r.Config.Graphs)
				if err != nil {
					return nil, err
				}
				theta = rows(g)
			}
			prior := k
			prior.NNGP = true
			if l.sigma != nil {
				prior = l.sigma(prior)
			}
			sigma, err := prior.Gram(ctx, r.Config.Graphs)
			if err != nil {
				return nil, err
			}
			net := Network{Kernel: k, Inputs: len(r.Config.Graphs[0].Features[0]), Width: outputWidth}
			drawn, err := outputs.Get(ctx, nil, OutputsConfig{Network: net, Graphs: r.Config.Graphs, Draws: outputDraws, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			p := r.Points[len(r.Points)-1]
			for i := range theta {
				for j := i; j < len(theta); j++ {
					f.Add(claim.Equals(fmt.Sprintf("%s: mean over %d networks of width %d, graphs %d and %d", k, p.Nets, p.Width, i, j),
						theta[i][j], p.Mean[i][j], claim.Sampling(p.SE[i][j]*math.Sqrt(float64(p.Nets)), p.Nets)))
					want := sigma.At(i, j)
					f.Add(claim.Equals(fmt.Sprintf("%s: mean product of the outputs of %d networks of width %d, graphs %d and %d", k, outputDraws, outputWidth, i, j),
						want, drawn.Second[i][j], claim.Sampling(math.Sqrt(sigma.At(i, i)*sigma.At(j, j)+want*want), outputDraws))) // of Gaussians
				}
			}
			if first == nil {
				first = r
			}
		}
		f.Add(claim.Equals("slope of log ‖Θ_m-Θ‖_F against log m", l.rate, first.Slope(), claim.Because(.1, "sampling of 200 networks, and terms of order 1/m at the smallest width")))
		fig := FigureNetworks(first)
		f.Figure = &fig
		return f, nil
	}
}
