package main

import (
	"flag"
	"fmt"
	"math"
	"strings"

	"github.com/lemma-ml/lemma/lib/ntk"
)

const ntkFormats = `Tables are read from .csv, .tsv, .txt (with or without a header line), .jsonl and .npy files, each
also with .gz; - is standard input as CSV; @iris, @wine, @breast_cancer and @digits are built in.
Rows are examples. Columns are named by their header, or by number from 1, -1 being the last. The first
line is a header if it has words where the second has numbers, or holds the label's name; a header of
numbers alone needs -header yes.
What is not finite, a row of another length and a missing value are refused with file, line and
column: exit code 2.`

func ntkCommand() *command {
	return &command{
		name:    "ntk",
		summary: "neural tangent kernels on your own data",
		about: `The kernel of an infinitely wide network, trained by gradient descent (-kernel ntk) or at random
initialisation (-kernel nngp), on a table of yours; or of a convolutional one (-kernel cntk, cnngp) on
images.

` + ntkFormats + "\n\n" + ntkImageFormats,
		examples: []example{
			{"lemma ntk classify -train @iris", "cross-validation on a built-in table"},
			{"lemma ntk classify -train train.csv -label species -test test.csv -o predictions.csv", "predict the classes of a second file"},
			{"lemma ntk regress -train house.csv -label price -kernel nngp -test new.csv -o out.csv", "numbers, with the posterior's standard deviation"},
			{"lemma ntk gram -train x.npy -depth 5 -o gram.npy", "the kernel matrix"},
			{"lemma ntk spectrum -train @wine", "its eigenvalues, and which of them the labels use"},
			{"lemma ntk classify -kernel cntk -pool -train photos -size 16x16", "images, a folder for each class"},
		},
		sub: []*command{ntkGram(), ntkSpectrum(), ntkClassify(), ntkRegress()},
	}
}

// ntkOptions holds the flags that the ntk commands share.
type ntkOptions struct {
	input
	images             imageInput
	depth, fixed       int
	kernel, activation string
	inputScale         float64
	bias               bool
	ridge              float64
	folds              int
	out, format        string
}

// maxDepth bounds -depth: the kernel has long reached its limit there.
const maxDepth = 100_000

// kernelFlags defines the flags of every ntk command. scale is the default of -scale, label says what
// -label is for.
func (o *ntkOptions) kernelFlags(fs *flag.FlagSet, scale, label string) {
	var names []string
	for _, a := range ntk.Activations() {
		names = append(names, a.Name())
	}
	o.input.flags(fs, scale, label)
	o.images.flags(fs)
	fs.IntVar(&o.depth, "depth", 3, "`number` of hidden layers; 0 is the linear kernel")
	fs.StringVar(&o.kernel, "kernel", "ntk", "ntk (trained networks) or nngp (random ones); for images cntk or cnngp: `name`")
	fs.StringVar(&o.activation, "activation", "relu", "`name`: "+strings.Join(names, ", "))
	fs.BoolVar(&o.bias, "bias", false, "append a constant column √d: the kernel then sees the norm of a row")
	fs.Float64Var(&o.inputScale, "input-scale", 0, "multiply inputs by `x`; 0 chooses: 1 for relu, which it hardly changes, and for\nthe others 1/√d where -scale standard gives rows of norm about √d")
	fs.IntVar(&o.fixed, "fixed", 0, "the first `k` layers are not trained (ntk only)")
	fs.StringVar(&o.out, "o", "", "write to `file`; its ending decides the format")
	o.formatFlag(fs)
}

// fitFlags defines the flags of the commands that fit.
func (o *ntkOptions) fitFlags(fs *flag.FlagSet) {
	fs.Float64Var(&o.ridge, "ridge", 1e-2, "`strength`, relative to the mean diagonal of the kernel; 0 interpolates")
	fs.IntVar(&o.folds, "folds", 5, "`number` of folds where there is no -test")
}

// parse returns the kernel that the flags describe.
func (o *ntkOptions) parse(args []string) (ntk.Kernel, error) {
	var k ntk.Kernel
	if len(args) > 0 {
		return k, badUsage("unexpected argument %q; files are given with -train and -test", args[0])
	}
	if o.train == "" {
		return k, badUsage("-train is required: a file, - or one of %s", strings.Join(builtins(), ", "))
	}
	a, err := ntk.ActivationByName(o.activation)
	if err != nil {
		return k, failure{exitUsage, fmt.Errorf("-activation: %w", plain(err))}
	}
	k = ntk.Kernel{Depth: o.depth, Activation: a, FixedLayers: o.fixed, Bias: o.bias}
	switch o.kernel {
	case "ntk":
	case "nngp":
		k.NNGP = true
	case "cntk", "cnngp":
		return k, badUsage("-kernel %s goes with gram, classify and regress", o.kernel)
	default:
		return k, badUsage("-kernel %q, want ntk or nngp, or for images cntk or cnngp", o.kernel)
	}
	if err := o.images.unused(); err != nil {
		return k, err
	}
	switch {
	case o.depth < 0 || o.depth > maxDepth:
		return k, badUsage("-depth %d, want 0 to %d", o.depth, maxDepth)
	case o.fixed < 0 || o.fixed > o.depth:
		return k, badUsage("-fixed %d, want 0 to %d, the depth", o.fixed, o.depth)
	case o.fixed > 0 && k.NNGP:
		return k, badUsage("-fixed %d goes with -kernel ntk alone: nngp trains no layer", o.fixed)
	case !(o.inputScale >= 0) || o.inputScale > 1e100:
		return k, badUsage("-input-scale %g, want a number above 0, or 0 to choose", o.inputScale)
	}
	if err := k.Validate(); err != nil {
		return k, failure{exitUsage, plain(err)}
	}
	if !(o.ridge >= 0) || o.ridge > 1e300 {
		return k, badUsage("-ridge %g, want a number >= 0", o.ridge)
	}
	if err := o.checkFormat(); err != nil {
		return k, err
	}
	return k, nil
}

// scaled returns the kernel with the scale of its inputs, which have d columns.
func (o *ntkOptions) scaled(k ntk.Kernel, d int) ntk.Kernel {
	k.InputScale = o.inputScale
	if o.inputScale == 0 && k.Depth > 0 && k.Activation != ntk.ReLU && o.scale == "standard" {
		k.InputScale = 1 / math.Sqrt(float64(d))
	}
	return k
}

// kernelName is the kernel's name with the scale of its inputs.
func kernelName(k ntk.Kernel) string {
	if k.InputScale == 0 || k.InputScale == 1 {
		return k.String()
	}
	return fmt.Sprintf("%s, inputs times %.4g", k, k.InputScale)
}

// tooLarge refuses, before any work, matrices that do not fit into memory: a program that the
// system kills says nothing.
func tooLarge(what string, doubles float64) error {
	_, free := memory()
	if need := 8 * doubles; free > 0 && need > float64(free) {
		return badUsage("%s needs %s, and %s of memory is available; use fewer rows", what, size(int64(min(need, 9e18))), size(free))
	}
	return nil
}

// describe is the kernel and the data in a line.
func describe(k ntk.Kernel, t *tableIn) string {
	n, d := t.X.Dims()
	return fmt.Sprintf("%s; %s: %d rows, %s", kernelName(k), t.Name, n, plural(d, "column"))
}
