package factor

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Claims returns the claims of sections 8.2 and 8.5.
func Claims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "8.A5", Kind: claim.Experiment, Title: "The scale of the start decides which factorisation", Ref: "Section 8.2",
			Statement: `Gradient descent on $\frac1m\sum(\langle A_i,UU^\top\rangle-y_i)^2$ from $U=aI$, with $m=25$ measurements of $M=uu^\top$ in ten dimensions (55 unknowns), reaches value 0 from every $a$ and ends elsewhere each time: at $M$, the solution of least nuclear norm, as $a\to0$, and the farther the larger $a$.`,
			Source:    "factor.RunSensing",
			Check:     checkSensing(SensingConfig{}),
			Alternatives: []claim.Alternative{
				{Name: "45 measurements, with which only M is left", Check: checkSensing(SensingConfig{Measurements: 45, Draws: 3, Steps: 5000})},
				{Name: "starts that are all large", Check: checkSensing(SensingConfig{Scales: []float64{.3, .6, 1}, Draws: 3, Steps: 5000})},
			},
		},
		{
			ID: "8.A5/product", Kind: claim.Experiment, Title: "No norm is being minimized", Ref: "Section 8.2",
			Statement: `$\begin{pmatrix}x&1\\1&0\end{pmatrix}$ has nuclear norm $\sqrt{x^2+4}$, least at $x=0$. Gradient descent on a product of depth 2 or 3 with $\det>0$ and the other three entries known sends the loss $\ell$ to 0 and $x$ to infinity, $x>(1-\sqrt{2\ell})^2/\sqrt{2\ell}$: the norm grows without bound while the rank falls, $\sigma_2/\sigma_1\to0$.`,
			Source:    "factor.RunProduct, factor.EntryBound",
			Check:     checkProduct(productTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a start with a negative determinant", Check: checkProduct(productTheory{reflect: true})},
				{Name: "descent minimizes the nuclear norm", Check: checkProduct(productTheory{least: true})},
			},
		},
		{
			ID: "8.A5/speed", Kind: claim.Theorem, Title: "How fast a singular value of a product moves", Ref: "Section 8.2",
			Statement: `Under gradient flow on balanced factors, $W_{k+1}^\top W_{k+1}=W_kW_k^\top$, $\dot\sigma_r=-N(\sigma_r^2)^{1-1/N}\langle\nabla\ell(W),u_rv_r^\top\rangle$: depth multiplies the motion of a singular value by a power of its own size (Arora, Cohen, Hu, Luo 2019, Theorem 3). The flow keeps the balance.`,
			Source:    "factor.Speed, factor.RunFlow",
			Check:     checkSpeed(speedTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "without the factor N", Check: checkSpeed(speedTheory{factor: func(n int) float64 { return 1 / float64(n) }})},
				{Name: "exponent 1 - 1/N of σ in place of σ²", Check: checkSpeed(speedTheory{root: true})},
				{Name: "a start without balance", Check: checkSpeed(speedTheory{unbalanced: 1.5})},
			},
		},
		{
			ID: "8.A5/depth", Kind: claim.Experiment, Title: "Depth learns the rank step by step", Ref: "Section 8.2",
			Statement: `For $\ell=\frac12\|W-M\|_F^2$ from $W=aI$, $M\succ0$, each singular value solves $\dot\sigma=N\sigma^{2-2/N}(m-\sigma)$. At depth 1 all are halfway at the same time $\log2$ (for $a\to0$); at depth 2 value $m$ waits for $\log(m/a)/(2m)$, at depth $N>2$ for about $a^{2/N-1}/((N-2)m)$, so that large ones come first. When the largest is at 90%, the next has reached a share of its own that falls with depth and with $a$.`,
			Source:    "factor.ReachTime, factor.RunDepth",
			Check:     checkDepth(depthTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "one factor fewer", Check: checkDepth(depthTheory{shift: -1})},
				{Name: "one factor more", Check: checkDepth(depthTheory{shift: 1})},
				{Name: "a start ten times larger", Check: checkDepth(depthTheory{scale: 10})},
			},
		},
		{
			ID: "8.A7", Kind: claim.Experiment, Title: "Convolutions prefer sparse spectra", Ref: "Section 8.5",
			Statement: `A linear network of $L$ circular convolutions of full width, trained with the exponential loss on separable examples, converges in direction to a first-order stationary point of $\min\|\hat\beta\|_{2/L}$ subject to $y_n\langle\beta,x_n\rangle\ge1$: the same predictors $\langle\beta,x\rangle$ at every depth, a Euclidean margin at depth 1, the $\ell_1$ norm of the spectrum at depth 2, a quasi-norm beyond (Gunasekar, Lee, Soudry, Srebro 2018).`,
			Source:    "factor.RunConv, factor.FourierKKT, factor.MarginBound",
			Check:     checkConv(convTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a Euclidean margin at every depth", Check: checkConv(convTheory{flat: true})},
				{Name: "depth 2 said to be depth 3", Check: checkConv(convTheory{shift: 1})},
				{Name: "200 steps", Check: checkConv(convTheory{steps: 200})},
			},
		},
		{
			ID: "8.A7/relu", Kind: claim.Experiment, Title: "Networks of one input draw with the least change of slope", Ref: "Section 8.5",
			Statement: `Every function through $(x_i,y_i)$ has $\int|f''|\ge T=\sum|s_{i+1}-s_i|$, $s_i$ the slopes of the broken line. A ReLU network with free biases needs $\frac12\sum(a_j^2+w_j^2)\ge\max(T,\frac12(T+|s_1+s_k|))$ and reaches it. Trained with a little weight decay, or without any from a small start, it ends within a few percent; from a large start it does not.`,
			Source:    "factor.RunReLU, factor.LeastVariation, factor.LeastCost, factor.CostByProgram",
			Check:     checkReLU(reluTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a large start called small", Check: checkReLU(reluTheory{small: 1})},
				{Name: "T alone is the cost, whatever the end slopes", Check: checkReLU(reluTheory{ends: true})},
				{Name: "half of T", Check: checkReLU(reluTheory{factor: .5})},
			},
		},
	}
}

