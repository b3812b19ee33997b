package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/data"
)

// write makes files in a folder of their own, which becomes the current one.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var tables = map[string]string{
	"ok.csv":       "a,b,y\n1,2,0\n2,1,1\n3,4,0\n4,3,1\n5,7,0\n6,5,1\n",
	"new.csv":      "a,b\n1,2\n2,1\n",
	"swapped.csv":  "b,a\n1,2\n2,1\n",
	"narrow.csv":   "a\n1\n2\n",
	"rare.csv":     "a,b,y\n1,2,0\n2,1,1\n3,4,0\n4,3,1\n5,7,2\n",
	"numbers.csv":  "1,2\n3,5\n4,4\n7,1\n",
	"line.csv":     "a,y\n1,1.5\n2,2.5\n3,3.5\n-4,-1\n",
	"wide.csv":     "a,b,c,y\n1,2,3,0\n",
	"nan.csv":      "a,b,y\n1,2,0\n2,nan,1\n",
	"ragged.csv":   "a,b,y\n1,2,0\n2,1\n",
	"missing.csv":  "a,b,y\n1,2,0\n,1,1\n",
	"word.csv":     "a,b,y\n1,2,0\n2,two,1\n",
	"one.csv":      "a,b,y\n1,2,0\n2,1,0\n",
	"single.csv":   "a,b,y\n1,2,0\n",
	"constant.csv": "a,b,y\n1,2,0\n1,3,1\n1,5,0\n1,6,1\n",
	"repeat.csv":   "a,b,y\n1,2,0\n1,2,1\n3,5,0\n3,6,1\n",
	"empty.csv":    "",
	"header.csv":   "a,b,y\n",
	"x.npy":        "this is not NPY",
	"table.xls":    "1,2",
}

