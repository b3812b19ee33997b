package main

import (
	"context"
	"flag"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

func ntkRegress() *command {
	return &command{
		name:    "regress",
		args:    "-train file -label column",
		summary: "predict numbers, with a posterior for nngp, or cross-validate",
		about: `Kernel ridge regression on a column of numbers, whose mean is taken off first. With -test it predicts
that file, and scores itself if the file has the label. Without it cross-validates on the training
file, row j in fold j mod k.

-kernel nngp is a Gaussian process: with -test the output then has a second column, the posterior's
standard deviation. Its prior is the kernel times a factor that is fitted to the labels (the one of largest
likelihood), with noise of variance ridge in the same units.

` + ntkFormats + "\n\n" + ntkImageFormats,
		examples: []example{
			{"lemma ntk regress -train houses.csv -label price", "five folds"},
			{"lemma ntk regress -train houses.csv -label price -test new.csv -o prices.csv", "predict a second file"},
			{"lemma ntk regress -train xy.csv -label y -kernel nngp -activation erf -bias -test grid.csv -format json", "with the posterior's standard deviation"},
			{"lemma ntk regress -kernel cntk -pool -train crops.csv -size 16x16", "crops.csv: image files and a number for each"},
		},
		flags: func(fs *flag.FlagSet) action {
			var o ntkOptions
			o.kernelFlags(fs, "standard", "`column` to predict, by name or number; -1 is the last")
			o.fitFlags(fs)
			return o.regress
		},
	}
}

// regressJSON is the form of `lemma ntk regress -format json`.
type regressJSON struct {
	Kernel      string    `json:"kernel"`
	Ridge       float64   `json:"ridge"`
	RMSE        *float64  `json:"rmse"` // null where the test file has no labels
	R2          *float64  `json:"r2"`
	Predictions []float64 `json:"predictions"`
	SD          []float64 `json:"sd,omitempty"` // of the posterior, for nngp with a test file
}

func (o *ntkOptions) regress(ctx context.Context, t terminal, args []string) error {
	if o.convolutional() {
		return o.regressImages(ctx, t, args)
	}
	k, err := o.parse(args)
	if err != nil {
		return err
	}
	train, test, err := o.read(t, data.TargetNumber, true)
	if err != nil {
		return err
	}
	if err := tooLarge("the regression", 2.2*float64(train.Len())*float64(train.Len())); err != nil {
		return err
	}
	k = o.scaled(k, train.Width())
	doc := regressJSON{Kernel: kernelName(k), Ridge: o.ridge}
	var truth []float64
	if test != nil {
		if doc.Predictions, doc.SD, err = o.numbers(ctx, k, train.X, train.Target, test.X); err != nil {
			return err
		}
		truth = test.Target
	} else {
		truth = train.Target
		v, x, err := o.validation(k, train)
		if err != nil {
			return err
		}
		fit, err := await(ctx, func() (*ntk.Fit, error) { return ntk.CrossValidateValues(ctx, v, x, train.Target) })
		if err != nil {
			return mathError(ctx, err, x, o.ridge)
		}
		doc.Predictions = fit.Predicted
	}
	return o.tellNumbers(t, &doc, describe(k, train), train.TargetName, truth, test != nil)
}

// tellNumbers writes predictions in the form asked for. truth is nil where it is not known; target is
// the name of what is predicted.
func (o *ntkOptions) tellNumbers(t terminal, doc *regressJSON, about, target string, truth []float64, list bool) error {
	if truth != nil {
		rmse, r2 := fitOf(doc.Predictions, truth)
		doc.RMSE = &rmse
		if !math.IsNaN(r2) {
			doc.R2 = &r2
		}
	}
	header, columns := []string{"prediction"}, 1
	if doc.SD != nil {
		header, columns = append(header, "sd"), 2
	}
	m := mat.NewDense(len(doc.Predictions), columns, nil)
	m.SetCol(0, doc.Predictions)
	if doc.SD != nil {
		m.SetCol(1, doc.SD)
	}
	if done, err := o.emit(t, header, nil, m, *doc); done || err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s; ridge %g\n", about, o.ridge)
	if list && o.out == "" {
		tab := table{head: append([]string{"row"}, header...)}
		for i := range doc.Predictions {
			row := []string{fmt.Sprint(i + 1)}
			for j := range columns {
				row = append(row, number(m.At(i, j)))
			}
			tab.add(row...)
		}
		tab.write(t.Out, t.width())
	}
	if doc.RMSE == nil {
		fmt.Fprintf(t.Out, "%s; the test file has no column %q to compare with\n", plural(len(doc.Predictions), "prediction"), target)
		return nil
	}
	r2 := math.NaN()
	if doc.R2 != nil {
		r2 = *doc.R2
	}
	fmt.Fprintf(t.Out, "root mean squared error %s, R² %s on %s\n", number(*doc.RMSE), number(r2), plural(len(truth), "row"))
	return nil
}

// fitOf returns the root mean squared error and R² = 1 - Σ(f-y)²/Σ(y-mean)², NaN for a constant y.
func fitOf(f, y []float64) (rmse, r2 float64) {
	mean := stat.Mean(y, nil)
	var res, tot float64
	for i := range y {
		res += (f[i] - y[i]) * (f[i] - y[i])
		tot += (y[i] - mean) * (y[i] - mean)
	}
	r2 = math.NaN()
	if tot > 0 {
		r2 = 1 - res/tot
	}
	return math.Sqrt(res / float64(len(y))), r2
}

// numbers fits the labels less their mean and predicts. For nngp it returns the standard deviations
// of the posterior whose prior is s²·k: s² = yᵀ(K + ridge)⁻¹y/n is where the likelihood is largest
// (Rasmussen and Williams 2006, section 5.4.1, solved for the scale).
func (o *ntkOptions) numbers(ctx context.Context, k ntk.Kernel, train *mat.Dense, target []float64, test *mat.Dense) (mean, sd []float64, err error) {
	n := len(target)
	centre := stat.Mean(target, nil)
	y := mat.NewDense(n, 1, nil)
	for i, v := range target {
		y.Set(i, 0, v-centre)
	}
	x, z, err := o.prepare(train, test)
	if err != nil {
		return nil, nil, err
	}
	r, err := await(ctx, func() (*ntk.Regressor, error) { return ntk.Regress(ctx, k, x, y, o.ridge) })
	if err != nil {
		return nil, nil, mathError(ctx, err, x, o.ridge)
	}
	var out *mat.Dense
	if k.NNGP {
		var variance []float64
		if out, variance, err = r.Posterior(z); err != nil {
			return nil, nil, inputError(ctx, err)
		}
		q, err := r.Quad(mat.Col(nil, 0, y))
		if err != nil {
			return nil, nil, inputError(ctx, err)
		}
		sd = make([]float64, len(variance))
		for i, v := range variance {
			sd[i] = math.Sqrt(v * q / float64(n))
		}
	} else if out, err = r.Predict(z); err != nil {
		return nil, nil, inputError(ctx, err)
	}
	mean = mat.Col(nil, 0, out)
	for i := range mean {
		mean[i] += centre
	}
	return mean, sd, nil
}
