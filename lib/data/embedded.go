package data

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"gonum.org/v1/gonum/mat"
)

//go:embed tables/digits.csv.gz tables/iris.csv tables/wine.csv tables/breast_cancer.csv
var files embed.FS

// licence is that of all four embedded tables.
const licence = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

// embeddedTable is what is known of a table besides its numbers.
type embeddedTable struct {
	name, file, sum string
	rows            int
	headed          bool     // the first line holds rows, features and class names
	classes         []string // where it does not
	features        []string
	source          string
}

// Digits returns the 1797 handwritten digits of 8×8 pixels, each 0..16, in ten classes: the test
// part of UCI's Optical Recognition of Handwritten Digits, in file order (by writer). Features run
// along the image's rows. The result is the caller's to change.
func Digits() (*Table, error) { return digits() }

// Iris returns Fisher's 150 flowers with 4 lengths in centimetres, in three classes of 50.
func Iris() (*Table, error) { return iris() }

// Wine returns UCI's 178 wines with 13 measurements, in three classes.
func Wine() (*Table, error) { return wine() }

// BreastCancer returns UCI's 569 tumours with 30 measurements, Breast Cancer Wisconsin
// (Diagnostic). Class 0 is malignant, class 1 benign (357 of them).
func BreastCancer() (*Table, error) { return breastCancer() }

// Embedded returns the table of that name: digits, iris, wine or breast_cancer.
func Embedded(name string) (*Table, error) {
	switch name {
	case "digits":
		return Digits()
	case "iris":
		return Iris()
	case "wine":
		return Wine()
	case "breast_cancer":
		return BreastCancer()
	}
	return nil, fmt.Errorf("data.Embedded: no table %q, want one of %v", name, EmbeddedNames())
}

// EmbeddedNames lists what [Embedded] knows, from the smallest table to the largest.
func EmbeddedNames() []string { return []string{"iris", "wine", "breast_cancer", "digits"} }

// D3v8 returns the 357 digits 3 (label +1) and 8 (label -1) in file order with every row scaled to
// norm 1: the data of chapter 9's figures. Train on the first n rows, test on the rest.
func D3v8() (x *mat.Dense, y []float64, err error) {
	t, err := Digits()
	if err != nil {
		return nil, nil, err
	}
	x, y, err = t.Pair(3, 8)
	if err != nil {
		return nil, nil, err
	}
	x, err = UnitRows(x)
	return x, y, err
}

var (
	digits = loader(embeddedTable{
		name: "digits", file: "tables/digits.csv.gz", rows: 1797,
		sum:      "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a",
		classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		features: pixelNames(),
		source:   "E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits (test part), UCI Machine Learning Repository, doi:10.24432/C50P49",
	})
	iris = loader(embeddedTable{
		name: "iris", file: "tables/iris.csv", rows: 150, headed: true,
		sum:      "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449",
		features: []string{"sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"},
		source:   "R. A. Fisher (1936), Iris, UCI Machine Learning Repository, doi:10.24432/C56C76",
	})
	wine = loader(embeddedTable{
		name: "wine", file: "tables/wine.csv", rows: 178, headed: true,
		sum: "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede",
		features: []string{
			"alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
			"nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "OD280/OD315 of diluted wines", "proline",
		},
		source: "S. Aeberhard, M. Forina (1991), Wine, UCI Machine Learning Repository, doi:10.24432/C5PC7J",
	})
	breastCancer = loader(embeddedTable{
		name: "breast_cancer", file: "tables/breast_cancer.csv", rows: 569, headed: true,
		sum:      "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed",
		features: tumourNames(),
		source:   "W. Wolberg, O. Mangasarian, N. Street, W. Street (1995), Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning Repository, doi:10.24432/C5DW2B",
	})
)

// loader reads a table once, on first use, and hands out copies: a caller that scales its X in
// place must not change its neighbour's.
func loader(e embeddedTable) func() (*Table, error) {
	once := sync.OnceValues(func() (*Table, error) {
		raw, err := files.ReadFile(e.file)
		if err != nil {
			return nil, fmt.Errorf("data.Embedded: %w", err)
		}
		return e.parse(raw)
	})
	return func() (*Table, error) {
		t, err := once()
		if err != nil {
			return nil, err
		}
		c := *t
		c.X = mat.DenseCopyOf(t.X)
		c.Y, c.Classes, c.Features = slices.Clone(t.Y), slices.Clone(t.Classes), slices.Clone(t.Features)
		return &c, nil
	}
}

// parse checks the sum before anything else, then reads the numbers.
func (e embeddedTable) parse(raw []byte) (*Table, error) {
	sum := sha256.Sum256(raw)
	if got := hex.EncodeToString(sum[:]); got != e.sum {
		return nil, fmt.Errorf("data.Embedded: table %s has SHA-256 %s, want %s: the compiled-in file was altered", e.name, got, e.sum)
	}
	var r io.Reader = bytes.NewReader(raw)
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("data.Embedded: table %s: %w", e.name, err)
		}
		r = z
	}
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	records, err := c.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("data.Embedded: table %s: %w", e.name, err)
	}
	classes := e.classes
	if e.headed && len(records) > 0 && len(records[0]) > 2 {
		classes, records = records[0][2:], records[1:]
	}
	d := len(e.features)
	if len(records) != e.rows {
		return nil, fmt.Errorf("data.Embedded: table %s has %d rows, want %d", e.name, len(records), e.rows)
	}
	t := &Table{
		Name: e.name, X: mat.NewDense(e.rows, d, nil), Y: make([]int, e.rows),
		Classes: classes, Features: e.features, TargetName: "class", Source: e.source, Licence: licence,
	}
	for i, rec := range records {
		if len(rec) != d+1 {
			return nil, fmt.Errorf("data.Embedded: table %s: row %d has %d fields, want %d", e.name, i, len(rec), d+1)
		}
		row := t.X.RawRowView(i)
		for j := range row {
			if row[j], err = strconv.ParseFloat(rec[j], 64); err != nil {
				return nil, fmt.Errorf("data.Embedded: table %s: row %d: %w", e.name, i, err)
			}
		}
		if t.Y[i], err = strconv.Atoi(rec[d]); err != nil || t.Y[i] < 0 || t.Y[i] >= len(classes) {
			return nil, fmt.Errorf("data.Embedded: table %s: row %d: class %q, want 0..%d", e.name, i, rec[d], len(classes)-1)
		}
	}
	return t, nil
}

func pixelNames() []string {
	var names []string
	for r := range 8 {
		for c := range 8 {
			names = append(names, fmt.Sprintf("pixel %d,%d", r, c))
		}
	}
	return names
}

func tumourNames() []string {
	var names []string
	for _, kind := range []string{"mean", "error of", "worst"} {
		for _, what := range []string{
			"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
			"concave points", "symmetry", "fractal dimension",
		} {
			names = append(names, kind+" "+what)
		}
	}
	return names
}