// Whatever is wrong with the data is told before any work, with the place, and exit code 2.
func TestBadData(t *testing.T) {
	write(t, tables)
	classify := func(file string, more ...string) []string {
		return append([]string{"ntk", "classify", "-train", file, "-label", "y", "-folds", "2"}, more...)
	}
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"NaN", classify("nan.csv"), `nan.csv:3: column 2 (b): "nan" is not a finite number`},
		{"a ragged row", classify("ragged.csv"), "ragged.csv:3: the row has 2 fields, want 3"},
		{"a missing value", classify("missing.csv"), "missing.csv:3: column 1 (a): the value is missing"},
		{"a word", classify("word.csv"), `word.csv:3: column 2 (b): "two" is not a number`},
		{"one class", classify("one.csv"), `the single class "0" in all 2 rows`},
		{"one value", []string{"ntk", "regress", "-train", "one.csv", "-label", "y"}, "there is nothing to predict"},
		{"one row", classify("single.csv"), "one row of data"},
		{"a constant column", classify("constant.csv"), "column 1 (a) is 1 in all 4 rows"},
		{"a constant column in gram", []string{"ntk", "gram", "-train", "constant.csv", "-label", "y"}, "column 1 (a) is 1 in all 4 rows"},
		{"a singular kernel", classify("repeat.csv", "-ridge", "0"), "rows 1 and 2 of the training data are equal"},
		{"an empty file", classify("empty.csv"), "empty.csv"},
		{"a header alone", classify("header.csv"), "no rows"},
		{"a broken NPY file", classify("x.npy"), "x.npy"},
		{"an unknown kind of file", classify("table.xls"), ".csv"},
		{"a file that is not there", classify("gone.csv"), "no such file"},
		{"an unknown label", []string{"ntk", "classify", "-train", "ok.csv", "-label", "z"}, `no label column "z"`},
		{"no label", []string{"ntk", "classify", "-train", "ok.csv"}, "-label is required"},
		{"no file", []string{"ntk", "gram"}, "-train is required"},
		{"a built-in table that does not exist", []string{"ntk", "gram", "-train", "@mnist"}, "iris"},
		{"classes where numbers are wanted", []string{"ntk", "regress", "-train", "@iris"}, "use classify"},
		{"more folds than rows", classify("ok.csv", "-folds", "7"), "2 to 6"},
		{"one fold", classify("ok.csv", "-folds", "1"), "2 to 6"},
		{"more folds than a class has rows", classify("ok.csv", "-folds", "5"), "want 2 to 3 folds"},
		{"a test file with other columns", classify("ok.csv", "-test", "wide.csv"), "want the same columns"},
		{"a test file with its columns swapped", classify("ok.csv", "-test", "swapped.csv"), "same order"},
		{"an unknown activation", classify("ok.csv", "-activation", "relo"), "erf"},
		{"an unknown kernel", classify("ok.csv", "-kernel", "rbf"), "ntk or nngp"},
		{"an unknown scale", classify("ok.csv", "-scale", "minmax"), "standard, unit or none"},
		{"a negative depth", classify("ok.csv", "-depth", "-1"), "-depth -1, want 0 to 100000"},
		{"more fixed layers than there are", classify("ok.csv", "-fixed", "9"), "-fixed 9, want 0 to 3"},
		{"a negative ridge", classify("ok.csv", "-ridge", "-1"), "-ridge -1"},
		{"a ridge that is no number", classify("ok.csv", "-ridge", "NaN"), "-ridge NaN"},
		{"an output of unknown kind", classify("ok.csv", "-o", "out.xls"), ".csv, .npy or .json"},
		{"NPY to the terminal", classify("ok.csv", "-format", "npy"), "needs -o"},
		{"an argument that is no flag", classify("ok.csv", "new.csv"), `unexpected argument "new.csv"`},
		{"a test file that is too narrow", classify("ok.csv", "-test", "narrow.csv"), "narrow.csv has 1 feature column, ok.csv has 2"},
		{"a depth without end", classify("ok.csv", "-depth", "100000000"), "-depth 100000000, want 0 to 100000"},
		{"fixed layers where none is trained", classify("ok.csv", "-kernel", "nngp", "-fixed", "1"), "-fixed 1 goes with -kernel ntk alone"},
		{"a class of one row", classify("rare.csv"), `class "2" has 1 row; want at least 2`},
		{"an output over its input", []string{"ntk", "gram", "-train", "new.csv", "-o", "./new.csv"}, "would overwrite the input"},
		{"an output over its test file", classify("ok.csv", "-test", "new.csv", "-o", "new.csv"), "would overwrite the input"},
		{"an output into no folder", classify("ok.csv", "-o", "no/out.csv"), "-o no/out.csv"},
		{"a format against the ending", []string{"ntk", "gram", "-train", "new.csv", "-o", "g.npy", "-format", "csv"}, "contradict"},
		{"an unknown answer about the header", classify("ok.csv", "-header", "maybe"), "yes, no or auto"},
		{"a negative scale of inputs", classify("ok.csv", "-input-scale", "-1"), "-input-scale -1"},
		{"inputs too large for a smooth activation", []string{"ntk", "gram", "-train", "@digits", "-activation", "tanh"}, "-input-scale of 1/√d"},
		{"both files from the same pipe", classify("-", "-test", "-"), "standard input"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			out, errs, code := lemma(t, "", c.args...)
			if code != 2 || !strings.Contains(errs, c.want) || out != "" || libraryName.MatchString(errs) {
				t.Errorf("lemma %s: exit code %d, want 2 and %q in\n%s%s", strings.Join(c.args, " "), code, c.want, errs, out)
			}
		})
	}
}

// The protocol of the UCI table (9.E1): iris and wine, five folds, depth 3. The counts are goldens
// of an independent computation.
func TestClassifyCrossValidates(t *testing.T) {
	for _, c := range []struct {
		table   string
		more    []string
		correct int
	}{
		{"@iris", []string{"-bias"}, 142},
		{"@wine", nil, 175},
	} {
		out, errs, code := lemma(t, "", append([]string{"ntk", "classify", "-train", c.table, "-format", "json"}, c.more...)...)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		var doc classifyJSON
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Correct != c.correct || doc.Total != len(doc.Predictions) || len(doc.Folds) != 5 {
			t.Errorf("%s: %d of %d right in %d folds, want %d right in 5", c.table, doc.Correct, doc.Total, len(doc.Folds), c.correct)
		}
	}
}

