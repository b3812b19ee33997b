package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/dropout/completion"
	"github.com/lemma-ml/lemma/lib/rng"
)

// ratings is a table of rank one, a_i·b_k + 3 with labels for rows and columns, of which some cells are
// known; hidden has the others.
func ratings() (known, hidden string) {
	r := rng.Stream(1, "ratings")
	a, b := rng.Normals(r, 12), rng.Normals(r, 8)
	k, h := &strings.Builder{}, &strings.Builder{}
	for _, w := range []*strings.Builder{k, h} {
		w.WriteString("user;film;stars\n")
	}
	for i := range a {
		for j := range b {
			w := k
			if r.Float64() < .3 && i > 0 && j > 0 {
				w = h
			}
			fmt.Fprintf(w, "u%d;film %d;%.6f\n", i, j, 3+a[i]*b[j])
		}
	}
	return k.String(), h.String()
}

func TestBadTriples(t *testing.T) {
	write(t, map[string]string{
		"ok.csv":       "r,c,v\n1,1,0.5\n1,2,1\n2,1,2\n2,2,3\n3,1,1\n",
		"outside.csv":  "1,1,0.5\n1,2,1\n4,1,2\n",
		"words.csv":    "1,1,0.5\n1,x,1\n",
		"gap.csv":      "1,1,0.5\n1,2,1\n3,1,2\n",
		"gapcol.csv":   "1,1,0.5\n2,1,1\n3,1,2\n",
		"nan.csv":      "1,1,0.5\n1,2,NaN\n",
		"missing.csv":  "1,1,0.5\n1,2,\n",
		"text.csv":     "1,1,0.5\n1,2,much\n",
		"nolabel.csv":  "1,1,0.5\n,2,1\n",
		"ragged.csv":   "1,1,0.5\n1,2\n",
		"narrow.csv":   "1,2\n",
		"constant.csv": "1,1,2\n1,2,2\n2,1,2\n2,2,2\n",
		"empty.csv":    "",
		"header.csv":   "r,c,v\n",
		"new.csv":      "r,c\n1,1\n7,1\n",
		"quote.csv":    "1,1,\"0.5\n",
	})
	complete := func(file string, more ...string) []string {
		return append([]string{"dropout", "complete", "-train", file, "-width", "1", "-folds", "2"}, more...)
	}
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"a row outside the matrix", complete("outside.csv", "-shape", "3x2"), `outside.csv:3: column 1: "4" is none of the 3 rows of -shape 3x2`},
		{"a label where numbers are said to be", complete("words.csv", "-shape", "3x2"), `words.csv:2: column 2: "x" is none of the 2 columns`},
		{"a row without cells", complete("gap.csv", "-shape", "3x2"), "row 2 of -shape 3x2 has no known cell"},
		{"a column without cells", complete("gapcol.csv", "-shape", "3x2"), "column 2 of -shape 3x2 has no known cell"},
		{"a value that is no number", complete("nan.csv"), `nan.csv:2: column 3: "NaN" is not a finite number`},
		{"a missing value", complete("missing.csv"), "missing.csv:2: column 3: the value is missing"},
		{"a word", complete("text.csv"), `text.csv:2: column 3: "much" is not a number`},
		{"a missing label", complete("nolabel.csv"), "nolabel.csv:2: column 1: the label is missing"},
		{"a ragged line", complete("ragged.csv"), "ragged.csv:2: the line has 2 fields, want 3"},
		{"two columns", complete("narrow.csv"), "-value 3, and the line has 2 fields"},
		{"equal values", complete("constant.csv"), "all 4 values are 2"},
		{"an empty file", complete("empty.csv"), "no cells"},
		{"a header alone", complete("header.csv"), "no cells"},
		{"an open quotation mark", complete("quote.csv"), "quote.csv:1"},
		{"a cell to predict that the table lacks", complete("ok.csv", "-test", "new.csv"), `new.csv:3: column 1: "7" is none of the 3 rows of ok.csv`},
		{"a rank above the table's", []string{"dropout", "complete", "-train", "ok.csv", "-width", "3"}, "-width 3, want 1 to 2"},
		{"no rank", []string{"dropout", "complete", "-train", "ok.csv", "-width", "0"}, "-width 0"},
		{"a rate of 1", complete("ok.csv", "-rates", "0,1"), `-rates: "1", want probabilities`},
		{"a rate that is no number", complete("ok.csv", "-rates", "NaN"), `-rates: "NaN"`},
		{"falling rates", complete("ok.csv", "-rates", "0.5,0.1"), "want increasing rates"},
		{"a negative constraint", complete("ok.csv", "-gamma", "-1"), "-gamma -1"},
		{"one fold", complete("ok.csv", "-folds", "1"), "-folds 1"},
		{"more folds than cells", complete("ok.csv", "-folds", "6"), "-folds 6, want 2 to 5"},
		{"an unknown method", complete("ok.csv", "-method", "svd"), "dropout or tracenorm"},
		{"an unknown column", complete("ok.csv", "-row", "user"), `no column "user" for -row; there are r, c, v`},
		{"one column twice", complete("ok.csv", "-row", "2"), "three different columns"},
		{"a shape that is none", complete("ok.csv", "-shape", "3"), "ROWSxCOLUMNS"},
		{"an output over its input", complete("ok.csv", "-o", "ok.csv"), "would overwrite the input"},
		{"no file", []string{"dropout", "complete"}, "-train is required"},
		{"a file that is not there", complete("gone.csv"), "no such file"},
		{"regress: a bad rate", []string{"dropout", "regress", "-train", "ok.csv", "-label", "v", "-rates", "2"}, "-rates"},
		{"regress: no label", []string{"dropout", "regress", "-train", "ok.csv"}, "-label is required"},
		{"regress: more folds than rows", []string{"dropout", "regress", "-train", "ok.csv", "-label", "v", "-folds", "9"}, "-folds 9, want 2 to 5"},
		{"regress: no file", []string{"dropout", "regress", "-label", "v"}, "-train is required"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			out, errs, code := lemma(t, "", c.args...)
			if code != 2 || !strings.Contains(errs, c.want) || out != "" || libraryName.MatchString(errs) {
				t.Errorf("lemma %s: exit code %d, want 2 and %q in\n%s%s", strings.Join(c.args, " "), code, c.want, errs, out)
			}
		})
	}
}

