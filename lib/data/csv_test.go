package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gonum.org/v1/gonum/mat"
)

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		name     string
		text     string
		opt      ReadOptions
		x        []float64
		features string
		y        []int
		classes  string
		target   []float64
	}{
		{name: "a header and a label by name", text: "a,b,kind\n1,2,x\n3,4,y\n", opt: ReadOptions{Label: "kind"},
			x: []float64{1, 2, 3, 4}, features: "a|b", y: []int{0, 1}, classes: "x|y"},
		{name: "no header, label last", text: "1,2,x\n3,4,y\n", opt: ReadOptions{Label: "-1"},
			x: []float64{1, 2, 3, 4}, features: "column 1|column 2", y: []int{0, 1}, classes: "x|y"},
		{name: "label by number from the front", text: "x,1\ny,2\n", opt: ReadOptions{Label: "1"},
			x: []float64{1, 2}, features: "column 2", y: []int{0, 1}, classes: "x|y"},
		{name: "all numbers: the first line is data", text: "1,2\n3,4\n",
			x: []float64{1, 2, 3, 4}, features: "column 1|column 2"},
		{name: "all numbers, header said", text: "1,2\n3,4\n", opt: ReadOptions{Header: HeaderYes},
			x: []float64{3, 4}, features: "1|2"},
		{name: "a name that is a number goes before a column number", text: "2,1\n3,4\n", opt: ReadOptions{Header: HeaderYes, Label: "1"},
			x: []float64{3}, features: "2", y: []int{0}, classes: "4"},
		{name: "numeric column names, but the label's name is there", text: "0,1,kind\n3,4,x\n", opt: ReadOptions{Label: "kind"},
			x: []float64{3, 4}, features: "0|1", y: []int{0}, classes: "x"},
		{name: "an index column without a name", text: ",a\n0,5\n1,6\n", opt: ReadOptions{Drop: []string{"1"}},
			x: []float64{5, 6}, features: "a"},
		{name: "byte order mark, CRLF, no final line break", text: "\xef\xbb\xbfa,b\r\n1,2\r\n3,4",
			x: []float64{1, 2, 3, 4}, features: "a|b"},
		{name: "quoted fields with separators, quotes and line breaks", text: "\"a, \"\"b\"\"\",\"c\nd\"\n\"1\",2\n",
			x: []float64{1, 2}, features: "a, \"b\"|c\nd"},
		{name: "spaces around fields", text: "a , b\n 1 ,\t2\n", x: []float64{1, 2}, features: "a|b"},
		{name: "blank lines", text: "\na,b\n\n1,2\n\n", x: []float64{1, 2}, features: "a|b"},
		{name: "semicolons are found", text: "a;b\n1;2\n", x: []float64{1, 2}, features: "a|b"},
		{name: "tabs are found, a comma in a name notwithstanding", text: "a\tb\t\"c,d\"\n1\t2\t3\n", x: []float64{1, 2, 3}, features: "a|b|c,d"},
		{name: "a separator that is asked for", text: "a:b\n1:2\n", opt: ReadOptions{Comma: ':'}, x: []float64{1, 2}, features: "a|b"},
		{name: "comments", text: "# made by hand, in a hurry\na;b\n# no\n1;2\n", opt: ReadOptions{Comment: '#'}, x: []float64{1, 2}, features: "a|b"},
		{name: "one column", text: "a\n1\n2\n", x: []float64{1, 2}, features: "a"},
		{name: "one row without header", text: "1,2,x\n", opt: ReadOptions{Label: "3"}, x: []float64{1, 2}, features: "column 1|column 2", y: []int{0}, classes: "x"},
		{name: "numeric labels are sorted as numbers and 1 is 1.0", text: "f,k\n0,10\n0,9\n0,1\n0,1.0\n0,-0\n0,0\n", opt: ReadOptions{Label: "k"},
			x: []float64{0, 0, 0, 0, 0, 0}, features: "f", y: []int{3, 2, 1, 1, 0, 0}, classes: "0|1|9|10"},
		{name: "labels of mixed kind are sorted as text", text: "f,k\n0,b\n0,9\n0,10\n", opt: ReadOptions{Label: "k"},
			x: []float64{0, 0, 0}, features: "f", y: []int{2, 1, 0}, classes: "10|9|b"},
		{name: "classes that are given keep their numbers", text: "f,k\n0,b\n0,a\n", opt: ReadOptions{Label: "k", Classes: []string{"c", "b", "a"}},
			x: []float64{0, 0}, features: "f", y: []int{1, 2}, classes: "c|b|a"},
		{name: "a number to predict", text: "f,k\n1,0.5\n2,-1e3\n", opt: ReadOptions{Label: "k", Target: TargetNumber},
			x: []float64{1, 2}, features: "f", target: []float64{0.5, -1000}},
		{name: "a text column is dropped", text: "id,f\nx,1\ny,2\n", opt: ReadOptions{Drop: []string{"id"}}, x: []float64{1, 2}, features: "f"},
		{name: "hexadecimal and exponents", text: "a,b\n0x1p-2,1E+2\n", x: []float64{0.25, 100}, features: "a|b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				got, err := ReadCSV(r, "f.csv", c.opt)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.X.RawMatrix().Data, c.x) {
					t.Errorf("X = %v, want %v", got.X.RawMatrix().Data, c.x)
				}
				if s := strings.Join(got.Features, "|"); s != c.features {
					t.Errorf("features %q, want %q", s, c.features)
				}
				if !slices.Equal(got.Y, c.y) || strings.Join(got.Classes, "|") != c.classes {
					t.Errorf("y = %v of %q, want %v of %q", got.Y, got.Classes, c.y, c.classes)
				}
				if !slices.Equal(got.Target, c.target) {
					t.Errorf("target %v, want %v", got.Target, c.target)
				}
			}
		})
	}
}

