package ntk_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/ntk"
)

func ExampleExplorers() {
	for _, e := range ntk.Explorers() {
		fmt.Println(e.ID)
	}
	// Output:
	// 9.L2/concentration
	// 9.D1/circle
	// 9.T1/directions
	// 9.R4/step
	// 9.F2/noise
	// 9.B2/teachers
	// 9.X3a/taylor
	// 9.A5/kernel
	// 9.A1/posterior
}

func ExampleExploreTeachers() {
	e := ntk.ExploreTeachers()
	for _, at := range []figure.Settings{{"p": 2}, {"p": 3}, {"p": 3, "bias": 1}} {
		f, err := e.Draw(context.Background(), at)
		if err != nil {
			fmt.Println(err)
			return
		}
		root := f.Panels[0].Layers[0].Y
		fmt.Printf("%s: √C grows %.1f times from n = 50 to 700\n", f.Title, root[len(root)-1]/root[0])
	}
	// Output:
	// y = (β·x)^2, without a bias: √C grows 1.1 times from n = 50 to 700
	// y = (β·x)^3, without a bias: √C grows 10.3 times from n = 50 to 700
	// y = (β·x)^3, with a bias: √C grows 2.7 times from n = 50 to 700
}
