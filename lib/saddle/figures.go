package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/landscape"
)

// bentObjective is ½(-γx₁² + x₂² + x₃²) + c·x₁(x₂² - x₃²): the points that gradient descent leads into the
// saddle 0 form a bent sheet. ρ = 2c·√2 at most; the gradient is not Lipschitz on all of R³.
func bentObjective(gamma, c float64) *landscape.Objective {
	return &landscape.Objective{
		Name: "bent saddle", Dim: 3, Lipschitz: math.NaN(), HessLipschitz: 2 * math.Sqrt2 * c, Min: math.NaN(),
		Value: func(x []float64) float64 {
			return (-gamma*x[0]*x[0]+x[1]*x[1]+x[2]*x[2])/2 + c*x[0]*(x[1]*x[1]-x[2]*x[2])
		},
		Gradient: func(dst, x []float64) {
			a, b, e := x[0], x[1], x[2]
			dst[0], dst[1], dst[2] = -gamma*a+c*(b*b-e*e), b+2*c*a*b, e-2*c*a*e
		},
		HessVec: func(dst, x, v []float64) {
			a, b, e := x[0], x[1], x[2]
			dst[0] = -gamma*v[0] + 2*c*(b*v[1]-e*v[2])
			dst[1] = 2*c*b*v[0] + (1+2*c*a)*v[1]
			dst[2] = -2*c*e*v[0] + (1-2*c*a)*v[2]
		},
	}
}

// pancakeReach is the distance within which a run counts as stuck, in radii of the ball.
const pancakeReach = 1.2

// bent runs descent on bentObjective from u and returns the first step at which it is further than reach from
// u, steps + 1 if none.
func bent(gamma, c, eta, reach float64, u []float64, steps int) int {
	a0, b0, e0 := u[0], u[1], u[2]
	a, b, e := a0, b0, e0
	for t := 1; t <= steps; t++ {
		a, b, e = a+eta*(gamma*a-c*(b*b-e*e)), b-eta*(b+2*c*a*b), e-eta*(e-2*c*a*e)
		da, db, de := a-a0, b-b0, e-e0
		if da*da+db*db+de*de > reach*reach {
			return t
		}
	}
	return steps + 1
}

// longest is how many steps the exit times of figure 7.1 are known for.
const longest = 60

// voxels are the points of a grid in the unit ball with their exit times, computed once.
var voxels = keep.New(1, func(ctx context.Context, _ bool) ([][4]float64, error) {
	const side = 25
	var out [][4]float64
	u := make([]float64, 3)
	for i := range 4*side + 1 { // fine along x₁, where the sheet is thin
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for j := range side {
			for k := range side {
				u[0], u[1], u[2] = float64(i)/(2*side)-1, 2*float64(j)/(side-1)-1, 2*float64(k)/(side-1)-1
				if u[0]*u[0]+u[1]*u[1]+u[2]*u[2] <= 1 {
					out = append(out, [4]float64{u[0], u[1], u[2], float64(bent(.1, .3, 1, pancakeReach, u, longest))})
				}
			}
		}
	}
	return out, nil
})

// disk are the exit times of the plane x₃ = 0 under gradient flow, by steps of 1/10: time/10 is the time.
var disk = keep.New(1, func(ctx context.Context, _ bool) ([][]float64, error) {
	const side = 81
	out := make([][]float64, side)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = make([]float64, side)
		for j := range out[i] {
			u := []float64{2*float64(i)/(side-1) - 1, 2*float64(j)/(side-1) - 1, 0}
			out[i][j] = -1
			if u[0]*u[0]+u[1]*u[1] <= 1 {
				out[i][j] = float64(bent(.1, .3, .1, pancakeReach, u, 10*longest)) / 10
			}
		}
	}
	return out, nil
})