func checkSensing(cfg SensingConfig) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg.Seed = env.Seed
		r, err := sensings.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		a := r.Config.Scales
		for k, draw := range r.Runs {
			for i := 1; i < len(draw); i++ {
				f.Add(claim.Above(fmt.Sprintf("draw %d: error from a = %g over that from a = %g", k, a[i], a[i-1]), 1, draw[i].Error/draw[i-1].Error, claim.Exact))
			}
			f.Add(claim.Equals(fmt.Sprintf("draw %d: nuclear norm from a = %g", k, a[0]), 1, draw[0].Nuclear, claim.Because(.03, "a start of size a; 1.000 to 1.013 over nine draws of the reference")))
		}
		m := r.Medians()
		last := len(a) - 1
		f.Add(claim.Below(fmt.Sprintf("median error from a = %g", a[0]), .02, m[0], claim.Exact),
			claim.Above(fmt.Sprintf("median error from a = %g", a[last]), .5, m[last], claim.Exact))
		f.Note("Median errors %.2g; ‖M‖ = 1. At a = 1 the numbers depend on the draw (0.1 to 2.9: now and then almost no other positive semidefinite solution is left) and on the step: near the largest stable one they halve, since descent leaves solutions of large norm. At a = 0.1 and below they do not.", m)
		fig := FigureSensing(r)
		f.Figure = &fig
		return f, nil
	}
}

type productTheory struct {
	reflect bool
	least   bool // x → 0
}

func checkProduct(h productTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		golden := map[int]map[int]float64{2: {1000: 4.06, 10000: 10.19, 200000: 28.68}, 3: {1000: 5.60, 10000: 15.38, 200000: 33.99}}
		var runs [][]ProductPoint
		for _, n := range []int{2, 3} {
			path, err := RunProduct(ctx, ProductConfig{Depth: n, Steps: 200000, Reflect: h.reflect})
			if err != nil {
				return nil, err
			}
			runs = append(runs, path)
			for i, p := range path {
				at := fmt.Sprintf("depth %d, step %d: ", n, p.Step)
				if want, ok := golden[n][p.Step]; ok {
					tol := claim.Because(.01*want, "1%, the reference's digits")
					if h.least {
						want = 0
					}
					f.Add(claim.Equals(at+"the missing entry", want, p.P[0][0], tol))
				}
				if p.Step >= 1000 {
					f.Add(claim.Above(at+"the missing entry", EntryBound(p.Loss), p.P[0][0], claim.Because(1e-6, "rounding in a loss near 0")),
						claim.Above(at+"growth of the nuclear norm since the record before", 0, p.Nuclear-path[i-1].Nuclear, claim.Exact),
						claim.Below(at+"σ₂/σ₁", 1/(p.P[0][0]*p.P[0][0])*1.1, p.Ratio, claim.Exact))
				}
			}
			end := path[len(path)-1]
			f.Add(claim.Equals(fmt.Sprintf("depth %d: nuclear norm at the end and that of the completion", n), Completion(end.P[0][0]), end.Nuclear, claim.Because(2*math.Sqrt(end.Loss), "√2 times the distance √(2ℓ) from the completion")))
		}
		for _, x := range []float64{-2, 0, .5, 30} {
			big, small := two{{x, 1}, {1, 0}}.singular()
			f.Add(claim.Equals(fmt.Sprintf("nuclear norm of the completion with x = %g", x), Completion(x), big+small, claim.Rounding(30, 8)))
		}
		f.Note("At depth 2 the growth needs W₂ = W₁ᵀ to be kept to the last bit; at depth 3 the last value is past the edge of stability 2/η, and depends on rounding by one percent.")
		fig := FigureProduct(runs)
		f.Figure = &fig
		return f, nil
	}
}

