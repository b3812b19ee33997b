package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

func ntkGram() *command {
	return &command{
		name:    "gram",
		args:    "-train file",
		summary: "the kernel matrix of a table's rows",
		about: `Writes the n×n matrix of the kernel between the training rows or, with -test, the m×n matrix
between the test rows and the training rows: as CSV to standard output unless -format or the ending of
-o says otherwise; NPY needs -o. Rows are taken as they are unless -scale says otherwise. A column of
labels is taken for a feature unless -label or -drop names it.

` + ntkFormats + "\n\n" + ntkImageFormats,
		examples: []example{
			{"lemma ntk gram -train x.csv > gram.csv", "depth 3, ReLU"},
			{"lemma ntk gram -train x.npy -depth 5 -scale unit -o gram.npy", "rows of norm 1"},
			{"lemma ntk gram -train @iris -kernel nngp -activation erf -format json", "for a program"},
			{"lemma ntk gram -kernel cntk -pool -train photos -size 8x8 -o gram.npy", "images of a folder, brought to 8×8 pixels"},
		},
		flags: func(fs *flag.FlagSet) action {
			var o ntkOptions
			o.kernelFlags(fs, "none", "`column` of labels, to leave out, by name or number; optional")
			fs.Lookup("format").Usage = "`kind` of output: csv, npy or json (default: from -o, else csv)"
			return o.gram
		},
	}
}

func (o *ntkOptions) gram(ctx context.Context, t terminal, args []string) error {
	if o.convolutional() {
		return o.gramImages(ctx, t, args)
	}
	k, err := o.parse(args)
	if err != nil {
		return err
	}
	if o.format == "" {
		o.format = "csv"
	}
	train, test, err := o.read(t, data.TargetClass, false)
	if err != nil {
		return err
	}
	n := float64(train.Len())
	k = o.scaled(k, train.Width())
	var x, z *mat.Dense
	var m mat.Matrix
	if test == nil {
		if err := tooLarge("the kernel matrix", 1.1*n*n); err != nil {
			return err
		}
		if x, _, err = o.prepare(train.X, nil); err != nil {
			return err
		}
		m, err = await(ctx, func() (mat.Matrix, error) { return k.GramContext(ctx, x) })
	} else {
		if err := tooLarge("the kernel matrix", 1.1*n*float64(test.Len())); err != nil {
			return err
		}
		if x, z, err = o.prepare(train.X, test.X); err != nil {
			return err
		}
		m, err = await(ctx, func() (mat.Matrix, error) { return k.CrossContext(ctx, z, x) })
	}
	if err != nil {
		return inputError(ctx, err)
	}
	var doc any // rows are copied for JSON alone
	if o.format == "json" {
		doc = map[string]any{"kernel": kernelName(k), "rows": rowsOf(m)}
	}
	_, err = o.emit(t, nil, nil, m, doc)
	return err
}

// inputError gives exit code 2 to an error of the mathematics: the numbers given have no answer.
// An interruption stays what it is.
func inputError(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return failure{exitUsage, plain(err)}
}

// libraryName matches the function with which an error of the library begins.
var libraryName = regexp.MustCompile(`\b(data|linalg|ntk|conv|completion|linreg|sensing)\.[A-Z][A-Za-z.]*: `)

// plainError says what an error of the library says in the words of this command: without the names
// of functions, and with flags for fields.
type plainError struct{ err error }

func plain(err error) error { return plainError{err} }

func (e plainError) Unwrap() error { return e.err }

func (e plainError) Error() string {
	s := libraryName.ReplaceAllString(e.err.Error(), "")
	return strings.ReplaceAll(s, "such as InputScale = 1/√d", "such as an -input-scale of 1/√d for d columns, or -scale unit")
}

func ntkSpectrum() *command {
	return &command{
		name:    "spectrum",
		args:    "-train file",
		summary: "eigenvalues of the kernel matrix, and which of them the labels use",
		about: `Gradient flow learns the part of the labels along eigenvector i at the speed of eigenvalue i
(Theorem 9.1): what lies along small eigenvalues is learned last. With labels (numbers, or the two
classes of a table as ±1) the table shows the share of their energy along each eigenvector and the
time, in units of gradient flow on half the squared error, by which it has fallen a hundredfold.

` + ntkFormats,
		examples: []example{
			{"lemma ntk spectrum -train @breast_cancer", "a built-in table with two classes"},
			{"lemma ntk spectrum -train x.csv -label y -depth 1 -top 20", "the first 20"},
			{"lemma ntk spectrum -train x.csv -o spectrum.csv", "all of them, to a file"},
		},
		flags: func(fs *flag.FlagSet) action {
			var o ntkOptions
			o.kernelFlags(fs, "standard", "`column` of labels, by name or number; -1 is the last; optional")
			top := fs.Int("top", 10, "`number` of eigenvalues to print")
			return func(ctx context.Context, t terminal, args []string) error { return o.spectrum(ctx, t, args, *top) }
		},
	}
}

