package conv

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
)

// noise is a stack of normal pixels.
func noise(seed uint64, n, c, h, w int) *Images {
	return &Images{n, c, h, w, rng.Normals(rng.Stream(seed, "pixels"), n*c*h*w)}
}

// patchy is noise with blank images, blank halves, repeated images and copies of other sign.
func patchy(seed uint64, n, c, h, w int) *Images {
	x := noise(seed, n, c, h, w)
	d := c * h * w
	for i := range n {
		image := x.Data[i*d : (i+1)*d]
		switch i % 5 {
		case 1:
			clear(image[:d/2])
		case 2:
			copy(image, x.Data[:d])
		case 3:
			clear(image)
		case 4:
			for k := range image {
				image[k] = -3 * x.Data[k]
			}
		}
	}
	return x
}

func TestGoldens(t *testing.T) {
	two, err := firstDigits(2)
	if err != nil {
		t.Fatal(err)
	}
	for readout := range 2 {
		for depth := 1; depth <= 3; depth++ {
			k := Kernel{Depth: depth, Pool: readout == 1}
			g, err := k.Gram(context.Background(), two)
			if err != nil {
				t.Fatal(err)
			}
			for e, got := range []float64{g.At(0, 0), g.At(0, 1), g.At(1, 1)} {
				if want := goldens[readout][depth-1][e]; math.Abs(got-want) > []float64{1e-6, 1e-8}[readout] {
					t.Errorf("%v, entry %d: got %.9g, want %.9g", k, e, got, want)
				}
			}
		}
	}
}

// The planes of displacements against the recursion index by index: shapes, channels, filters larger
// than the image, blank, equal and opposite images.
func TestAgainstTheRecursion(t *testing.T) {
	for _, c := range []struct {
		reason                   string
		n, c, h, w, filter, deep int
	}{
		{"square", 7, 1, 4, 4, 3, 3},
		{"wide, colour", 6, 3, 3, 5, 3, 2},
		{"tall, a filter beyond the image", 6, 2, 4, 2, 5, 3},
		{"a filter of one pixel", 6, 2, 3, 3, 1, 4},
		{"one row", 6, 1, 1, 6, 3, 2},
		{"one pixel", 6, 4, 1, 1, 3, 3},
		{"more images than a batch", 70, 1, 2, 2, 3, 1},
		{"no layers", 6, 2, 3, 4, 3, 0},
	} {
		x := patchy(1, c.n, c.c, c.h, c.w)
		for _, pool := range []bool{false, true} {
			for _, nngp := range []bool{false, true} {
				k := Kernel{Depth: c.deep, Filter: c.filter, Pool: pool, NNGP: nngp}
				got, err := k.Gram(context.Background(), x)
				if err != nil {
					t.Fatal(err)
				}
				want := mat.NewSymDense(c.n, nil)
				if c.deep > 0 {
					g, err := changed(nil)(context.Background(), k, x)
					if err != nil {
						t.Fatal(err)
					}
					want.CopySym(g)
				} else {
					r := x.Rows()
					for i := range c.n {
						for j := i; j < c.n; j++ {
							want.SetSym(i, j, linear(r.RawRowView(i), r.RawRowView(j), c.h*c.w, pool))
						}
					}
				}
				// Angles near 0 and π lose half their digits, in both.
				if gap := largestGap(got, want, 1); gap > 2e-8*mat.Max(want) {
					t.Errorf("%s, %v: entries differ by %g of %g", c.reason, k, gap, mat.Max(want))
				}
				for i := range c.n {
					for j := range c.n {
						if got.At(i, j) != got.At(j, i) {
							t.Errorf("%s: entry (%d,%d) is not symmetric", c.reason, i, j)
						}
					}
				}
			}
		}
	}
}

// linear is the kernel without layers: the inner product, or that of the channels' means.
func linear(x, z []float64, places int, pool bool) float64 {
	sum := 0.0
	for c := 0; c < len(x); c += places {
		a, b := 0.0, 0.0
		for p := range places {
			if a, b = a+x[c+p], b+z[c+p]; !pool {
				sum += x[c+p] * z[c+p]
			}
		}
		if pool {
			sum += a * b / float64(places*places)
		}
	}
	return sum
}

