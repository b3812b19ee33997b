package graph_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/ntk/graph"
)

// With the feature 1 everywhere, the kernel of one block of one layer is 2·Σ(deg+1)·Σ'(deg'+1).
func ExampleKernel_Gram() {
	k := graph.Kernel{Blocks: 1, Layers: 1}
	g, err := k.Gram(context.Background(), []graph.Graph{graph.Path(3), graph.Complete(3)})
	if err != nil {
		panic(err)
	}
	fmt.Println(k)
	fmt.Println(g.At(0, 0), g.At(0, 1), g.At(1, 1))
	// Output:
	// GNTK, 1 block of 1 layer
	// 98 126 162
}

// A hexagon and two triangles look alike to every graph network, until a node is marked.
func ExampleKernel_At() {
	k := graph.Kernel{Blocks: 2, Layers: 1}
	distance := func(a, b graph.Graph) float64 {
		g, err := k.Gram(context.Background(), []graph.Graph{a, b})
		if err != nil {
			panic(err)
		}
		return (g.At(0, 0) - 2*g.At(0, 1) + g.At(1, 1)) / g.At(0, 0)
	}
	mark := func(g graph.Graph) graph.Graph {
		for u := range g.Features {
			g.Features[u] = []float64{1, 0}
		}
		g.Features[0] = []float64{0, 1}
		return g
	}
	hexagon, triangles := graph.Cycle(6), graph.Union(graph.Cycle(3), graph.Cycle(3))
	fmt.Printf("%.4f\n", distance(hexagon, triangles))
	fmt.Printf("%.4f\n", distance(mark(hexagon), mark(triangles)))
	// Output:
	// 0.0000
	// 0.0154
}

// Two families with the same degrees, node for node: kernel regression by cross-validation.
func ExampleCrossValidate() {
	ctx := context.Background()
	graphs, labels, err := graph.Draw(graph.Mixing, 20, 30, 1, 0)
	if err != nil {
		panic(err)
	}
	degrees, err := graph.DegreeHistogram(graphs)
	if err != nil {
		panic(err)
	}
	gntk, err := graph.Kernel{Blocks: 2, Layers: 1}.Gram(ctx, graphs)
	if err != nil {
		panic(err)
	}
	a, err := graph.CrossValidate(ctx, degrees, labels, 5, 0.01)
	if err != nil {
		panic(err)
	}
	b, err := graph.CrossValidate(ctx, gntk, labels, 5, 0.01)
	if err != nil {
		panic(err)
	}
	fmt.Println(a.Correct, "of", a.N, "by degrees alone")
	fmt.Println(b.Correct, "of", b.N, "by the graph NTK")
	// Output:
	// 30 of 60 by degrees alone
	// 47 of 60 by the graph NTK
}
