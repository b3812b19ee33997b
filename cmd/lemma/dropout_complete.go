package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/dropout/completion"
	"gonum.org/v1/gonum/mat"
)

func dropoutComplete() *command {
	return &command{
		name:    "complete",
		args:    "-train file",
		summary: "fill in a table of which some cells are known",
		about: `The file has a line for each known cell: row, column, value, as CSV with commas, semicolons or tabs, with or
without a header. Rows and columns are labels, numbered as they appear; with -shape they are whole numbers
from 1, a cell outside is refused, and so is a row or column without any cell. A cell may stand several
times.

The table is UVᵀ with -width hidden units. Dropping them at rate p penalises Σ_j U_ij²V_kj² over the known
cells, which makes for a small weighted trace norm (Eq. 11.7); rows of U and V of squared norm above -gamma
are projected back (max-norm), without which nothing bounds a cell that is not known. p is chosen by
cross-validation over the known cells. The baseline is the penalty κ times the weighted trace norm itself,
with κ chosen on the same folds. Values are centred by their mean and scaled to at most 1 before the fit.

Predicted are all cells, or those of -test, a file with the columns -row and -col; where it has -value too,
the predictions are scored.`,
		examples: []example{
			{"lemma dropout complete -train ratings.csv -o full.csv", "all cells"},
			{"lemma dropout complete -train ratings.csv -row user -col film -value stars -test pairs.csv -o out.csv", "by the names of columns"},
			{"lemma dropout complete -train cells.csv -shape 30x20 -rates 0,0.05,0.3 -gamma 1.2", "numbered rows and columns"},
		},
		flags: func(fs *flag.FlagSet) action {
			var o completeOptions
			fs.StringVar(&o.train, "train", "", "`file` of known cells (required); - is standard input")
			fs.StringVar(&o.test, "test", "", "`file` of cells to predict")
			fs.StringVar(&o.at.row, "row", "1", "`column` of row labels, by name or number")
			fs.StringVar(&o.at.col, "col", "2", "`column` of column labels, by name or number")
			fs.StringVar(&o.at.value, "value", "3", "`column` of values, by name or number")
			fs.StringVar(&o.shape, "shape", "", "`RxC`: labels are numbers, rows from 1 to R and columns from 1 to C")
			fs.IntVar(&o.width, "width", 10, "`number` of hidden units, the largest rank of the table")
			fs.Float64Var(&o.gamma, "gamma", 1.5, "largest squared `norm` of a row of U or V, for values scaled to at most 1; 0 is no constraint")
			fs.StringVar(&o.rates, "rates", "0,0.01,0.02,0.05,0.1,0.2,0.3,0.5,0.7,0.9", "`list` of rates p to choose from; a single one is taken as it is")
			fs.StringVar(&o.method, "method", "dropout", "which fit predicts: dropout or tracenorm, the baseline: `name`")
			fs.IntVar(&o.folds, "folds", 5, "`number` of folds")
			fs.Uint64Var(&o.seed, "seed", 0, "`seed` of starts and folds")
			fs.StringVar(&o.out, "o", "", "write predictions to `file`; its ending decides the format")
			o.formatFlag(fs)
			return o.run
		},
	}
}

type completeOptions struct {
	ntkOptions // train, test, folds, out and format
	at         tripleColumns
	shape      string
	width      int
	gamma      float64
	rates      string
	method     string
	seed       uint64
}

// completeJSON is the form of `lemma dropout complete -format json`.
type completeJSON struct {
	Rows        int             `json:"rows"`
	Columns     int             `json:"columns"`
	Known       int             `json:"known"`
	Width       int             `json:"width"`
	MaxNorm     float64         `json:"max_norm"` // 0: none
	Method      string          `json:"method"`
	Rate        float64         `json:"rate"`
	Decay       float64         `json:"decay"`
	Gamma       float64         `json:"gamma"` // largest squared norm of a row, in scaled units
	Paths       []completeScore `json:"paths"` // cross-validated
	RMSE        *float64        `json:"rmse"`  // on the test file, of the method; null without values
	BaseRMSE    *float64        `json:"rmse_mean"`
	Predictions []completeCell  `json:"predictions"`
}