// FigureStuck draws figure 7.1 for 𝒯 steps: the stuck region in a ball in R³, seen from the side, the band in
// a disk under gradient flow, and the probability to be stuck in R^d on the quadratic saddle with its slab
// bound.
func FigureStuck(ctx context.Context, steps, d int) (figure.Figure, error) {
	const fn = "saddle.FigureStuck"
	if steps < 1 || steps > longest || d < 1 {
		return figure.Figure{}, fmt.Errorf("%s: %d steps in dimension %d, want 1 to %d and at least 1", fn, steps, d, longest)
	}
	points, err := voxels.Get(ctx, true)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	times, err := disk.Get(ctx, true)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	// Seen along a line between the second and third axes, from a little above.
	const tilt = .3
	var px, py []float64
	stuck := 0
	for _, p := range points {
		if int(p[3]) > steps {
			stuck++
			px, py = append(px, (p[1]-p[2])/math.Sqrt2), append(py, p[0]*math.Cos(tilt)+(p[1]+p[2])/math.Sqrt2*math.Sin(tilt))
		}
	}
	const most = 1500 // every so many are drawn
	for stride := (len(px) + most - 1) / most; stride > 1; stride = 0 {
		n := 0
		for i := 0; i < len(px); i += stride {
			px[n], py[n] = px[i], py[i]
			n++
		}
		px, py = px[:n], py[:n]
	}
	var cx, cy []float64
	for i := range 65 {
		s, c := math.Sincos(2 * math.Pi * float64(i) / 64)
		cx, cy = append(cx, c), append(cy, s)
	}
	side := len(times)
	axis := make([]float64, side)
	band := make([][]float64, side)
	for i := range axis {
		axis[i] = 2*float64(i)/float64(side-1) - 1
		band[i] = make([]float64, side)
		for j, t := range times[i] {
			switch {
			case t < 0:
				band[i][j] = 0
			case t > float64(steps):
				band[i][j] = 2
			default:
				band[i][j] = 1
			}
		}
	}
	var t, p, bound []float64
	now := 0.0
	for k := 1; k <= longest; k++ {
		s := Stuck{Dim: d, Steps: k}
		v, err := s.Probability()
		if err != nil {
			return figure.Figure{}, err
		}
		width, err := s.Width()
		if err != nil {
			return figure.Figure{}, err
		}
		t, p, bound = append(t, float64(k)), append(p, max(v, 1e-6)), append(bound, SlabBound(d, width, 1))
		if k == steps {
			now = v
		}
	}
	shares, err := sampled.Get(ctx, d)
	if err != nil {
		return figure.Figure{}, err
	}
	mx, my, low, high := sampledAt(shares, draws(d))
	share := float64(stuck) / float64(len(points))
	return figure.Figure{
		ID: "7.F1", Title: "The stuck region",
		Alt:     fmt.Sprintf("Left: a ball with a thin bent sheet across it, the points still stuck after %d steps. Middle: a disk with a band. Right: the probability to be stuck falls exponentially with the number of steps, below its bound; it is %.3g after %d.", steps, now, steps),
		Caption: fmt.Sprintf(`After $\mathcal T=%d$ steps %.2g%% of the ball on the left are stuck. On the quadratic saddle in $\mathbb R^{%d}$ it is %.3g%%, and the slab bound says at most %.3g%%. Every step more takes off a factor of $1+\eta\gamma=1.1$.`, steps, 100*share, d, 100*now, 100*bound[steps-1]),
		Panels: []figure.Panel{
			{Title: "ball in 3-D, from the side", X: figure.Axis{Label: "(x₂ − x₃)/√2"}.Range(-1.1, 1.1), Y: figure.Axis{Label: "x₁, tilted"}.Range(-1.1, 1.1), Layers: []figure.Layer{
				figure.Line("ball of perturbations", 0, cx, cy).As(figure.Reference), figure.Points("stuck", 1, px, py, nil, nil)}},
			{Title: "disk in 2-D, gradient flow", X: figure.Axis{Label: "x₂"}.Range(-1, 1), Y: figure.Axis{Label: "x₁"}.Range(-1, 1), Layers: []figure.Layer{
				figure.Heat("", axis, axis, band).Coloured(figure.Axis{Label: "0 outside, 1 escapes, 2 stuck"}.Range(0, 2))}},
			{Title: "probability to be stuck", X: figure.Axis{Label: "steps 𝒯"}.Range(0, longest), Y: figure.Axis{Label: "probability", Scale: figure.Log}.Range(1e-3, 1.3), Layers: []figure.Layer{
				figure.Line("exact", 0, t, p), figure.Line("slab bound", 0, t, bound).As(figure.Bound),
				figure.Points(fmt.Sprintf("%d perturbations", draws(d)), 0, mx, my, low, high), figure.VRule("𝒯", float64(steps))}},
		},
	}, nil
}

// sampledTimes are the 𝒯 of the sampled points of figure 7.1.
var sampledTimes = []int{2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50}

// draws is how many perturbations of R^d are drawn for them: coordinates are what costs.
func draws(d int) int { return max(2000, min(20_000, 400_000/d)) }

