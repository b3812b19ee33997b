package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
	"github.com/lemma-ml/lemma/widgets"
)

// gramImages is gram for a convolutional kernel.
func (o *ntkOptions) gramImages(ctx context.Context, t terminal, args []string) error {
	k, err := o.parseImages(args)
	if err != nil {
		return err
	}
	if o.format == "" {
		o.format = "csv"
	}
	train, test, err := o.readImages(data.TargetClass, false)
	if err != nil {
		return err
	}
	var m mat.Matrix
	if test == nil {
		m, err = o.imageGram(ctx, t, k, train)
	} else {
		m, err = o.imageCross(ctx, t, k, test, train)
	}
	if err != nil {
		return err
	}
	var doc any // rows are copied for JSON alone
	if o.format == "json" {
		doc = map[string]any{"kernel": k.String(), "rows": rowsOf(m)}
	}
	_, err = o.emit(t, nil, nil, m, doc)
	return err
}

// imageGram computes the matrix among images, with a display of how far it is.
func (o *ntkOptions) imageGram(ctx context.Context, t terminal, k conv.Kernel, x *imagesIn) (*mat.SymDense, error) {
	n := float64(x.N)
	if err := tooLarge("the kernel matrix", 2.2*n*n+4*n*float64(k.Depth)*float64(x.H*x.W)); err != nil {
		return nil, err
	}
	meter := widgets.NewProgress(t.Err, "kernel", x.N*(x.N+1)/2)
	defer meter.Done()
	g, err := conv.Grams(ctx, []conv.Kernel{k}, x.Images, func(done, _ int) { meter.Set(done, "") })
	if err != nil {
		return nil, inputError(ctx, err)
	}
	return g[0], nil
}

// imageCross is imageGram between two sets.
func (o *ntkOptions) imageCross(ctx context.Context, t terminal, k conv.Kernel, z, x *imagesIn) (*mat.Dense, error) {
	if err := tooLarge("the kernel matrix", 1.1*float64(z.N)*float64(x.N)+4*float64(z.N+x.N)*float64(k.Depth)*float64(x.H*x.W)); err != nil {
		return nil, err
	}
	meter := widgets.NewProgress(t.Err, "kernel", z.N*x.N)
	defer meter.Done()
	c, err := conv.Crosses(ctx, []conv.Kernel{k}, z.Images, x.Images, func(done, _ int) { meter.Set(done, "") })
	if err != nil {
		return nil, inputError(ctx, err)
	}
	return c[0], nil
}

// classifyImages is classify for a convolutional kernel.
func (o *ntkOptions) classifyImages(ctx context.Context, t terminal, args []string) error {
	k, err := o.parseImages(args)
	if err != nil {
		return err
	}
	train, test, err := o.readImages(data.TargetClass, true)
	if err != nil {
		return err
	}
	if test == nil {
		if o.folds < 2 || o.folds > train.N {
			return badUsage("-folds %d, want 2 to %d, the number of images", o.folds, train.N)
		}
		if err := enoughOfEach(train.y, train.classes, o.folds); err != nil {
			return err
		}
	}
	g, err := o.imageGram(ctx, t, k, train)
	if err != nil {
		return err
	}
	doc := classifyJSON{Kernel: k.String(), Ridge: o.ridge, Classes: train.classes}
	var predicted, truth []int
	var scores *mat.Dense
	if test == nil {
		s, err := await(ctx, func() (*ntk.Score, error) { return conv.CrossValidate(ctx, g, train.y, o.folds, o.ridge) })
		if err != nil {
			return o.fitError(ctx, err, train)
		}
		predicted, truth, doc.Folds = s.Predicted, train.y, s.PerFold
	} else {
		codes, err := data.OneVsRest(train.y, len(train.classes))
		if err != nil {
			return inputError(ctx, err)
		}
		r, err := conv.Fit(ctx, g, codes, o.ridge)
		if err != nil {
			return o.fitError(ctx, err, train)
		}
		c, err := o.imageCross(ctx, t, k, test, train)
		if err != nil {
			return err
		}
		if scores, err = r.Predict(c); err != nil {
			return inputError(ctx, err)
		}
		predicted, truth = data.Argmax(scores), test.y
	}
	doc.score(predicted, truth)
	return o.tellClasses(t, &doc, aboutImages(k, train), predicted, scores)
}

