package conv

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
)

// mapPairs are the pairs of digits to choose from, by their place in the file.
var mapPairs = []struct {
	name  string
	first int
	other int // -1: the first one, moved one pixel to the right
	names [2]string
}{
	{"a 3 and another 3", 3, 13, [2]string{"a 3", "another 3"}},
	{"a 3 and an 8", 3, 8, [2]string{"a 3", "an 8"}},
	{"a 0 and a 1", 0, 1, [2]string{"a 0", "a 1"}},
	{"a 1 and itself, one pixel to the right", 1, -1, [2]string{"a 1", "the same, moved"}},
}

// ExploreConv is the map of a convolutional kernel between the pixels of two digits: by depth, with and
// without pooling. Each figure costs one pair of images, about a millisecond.
func ExploreConv() figure.Explorer {
	names := make([]string, len(mapPairs))
	for i, p := range mapPairs {
		names[i] = p.name
	}
	return figure.Explorer{
		ID: "9.+/map", Title: "What a convolutional kernel compares",
		Try: "Take the digit and itself moved by one pixel, and switch pooling off and on: without it only pixels at equal places are compared, and the kernel falls; with it the kernel finds the digit where it is. Then go deeper: each layer widens what a place sees.",
		Controls: []figure.Control{
			figure.Slide("depth", "layers L", 1, 2, 3, 4).From(1),
			figure.Choose("pair", "images", names...).From(len(names) - 1),
			figure.Switch("pool", "global average pooling").From(1),
		},
		Play: "depth",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			pair := mapPairs[at.Int("pair")]
			x, err := pairOfDigits(pair.first, pair.other)
			if err != nil {
				return figure.Figure{}, err
			}
			k := Kernel{Depth: at.Int("depth"), Pool: at.On("pool")}
			f, err := FigureMap(ctx, x, k, pair.names)
			if err != nil {
				return f, err
			}
			// The cosine of the pair says how alike the kernel finds them, whatever its scale.
			g, err := k.Gram(ctx, x)
			if err != nil {
				return f, err
			}
			f.ID = "9.+.map"
			f.Caption += fmt.Sprintf(" Its cosine, the kernel over the root of those of each with itself, is %.3f.", cosine(g.At(0, 0), g.At(0, 1), g.At(1, 1)))
			return f, nil
		},
	}
}

// pairOfDigits returns two digits, or one and its copy one pixel to the right.
func pairOfDigits(first, other int) (*Images, error) {
	all, _, err := Digits()
	if err != nil {
		return nil, err
	}
	d := all.H * all.W
	x := &Images{N: 2, C: 1, H: all.H, W: all.W, Data: make([]float64, 2*d)}
	copy(x.Data, all.Data[first*d:(first+1)*d])
	if other >= 0 {
		copy(x.Data[d:], all.Data[other*d:(other+1)*d])
		return x, nil
	}
	for p := range d {
		if p%all.W > 0 {
			x.Data[d+p] = x.Data[p-1]
		}
	}
	return x, nil
}
