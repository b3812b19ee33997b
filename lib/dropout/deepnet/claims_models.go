package deepnet

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
)

func modelClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.+/models", Kind: claim.Experiment, Title: "The penalty in place of masks: a convnet and a transformer", Ref: "beyond Section 11.2",
			Statement: `Proposition 11.2.1 asks of the layers below only that they are there. For a convnet and a transformer on digits, masks of $p=\frac12$ on the last hidden layer and $\lambda\sum_j\|W_k(:,j)\|^2\hat a_j^2$ in the loss end at the same $\hat R/\lambda$, within 6 %, and the same held-out loss, within 6 %.`,
			Source:    "deepnet.RunModels, dropout.Regularizer", NeedsBackend: true,
			Check: checkModels(0),
			Alternatives: []claim.Alternative{
				{Name: "no penalty", Check: checkModels(-1)},
				{Name: "a penalty of twice the strength", Check: checkModels(2. / 3)},
			},
		},
		{
			ID: "11.E6/conv", Kind: claim.Remark, Title: "Masks on convolutions", Ref: "Section 11.2",
			Statement: `A convnet on 300 digits at $p=\frac12$: masks on the maps of the convolution, on the fully connected layer, or on both. One place does better on held-out digits than both.`,
			Source:    "deepnet.RunModels", NeedsBackend: true,
			Check:        checkConv(false),
			Alternatives: []claim.Alternative{{Name: "both places best", Check: checkConv(true)}},
		},
	}
}

// checkModels compares masks of rate 1/2 with the penalty of another rate: 0 for the same, -1 for none.
func checkModels(rate float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := modelRuns.Get(ctx, env.Backend, ModelsConfig{Seed: env.Seed}.withDefaults())
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		explicit := func(m Model) (*ModelOutcome, error) { return r.Outcome(m, 2), nil }
		switch {
		case rate < 0:
			explicit = func(m Model) (*ModelOutcome, error) { return r.Outcome(m, 0), nil }
		case rate > 0:
			explicit = func(m Model) (*ModelOutcome, error) {
				o, err := modelRuns.Get(ctx, env.Backend, ModelsConfig{Seed: env.Seed, Models: []Model{m}, Methods: []ModelMethod{{Rate: rate, Penalty: true}}}.withDefaults())
				if err != nil {
					return nil, err
				}
				return &o.Outcomes[0], nil
			}
		}
		var names []string
		var at, masks, penalties, plain []float64
		for i, m := range r.Config.Models {
			masked := r.Outcome(m, 1)
			e, err := explicit(m)
			if err != nil {
				return nil, err
			}
			why := claim.Because(.06, "noise of masks at a fixed step size")
			f.Add(claim.Equals(fmt.Sprintf("%s: R̂/λ with masks over R̂/λ with the penalty", m), 1, masked.Penalty/e.Penalty, why),
				claim.Equals(fmt.Sprintf("%s: held-out loss with masks over that with the penalty", m), 1, masked.Loss/e.Loss, why))
			f.Note("%s: R̂/λ %.4f plain, %.4f with masks, %.4f with the penalty; held-out loss %.3f, %.3f, %.3f; right %.3f, %.3f, %.3f.", m,
				r.Outcome(m, 0).Penalty, masked.Penalty, e.Penalty, r.Outcome(m, 0).Loss, masked.Loss, e.Loss, r.Outcome(m, 0).Accuracy, masked.Accuracy, e.Accuracy)
			names, at = append(names, string(m)), append(at, float64(i))
			plain, masks, penalties = append(plain, r.Outcome(m, 0).Penalty), append(masks, masked.Penalty), append(penalties, e.Penalty)
		}
		f.Note("At p = 1/2 and %d epochs dropout does not improve these small models: it slows them down.", r.Config.Epochs)
		fig := figure.Figure{
			ID: "11.+/models", Title: "One penalty, whatever lies below",
			Alt:     fmt.Sprintf("R̂/λ at the end of training for a convnet and a transformer: %.2f and %.2f without dropout, %.3f and %.3f with masks, %.3f and %.3f with the explicit penalty.", plain[0], plain[1], masks[0], masks[1], penalties[0], penalties[1]),
			Caption: fmt.Sprintf(`$p=\frac12$, %d digits, %d epochs, seed %d.`, r.Config.Train, r.Config.Epochs, r.Config.Seed),
			Panels: []figure.Panel{{X: figure.Axis{Label: "model", Categories: names}, Y: figure.Axis{Label: "R̂/λ at the end", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Points("plain", 2, at, plain, nil, nil), figure.Points("masks", 1, at, masks, nil, nil), figure.Points("explicit penalty", 0, at, penalties, nil, nil)}}},
		}
		f.Figure = &fig
		return f, nil
	}
}

func checkConv(both bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := ModelsConfig{Seed: env.Seed, Models: []Model{Convnet}, Methods: []ModelMethod{{Rate: .5}, {Rate: .5, Places: []string{"conv"}}, {Rate: .5, Places: []string{"conv", "top"}}}}
		r, err := modelRuns.Get(ctx, env.Backend, cfg.withDefaults())
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for k, name := range []string{"the fully connected layer", "the convolution"} {
			one, two := r.Outcomes[k].Loss, r.Outcomes[2].Loss
			if both {
				one, two = two, one
			}
			f.Add(claim.Below("held-out loss with masks on "+name+" alone, against both", two, one, claim.Exact))
		}
		for _, o := range r.Outcomes {
			f.Note("%s: loss %.4f on held-out digits, %.4f right.", o.Method.Name(), o.Loss, o.Accuracy)
		}
		f.Note("It is common to leave convolutions alone. Masks on the %s do better here.", map[bool]string{true: "convolution", false: "fully connected layer"}[r.Outcomes[1].Loss < r.Outcomes[0].Loss])
		return f, nil
	}
}
