package conv_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
)

// Two digits, compared by networks that read a weight for each place.
func ExampleKernel_Gram() {
	images, _, err := conv.Digits()
	if err != nil {
		fmt.Println(err)
		return
	}
	two, _ := images.Slice(0, 2)
	g, err := conv.Kernel{Depth: 3}.Gram(context.Background(), two)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f %.4f %.4f\n", g.At(0, 0), g.At(0, 1), g.At(1, 1))
	// Output: 37.4653 18.9423 55.2105
}

// A blob and the same blob moved: average pooling finds it where it is.
func ExampleKernel() {
	x := &conv.Images{N: 2, C: 1, H: 8, W: 8, Data: make([]float64, 128)}
	for _, p := range []int{3*8 + 2, 3*8 + 3, 4*8 + 2} {
		x.Data[p] = 1
		x.Data[64+p+2] = 1 // two columns to the right
	}
	for _, pool := range []bool{false, true} {
		k := conv.Kernel{Depth: 2, Pool: pool}
		g, err := k.Gram(context.Background(), x)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %.3f\n", k, g.At(0, 1)/g.At(0, 0))
	}
	// Output:
	// CNTK-V, depth 2: 0.124
	// CNTK-GAP, depth 2: 1.000
}

// From 50 digits, three layers with pooling: the last 100 digits are among the harder ones.
func ExampleFit() {
	ctx := context.Background()
	images, labels, err := conv.Digits()
	if err != nil {
		fmt.Println(err)
		return
	}
	train, _ := images.Slice(0, 50)
	test, _ := images.Slice(1697, 1797)
	k := conv.Kernel{Depth: 3, Pool: true}
	g, err := k.Gram(ctx, train)
	if err != nil {
		fmt.Println(err)
		return
	}
	codes, _ := data.OneHotMinusMean(labels[:50], 10)
	fit, err := conv.Fit(ctx, g, codes, 1e-6)
	if err != nil {
		fmt.Println(err)
		return
	}
	cross, err := k.Cross(ctx, test, train)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, _ := fit.Predict(cross)
	right := 0
	for i, c := range data.Argmax(scores) {
		if c == labels[1697+i] {
			right++
		}
	}
	fmt.Println(right, "of 100")
	// Output: 90 of 100
}

// Of 77 digits on which two classifiers differ, one is right on 69.
func ExampleNewMcNemar() {
	fmt.Println(conv.NewMcNemar(69, 8))
	// Output: 69 to 8, p = 3.1e-13
}

// A stack as NumPy saves it, with channels last.
func ExampleFromArray() {
	s, err := conv.FromArray(&data.Array{Shape: []int{1, 2, 2, 1}, Data: []float64{1, 2, 3, 4}}, conv.ChannelsLast)
	fmt.Println(s.N, s.C, s.H, s.W, err)
	// Output: 1 1 2 2 <nil>
}
