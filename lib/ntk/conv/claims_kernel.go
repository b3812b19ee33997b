package conv

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
)

// goldens are the entries (0,0), (0,1), (1,1) of the kernels of the first two digits, q = 3, computed
// independently; index [readout][L-1], readouts V and GAP.
var goldens = [2][3][3]float64{
	{{22.471354, 12.448302, 30.760417}, {30.937789, 16.126620, 43.704427}, {37.465342, 18.942339, 55.210477}},
	{{.14418986, .15077080, .15975650}, {.17902282, .19281244, .21461785}, {.19513737, .21761938, .25631326}},
}

// route computes a kernel matrix: the package's own way, or a recursion with something changed.
type route func(ctx context.Context, k Kernel, x *Images) (mat.Symmetric, error)

// exact is the package's own way.
func exact(ctx context.Context, k Kernel, x *Images) (mat.Symmetric, error) { return k.Gram(ctx, x) }

// changed is the recursion index by index with other rules.
func changed(alter func(*rules)) route {
	return func(ctx context.Context, k Kernel, x *Images) (mat.Symmetric, error) {
		r := rules{depth: k.Depth, filter: k.filter(), c: 2}
		if alter != nil {
			alter(&r)
		}
		g := mat.NewSymDense(x.N, nil)
		for i := range x.N {
			for j := i; j < x.N; j++ {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				t := r.direct(x.channels(i), x.channels(j), x.H, x.W)
				of := t.t
				if k.NNGP {
					of = t.k
				}
				v, gap := readouts(of, x.H*x.W)
				if k.Pool && r.equalPlaces {
					v /= float64(x.H * x.W)
				} else if k.Pool {
					v = gap
				}
				g.SetSym(i, j, v)
			}
		}
		return g, nil
	}
}

// channels returns the pixels of image i, a channel a row.
func (s *Images) channels(i int) [][]float64 {
	out, p := make([][]float64, s.C), s.H*s.W
	for c := range out {
		out[c] = s.Data[(i*s.C+c)*p : (i*s.C+c+1)*p]
	}
	return out
}

func kernelClaims() []claim.Claim {
	return []claim.Claim{{
		ID: "9.+/cntk", Kind: claim.Algorithm, Title: "The exact convolutional NTK", Ref: "Section 9.5",
		Statement: `For $L$ convolutional ReLU layers with $q\times q$ filters and zero padding, $T\leftarrow\dot K^{(h)}\odot T+K^{(h)}$ entry by entry and a sum over the filter before each next layer give the tangent kernel of infinitely many channels: $\sum_p T_{p,p}$ with a vectorised readout, the mean of $T$ over all pairs of places with average pooling. Variances are those of each position.`,
		Source:    "conv.Kernel, conv.RunNetworks",
		Check:     checkOf(route(exact), checkKernel),
		Alternatives: []claim.Alternative{
			{Name: "c_σ = 1", Check: checkOf(changed(func(r *rules) { r.c = 1 }), checkKernel)},
			{Name: "no sum of T over the filter between layers", Check: checkOf(changed(func(r *rules) { r.bareT = true }), checkKernel)},
			{Name: "a sum over the filter after the last layer too", Check: checkOf(changed(func(r *rules) { r.boxLast = true }), checkKernel)},
			{Name: "one variance an image in place of one a position", Check: checkOf(changed(func(r *rules) { r.oneVariance = true }), checkKernel)},
			{Name: "K not divided by q²", Check: checkOf(changed(func(r *rules) { r.oneFilterSum = true }), checkKernel)},
			{Name: "ρ = 0/0 where a patch is blank", Check: checkOf(changed(func(r *rules) { r.divideByZero = true }), checkKernel)},
			{Name: "pooling that averages over equal places alone", Check: checkOf(changed(func(r *rules) { r.equalPlaces = true }), checkKernel)},
		},
	}}
}

func checkKernel(ctx context.Context, env claim.Env, way route) (*claim.Finding, error) {
	f := &claim.Finding{}
	two, err := firstDigits(2)
	if err != nil {
		return nil, err
	}
	name := [2]string{"V", "GAP"}
	entries := func(g mat.Symmetric) [3]float64 { return [3]float64{g.At(0, 0), g.At(0, 1), g.At(1, 1)} }
	at := [3]string{"(0,0)", "(0,1)", "(1,1)"}
	unit := [2]float64{1e-6, 1e-8}
	for readout := range 2 {
		for depth := 1; depth <= 3; depth++ {
			g, err := way(ctx, Kernel{Depth: depth, Pool: readout == 1}, two)
			if err != nil {
				return nil, err
			}
			for e, got := range entries(g) {
				f.Add(claim.Equals(fmt.Sprintf("CNTK-%s of digits %s, L = %d", name[readout], at[e], depth), goldens[readout][depth-1][e], got, claim.Digits(unit[readout])))
			}
		}
	}
	if err := checkNetworks(ctx, env, way, two, f); err != nil {
		return nil, err
	}
	if err := checkIdentities(ctx, env, way, f); err != nil {
		return nil, err
	}
	fig, err := FigureMap(ctx, two, Kernel{Depth: 2, Pool: true}, [2]string{"digit 0", "digit 1"})
	if err != nil {
		return nil, err
	}
	f.Figure = &fig
	return f, nil
}

// finiteBias bounds the relative distance, times C, of the mean kernel of networks of C channels from
// the limit at L = 2: 0.17 is the largest seen, at C = 4 over 16000 networks.
const finiteBias = .3