var sampled = keep.New(8, func(ctx context.Context, d int) ([]float64, error) {
	return Stuck{Dim: d}.Shares(ctx, sampledTimes, draws(d), 0)
})

// sampledAt returns points with intervals of two standard errors, those with a share of 0 left out.
func sampledAt(shares []float64, n int) (x, y, low, high []float64) {
	for i, p := range shares {
		if p > 0 {
			r := 2 * math.Sqrt(p*(1-p)/float64(n))
			x, y, low, high = append(x, float64(sampledTimes[i])), append(y, p), append(low, max(p-r, 1e-5)), append(high, p+r)
		}
	}
	return x, y, low, high
}

// FigureDimension draws escape times against the dimension: the law and 400 runs at each d.
func FigureDimension(ctx context.Context, gamma float64, seed uint64) (figure.Figure, error) {
	const fn, runs = "saddle.FigureDimension", 400
	var x, law, mx, mean, low, high []float64
	for k := 0; k <= 32; k++ {
		d := int(math.Round(math.Pow(10, float64(k)/8)))
		e := Escape{Dim: d, Gamma: gamma, Sine: true}
		t, err := e.Law()
		if err != nil {
			return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
		}
		if k > 0 && float64(d) <= x[len(x)-1] {
			continue
		}
		x, law = append(x, float64(d)), append(law, t)
	}
	for _, d := range []int{1, 3, 10, 30, 100, 300, 1000, 3000} {
		v, err := Escape{Dim: d, Gamma: gamma, Sine: true}.Sample(ctx, runs, seed)
		if err != nil {
			return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
		}
		m, se := meanError(v)
		mx, mean = append(mx, float64(d)), append(mean, m)
		low, high = append(low, m-2*se), append(high, m+2*se)
	}
	each, err := Escape{Gamma: gamma}.Tenfold()
	if err != nil {
		return figure.Figure{}, err
	}
	return figure.Figure{
		ID: "7.R3", Title: "Steps to leave a saddle against the dimension",
		Alt:     fmt.Sprintf("Mean escape time against the dimension on a logarithmic axis: a straight line from %.1f steps at d = 1 to %.1f at d = 10,000, with measured points on it.", law[0], law[len(law)-1]),
		Caption: fmt.Sprintf(`One direction down among $d$. Ten times as many dimensions cost %.2f steps: $\frac12\log10/\log(1+\eta\gamma)$.`, each),
		Panels: []figure.Panel{{X: figure.Axis{Label: "dimension d", Scale: figure.Log}.Range(1, 1e4), Y: figure.Axis{Label: "mean steps to |x₁| = 0.1"}, Layers: []figure.Layer{
			figure.Line("law with digamma functions", 0, x, law), figure.Points("400 runs, ± 2 standard errors", 0, mx, mean, low, high)}}},
	}, nil
}

// FigureChain draws the steps at which the saddles of a chain are left, by gradient descent and by PGD-I.
func FigureChain(ctx context.Context, seed uint64) (figure.Figure, error) {
	const d, runs = 7, 5
	gd, err := chainRuns(ctx, d, runs, chainEta, 0, seed)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("saddle.FigureChain: %w", err)
	}
	pgd, err := chainRuns(ctx, d, runs, chainEta, chainNoise, seed)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("saddle.FigureChain: %w", err)
	}
	factor, err := Chain{}.Factor(chainEta)
	if err != nil {
		return figure.Figure{}, err
	}
	var x, line []float64
	for i := range d {
		x = append(x, float64(i+1))
		line = append(line, gd[d-1]*math.Pow(factor, float64(i+1-d)))
	}
	return figure.Figure{
		ID: "7.+/chain", Title: "A chain of saddles",
		Alt:     fmt.Sprintf("Steps against the number of saddles left, logarithmic: gradient descent rises along a straight line to %.0f steps for 7 saddles, PGD-I bends down and needs %.0f.", gd[d-1], pgd[d-1]),
		Caption: fmt.Sprintf(`From random starts. While the first saddles are left, the other coordinates shrink; gradient descent then pays %.2f times as much for each. Noise keeps them from shrinking.`, factor),
		Panels: []figure.Panel{{X: figure.Axis{Label: "saddles left"}, Y: figure.Axis{Label: "steps", Scale: figure.Log}, Layers: []figure.Layer{
			figure.Line("a factor for each saddle", 0, x, line), figure.Points("gradient descent", 0, x, gd, nil, nil), figure.Points("PGD-I", 1, x, pgd, nil, nil)}}},
	}, nil
}