func TestReadCSVErrors(t *testing.T) {
	for _, c := range []struct {
		name         string
		text         string
		opt          ReadOptions
		line, column int
		want         string
	}{
		{"empty", "", ReadOptions{}, 0, 0, "the file is empty"},
		{"blank lines alone", "\n\r\n", ReadOptions{}, 0, 0, "the file is empty"},
		{"a byte order mark alone", "\xef\xbb\xbf", ReadOptions{}, 0, 0, "the file is empty"},
		{"header only", "a,b\n", ReadOptions{}, 1, 0, "a header and no rows"},
		{"ragged, short", "a,b\n1,2\n3\n", ReadOptions{}, 3, 0, "the row has 1 fields, want 2 as on line 1"},
		{"ragged, long", "1,2\n3,4,5\n", ReadOptions{}, 2, 0, "the row has 3 fields, want 2"},
		{"not a number", "a,b\n1,2\n3,x\n", ReadOptions{}, 3, 2, `"x" is not a number`},
		{"missing value", "a,b\n1,2\n,4\n", ReadOptions{}, 3, 1, "the value is missing"},
		{"NaN", "a,b\n1,NaN\n", ReadOptions{}, 2, 2, `"NaN" is not a finite number`},
		{"infinity", "a,b\n1,2\n-Inf,2\n", ReadOptions{}, 3, 1, "not a finite number"},
		{"beyond float64", "a,b\n1,1e999\n", ReadOptions{Header: HeaderYes}, 2, 2, "beyond the range"},
		{"a decimal comma", "a;b\n1;2\n1;2,5\n", ReadOptions{}, 3, 2, "decimals with a point"},
		{"label missing in a row", "a,k\n1,x\n2,\n", ReadOptions{Label: "k"}, 3, 2, "the label is missing"},
		{"label column unknown", "a,b\n1,2\n", ReadOptions{Label: "kind"}, 1, 0, `no label column "kind"; the columns are "a", "b"`},
		{"label column by name without header", "1,2\n3,4\n", ReadOptions{Label: "kind"}, 1, 0, "have no names here"},
		{"label number too large", "a,b\n1,2\n", ReadOptions{Label: "3"}, 1, 0, "label column 3, want 1..2"},
		{"label number 0", "a,b\n1,2\n", ReadOptions{Label: "0"}, 1, 0, "label column 0, want 1..2"},
		{"label number before the first", "a,b\n1,2\n", ReadOptions{Label: "-3"}, 1, 0, "want 1..2"},
		{"label text where a number is wanted", "a,k\n1,x\n", ReadOptions{Label: "k", Target: TargetNumber}, 2, 2, `"x" is not a number`},
		{"label outside the classes", "a,k\n1,x\n2,z\n", ReadOptions{Label: "k", Classes: []string{"x", "y"}}, 3, 2, `label "z" is not one of the classes "x", "y"`},
		{"duplicate header names", "a,b,a\n1,2,3\n", ReadOptions{}, 1, 3, "repeats the name of column 1"},
		{"drop unknown", "a,b\n1,2\n", ReadOptions{Drop: []string{"c"}}, 1, 0, `no drop column "c"`},
		{"label dropped", "a,b\n1,2\n", ReadOptions{Drop: []string{"b"}, Label: "b"}, 1, 2, "both the label and to be dropped"},
		{"nothing left", "a\n1\n", ReadOptions{Label: "a"}, 1, 0, "no feature column is left"},
		{"a missing value in the first row is no header", "1,NA\n3,4\n", ReadOptions{}, 1, 0, "cannot tell whether this line is a header"},
		{"a quote that does not end", "a,b\n1,\"2\n3,4\n", ReadOptions{}, 3, 0, "the row begins on line 2"},
		{"a quote inside a field", "a,b\n1,2\"3\n", ReadOptions{}, 2, 0, `bare "`},
		{"a wrong line after a field of two lines", "a,b\n\"1\",\"2\n\"\n3,x\n", ReadOptions{}, 4, 2, `"x" is not a number`},
		{"UTF-16", "\xff\xfea\x00,\x00", ReadOptions{}, 0, 0, "UTF-16"},
		{"binary", "a,b\n1\x00,2\n", ReadOptions{}, 2, 0, "zero byte"},
		{"carriage returns alone", "a,b\r1,2\r", ReadOptions{}, 0, 0, "carriage returns alone"},
		{"a quotation mark as separator", "a,b\n", ReadOptions{Comma: '"'}, 0, 0, "separator"},
		{"a column that nobody dropped", "name,f\nx,1\n", ReadOptions{}, 2, 1, `"x" is not a number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadCSV(strings.NewReader(c.text), "f.csv", c.opt)
			var pe *ParseError
			if got != nil || !errors.As(err, &pe) {
				t.Fatalf("got %v, %v; want a ParseError", got, err)
			}
			if pe.Line != c.line || pe.Column != c.column || pe.File != "f.csv" {
				t.Errorf("at %s:%d column %d, want f.csv:%d column %d (%v)", pe.File, pe.Line, pe.Column, c.line, c.column, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want it to contain %q", err, c.want)
			}
		})
	}
	t.Run("the error names everything", func(t *testing.T) {
		_, err := ReadCSV(strings.NewReader("a,petal length\n1,2\n3,x\n"), "iris.csv", ReadOptions{})
		const want = `data.ReadCSV: iris.csv:3: column 2 (petal length): "x" is not a number`
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
	t.Run("a failing disk", func(t *testing.T) {
		boom := errors.New("boom")
		r := io.MultiReader(strings.NewReader("a,b\n"+strings.Repeat("1,2\n", 40000)), iotest.ErrReader(boom))
		if _, err := ReadCSV(r, "f.csv", ReadOptions{}); !errors.Is(err, boom) {
			t.Errorf("err = %v", err)
		}
	})
}

func TestWriteCSVReadsBack(t *testing.T) {
	m := mat.NewDense(2, 3, []float64{0.1, -1e-300, 3, 1.0 / 3, 2e15, 5e-324})
	header := []string{"a,b", `say "hi"`, " spaced\nname"}
	var buf bytes.Buffer
	if err := WriteCSV(&buf, header, m); err != nil {
		t.Fatal(err)
	}
	got, err := ReadCSV(&buf, "f.csv", ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(got.X, m) {
		t.Errorf("%v", mat.Formatted(got.X))
	}
	if got.Features[0] != header[0] || got.Features[1] != header[1] {
		t.Errorf("features %q", got.Features)
	}
	if err := WriteCSV(io.Discard, []string{"a"}, m); err == nil {
		t.Error("one name for three columns: no error")
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{
		"a,b,kind\n1,2,x\n3,4,y\n", "1;2\n3;4\n", "\xef\xbb\xbfa\tb\r\n1\t2\r\n", "\"a\nb\",c\n1,2\n",
		"1,NaN\n", "a\n", "", "\"", ",,,\n", "a,a\n1,2\n", "#x\n1,2\n", "\xff\xfe", "1,2\n3\n",
	} {
		f.Add(s, "kind", uint8(0))
		f.Add(s, "-1", uint8(1))
	}
	f.Fuzz(func(t *testing.T, text, label string, mode uint8) {
		opt := ReadOptions{Label: label, Header: HeaderKind(mode % 3), Target: TargetKind(mode / 3 % 2)}
		a, err := ReadCSV(strings.NewReader(text), "f.csv", opt)
		if (a == nil) == (err == nil) {
			t.Fatalf("table %v with error %v", a, err)
		}
		if err != nil {
			var pe *ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		check(t, a)
	})
}

// check is what every table promises.
func check(t *testing.T, a *Table) {
	t.Helper()
	n, d := a.X.Dims()
	if n < 1 || d < 1 || len(a.Features) != d {
		t.Fatalf("%d×%d with %d names", n, d, len(a.Features))
	}
	for _, v := range a.X.RawMatrix().Data {
		if v-v != 0 {
			t.Fatalf("X holds %g", v)
		}
	}
	if a.Y != nil && len(a.Y) != n || a.Target != nil && len(a.Target) != n || a.Y != nil && a.Target != nil {
		t.Fatalf("%d rows, %d classes, %d targets", n, len(a.Y), len(a.Target))
	}
	for _, k := range a.Y {
		if k < 0 || k >= len(a.Classes) {
			t.Fatalf("class %d of %q", k, a.Classes)
		}
	}
	for i, c := range a.Classes {
		if slices.Contains(a.Classes[:i], c) {
			t.Fatalf("class %q occurs twice", c)
		}
	}
}

func BenchmarkReadCSV(b *testing.B) {
	var text strings.Builder
	for i := range 2000 {
		for j := range 64 {
			fmt.Fprintf(&text, "%.4f,", float64(i*64+j)/7)
		}
		text.WriteString("k\n")
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := ReadCSV(strings.NewReader(text.String()), "f.csv", ReadOptions{Label: "-1"}); err != nil {
			b.Fatal(err)
		}
	}
}