// regressImages is regress for a convolutional kernel.
func (o *ntkOptions) regressImages(ctx context.Context, t terminal, args []string) error {
	k, err := o.parseImages(args)
	if err != nil {
		return err
	}
	train, test, err := o.readImages(data.TargetNumber, true)
	if err != nil {
		return err
	}
	if test == nil && (o.folds < 2 || o.folds > train.N) {
		return badUsage("-folds %d, want 2 to %d, the number of images", o.folds, train.N)
	}
	g, err := o.imageGram(ctx, t, k, train)
	if err != nil {
		return err
	}
	doc := regressJSON{Kernel: k.String(), Ridge: o.ridge}
	truth := train.target
	if test == nil {
		doc.Predictions, err = await(ctx, func() ([]float64, error) {
			return conv.CrossValidateValues(ctx, g, train.target, o.folds, o.ridge)
		})
	} else {
		truth = test.target
		doc.Predictions, doc.SD, err = o.imageNumbers(ctx, t, k, g, train, test)
	}
	if err != nil {
		return o.fitError(ctx, err, train)
	}
	return o.tellNumbers(t, &doc, aboutImages(k, train), "of labels", truth, test != nil)
}

// imageNumbers fits the labels less their mean and predicts; for cnngp with the posterior's standard
// deviation, as numbers does.
func (o *ntkOptions) imageNumbers(ctx context.Context, t terminal, k conv.Kernel, g *mat.SymDense, train, test *imagesIn) (mean, sd []float64, err error) {
	centre := stat.Mean(train.target, nil)
	y := mat.NewDense(train.N, 1, nil)
	for i, v := range train.target {
		y.Set(i, 0, v-centre)
	}
	r, err := conv.Fit(ctx, g, y, o.ridge)
	if err != nil {
		return nil, nil, err
	}
	c, err := o.imageCross(ctx, t, k, test, train)
	if err != nil {
		return nil, nil, err
	}
	out, err := r.Predict(c)
	if err != nil {
		return nil, nil, err
	}
	mean = mat.Col(nil, 0, out)
	for i := range mean {
		mean[i] += centre
	}
	if !k.NNGP {
		return mean, nil, nil
	}
	diag, err := k.Diag(ctx, test.Images)
	if err != nil {
		return nil, nil, err
	}
	if sd, err = r.Variance(c, diag); err != nil {
		return nil, nil, err
	}
	q, err := r.Quad(mat.Col(nil, 0, y))
	if err != nil {
		return nil, nil, err
	}
	for i, v := range sd {
		sd[i] = math.Sqrt(v * q / float64(train.N))
	}
	return mean, sd, nil
}

// fitError explains an error of a fit to images.
func (o *ntkOptions) fitError(ctx context.Context, err error, train *imagesIn) error {
	var singular *linalg.NotPositiveDefiniteError
	if !errors.As(err, &singular) {
		return inputError(ctx, err)
	}
	where := ""
	if i, j := repeated(train.Rows()); i > 0 {
		where = fmt.Sprintf("; images %d and %d of the training data are equal", i, j)
	}
	return badUsage("the kernel matrix is singular (λ_min about %.3g, λ_max %.3g)%s; give a -ridge above %g", singular.MinEigenvalue, singular.MaxEigenvalue, where, o.ridge)
}

// aboutImages is the kernel and the data in a line.
func aboutImages(k conv.Kernel, s *imagesIn) string {
	return fmt.Sprintf("%s; %s: %s of %d×%d pixels, %s", k, s.name, plural(s.N, "image"), s.H, s.W, plural(s.C, "channel"))
}