type completeScore struct {
	Method   string  `json:"method"`
	Strength float64 `json:"strength"` // p or κ
	RMSE     float64 `json:"rmse"`
}

type completeCell struct {
	Row   string  `json:"row"`
	Col   string  `json:"column"`
	Value float64 `json:"value"`
}

// decays are the κ that the baseline chooses from, for values scaled to at most 1.
var decays = []float64{1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, .1, .3}

func (o *completeOptions) run(ctx context.Context, t terminal, args []string) error {
	rates, err := o.check(args)
	if err != nil {
		return err
	}
	train, test, err := o.read(t)
	if err != nil {
		return err
	}
	rows, cols := len(train.rows), len(train.cols)
	if o.width > min(rows, cols) {
		return badUsage("-width %d, want 1 to %d: the table is %d×%d and its rank no larger", o.width, min(rows, cols), rows, cols)
	}
	if o.folds > len(train.cells) {
		return badUsage("-folds %d, want 2 to %d, the number of known cells", o.folds, len(train.cells))
	}
	if test == nil {
		if err := tooLarge("the table", 3*float64(rows)*float64(cols)); err != nil {
			return err
		}
	}
	rowProb, colProb, err := completion.Empirical(rows, cols, train.cells)
	if err != nil {
		return failure{exitUsage, fmt.Errorf("-train: %s: %w", train.name, o.emptyLine(train))}
	}
	mean, scale := centre(train.cells)
	if scale == 0 {
		return badUsage("-train: %s: all %d values are %g; there is nothing to predict", train.name, len(train.cells), mean)
	}
	cells := make([]completion.Cell, len(train.cells))
	for i, c := range train.cells {
		cells[i] = completion.Cell{Row: c.Row, Col: c.Col, Value: (c.Value - mean) / scale}
	}
	p := &completion.Problem{Rows: rows, Cols: cols, RowProb: rowProb, ColProb: colProb, Cells: cells, Width: o.width}
	doc := &completeJSON{Rows: rows, Columns: cols, Known: len(cells), Width: o.width, MaxNorm: o.gamma, Method: o.method}
	rate, kappa, err := o.choose(ctx, p, rates, scale, doc)
	if err != nil {
		return err
	}
	p.Rate = rate
	if doc.Rate = rate; o.method == "tracenorm" {
		p.Rate, p.Decay = 0, kappa
		doc.Rate, doc.Decay = 0, kappa
	}
	fit, err := completion.Fit(ctx, p, completion.Config{Gamma: o.gamma, Steps: 3000, Tolerance: 1e-6, Seed: o.seed})
	if err != nil {
		return inputError(ctx, err)
	}
	doc.Gamma = fit.Factors.MaxRow()
	return o.tell(t, doc, p, fit, train, test, mean, scale)
}

// check settles what the flags alone decide.
func (o *completeOptions) check(args []string) ([]float64, error) {
	if len(args) > 0 {
		return nil, badUsage("unexpected argument %q; files are given with -train and -test", args[0])
	}
	if o.train == "" {
		return nil, badUsage("-train is required: a file of row, column and value, or -")
	}
	if o.train == "-" && o.test == "-" {
		return nil, badUsage("-train and -test cannot both be standard input")
	}
	rates, err := parseRates("-rates", o.rates)
	if err != nil {
		return nil, err
	}
	switch {
	case len(rates) == 0:
		return nil, badUsage("-rates is empty, want at least one rate")
	case o.width < 1:
		return nil, badUsage("-width %d, want at least 1", o.width)
	case !(o.gamma >= 0) || math.IsInf(o.gamma, 0):
		return nil, badUsage("-gamma %g, want a positive number, or 0 for no constraint", o.gamma)
	case o.folds < 2:
		return nil, badUsage("-folds %d, want at least 2", o.folds)
	case o.method != "dropout" && o.method != "tracenorm":
		return nil, badUsage("-method %q, want dropout or tracenorm", o.method)
	}
	return rates, o.checkFormat()
}

