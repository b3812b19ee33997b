package finite_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/ntk/finite"
)

func ExampleExploreLabels() {
	f, err := finite.ExploreLabels().Draw(context.Background(), figure.Settings{"m": 256, "q": 0})
	if err != nil {
		fmt.Println(err)
		return
	}
	line, dots := f.Panels[0].Layers[0], f.Panels[0].Layers[1]
	last, end := len(line.X)-1, len(dots.X)-1
	fmt.Printf("true labels at t = %.0f: kernel %.4f, network %.2f of the loss\n", line.X[last], line.Y[last], dots.Y[end])
	// Output: true labels at t = 4: kernel 0.0309, network 0.04 of the loss
}
