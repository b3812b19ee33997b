package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

func ntkClassify() *command {
	return &command{
		name:    "classify",
		args:    "-train file -label column",
		summary: "predict classes, or cross-validate",
		about: `Kernel ridge regression on one code a class (+1 for its own rows, -1 for the others); the largest
output decides. With -test it predicts that file, and scores itself if the file has the label. Without
it cross-validates on the training file: within each class the j-th row goes to fold j mod k, so that
no random number is involved.

The output file has a row an example: its class as predicted, then, with -test, one score a class. In
.npy the class is its number in the sorted list of classes, from 0.

` + ntkFormats + "\n\n" + ntkImageFormats,
		examples: []example{
			{"lemma ntk classify -train @iris", "five folds on a built-in table"},
			{"lemma ntk classify -train flowers.csv -label species -depth 5 -folds 10", "a deeper kernel, ten folds"},
			{"lemma ntk classify -train a.csv -label -1 -test b.csv -o predictions.csv", "the label is the last column"},
			{"zcat a.csv.gz | lemma ntk classify -train - -label y -format json", "from a pipe, for a program"},
			{"lemma ntk classify -kernel cntk -pool -train photos -test new -size 16x16", "images: photos has a folder for each class"},
			{"lemma ntk classify -kernel cntk -pool -train x.npy -labels y.npy", "a stack of images, five folds"},
		},
		flags: func(fs *flag.FlagSet) action {
			var o ntkOptions
			o.kernelFlags(fs, "standard", "`column` to predict, by name or number; -1 is the last")
			o.fitFlags(fs)
			return o.classify
		},
	}
}

// classifyJSON is the form of `lemma ntk classify -format json`.
type classifyJSON struct {
	Kernel      string       `json:"kernel"`
	Ridge       float64      `json:"ridge"`
	Classes     []string     `json:"classes"`
	Accuracy    *float64     `json:"accuracy"` // null where the test file has no labels
	Correct     int          `json:"correct"`
	Total       int          `json:"total"`
	Folds       []int        `json:"folds,omitempty"`     // correct in each fold
	Confusion   [][]int      `json:"confusion,omitempty"` // [true class][predicted class]
	Predictions []prediction `json:"predictions"`
}

type prediction struct {
	Class  string    `json:"class"`
	Scores []float64 `json:"scores,omitempty"` // in the order of classes; not with folds
}

func (o *ntkOptions) classify(ctx context.Context, t terminal, args []string) error {
	if o.convolutional() {
		return o.classifyImages(ctx, t, args)
	}
	k, err := o.parse(args)
	if err != nil {
		return err
	}
	train, test, err := o.read(t, data.TargetClass, true)
	if err != nil {
		return err
	}
	if err := tooLarge("the regression", 2.2*float64(train.Len())*float64(train.Len())); err != nil {
		return err
	}
	k = o.scaled(k, train.Width())
	doc := classifyJSON{Kernel: kernelName(k), Ridge: o.ridge, Classes: train.Classes}
	var predicted, truth []int
	var scores *mat.Dense // nil where it cross-validates
	if test != nil {
		if scores, err = o.classScores(ctx, k, train, test); err != nil {
			return err
		}
		predicted = data.Argmax(scores)
		if test.labelled {
			truth = test.Y
		}
	} else {
		if err := enoughOfEach(train.Y, train.Classes, o.folds); err != nil {
			return err
		}
		v, x, err := o.validation(k, train)
		if err != nil {
			return err
		}
		s, err := await(ctx, func() (*ntk.Score, error) { return ntk.CrossValidate(ctx, v, x, train.Y) })
		if err != nil {
			return mathError(ctx, err, x, o.ridge)
		}
		predicted, truth = s.Predicted, train.Y
		doc.Folds = s.PerFold
	}
	doc.score(predicted, truth)

	return o.tellClasses(t, &doc, describe(k, train), predicted, scores)
}

// tellClasses writes predictions in the form asked for. scores is nil where it cross-validated.
func (o *ntkOptions) tellClasses(t terminal, doc *classifyJSON, about string, predicted []int, scores *mat.Dense) error {
	header, columns := []string{"class"}, 1
	if scores != nil {
		columns += len(doc.Classes)
		for _, c := range doc.Classes {
			header = append(header, "score "+c)
		}
	}
	rows, m := make([][]string, len(predicted)), mat.NewDense(len(predicted), columns, nil)
	for i, c := range predicted {
		p := prediction{Class: doc.Classes[c]}
		rows[i] = []string{p.Class}
		m.Set(i, 0, float64(c))
		if scores != nil {
			p.Scores = mat.Row(nil, i, scores)
			for j, v := range p.Scores {
				rows[i] = append(rows[i], strconv.FormatFloat(v, 'g', -1, 64))
				m.Set(i, 1+j, v)
			}
		}
		doc.Predictions = append(doc.Predictions, p)
	}
	if done, err := o.emit(t, header, rows, m, *doc); done || err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s; ridge %g\n", about, o.ridge)
	doc.print(t, scores != nil && o.out == "")
	return nil
}

