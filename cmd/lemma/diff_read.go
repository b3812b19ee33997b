package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
)

// The kinds of file that diff reads, in words for its messages.
const (
	kindClaims  = "claims"
	kindFigure  = "a figure"
	kindNumbers = "numbers"
)

// results is one result file: named quantities and, where it says so, how they were made.
type results struct {
	File       string
	Kind       string
	Env        *environmentJSON // nil where the file does not say
	Quantities []quantity
	power      bool // it has the alternatives of -power
}

// readResults reads a file, or standard input for "-", and finds out what it holds.
func readResults(in io.Reader, name string) (*results, error) {
	var raw []byte
	var err error
	if name == "-" {
		raw, err = io.ReadAll(in)
	} else {
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, err
	}
	r, err := parseResults(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; want what lemma verify -json or lemma draw -o file.json writes, or other JSON with numbers", name, err)
	}
	r.File = name
	return r, nil
}

// parseResults recognises a file by the names of its fields.
func parseResults(raw []byte) (*results, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")) // as Windows' editors and shells begin a file
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, errors.New("it is empty")
	}
	var doc any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // an ID of 19 digits is no float64; a number too large for one is not an error
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("it is not JSON (%w)", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("it is not one JSON value: there is more from byte %d on", d.InputOffset())
	}
	fields, _ := doc.(map[string]any)
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := fields[n]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("claims", "failed"):
		return parseClaims(raw)
	case has("panels", "alt"):
		return parseFigure(raw)
	case has("backends", "quantities", "differ"):
		return nil, errors.New("it is a comparison already, of two backends (lemma verify -agree)")
	case has("old", "new", "quantities", "different"):
		return nil, errors.New("it is a comparison already (lemma diff -json)")
	case has("cells", "nbformat"):
		return nil, errors.New("it is a notebook")
	}
	r := &results{Kind: kindNumbers}
	r.numbers("", "", doc)
	if len(r.Quantities) == 0 {
		return nil, errNoNumbers
	}
	return r, nil
}

// shape says what is wrong with the shape of JSON, without the names of Go's types.
func shape(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	at := wrong.Field
	if at == "" {
		at = fmt.Sprintf("byte %d", wrong.Offset)
	}
	return fmt.Sprintf("%s at %s does not belong there", wrong.Value, at)
}

// parseClaims reads what `lemma verify -json` prints.
func parseClaims(raw []byte) (*results, error) {
	var doc verifyJSON
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("it looks like the claims of lemma verify -json but is not: %s", shape(err))
	}
	r := &results{Kind: kindClaims, Env: doc.Environment}
	nan := math.NaN()
	seen := map[string]bool{}
	for _, c := range doc.Claims {
		if c.ID == "" || seen[c.ID] {
			return nil, fmt.Errorf("it looks like the claims of lemma verify -json but has a claim %q twice or without an ID", c.ID)
		}
		seen[c.ID] = true
		verdict := string(c.Verdict)
		if c.Error != "" {
			verdict = "no evidence"
		}
		r.Quantities = append(r.Quantities, quantity{ID: c.ID, Name: "the claim", Value: nan, Theory: nan, Verdict: verdict, whole: true})
		for _, e := range c.Evidence {
			r.Quantities = append(r.Quantities, quantity{ID: c.ID, Name: e.Name, Value: float64(e.Measured), Theory: float64(e.Theory),
				Tolerance: float64(e.Tolerance), Cause: e.Cause, Verdict: string(e.Verdict), bound: e.Relation != string(claim.Equal)})
		}
		// The alternatives are those of -power; a file without them is compared without them.
		for _, p := range c.Power {
			verdict := "refuted"
			if p.Survived {
				verdict = "survives"
			}
			r.Quantities = append(r.Quantities, quantity{ID: c.ID, Name: "alternative: " + p.Name, Value: nan, Theory: nan, Verdict: verdict, power: true})
			r.power = true
		}
	}
	return r, nil
}

// parseFigure reads a figure: the numbers of its layers are points of a series each.
func parseFigure(raw []byte) (*results, error) {
	var f figure.Figure
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("it looks like a figure but is not: %s", shape(err))
	}
	r := &results{Kind: kindFigure}
	for i, p := range f.Panels {
		for _, l := range p.Layers {
			name := l.Name
			if name == "" {
				name = string(l.Role)
			}
			layer := fmt.Sprintf("%s (%s)", name, l.Kind)
			if len(f.Panels) > 1 {
				layer = fmt.Sprintf("panel %d, %s", i+1, layer)
			}
			for _, s := range []struct {
				name   string
				values []float64
			}{{"x", l.X}, {"y", l.Y}, {"low", l.Low}, {"high", l.High}} {
				r.point(f.ID, layer+", "+s.name, s.values)
			}
			for row, values := range l.Z {
				r.point(f.ID, fmt.Sprintf("%s, row %d", layer, row+1), values)
			}
		}
	}
	return r, nil
}

func (r *results) point(id, series string, values []float64) {
	for i, v := range values {
		r.Quantities = append(r.Quantities, quantity{ID: id, Name: fmt.Sprintf("%s[%d]", series, i), Value: v, Theory: math.NaN(), series: series})
	}
}

// numbers collects the numbers below a JSON value, named by their path. What "seconds" counts is
// another number in every run.
func (r *results) numbers(path, series string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if strings.EqualFold(k, "seconds") {
				continue
			}
			below := k
			if path != "" {
				below = path + "." + k
			}
			r.numbers(below, "", v[k])
		}
	case []any:
		if series == "" {
			series = path + "[]"
		}
		for i, x := range v {
			r.numbers(fmt.Sprintf("%s[%d]", path, i), series, x)
		}
	case json.Number:
		x, err := strconv.ParseFloat(v.String(), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return // a number that Go's decoder took is one that ParseFloat takes
		}
		r.Quantities = append(r.Quantities, quantity{Name: path, Value: x, Theory: math.NaN(), series: series})
	}
}
