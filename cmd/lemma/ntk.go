package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/lib/ntk"
)

const ntkFormats = `Tables are read from .csv, .tsv, .txt (with or without a header line), .jsonl and .npy files, each
also with .gz; - is standard input as CSV; @iris, @wine, @breast_cancer and @digits are built in.
Rows are examples. Columns are named by their header, or by number from 1, -1 being the last.
What is not finite, a row of another length and a missing value are refused with file, line and
column: exit code 2.`

func ntkCommand() *command {
	return &command{
		name:    "ntk",
		summary: "neural tangent kernels on your own data",
		about: `The kernel of an infinitely wide fully-connected network, trained by gradient descent (-kernel ntk)
or at random initialisation (-kernel nngp), on a table of yours.

` + ntkFormats,
		examples: []example{
			{"lemma ntk classify -train @iris", "cross-validation on a built-in table"},
			{"lemma ntk classify -train train.csv -label species -test test.csv -o predictions.csv", "predict the classes of a second file"},
			{"lemma ntk regress -train house.csv -label price -kernel nngp -test new.csv -o out.csv", "numbers, with the posterior's standard deviation"},
			{"lemma ntk gram -train x.npy -depth 5 -o gram.npy", "the kernel matrix"},
			{"lemma ntk spectrum -train @wine", "its eigenvalues, and which of them the labels use"},
		},
		sub: []*command{ntkGram(), ntkSpectrum(), ntkClassify(), ntkRegress()},
	}
}

// ntkOptions holds the flags that the ntk commands share.
type ntkOptions struct {
	input
	depth, fixed       int
	kernel, activation string
	bias               bool
	ridge              float64
	folds              int
	out, format        string
}

// kernelFlags defines the flags of every ntk command. scale is the default of -scale.
func (o *ntkOptions) kernelFlags(fs *flag.FlagSet, scale string) {
	var names []string
	for _, a := range ntk.Activations() {
		names = append(names, a.Name())
	}
	o.input.flags(fs, scale)
	fs.IntVar(&o.depth, "depth", 3, "`number` of hidden layers; 0 is the linear kernel")
	fs.StringVar(&o.kernel, "kernel", "ntk", "ntk (trained networks) or nngp (random ones): `name`")
	fs.StringVar(&o.activation, "activation", "relu", "`name`: "+strings.Join(names, ", "))
	fs.BoolVar(&o.bias, "bias", false, "append a constant column √d: the kernel then sees the norm of a row")
	fs.IntVar(&o.fixed, "fixed", 0, "the first `k` layers are not trained (ntk only)")
	fs.StringVar(&o.out, "o", "", "write to `file`; its ending decides the format")
	fs.StringVar(&o.format, "format", "", "`format` of the output: csv, npy or json (default: from -o, else a text for people)")
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
	a, err := ntk.ActivationByName(strings.ToLower(o.activation))
	if err != nil {
		return k, failure{exitUsage, err}
	}
	k = ntk.Kernel{Depth: o.depth, Activation: a, FixedLayers: o.fixed, Bias: o.bias}
	switch o.kernel {
	case "ntk":
	case "nngp":
		k.NNGP = true
	default:
		return k, badUsage("-kernel %q, want ntk or nngp", o.kernel)
	}
	if err := k.Validate(); err != nil {
		return k, failure{exitUsage, err}
	}
	if !(o.ridge >= 0) || o.ridge > 1e300 {
		return k, badUsage("-ridge %g, want a number >= 0", o.ridge)
	}
	if err := o.checkFormat(); err != nil {
		return k, err
	}
	return k, nil
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
	return fmt.Sprintf("%s; %s: %d rows, %s", k, t.Name, n, plural(d, "column"))
}