// read reads both files; everything that is wrong with them is told here.
func (o *completeOptions) read(t terminal) (train, test *triples, err error) {
	rows, cols := &labels{index: map[string]int{}}, &labels{index: map[string]int{}}
	if o.shape != "" {
		a, b, ok := strings.Cut(strings.ToLower(o.shape), "x")
		r, errR := strconv.Atoi(a)
		c, errC := strconv.Atoi(b)
		if !ok || errR != nil || errC != nil || r < 1 || c < 1 || r > 1e7 || c > 1e7 {
			return nil, nil, badUsage("-shape %q, want ROWSxCOLUMNS such as 30x20", o.shape)
		}
		rows, cols = fixedLabels(upTo(r), "rows of -shape "+o.shape), fixedLabels(upTo(c), "columns of -shape "+o.shape)
	}
	if train, err = o.open(t, o.train, rows, cols, false); err != nil {
		return nil, nil, failure{exitUsage, fmt.Errorf("-train: %w", err)}
	}
	if o.test == "" {
		return train, nil, nil
	}
	o.at.head = train.head
	test, err = o.open(t, o.test, fixedLabels(train.rows, "rows of "+train.name), fixedLabels(train.cols, "columns of "+train.name), true)
	if err != nil {
		return nil, nil, failure{exitUsage, fmt.Errorf("-test: %w", err)}
	}
	return train, test, nil
}

