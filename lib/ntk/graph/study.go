package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Task names a pair of families of graphs that a kernel is asked to tell apart.
type Task string

// The tasks. In all of them both classes have the same numbers of nodes and edges. In all but Hubs
// graph i of one class is made from graph i of the other and shares its degrees and features one for
// one, so that whatever reads only those is exactly at one half.
const (
	Hubs      Task = "hubs"      // uniform random graphs against preferential attachment; degrees suffice
	Mixing    Task = "mixing"    // one sequence of degrees, hubs joined to hubs against hubs joined to leaves
	Signal    Task = "signal"    // one graph, noisy real values at the nodes, neighbours alike against values at random
	Triangles Task = "triangles" // every node of degree 4, many triangles against few
)

// Tasks lists the tasks.
func Tasks() []Task { return []Task{Hubs, Mixing, Signal, Triangles} }

// StudyConfig describes a classification of small graphs, reproducible without any download. The zero
// value is Quick, about 3 s on two cores.
type StudyConfig struct {
	Nodes    int      // of each graph; 0 means 20
	PerClass int      // graphs a class; 0 means 60
	Noise    float64  // standard deviation of the values of Signal around ±1; 0 means 1
	Folds    int      // 0 means 5
	Ridge    float64  // relative to the mean of the diagonal; 0 means 0.01
	Rounds   int      // of Weisfeiler and Lehman; 0 means 3
	Kernels  []Kernel // nil means B = 0, 1, 2, 3 of one layer
	Tasks    []Task   // nil means all
	Seed     uint64   // streams "<task>/<i>" derive from it

	Progress func(done, total int) `json:"-"` // may be nil
}

func (c StudyConfig) withDefaults() StudyConfig {
	for _, d := range []struct {
		at    *int
		value int
	}{{&c.Nodes, 20}, {&c.PerClass, 60}, {&c.Folds, 5}, {&c.Rounds, 3}} {
		if *d.at == 0 {
			*d.at = d.value
		}
	}
	if c.Noise == 0 {
		c.Noise = 1
	}
	if c.Ridge == 0 {
		c.Ridge = 0.01
	}
	if c.Kernels == nil {
		for b := range 4 {
			c.Kernels = append(c.Kernels, Kernel{Blocks: b, Layers: 1})
		}
	}
	if c.Tasks == nil {
		c.Tasks = Tasks()
	}
	return c
}

// Study holds the scores: Scores[t][k] of kernel k on task t, first the degree histogram, then the
// Weisfeiler-Lehman kernel, then Config.Kernels; Methods names them.
type Study struct {
	Config  StudyConfig
	Methods []string
	Scores  [][]ntk.Score
	Facts   []Facts // of each task
}

// Facts are means over the graphs of each class, by which a task can be judged.
type Facts struct{ Edges, Triangles, Mixing [2]float64 }

// At returns the score of a method on a task. It panics on a name that is not there.
func (s *Study) At(t Task, method string) ntk.Score {
	for i, task := range s.Config.Tasks {
		for k, name := range s.Methods {
			if task == t && name == method {
				return s.Scores[i][k]
			}
		}
	}
	panic(fmt.Errorf("graph.Study.At: no method %q on task %q", method, t))
}