// spectrumJSON is the form of `lemma ntk spectrum -format json`.
type spectrumJSON struct {
	Kernel      string    `json:"kernel"`
	Eigenvalues []float64 `json:"eigenvalues"` // descending
	Trace       float64   `json:"trace"`
	Condition   finite    `json:"condition"`        // λ₁/λ_n; null where λ_n is zero to rounding
	Energy      []float64 `json:"energy,omitempty"` // share of the labels along each eigenvector
}

func (o *ntkOptions) spectrum(ctx context.Context, t terminal, args []string, top int) error {
	k, err := o.parse(args)
	if err != nil {
		return err
	}
	if top < 1 {
		return badUsage("-top %d, want at least 1", top)
	}
	if o.test != "" {
		return badUsage("-test has no use here: the spectrum is that of the training rows")
	}
	train, y, err := o.spectrumInput(t)
	if err != nil {
		return err
	}
	n := float64(train.Len())
	if err := tooLarge("the eigendecomposition", 4*n*n); err != nil {
		return err
	}
	x, _, err := o.prepare(train.X, nil)
	if err != nil {
		return err
	}
	k = o.scaled(k, train.Width())
	g, err := await(ctx, func() (*mat.SymDense, error) { return k.GramContext(ctx, x) })
	if err != nil {
		return inputError(ctx, err)
	}
	doc := spectrumJSON{Kernel: kernelName(k), Trace: mat.Trace(g), Condition: finite(math.Inf(1))}
	s, err := await(ctx, func() (*ntk.Spectrum, error) { return ntk.NewSpectrum(g) })
	if err != nil {
		return inputError(ctx, err)
	}
	doc.Eigenvalues = s.Values
	last := s.Values[len(s.Values)-1]
	noise := n * 0x1p-52 * s.Values[0] // what rounding makes of an eigenvalue 0
	if last > noise {
		doc.Condition = finite(s.Values[0] / last)
	}
	header := []string{"eigenvalue"}
	m := mat.NewDense(len(s.Values), 1, append([]float64(nil), s.Values...))
	if y != nil {
		total := 0.0
		for _, v := range y {
			total += v * v
		}
		for _, c := range s.Project(y) {
			doc.Energy = append(doc.Energy, c*c/total)
		}
		header = append(header, "energy")
		both := mat.NewDense(len(s.Values), 2, nil)
		both.SetCol(0, s.Values)
		both.SetCol(1, doc.Energy)
		m = both
	}
	if done, err := o.emit(t, header, nil, m, doc); done || err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s\ntrace %s, λ₁ %s, λ_n %s, condition %s\n\n", describe(k, train), number(doc.Trace), number(s.Values[0]), number(last), numberOr(float64(doc.Condition), "infinite: the kernel is singular on these rows"))
	tab := table{head: []string{"i", "eigenvalue", "share of trace"}}
	if y != nil {
		tab.head = append(tab.head, "share of labels", "so far", "time to 1 %")
	}
	sum := 0.0
	for i, v := range s.Values[:min(top, len(s.Values))] {
		// The residual along v_i falls as e^{-λ_i t} (9.10), its square as e^{-2λ_i t}.
		share, when := v/doc.Trace, number(math.Log(100)/(2*v))
		if v <= noise {
			share, when = 0, "never"
		}
		row := []string{fmt.Sprint(i + 1), number(v), fmt.Sprintf("%.4f", share)}
		if y != nil {
			sum += doc.Energy[i]
			row = append(row, fmt.Sprintf("%.4f", doc.Energy[i]), fmt.Sprintf("%.4f", sum), when)
		}
		tab.add(row...)
	}
	tab.write(t.Out, t.width())
	return nil
}

// spectrumInput reads the table, with its labels as numbers if it has such: those of a column of
// numbers, or ±1 for two classes.
func (o *ntkOptions) spectrumInput(t terminal) (*tableIn, []float64, error) {
	kind := data.TargetNumber
	if o.label == "" {
		kind = data.TargetClass
	}
	train, _, err := o.read(t, kind, false)
	if err != nil && kind == data.TargetNumber {
		classes, _, classErr := o.read(t, data.TargetClass, false)
		if classErr != nil {
			return nil, nil, err
		}
		train, err = classes, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if train.Target != nil {
		return train, train.Target, nil
	}
	if len(train.Classes) != 2 {
		return train, nil, nil
	}
	y := make([]float64, train.Len())
	for i, c := range train.Y {
		y[i] = float64(2*c - 1)
	}
	return train, y, nil
}

// numberOr is number, or words for what is not finite.
func numberOr(x float64, words string) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return words
	}
	return number(x)
}

// await runs f, which cannot be interrupted, and returns early when ctx is done; the program is
// about to end then.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