// score counts what is right, where the truth is known.
func (c *classifyJSON) score(predicted, truth []int) {
	c.Total = len(predicted)
	if truth == nil {
		return
	}
	c.Confusion = make([][]int, len(c.Classes))
	for i := range c.Confusion {
		c.Confusion[i] = make([]int, len(c.Classes))
	}
	for i, p := range predicted {
		c.Confusion[truth[i]][p]++
		if p == truth[i] {
			c.Correct++
		}
	}
	a := float64(c.Correct) / float64(c.Total)
	c.Accuracy = &a
}

func (c *classifyJSON) print(t terminal, list bool) {
	if list {
		tab := table{head: []string{"row", "class"}}
		for i, p := range c.Predictions {
			tab.add(fmt.Sprint(i+1), p.Class)
		}
		tab.write(t.Out, t.width())
	}
	if c.Accuracy == nil {
		fmt.Fprintf(t.Out, "%s; the test file has no labels to compare with\n", plural(c.Total, "prediction"))
		return
	}
	for i, f := range c.Folds {
		fmt.Fprintf(t.Out, "fold %d: %d right\n", i+1, f)
	}
	low, high := claim.Wilson(c.Correct, c.Total)
	fmt.Fprintf(t.Out, "accuracy %.4f (%d of %d), 95 %% interval %.4f to %.4f\n\n", *c.Accuracy, c.Correct, c.Total, low, high)
	tab := table{head: append([]string{"is \\ said"}, c.Classes...)}
	for i, row := range c.Confusion {
		cells := []string{c.Classes[i]}
		for _, n := range row {
			cells = append(cells, fmt.Sprint(n))
		}
		tab.add(cells...)
	}
	tab.write(t.Out, t.width())
}

// classScores fits on the training rows and returns one score a class for each test row.
func (o *ntkOptions) classScores(ctx context.Context, k ntk.Kernel, train, test *tableIn) (*mat.Dense, error) {
	x, z, err := o.prepare(train.X, test.X)
	if err != nil {
		return nil, err
	}
	c, err := await(ctx, func() (*ntk.Classifier, error) { return ntk.Classify(ctx, k, x, train.Y, o.ridge) })
	if err != nil {
		return nil, mathError(ctx, err, x, o.ridge)
	}
	scores, err := await(ctx, func() (*mat.Dense, error) { return c.Scores(z) })
	return scores, inputError(ctx, err)
}

// enoughOfEach refuses classes too small to be divided into folds.
func enoughOfEach(y []int, classes []string, folds int) error {
	count := make([]int, len(classes))
	for _, c := range y {
		count[c]++
	}
	for c, n := range count {
		if n < 2 {
			return badUsage("-folds %d: class %q has %s; want at least 2 of each class, so that one can be predicted from the others", folds, classes[c], plural(n, "row"))
		}
	}
	if most := slices.Max(count); folds > most && folds <= len(y) {
		return badUsage("-folds %d: no class has more than %d rows; want 2 to %d folds", folds, most, most)
	}
	return nil
}

// validation says how to cross-validate, and on which rows: what is scaled by column is scaled by
// the training rows of each fold, so it is left to the validation.
func (o *ntkOptions) validation(k ntk.Kernel, train *tableIn) (ntk.Validation, *mat.Dense, error) {
	v := ntk.Validation{Kernel: k, Ridge: o.ridge, Interpolate: o.ridge == 0, Folds: o.folds, Raw: o.scale != "standard"}
	if o.folds < 2 || o.folds > train.Len() {
		return v, nil, badUsage("-folds %d, want 2 to %d, the number of rows", o.folds, train.Len())
	}
	if !v.Raw {
		return v, train.X, nil
	}
	x, _, err := o.prepare(train.X, nil)
	return v, x, err
}

// mathError explains an error of a fit to the rows of x.
func mathError(ctx context.Context, err error, x *mat.Dense, ridge float64) error {
	var singular *linalg.NotPositiveDefiniteError
	if !errors.As(err, &singular) {
		return inputError(ctx, err)
	}
	where := ""
	if i, j := repeated(x); i > 0 {
		where = fmt.Sprintf("; rows %d and %d of the training data are equal", i, j)
	}
	return badUsage("the kernel matrix is singular (λ_min about %.3g, λ_max %.3g)%s; give a -ridge above %g", singular.MinEigenvalue, singular.MaxEigenvalue, where, ridge)
}