// RunStudy draws the graphs and cross-validates each kernel on each task.
func RunStudy(ctx context.Context, cfg StudyConfig) (*Study, error) {
	const fn = "graph.RunStudy"
	cfg = cfg.withDefaults()
	if cfg.Nodes < 9 || cfg.PerClass < cfg.Folds || cfg.Folds < 2 || !(cfg.Noise > 0) || !(cfg.Ridge > 0) || len(cfg.Tasks) == 0 {
		return nil, errors.New(fn + ": want at least 9 nodes, 2 folds, as many graphs a class as folds, one task, and positive noise and ridge")
	}
	s := &Study{Config: cfg, Methods: []string{"degree histogram", "Weisfeiler-Lehman"}}
	s.Config.Progress = nil
	for _, k := range cfg.Kernels {
		s.Methods = append(s.Methods, k.String())
	}
	total := len(cfg.Tasks) * len(s.Methods)
	for t, task := range cfg.Tasks {
		graphs, labels, err := Draw(task, cfg.Nodes, cfg.PerClass, cfg.Noise, cfg.Seed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		s.Facts = append(s.Facts, facts(graphs, labels))
		scores := make([]ntk.Score, len(s.Methods))
		for k := range s.Methods {
			var gram *mat.SymDense
			switch k {
			case 0:
				gram, err = DegreeHistogram(graphs)
			case 1:
				gram, err = WeisfeilerLehman(graphs, cfg.Rounds, firstColours(task))
			default:
				gram, err = cfg.Kernels[k-2].Gram(ctx, graphs)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", fn, task, err)
			}
			score, err := CrossValidate(ctx, gram, labels, cfg.Folds, cfg.Ridge)
			if err != nil {
				return nil, fmt.Errorf("%s: %s, %s: %w", fn, task, s.Methods[k], err)
			}
			scores[k] = *score
			if cfg.Progress != nil {
				cfg.Progress(t*len(s.Methods)+k+1, total)
			}
		}
		s.Scores = append(s.Scores, scores)
	}
	return s, nil
}

// firstColours gives the Weisfeiler-Lehman kernel what it can use of the features: the sign of the
// value for Signal, nothing elsewhere, degrees being what it sees in its first round.
func firstColours(t Task) func(Graph) []int {
	if t != Signal {
		return nil
	}
	return func(g Graph) []int {
		c := make([]int, g.Nodes())
		for u, h := range g.Features {
			if h[1] > 0 {
				c[u] = 1
			}
		}
		return c
	}
}

// hubDegree caps the one-hot degrees: larger ones are one feature.
const hubDegree = 10

// Draw returns the graphs of a task, the two classes in turn, and their labels 0 and 1. Features are
// one-hot degrees, and (1, value) for Signal.
func Draw(task Task, nodes, perClass int, noise float64, seed uint64) ([]Graph, []int, error) {
	graphs, labels := make([]Graph, 0, 2*perClass), make([]int, 0, 2*perClass)
	for i := range perClass {
		r := rng.Stream(seed, fmt.Sprintf("%s/%d", task, i))
		var pair [2]Graph
		var err error
		switch task {
		case Hubs:
			if pair[1], err = Preferential(r, nodes, 2); err == nil {
				pair[0], err = ErdosRenyi(r, nodes, len(pair[1].Edges))
			}
		case Mixing:
			var base Graph
			if base, err = Preferential(r, nodes, 2); err == nil {
				for c, sign := range []float64{1, -1} {
					pair[c] = base.Rewired(r, 10*nodes, nil)
					pair[c] = pair[c].Rewired(r, mixingTries, func(g Graph) float64 { return sign * mixing(g) })
				}
			}
		case Signal:
			pair, err = drawSignal(r, nodes, noise)
		case Triangles:
			var base Graph
			if base, err = Ring(nodes, 2); err == nil {
				pair[0] = base.Rewired(r, nodes/4, nil)
				pair[1] = base.Rewired(r, 20*nodes, nil)
			}
		default:
			err = fmt.Errorf("graph.Draw: task %q, want one of %v", task, Tasks())
		}
		if err != nil {
			return nil, nil, err
		}
		for c, g := range pair {
			if task != Signal {
				g = g.OneHotDegrees(hubDegree)
			}
			graphs, labels = append(graphs, g), append(labels, c)
		}
	}
	return graphs, labels, nil
}

// mixingTries is how many swaps are tried towards like or unlike degrees: few enough to leave the two
// classes overlapping.
const mixingTries = 40

// drawSignal draws one graph and two arrangements of one set of values: around signs that two halves
// of the graph share, most edges being inside the halves, and the same values dealt out at random.
func drawSignal(r *rand.Rand, nodes int, noise float64) ([2]Graph, error) {
	base, err := ErdosRenyi(r, nodes, 2*nodes)
	if err != nil {
		return [2]Graph{}, err
	}
	sign := func(u int) float64 { return float64(1 - 2*(u%2)) }
	base = base.Rewired(r, 20*nodes, func(g Graph) float64 {
		same := 0.0
		for _, e := range g.Edges {
			same += sign(e[0]) * sign(e[1])
		}
		return same
	})
	value := make([]float64, nodes)
	for u := range value {
		value[u] = sign(u) + noise*r.NormFloat64()
	}
	var pair [2]Graph
	for c := range pair {
		at := upTo(nodes)
		if c == 1 {
			r.Shuffle(nodes, func(i, j int) { at[i], at[j] = at[j], at[i] })
		}
		pair[c] = Graph{Features: make([][]float64, nodes), Edges: base.Edges}
		for u := range nodes {
			pair[c].Features[u] = []float64{1, value[at[u]]}
		}
	}
	return pair, nil
}

// mixing is the mean over edges of the product of the degrees at their ends.
func mixing(g Graph) float64 {
	d, sum := g.Degrees(), 0.0
	for _, e := range g.Edges {
		sum += float64(d[e[0]] * d[e[1]])
	}
	return sum / math.Max(1, float64(len(g.Edges)))
}

func facts(graphs []Graph, labels []int) Facts {
	var f Facts
	var count [2]float64
	for i, g := range graphs {
		c := labels[i]
		count[c]++
		f.Edges[c] += float64(len(g.Edges))
		f.Triangles[c] += float64(g.Triangles())
		f.Mixing[c] += mixing(g)
	}
	for c := range count {
		f.Edges[c] /= count[c]
		f.Triangles[c] /= count[c]
		f.Mixing[c] /= count[c]
	}
	return f
}