func TestClassifyPredicts(t *testing.T) {
	write(t, tables)
	for _, label := range []string{"y", "-1", "3"} {
		out, errs, code := lemma(t, "", "ntk", "classify", "-train", "ok.csv", "-label", label, "-test", "new.csv", "-format", "csv")
		if code != 0 {
			t.Fatalf("label %s: exit code %d: %s", label, code, errs)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if len(lines) != 3 || lines[0] != "class,score 0,score 1" || !strings.HasPrefix(lines[1], "0,") || !strings.HasPrefix(lines[2], "1,") {
			t.Errorf("label %s: got\n%s", label, out)
		}
	}
	// The test file may have the label, and is then scored.
	out, _, code := lemma(t, "", "ntk", "classify", "-train", "ok.csv", "-label", "y", "-test", "ok.csv", "-format", "json")
	var doc classifyJSON
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 || doc.Accuracy == nil || *doc.Accuracy != 1 {
		t.Errorf("on its own training rows: exit code %d, %v, accuracy %v; want 1", code, err, doc.Accuracy)
	}
	// A pipe is a file like any other.
	fromPipe, errs, code := lemma(t, tables["ok.csv"], "ntk", "classify", "-train", "-", "-label", "y", "-test", "ok.csv", "-format", "json")
	if code != 0 || fromPipe != out {
		t.Errorf("from a pipe: exit code %d, %s\n%s\nwant\n%s", code, errs, fromPipe, out)
	}
}

func TestRegress(t *testing.T) {
	write(t, map[string]string{"line.csv": "x,y\n-2,-4\n-1,-2\n0,0\n1,2\n2,4\n", "at.csv": "x\n-1.5\n1.5\n30\n"})
	// The linear kernel interpolates a line through the origin.
	out, errs, code := lemma(t, "", "ntk", "regress", "-train", "line.csv", "-label", "y", "-depth", "0", "-ridge", "1e-9", "-test", "at.csv", "-format", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var doc regressJSON
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-3, 3, 60} {
		if math.Abs(doc.Predictions[i]-want) > 1e-6 { // the ridge shrinks by about 1e-9
			t.Errorf("prediction %d is %g, want %g", i, doc.Predictions[i], want)
		}
	}
	if doc.SD != nil || doc.RMSE != nil {
		t.Errorf("a tangent kernel has no posterior, and new.csv no labels: sd %v, rmse %v", doc.SD, doc.RMSE)
	}

	// A Gaussian process knows its training rows and is unsure far from them.
	out, errs, code = lemma(t, "", "ntk", "regress", "-train", "line.csv", "-label", "y", "-kernel", "nngp", "-bias", "-ridge", "1e-6", "-test", "at.csv", "-format", "csv")
	if code != 0 || !strings.HasPrefix(out, "prediction,sd\n") {
		t.Fatalf("exit code %d: %s%s", code, errs, out)
	}
	tab, err := data.ReadCSV(strings.NewReader(out), "out", data.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if near, far := tab.X.At(0, 1), tab.X.At(2, 1); !(near > 0 && far > 10*near) {
		t.Errorf("standard deviations %g between training rows and %g far from them", near, far)
	}
}

func TestGramRoundTrips(t *testing.T) {
	write(t, tables)
	var texts []string
	for _, name := range []string{"gram.csv", "gram.npy"} {
		if _, errs, code := lemma(t, "", "ntk", "gram", "-train", "ok.csv", "-label", "y", "-o", name); code != 0 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		tab, err := data.ReadTable(name, data.ReadOptions{Header: data.HeaderNo})
		if err != nil {
			t.Fatal(err)
		}
		if n, d := tab.X.Dims(); n != 6 || d != 6 {
			t.Errorf("%s is %d×%d, want 6×6", name, n, d)
		}
		// (L+1)|x|² for ReLU: x = (1, 2), L = 3.
		if got := tab.X.At(0, 0); math.Abs(got-20) > 1e-12*20 {
			t.Errorf("%s: K(x, x) = %g, want 4·5", name, got)
		}
		b, err := json.Marshal(rowsOf(tab.X))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	if texts[0] != texts[1] {
		t.Error("CSV and NPY hold different numbers")
	}
	if m, _ := filepath.Glob(".*"); len(m) > 0 {
		t.Errorf("temporary files are left: %v", m)
	}
}

func TestSpectrum(t *testing.T) {
	out, errs, code := lemma(t, "", "ntk", "spectrum", "-train", "@breast_cancer", "-format", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var doc spectrumJSON
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	var sum, energy float64
	for i, v := range doc.Eigenvalues {
		sum += v
		energy += doc.Energy[i]
	}
	if math.Abs(sum-doc.Trace) > 1e-10*doc.Trace || math.Abs(energy-1) > 1e-10 {
		t.Errorf("eigenvalues sum to %g, trace %g; energies sum to %g", sum, doc.Trace, energy)
	}
	// Standardised columns: tr K = (L+1)·n·d.
	if want := 4.0 * 569 * 30; math.Abs(doc.Trace-want) > 1e-9*want {
		t.Errorf("trace %g, want %g", doc.Trace, want)
	}
}

// A pipe is read as the file of the same bytes is.
func TestStandardInputIsAFile(t *testing.T) {
	write(t, tables)
	for _, c := range []struct {
		reason string
		stdin  string
		args   []string // - is replaced by the file
	}{
		{"labels that are numbers", "line.csv", []string{"ntk", "spectrum", "-train", "-", "-label", "y", "-format", "json"}},
		{"labels that are classes", "ok.csv", []string{"ntk", "spectrum", "-train", "-", "-label", "y", "-format", "json"}},
		{"a test file without labels", "new.csv", []string{"ntk", "classify", "-train", "ok.csv", "-label", "y", "-test", "-", "-format", "json"}},
		{"a label given by number", "new.csv", []string{"ntk", "classify", "-train", "ok.csv", "-label", "-1", "-test", "-", "-format", "json"}},
	} {
		piped, errs, code := lemma(t, tables[c.stdin], c.args...)
		if code != 0 {
			t.Errorf("%s: exit code %d: %s", c.reason, code, errs)
		}
		var named []string
		for _, a := range c.args {
			if a == "-" {
				a = c.stdin
			}
			named = append(named, a)
		}
		if want, errs, _ := lemma(t, "", named...); piped != want || want == "" {
			t.Errorf("%s: from a pipe\n%s\nfrom the file\n%s%s", c.reason, piped, want, errs)
		}
	}
}

// What lies along an eigenvalue that is zero to rounding is never learned: no time, no share.
func TestSpectrumOfASingularKernel(t *testing.T) {
	write(t, tables)
	out, errs, code := lemma(t, "", "ntk", "spectrum", "-train", "repeat.csv", "-label", "y")
	if code != 0 || !strings.Contains(out, "never") || strings.Contains(out, "-0.0000") || strings.Contains(out, "+Inf") {
		t.Errorf("exit code %d, want a time \"never\"\n%s%s", code, out, errs)
	}
}

func TestHeaderIsWhatIsSaid(t *testing.T) {
	write(t, tables)
	for _, c := range []struct {
		header string
		rows   int
	}{{"auto", 4}, {"no", 4}, {"yes", 3}} {
		out, errs, code := lemma(t, "", "ntk", "gram", "-train", "numbers.csv", "-header", c.header)
		if n := strings.Count(out, "\n"); code != 0 || n != c.rows {
			t.Errorf("-header %s: exit code %d, %d rows, want %d\n%s", c.header, code, n, c.rows, errs)
		}
	}
}

// A smooth activation sees the norm of its inputs; standardised columns are brought to norm about 1.
func TestInputScale(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-train", "@wine", "-activation", "tanh"}, "inputs times 0.2774"}, // 1/√13
		{[]string{"-train", "@wine", "-activation", "tanh", "-input-scale", "0.5"}, "inputs times 0.5;"},
		{[]string{"-train", "@wine"}, "relu; "},
		{[]string{"-train", "@wine", "-activation", "tanh", "-scale", "unit"}, "tanh; "},
	} {
		out, errs, code := lemma(t, "", append([]string{"ntk", "spectrum"}, c.args...)...)
		if code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, want %q in\n%s%s", strings.Join(c.args, " "), code, c.want, out, errs)
		}
	}
}