type speedTheory struct {
	factor     func(n int) float64
	root       bool
	unbalanced float64
}

func checkSpeed(h speedTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, n := range []int{1, 2, 3, 5} {
			path, err := RunFlow(ctx, FlowConfig{Depth: n, Unbalanced: h.unbalanced, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			for _, p := range path {
				worst, size := 0.0, 0.0
				for r, s := range p.Sigma {
					v := Speed(s, n)
					if h.root {
						v = float64(n) * math.Pow(s, 1-1/float64(n))
					}
					if h.factor != nil {
						v *= h.factor(n)
					}
					size = max(size, math.Abs(p.Measured[r]))
					worst = max(worst, math.Abs(v*p.Projection[r]-p.Measured[r]))
				}
				f.Add(claim.Equals(fmt.Sprintf("depth %d, t = %.2f: largest error of a speed over the largest speed", n, p.Time), 0, worst/size, claim.Because(5e-3, "Euler's method and differences with h = 1e-4")))
			}
			f.Add(claim.Equals(fmt.Sprintf("depth %d: imbalance at the end", n), 0, path[len(path)-1].Imbalance, claim.Because(2e-3, "Euler's method with h = 1e-4")))
		}
		return f, nil
	}
}

type depthTheory struct {
	shift int     // of the depth in theory
	scale float64 // times that of the run; 0 means 1
}

func checkDepth(h depthTheory) claim.Check {
	if h.scale == 0 {
		h.scale = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		last := 1.
		for n := 1; n <= 4; n++ {
			r, err := RunDepth(ctx, DepthConfig{Depth: n})
			if err != nil {
				return nil, err
			}
			theory := max(n+h.shift, 1)
			a := r.Config.Scale * h.scale
			for i, m := range r.Config.Values {
				t, err := ReachTime(a, m/2, m, theory)
				if err != nil {
					return nil, err
				}
				f.Add(claim.Equals(fmt.Sprintf("depth %d: time at which value %g is halfway", n, m), t, r.Reach(i, m/2), claim.Because(.01+.005*t, "descent with step 0.01, and records apart")))
			}
			at := r.Reach(0, .9*r.Config.Values[0])
			m := r.Config.Values[1]
			want, err := AlignedValue(a, m, at, theory)
			if err != nil {
				return nil, err
			}
			got := r.At(1, at) / m
			f.Add(claim.Equals(fmt.Sprintf("depth %d: share of the second value when the first is at 90%%", n), want/m, got, claim.Because(.01, "descent with step 0.01, and records apart")))
			f.Add(claim.Below(fmt.Sprintf("depth %d: that share, against one factor fewer", n), last, got, claim.Exact))
			last = got
		}
		for _, a := range []float64{1e-2, 1e-4} {
			r, err := RunDepth(ctx, DepthConfig{Depth: 3, Scale: a, Time: 1.2 / math.Pow(a, 1./3), Rate: .02})
			if err != nil {
				return nil, err
			}
			share := r.At(1, r.Reach(0, .9)) / .5
			if a > 1e-3 {
				f.Add(claim.Above("depth 3, a = 0.01: share of the second value, against a = 0.001", shareAt(1e-3), share, claim.Exact))
			} else {
				f.Add(claim.Below("depth 3, a = 0.0001: share of the second value, against a = 0.001", shareAt(1e-3), share, claim.Exact))
			}
		}
		fig, err := FigureDepth(ctx, 3, 1e-3)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}

// shareAt is, by theory at depth 3, the share of value ½ when value 1 is at 90%.
func shareAt(a float64) float64 {
	t, err := ReachTime(a, .9, 1, 3)
	if err != nil {
		return math.NaN()
	}
	v, err := AlignedValue(a, .5, t, 3)
	if err != nil {
		return math.NaN()
	}
	return v / .5
}