// A table of rank one comes back, from a file or a pipe, by either penalty.
func TestComplete(t *testing.T) {
	known, hidden := ratings()
	write(t, map[string]string{"known.csv": known, "hidden.csv": hidden})
	for _, method := range []string{"dropout", "tracenorm"} {
		args := []string{"dropout", "complete", "-train", "known.csv", "-test", "hidden.csv", "-width", "4", "-method", method, "-gamma", "2"}
		if _, errs, code := lemma(t, "", append(args, "-o", "out.json")...); code != 0 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		text, err := os.ReadFile("out.json")
		if err != nil {
			t.Fatal(err)
		}
		var doc completeJSON
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		if doc.RMSE == nil || !(*doc.RMSE < .25**doc.BaseRMSE) || doc.Rows != 12 || doc.Columns != 8 || len(doc.Predictions) != strings.Count(hidden, "\n")-1 {
			t.Errorf("%s: RMSE %v of %v, %d×%d, %d predictions", method, doc.RMSE, doc.BaseRMSE, doc.Rows, doc.Columns, len(doc.Predictions))
		}
		if !(doc.Gamma <= 2) {
			t.Errorf("%s: γ %g, want at most 2", method, doc.Gamma)
		}
	}
	args := []string{"dropout", "complete", "-width", "2", "-rates", "0.05", "-format", "csv", "-row", "user", "-col", "film", "-value", "stars", "-train"}
	file, errs, code := lemma(t, "", append(args, "known.csv")...)
	if code != 0 || strings.Count(file, "\n") != 12*8+1 || !strings.HasPrefix(file, "row,column,prediction\nu0,film 0,") {
		t.Fatalf("exit code %d, %s, %d lines", code, errs, strings.Count(file, "\n"))
	}
	if pipe, _, _ := lemma(t, known, append(args, "-")...); pipe != file {
		t.Error("from a pipe: other predictions")
	}
}

// With -shape, numbers are places, in whatever order they come; -o leaves whole files alone.
func TestCompleteShape(t *testing.T) {
	write(t, map[string]string{"cells.csv": "2\t1\t4\n1\t2\t3\n1\t1\t2\n2\t2\t6\n3\t1\t1\n"})
	out, errs, code := lemma(t, "", "dropout", "complete", "-train", "cells.csv", "-shape", "3x2", "-width", "1", "-rates", "0.1", "-folds", "2", "-format", "csv")
	if code != 0 || !strings.HasPrefix(out, "row,column,prediction\n1,1,") || strings.Count(out, "\n") != 7 {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if _, errs, code := lemma(t, "", "dropout", "complete", "-train", "cells.csv", "-width", "1", "-folds", "2", "-o", "m.npy"); code != 0 {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestDropoutRegress(t *testing.T) {
	var b strings.Builder
	b.WriteString("x,z,y\n")
	r := rng.Stream(2, "regress")
	for range 40 {
		x, z := r.NormFloat64(), 10*r.NormFloat64()
		fmt.Fprintf(&b, "%g,%g,%g\n", x, z, 5+2*x-.3*z)
	}
	write(t, map[string]string{"line.csv": b.String(), "new.csv": "x,z\n1,10\n-1,0\n"})
	out, errs, code := lemma(t, "", "dropout", "regress", "-train", "line.csv", "-label", "y", "-rates", "0,0.1,0.5", "-test", "new.csv", "-format", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var doc dropoutRegressJSON
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	// Without noise least squares is exact and any dropout is worse.
	if doc.Best != 0 || math.Abs(doc.Predictions[0]-4) > 1e-9 || math.Abs(doc.Predictions[1]-3) > 1e-9 || doc.RMSE != nil {
		t.Errorf("best %d, predictions %v, want rate 0 and 4, 3", doc.Best, doc.Predictions)
	}
	out, errs, code = lemma(t, "", "dropout", "regress", "-train", "line.csv", "-label", "y", "-rates", "0,0.1,0.5", "-format", "csv")
	if code != 0 || !strings.HasPrefix(out, "rate,lambda,train_mse,cv_mse,cv_se,intercept,x,z\n0,0,") || strings.Count(out, "\n") != 4 {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}

func FuzzReadTriples(f *testing.F) {
	known, _ := ratings()
	for _, s := range []string{known, "1,1,0.5\n1,2,1\n", "r\tc\tv\na\tb\t1e3\n", "\xef\xbb\xbfr,c,v\n\"a,b\",c,1\n", "1,1\n", "\"", ",,\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, optional := range []bool{false, true} {
			rows, cols := &labels{index: map[string]int{}}, &labels{index: map[string]int{}}
			tr, err := readTriples(strings.NewReader(text), "f", tripleColumns{row: "1", col: "2", value: "3"}, rows, cols, optional)
			if err != nil {
				continue
			}
			if err := completion.CheckCells(len(tr.rows), len(tr.cols), tr.cells); err != nil {
				t.Errorf("%q: %v", text, err)
			}
			if _, _, err := completion.Empirical(len(tr.rows), len(tr.cols), tr.cells); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
