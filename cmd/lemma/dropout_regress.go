package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"strconv"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/dropout/linreg"
	"gonum.org/v1/gonum/mat"
)

func dropoutRegress() *command {
	return &command{
		name:    "regress",
		args:    "-train file -label column",
		summary: "linear regression along the rates of dropping its inputs, against ridge",
		about: `Dropping the inputs of a linear regression at rate p is the penalty λ·Σ_j Ĉ_jj·u_j², λ = p/(1-p): ridge
regression whose strength is measured in each feature's own mean square (Section 11.4, where the book has
it wrong), so that with -scale standard the two paths are one. The path is exact, as infinitely many masks
would give it. Rates and ridge strengths are cross-validated on the same folds; with -test the best rate
predicts that file.

` + ntkFormats,
		examples: []example{
			{"lemma dropout regress -train houses.csv -label price", "the path, with its errors"},
			{"lemma dropout regress -train houses.csv -label price -o path.csv", "and its coefficients, a rate a line"},
			{"lemma dropout regress -train houses.csv -label price -test new.csv -o prices.csv", "predict a second file"},
		},
		flags: func(fs *flag.FlagSet) action {
			var o dropoutRegressOptions
			o.input.flags(fs, "none", "`column` to predict, by name or number; -1 is the last")
			fs.StringVar(&o.rates, "rates", "", "`list` of rates, increasing, separated by commas (default: 20 from 0 to 0.99)")
			fs.IntVar(&o.folds, "folds", 5, "`number` of folds")
			fs.Uint64Var(&o.seed, "seed", 0, "`seed` of the folds")
			fs.StringVar(&o.out, "o", "", "write the path, or with -test predictions, to `file`; its ending decides the format")
			o.formatFlag(fs)
			return o.run
		},
	}
}

type dropoutRegressOptions struct {
	ntkOptions
	rates string
	seed  uint64
}

// dropoutRegressJSON is the form of `lemma dropout regress -format json`.
type dropoutRegressJSON struct {
	Features    []string     `json:"features"`
	Dropout     []linreg.Fit `json:"dropout"`
	Ridge       []linreg.Fit `json:"ridge"`
	Best        int          `json:"best"`
	OneSE       int          `json:"one_se"`
	BestRidge   int          `json:"best_ridge"`
	RMSE        *float64     `json:"rmse"` // on the test file, if it has the label
	RidgeRMSE   *float64     `json:"rmse_ridge"`
	Predictions []float64    `json:"predictions,omitempty"`
}

func (o *dropoutRegressOptions) run(ctx context.Context, t terminal, args []string) error {
	if len(args) > 0 {
		return badUsage("unexpected argument %q; files are given with -train and -test", args[0])
	}
	if o.train == "" {
		return badUsage("-train is required: a file or -")
	}
	rates, err := parseRates("-rates", o.rates)
	if err != nil {
		return err
	}
	if o.folds < 2 {
		return badUsage("-folds %d, want at least 2", o.folds)
	}
	if err := o.checkFormat(); err != nil {
		return err
	}
	train, test, err := o.read(t, data.TargetNumber, true)
	if err != nil {
		return err
	}
	if o.folds > train.Len() {
		return badUsage("-folds %d, want 2 to %d, the number of rows", o.folds, train.Len())
	}
	var z *mat.Dense
	if test != nil {
		z = test.X
	}
	x, z, err := o.prepare(train.X, z)
	if err != nil {
		return err
	}
	r, err := await(ctx, func() (*linreg.Result, error) {
		return linreg.Path(ctx, x, train.Target, linreg.Config{Rates: rates, Folds: o.folds, Seed: o.seed})
	})
	if err != nil {
		return inputError(ctx, err)
	}
	doc := dropoutRegressJSON{Features: train.Features, Dropout: r.Dropout, Ridge: r.Ridge, Best: r.Best, OneSE: r.OneSE, BestRidge: r.Ridged}
	best, ridge := &r.Dropout[r.Best], &r.Ridge[r.Ridged]
	header, m := o.pathTable(train.Features, r)
	if test != nil {
		if doc.Predictions, err = best.Predict(z); err != nil {
			return inputError(ctx, err)
		}
		header, m = []string{"prediction"}, mat.NewDense(len(doc.Predictions), 1, append([]float64(nil), doc.Predictions...))
		if test.Target != nil {
			other, err := ridge.Predict(z)
			if err != nil {
				return inputError(ctx, err)
			}
			a, _ := fitOf(doc.Predictions, test.Target)
			b, _ := fitOf(other, test.Target)
			doc.RMSE, doc.RidgeRMSE = &a, &b
		}
	}
	if done, err := o.emit(t, header, nil, m, doc); done || err != nil {
		return err
	}
	n, d := x.Dims()
	fmt.Fprintf(t.Out, "%s: %d rows, %s; %q\n", train.Name, n, plural(d, "column"), train.TargetName)
	tab := table{head: []string{"rate p", "λ", "training RMSE", "cross-validated RMSE", ""}}
	for i, f := range r.Dropout {
		mark := ""
		switch i {
		case r.Best:
			mark = "best"
		case r.OneSE:
			mark = "within a standard error"
		}
		tab.add(number(f.Rate), number(f.Strength), number(math.Sqrt(f.Train)), number(math.Sqrt(f.CV)), mark)
	}
	tab.write(t.Out, t.width())
	fmt.Fprintf(t.Out, "ridge, strength %s: training RMSE %s, cross-validated %s\n", number(ridge.Strength), number(math.Sqrt(ridge.Train)), number(math.Sqrt(ridge.CV)))
	coef := table{head: []string{"feature", "at rate 0", "at rate " + strconv.FormatFloat(best.Rate, 'g', -1, 64), "ridge"}}
	for j, name := range train.Features {
		coef.add(name, number(r.Dropout[0].Coef[j]), number(best.Coef[j]), number(ridge.Coef[j]))
	}
	if r.Dropout[0].Rate != 0 {
		coef.head[1] = "at rate " + number(r.Dropout[0].Rate)
	}
	coef.flex = []int{0}
	coef.write(t.Out, t.width())
	if doc.RMSE != nil {
		fmt.Fprintf(t.Out, "on %s of %s: RMSE %s, ridge %s\n", plural(len(doc.Predictions), "row"), test.Name, number(*doc.RMSE), number(*doc.RidgeRMSE))
	} else if test != nil && o.out == "" {
		list := table{head: []string{"row", "prediction"}}
		for i, v := range doc.Predictions {
			list.add(fmt.Sprint(i+1), number(v))
		}
		list.write(t.Out, t.width())
	}
	return nil
}

// pathTable is the path of dropout as a matrix: rate, errors, intercept, coefficients.
func (o *dropoutRegressOptions) pathTable(features []string, r *linreg.Result) ([]string, *mat.Dense) {
	header := append([]string{"rate", "lambda", "train_mse", "cv_mse", "cv_se", "intercept"}, features...)
	m := mat.NewDense(len(r.Dropout), len(header), nil)
	for i, f := range r.Dropout {
		m.SetRow(i, append([]float64{f.Rate, f.Strength, f.Train, f.CV, f.SE, f.Intercept}, f.Coef...))
	}
	return header, m
}
