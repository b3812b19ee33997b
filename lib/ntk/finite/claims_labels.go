package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
)

// labelsVariant multiplies the time of the theory.
type labelsVariant struct{ stepsFactor int }

func labelClaims() []claim.Claim {
	check := func(ctx context.Context, env claim.Env, v labelsVariant) (*claim.Finding, error) {
		r, err := labels.get(ctx, env.Backend, LabelsConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: LabelsFigure(r)}
		k := r.Config.Steps
		widest := r.Config.Widths[len(r.Config.Widths)-1]
		measured := map[string]float64{}
		for _, set := range LabelNames {
			theory, got, err := r.At(set, widest, k)
			if err != nil {
				return nil, err
			}
			measured[set] = got
			if v.stepsFactor != 1 {
				j := (len(r.Steps) - 1) / v.stepsFactor
				theory = r.theoryOf(set)[j]
			}
			f.Add(claim.Equals(fmt.Sprintf("‖u-y‖²/n on %s labels after %d steps, m = %d", set, k, widest), theory, got,
				claim.Because(1.6/math.Sqrt(float64(widest)), "finite width, 1.6/√m: the kernel at this m moves and differs from H*")))
		}
		f.Add(
			claim.Equals("the same against an independent run, true labels", .0787, measured["true"], claim.Because(.006, "another draw of the network")),
			claim.Equals("the same against an independent run, worst labels", .968, measured["worst"], claim.Because(.006, "another draw of the network")),
			claim.Above("random minus true", 0.5, measured["random"]-measured["true"], claim.Exact),
			claim.Above("worst minus random", 0.05, measured["worst"]-measured["random"], claim.Exact),
		)
		narrowest := r.Config.Widths[0]
		for _, set := range []string{"random", "worst"} {
			lag := func(m int) (float64, error) {
				theory, got, err := r.At(set, m, k)
				return got - theory, err
			}
			wide, err := lag(widest)
			if err != nil {
				return nil, err
			}
			narrow, err := lag(narrowest)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Below(fmt.Sprintf("lag behind the kernel on %s labels at m = %d over that at m = %d", set, widest, narrowest), 1, wide/narrow, claim.Exact))
			if set == "worst" {
				f.Add(claim.Above(fmt.Sprintf("lag behind the kernel on %s labels at m = %d", set, widest), 0, wide, claim.Exact))
			}
		}
		f.Note("n = %d, η = %g; antisymmetric ReLU networks, first layer trained", r.Config.Train, r.Config.LearningRate)
		f.Note("finite networks learn the small eigenvalues later than the kernel says; the lag shrinks with m and is real, not noise")
		return f, nil
	}
	return []claim.Claim{{
		ID: "9.F1/finite", Kind: claim.Figure, Title: "Finite networks on true, random and worst labels", Ref: "Figure 9.1, left",
		Statement: `Trained by gradient descent, wide networks follow $\|u_k-y\|^2=\sum_i(1-\eta\lambda_i)^{2k}(v_i^\top y)^2$: true labels, which lie along the top eigenvectors of $H^*$, are learned fastest, the last eigenvector slowest.`,
		Source:    "finite.RunLabels", NeedsBackend: true,
		Check: checkOf(labelsVariant{1}, check),
		Alternatives: []claim.Alternative{
			{Name: "the kernel run for half the time", Check: checkOf(labelsVariant{2}, check)},
		},
	}}
}