func (o *completeOptions) open(t terminal, path string, rows, cols *labels, optional bool) (*triples, error) {
	if path == "-" {
		text, err := io.ReadAll(t.In)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return readTriples(bytes.NewReader(text), "standard input", o.at, rows, cols, optional)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readTriples(f, path, o.at, rows, cols, optional)
}

// emptyLine names the first row or column without a cell, which only -shape makes possible.
func (o *completeOptions) emptyLine(tr *triples) error {
	rows, cols := make([]bool, len(tr.rows)), make([]bool, len(tr.cols))
	for _, c := range tr.cells {
		rows[c.Row], cols[c.Col] = true, true
	}
	for i, ok := range rows {
		if !ok {
			return fmt.Errorf("row %d of -shape %s has no known cell, want at least one in each", i+1, o.shape)
		}
	}
	for k, ok := range cols {
		if !ok {
			return fmt.Errorf("column %d of -shape %s has no known cell, want at least one in each", k+1, o.shape)
		}
	}
	return nil
}

// centre returns the mean of the values and the largest distance from it.
func centre(cells []completion.Cell) (mean, scale float64) {
	for _, c := range cells {
		mean += c.Value / float64(len(cells))
	}
	for _, c := range cells {
		scale = max(scale, math.Abs(c.Value-mean))
	}
	if scale < 1e-14*math.Abs(mean) { // rounding of the mean of equal values
		scale = 0
	}
	return mean, scale
}

// choose cross-validates rates and decays and returns the best of each.
func (o *completeOptions) choose(ctx context.Context, p *completion.Problem, rates []float64, scale float64, doc *completeJSON) (rate, kappa float64, err error) {
	var list []completion.Setting
	for _, r := range rates {
		list = append(list, completion.Setting{Rate: r})
	}
	for _, k := range decays {
		list = append(list, completion.Setting{Decay: k})
	}
	scores, err := completion.CrossValidate(ctx, p, o.folds, completion.Config{Gamma: o.gamma, Steps: 600, Tolerance: 1e-4, Seed: o.seed}, list)
	if err != nil {
		return 0, 0, inputError(ctx, err)
	}
	best := [2]float64{math.Inf(1), math.Inf(1)}
	for i, s := range scores {
		rmse := scale * math.Sqrt(s.MSE)
		if i < len(rates) {
			doc.Paths = append(doc.Paths, completeScore{"dropout", s.Rate, rmse})
			if s.MSE < best[0] {
				best[0], rate = s.MSE, s.Rate
			}
			continue
		}
		doc.Paths = append(doc.Paths, completeScore{"tracenorm", s.Decay, rmse})
		if s.MSE < best[1] {
			best[1], kappa = s.MSE, s.Decay
		}
	}
	return rate, kappa, nil
}

// tell writes the predictions and says how they came about.
func (o *completeOptions) tell(t terminal, doc *completeJSON, p *completion.Problem, fit *completion.Fitted, train, test *triples, mean, scale float64) error {
	full := func(i, k int) float64 {
		s := 0.0
		v := fit.Factors.V.RawRowView(k)
		for j, u := range fit.Factors.U.RawRowView(i) {
			s += u * v[j]
		}
		return mean + scale*s
	}
	var cells []completion.Cell
	var m *mat.Dense
	if test != nil {
		cells = test.cells
		m = mat.NewDense(len(cells), 1, nil)
		var res, base float64
		for n, c := range cells {
			v := full(c.Row, c.Col)
			m.Set(n, 0, v)
			res += (v - c.Value) * (v - c.Value)
			base += (mean - c.Value) * (mean - c.Value)
		}
		if test.valued {
			a, b := math.Sqrt(res/float64(len(cells))), math.Sqrt(base/float64(len(cells)))
			doc.RMSE, doc.BaseRMSE = &a, &b
		}
	} else {
		m = mat.NewDense(p.Rows, p.Cols, nil)
		for i := range p.Rows {
			for k := range p.Cols {
				m.Set(i, k, full(i, k))
				cells = append(cells, completion.Cell{Row: i, Col: k})
			}
		}
	}
	rows := make([][]string, len(cells))
	doc.Predictions = make([]completeCell, len(cells))
	for n, c := range cells {
		v := full(c.Row, c.Col)
		rows[n] = []string{train.rows[c.Row], train.cols[c.Col], strconv.FormatFloat(v, 'g', -1, 64)}
		doc.Predictions[n] = completeCell{rows[n][0], rows[n][1], v}
	}
	if done, err := o.emit(t, []string{"row", "column", "prediction"}, rows, m, doc); done || err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s: %d×%d table, %s known of %d; %s, max-norm %g\n", train.name, p.Rows, p.Cols, plural(doc.Known, "cell"), p.Rows*p.Cols, plural(p.Width, "hidden unit"), o.gamma)
	tab := table{head: []string{"penalty", "strength", "cross-validated RMSE"}}
	for _, s := range doc.Paths {
		name := "dropout, rate p"
		if s.Method != "dropout" {
			name = "weighted trace norm, κ"
		}
		tab.add(name, number(s.Strength), number(s.RMSE))
	}
	tab.write(t.Out, t.width())
	word := fmt.Sprintf("dropout at rate %g", doc.Rate)
	if o.method != "dropout" {
		word = fmt.Sprintf("the weighted trace norm with κ = %g", doc.Decay)
	}
	sd := 0.0
	for _, c := range p.Cells {
		sd += c.Value * c.Value / float64(len(p.Cells))
	}
	fmt.Fprintf(t.Out, "predicted by %s: training RMSE %s, of the mean alone %s; largest squared row γ %s of at most %g\n", word, number(scale*math.Sqrt(fit.Loss)), number(scale*math.Sqrt(sd)), number(doc.Gamma), o.gamma)
	if fit.Status != completion.Converged {
		fmt.Fprintf(t.Out, "the fit ended at its %s with a residual of %.2g\n", fit.Status, fit.Residual)
	}
	if doc.RMSE != nil {
		fmt.Fprintf(t.Out, "on %s of %s: RMSE %s, of the mean alone %s\n", plural(len(cells), "cell"), test.name, number(*doc.RMSE), number(*doc.BaseRMSE))
	}
	if test != nil && o.out == "" {
		tab := table{head: []string{"row", "column", "prediction"}}
		for n := range rows {
			tab.add(rows[n][0], rows[n][1], number(m.At(n, 0)))
		}
		tab.write(t.Out, t.width())
	} else if o.out == "" {
		fmt.Fprintf(t.Out, "-o file.csv writes the %d predictions\n", len(rows))
	}
	return nil
}