// Images of one pixel are rows, and the network on them is fully connected; q² taps of which one is
// inside divide each layer by q².
func TestOnePixelIsFullyConnected(t *testing.T) {
	x := noise(2, 5, 6, 1, 1)
	for _, q := range []int{1, 3} {
		for depth := range 5 {
			for _, nngp := range []bool{false, true} {
				got, err := Kernel{Depth: depth, Filter: q, NNGP: nngp}.Gram(context.Background(), x)
				if err != nil {
					t.Fatal(err)
				}
				want, err := ntk.Kernel{Depth: depth, NNGP: nngp}.Gram(x.Rows())
				if err != nil {
					t.Fatal(err)
				}
				scale := math.Pow(float64(q*q), -float64(depth))
				if gap := largestGap(got, want, scale); gap > 1e-13*mat.Max(want)*scale {
					t.Errorf("q = %d, L = %d: entries differ by %g", q, depth, gap)
				}
			}
		}
	}
}

// What is exact is exact to the last bit: a repeated image, a power of two, blank images.
func TestExactEntries(t *testing.T) {
	x := patchy(3, 5, 2, 4, 4)
	d := 32
	for k := range d {
		x.Data[4*d+k] = 8 * x.Data[k]
	}
	for _, k := range []Kernel{{Depth: 3}, {Depth: 3, Pool: true}, {Depth: 2, NNGP: true, Pool: true}} {
		g, err := k.Gram(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		if g.At(0, 2) != g.At(0, 0) || g.At(2, 2) != g.At(0, 0) {
			t.Errorf("%v: a repeated image: %v, %v, %v", k, g.At(0, 0), g.At(0, 2), g.At(2, 2))
		}
		if g.At(0, 4) != 8*g.At(0, 0) || g.At(4, 4) != 64*g.At(0, 0) {
			t.Errorf("%v: an image times 8: %v, %v, %v", k, g.At(0, 0), g.At(0, 4), g.At(4, 4))
		}
		for i := range 5 {
			if g.At(3, i) != 0 {
				t.Errorf("%v: a blank image: %v", k, g.At(3, i))
			}
		}
		diag, err := k.Diag(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range diag {
			if v != g.At(i, i) {
				t.Errorf("%v: diagonal %d is %v, and %v in the matrix", k, i, v, g.At(i, i))
			}
		}
	}
	tiny := &Images{2, 1, 2, 2, []float64{1e-140, 0, 2e-140, 1e-140, 1e140, 3e140, 0, 1e140}}
	g, err := Kernel{Depth: 4, Pool: true}.Gram(context.Background(), tiny)
	if err != nil || !(g.At(0, 0) > 0) || math.IsInf(g.At(1, 1), 0) {
		t.Errorf("very small and very large images: %v, %v, %v", g.At(0, 0), g.At(1, 1), err)
	}
}

// A pass for many kernels gives what each gives alone, and a matrix between sets what one among all
// gives.
func TestPassesAgree(t *testing.T) {
	x := noise(4, 23, 1, 4, 5)
	var ks []Kernel
	for _, q := range []int{3, 5} {
		for _, depth := range []int{0, 1, 3} {
			ks = append(ks, Kernel{Depth: depth, Filter: q}, Kernel{Depth: depth, Filter: q, Pool: true}, Kernel{Depth: depth, Filter: q, Pool: true, NNGP: true})
		}
	}
	last, total := 0, 0
	all, err := Grams(context.Background(), ks, x, func(done, of int) {
		if done < last {
			t.Errorf("progress went from %d to %d", last, done)
		}
		last, total = done, of
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != total || total != 2*23*24/2 {
		t.Errorf("progress ended at %d of %d, want %d", last, total, 2*23*24/2)
	}
	a, _ := x.Slice(0, 4)
	b, _ := x.Slice(4, 23)
	cross, err := Crosses(context.Background(), ks, a, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range ks {
		g, err := k.Gram(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(g, all[i]) {
			t.Errorf("%v: alone it differs by %g", k, largestGap(g, all[i], 1))
		}
		for r := range 4 {
			for c := range 19 {
				if cross[i].At(r, c) != g.At(r, 4+c) {
					t.Errorf("%v: between sets, entry (%d,%d) differs", k, r, c)
				}
			}
		}
		m, err := k.Map(context.Background(), x, 1, 6)
		if err != nil {
			t.Fatal(err)
		}
		v, gap := readouts(m.RawMatrix().Data, 20)
		if k.Pool {
			v = gap
		}
		if math.Abs(v-g.At(1, 6)) > 1e-13*math.Abs(g.At(1, 1)) {
			t.Errorf("%v: its map gives %g, the matrix %g", k, v, g.At(1, 6))
		}
	}
}

func TestProcessorsDoNotMatter(t *testing.T) {
	x := noise(5, 40, 2, 4, 4)
	var first *mat.SymDense
	for _, n := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(n)
		g, err := Kernel{Depth: 2, Pool: true}.Gram(context.Background(), x)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = g
		} else if !mat.Equal(first, g) {
			t.Errorf("%d processors give other numbers", n)
		}
	}
}

// The context is looked at within a pair, so that large images stop too.
func TestCancelled(t *testing.T) {
	x := noise(6, 12, 1, 24, 24) // minutes of work
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	for name, f := range map[string]func() error{
		"Gram":  func() error { _, err := Kernel{Depth: 40, Pool: true}.Gram(ctx, x); return err },
		"Cross": func() error { _, err := Kernel{Depth: 40, Pool: true}.Cross(ctx, x, x); return err },
		"Diag":  func() error { _, err := Kernel{Depth: 40, Pool: true}.Diag(ctx, x); return err },
		"Map":   func() error { _, err := Kernel{Depth: 40, Pool: true}.Map(ctx, x, 0, 1); return err },
	} {
		if err := f(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want the context's error", name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	good := noise(7, 2, 1, 3, 3)
	bad := func(n, c, h, w int, data ...float64) *Images { return &Images{n, c, h, w, data} }
	gram := func(k Kernel, x *Images) error { _, err := k.Gram(ctx, x); return err }
	cross := func(x, z *Images) error { _, err := (Kernel{Depth: 1}).Cross(ctx, x, z); return err }
	for _, c := range []struct {
		reason string
		err    error
		want   string
	}{
		{"a negative depth", gram(Kernel{Depth: -1}, good), "depth -1, want >= 0"},
		{"an even filter", gram(Kernel{Depth: 1, Filter: 4}, good), "filter 4, want an odd side"},
		{"no images", gram(Kernel{}, nil), "want a stack of images"},
		{"an empty stack", gram(Kernel{}, bad(0, 1, 2, 2)), "0 images"},
		{"values missing", gram(Kernel{}, bad(1, 1, 2, 2, 1, 2, 3)), "3 values for 1 images of 2×2 pixels with 1 channels, want 4"},
		{"a pixel that is no number", gram(Kernel{}, bad(2, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, math.NaN())), "image 1, channel 1, pixel (0,1) is NaN"},
		{"a pixel whose square overflows", gram(Kernel{}, bad(1, 1, 1, 1, 1e200)), "is 1e+200, want a finite number of at most 1e+150"},
		{"two sizes", cross(good, noise(7, 2, 1, 3, 4)), "want images of one size"},
		{"two numbers of channels", cross(good, noise(7, 2, 2, 3, 3)), "want images of one size"},
		{"no kernels", func() error { _, err := Grams(ctx, nil, good, nil); return err }(), "no kernels"},
		{"a map of an image that is not there", func() error { _, err := Kernel{}.Map(ctx, good, 0, 2); return err }(), "images 0 and 2 of 2"},
		{"rows of another width", func() error { _, err := FromRows(mat.NewDense(1, 5, nil), 2, 2, 1); return err }(), "5 columns for images of 2×2 pixels"},
		{"an empty slice", func() error { _, err := good.Slice(1, 1); return err }(), "images 1 up to 1 of 2"},
		{"networks without filters", func() error { _, err := RunNetworks(ctx, good, NetworkConfig{Filter: 2}); return err }(), "an odd filter"},
		{"networks on nothing", func() error { _, err := RunNetworks(ctx, nil, NetworkConfig{}); return err }(), "want a stack of images"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, c.err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for want, k := range map[string]Kernel{
		"CNTK-GAP, depth 3":                 {Depth: 3, Pool: true},
		"conv-NNGP-V, depth 1, 5×5 filters": {Depth: 1, NNGP: true, Filter: 5},
		"linear-V":                          {},
		"CNTK-V, depth 2":                   {Depth: 2, Filter: 3},
	} {
		if got := fmt.Sprint(k); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
