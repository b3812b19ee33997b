package book

import (
	"slices"
	"sync"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/dropout/completion"
	"github.com/lemma-ml/lemma/lib/dropout/deepnet"
	"github.com/lemma-ml/lemma/lib/dropout/linreg"
	"github.com/lemma-ml/lemma/lib/dropout/sensing"
	"github.com/lemma-ml/lemma/lib/dropout/tied"
	"github.com/lemma-ml/lemma/lib/implicitbias"
	"github.com/lemma-ml/lemma/lib/implicitbias/factor"
	"github.com/lemma-ml/lemma/lib/implicitbias/margin"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
	"github.com/lemma-ml/lemma/lib/ntk/eigenlearning"
	"github.com/lemma-ml/lemma/lib/ntk/ensemble"
	"github.com/lemma-ml/lemma/lib/ntk/feature"
	"github.com/lemma-ml/lemma/lib/ntk/finite"
	"github.com/lemma-ml/lemma/lib/ntk/graph"
	"github.com/lemma-ml/lemma/lib/saddle"
)

// titles names the chapters of the book; index 0 is chapter 1.
var titles = []string{
	"Basic setup and math facts",
	"Basics of optimization",
	"Overparametrized linear and kernel regression",
	"Backpropagation and its variants",
	"Basics of generalization theory",
	"Tractable landscapes for nonconvex optimization",
	"Escaping saddle points",
	"Algorithmic regularization",
	"Ultra-wide networks and neural tangent kernels",
	"Interpreting the output of deep nets",
	"Inductive biases due to algorithmic regularization",
	"SDE approximation of SGD",
	"Effect of normalization in deep learning",
	"Distribution learning",
	"Language models",
	"Generative adversarial nets",
	"Self-supervised learning",
	"Adversarial examples",
}

// claims lists the topic packages of each chapter.
var claims = map[int][]func() []claim.Claim{
	6:  {landscape.Claims},
	7:  {saddle.Claims},
	8:  {implicitbias.Claims, factor.Claims, margin.Claims},
	9:  {ntk.Claims, finite.Claims, eigenlearning.Claims, ensemble.Claims, graph.Claims, feature.Claims, conv.Claims},
	11: {dropout.Claims, deepnet.Claims, sensing.Claims, tied.Claims, completion.Claims, linreg.Claims},
}

// Registry returns all chapters with their inventories and claims. The claims of a chapter stand in
// the order of its inventory. The error, if any, is a fault of the library itself: a claim without a
// row, an ID used twice.
var Registry = sync.OnceValues(func() (*claim.Registry, error) {
	chapters := make([]claim.Chapter, len(titles))
	for i, title := range titles {
		number := i + 1
		r, err := rows(number)
		if err != nil {
			return nil, err
		}
		ch := claim.Chapter{Number: number, Title: title, Rows: r}
		for _, list := range claims[number] {
			ch.Claims = append(ch.Claims, list()...)
		}
		place := map[string]int{}
		for k, row := range r {
			place[row.ID] = k
		}
		slices.SortStableFunc(ch.Claims, func(a, b claim.Claim) int { return place[a.Row()] - place[b.Row()] })
		chapters[i] = ch
	}
	return claim.NewRegistry(chapters...)
})

// MustRegistry is Registry for notebooks; it panics on the error, which the library's own tests
// exclude.
func MustRegistry() *claim.Registry {
	r, err := Registry()
	if err != nil {
		panic(err)
	}
	return r
}