// checkNetworks compares with random networks and their gradients.
func checkNetworks(ctx context.Context, env claim.Env, way route, two *Images, f *claim.Finding) error {
	r, err := networks.Get(ctx, nil, NetworkConfig{Seed: env.Seed, Progress: env.Progress})
	if err != nil {
		return err
	}
	for _, q := range []struct {
		k Kernel
		e []Estimate
	}{
		{Kernel{}, r.V}, {Kernel{Pool: true}, r.GAP}, {Kernel{NNGP: true}, r.NNGPV}, {Kernel{NNGP: true, Pool: true}, r.NNGP},
	} {
		q.k.Depth, q.k.Filter = r.Config.Depth, r.Config.Filter
		g, err := way(ctx, q.k, two)
		if err != nil {
			return err
		}
		for p, e := range q.e {
			pair := r.Pairs[p]
			want := g.At(pair[0], pair[1])
			f.Add(claim.Equals(fmt.Sprintf("%v of digits %v: mean over %d networks of %d channels", q.k, pair, r.Config.Networks, r.Config.Channels), want, e.Mean,
				claim.Because(4*e.SE+finiteBias/float64(r.Config.Channels)*math.Abs(want), fmt.Sprintf("sampling, 4 s.e. = %.3g, and O(1/C) of finite width", 4*e.SE))))
		}
	}
	return nil
}

// checkIdentities checks what must hold whatever the images.
func checkIdentities(ctx context.Context, env claim.Env, way route, f *claim.Finding) error {
	r := rng.Stream(env.Seed, "images")
	noise := func(n, c, h, w int) *Images { return &Images{n, c, h, w, rng.Normals(r, n*c*h*w)} }

	// A network on one pixel is fully connected: each layer sees the one tap inside and divides by q².
	pixel := noise(4, 5, 1, 1)
	for _, nngp := range []bool{false, true} {
		fc, err := ntk.Kernel{Depth: 3, NNGP: nngp}.GramContext(ctx, pixel.Rows())
		if err != nil {
			return err
		}
		g, err := way(ctx, Kernel{Depth: 3, NNGP: nngp}, pixel)
		if err != nil {
			return err
		}
		f.Add(claim.Equals(fmt.Sprintf("images of one pixel, %v: largest distance to the fully-connected kernel over 9³", Kernel{Depth: 3, NNGP: nngp}), 0, largestGap(g, fc, 1./729),
			claim.Because(1e-8*mat.Max(fc)/729, "an angle near 0 loses half its digits")))
	}

	// Blank images and blank patches: 0, not 0/0.
	blank := noise(2, 1, 6, 6)
	for p := range 36 {
		blank.Data[p] = 0
		if p < 24 {
			blank.Data[36+p] = 0
		}
	}
	g, err := way(ctx, Kernel{Depth: 2, Pool: true}, blank)
	if err != nil {
		return err
	}
	f.Add(claim.Equals("a blank image with itself and with another", 0, math.Abs(g.At(0, 0))+math.Abs(g.At(0, 1)), claim.Exact))
	lower := &Images{1, 1, 6, 6, blank.Data[36:]}
	ref, err := changed(nil)(ctx, Kernel{Depth: 2, Pool: true}, lower)
	if err != nil {
		return err
	}
	f.Add(claim.Equals("an image that is blank above its lower third, against the recursion index by index", ref.At(0, 0), g.At(1, 1), claim.Because(1e-8*ref.At(0, 0), "an angle near 0 loses half its digits")))

	// Moving what is seen: pooling does not notice while nothing meets the border, the other readout does.
	seen := noise(1, 1, 3, 3)
	moved := &Images{2, 1, 11, 11, make([]float64, 2*121)}
	for i := range 3 {
		for j := range 3 {
			moved.Data[(4+i)*11+4+j] = seen.Data[i*3+j]
			moved.Data[121+(2+i)*11+6+j] = seen.Data[i*3+j]
		}
	}
	for _, pool := range []bool{true, false} {
		k := Kernel{Depth: 2, Pool: pool}
		g, err := way(ctx, k, moved)
		if err != nil {
			return err
		}
		ratio := g.At(0, 1) / g.At(0, 0)
		if pool {
			f.Add(claim.Equals("GAP, L = 2: kernel of an image with itself moved by (-2, 2), over that with itself", 1, ratio, claim.Because(1e-8, "angles near 0 lose half their digits")))
		} else {
			f.Add(claim.Below("V, L = 2: the same", .5, ratio, claim.Exact))
		}
	}

	// A Gram matrix has no negative eigenvalue, and is homogeneous in each image.
	some := noise(12, 3, 5, 4)
	for _, k := range []Kernel{{Depth: 2}, {Depth: 2, Pool: true}, {Depth: 2, Pool: true, NNGP: true}} {
		g, err := way(ctx, k, some)
		if err != nil {
			return err
		}
		var e mat.EigenSym
		if !e.Factorize(g, false) {
			return fmt.Errorf("conv: no eigenvalues of the %v", k)
		}
		values := e.Values(nil)
		f.Add(claim.Above(fmt.Sprintf("%v of 12 colour images: smallest eigenvalue over the largest", k), 0, values[0]/values[len(values)-1], claim.Because(1e-9, "entries have relative errors of up to 1e-8 near angle 0")))
	}
	f.Note("The book prints no formula for this kernel; the recursion is that of Arora et al. 2019. Layers are scaled by √(c_σ/(C q²)), so that a layer's mean square is that of its patches.")
	return nil
}

// largestGap is the largest |a_ij - s·b_ij|.
func largestGap(a, b mat.Symmetric, s float64) float64 {
	gap := 0.0
	for i := range a.SymmetricDim() {
		for j := range i + 1 {
			gap = max(gap, math.Abs(a.At(i, j)-s*b.At(i, j)))
		}
	}
	return gap
}
