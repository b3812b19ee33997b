package data

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestReadJSONL(t *testing.T) {
	for _, c := range []struct {
		name     string
		text     string
		opt      ReadOptions
		x        []float64
		features string
		y        []int
		classes  string
	}{
		{"the first line's order of fields stands", `{"b": 1, "a": 2}` + "\n" + `{"a": 4, "b": 3}`, ReadOptions{}, []float64{1, 2, 3, 4}, "b|a", nil, ""},
		{"arrays become columns", `{"x": [1, 2.5], "k": "u"}` + "\n" + `{"x": [3, 4], "k": "t"}`, ReadOptions{Label: "k"}, []float64{1, 2.5, 3, 4}, "x[1]|x[2]", []int{1, 0}, "t|u"},
		{"arrays of arrays", `{"x": [[1], [2, 3]]}`, ReadOptions{}, []float64{1, 2, 3}, "x[1][1]|x[2][1]|x[2][2]", nil, ""},
		{"truth values count 0 and 1", `{"x": true, "k": false}` + "\n" + `{"x": false, "k": true}`, ReadOptions{Label: "k"}, []float64{1, 0}, "x", []int{0, 1}, "false|true"},
		{"a label by number, byte order mark, blank lines, CRLF", "\xef\xbb\xbf{\"x\": 1, \"k\": 7}\r\n\r\n{\"x\": 2, \"k\": 5}\r\n", ReadOptions{Label: "-1"}, []float64{1, 2}, "x", []int{1, 0}, "5|7"},
		{"a dropped text", `{"id": "p", "x": 1}`, ReadOptions{Drop: []string{"id"}}, []float64{1}, "x", nil, ""},
		{"the text null is a label like another", `{"x": 1, "k": "null"}`, ReadOptions{Label: "k"}, []float64{1}, "x", []int{0}, "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := ReadJSONL(strings.NewReader(c.text), "f.jsonl", c.opt)
			if err != nil {
				t.Fatal(err)
			}
			check(t, a)
			if !slices.Equal(a.X.RawMatrix().Data, c.x) || strings.Join(a.Features, "|") != c.features {
				t.Errorf("X = %v of %q, want %v of %q", a.X.RawMatrix().Data, a.Features, c.x, c.features)
			}
			if !slices.Equal(a.Y, c.y) || strings.Join(a.Classes, "|") != c.classes {
				t.Errorf("y = %v of %q, want %v of %q", a.Y, a.Classes, c.y, c.classes)
			}
		})
	}
	for _, c := range []struct {
		name string
		text string
		opt  ReadOptions
		line int
		want string
	}{
		{"empty", "", ReadOptions{}, 0, "the file is empty"},
		{"blank", "\n \n", ReadOptions{}, 0, "the file is empty"},
		{"not JSON", `{"x": 1}` + "\n{x: 1}", ReadOptions{}, 2, "bad JSON"},
		{"cut", `{"x": 1`, ReadOptions{}, 1, "bad JSON"},
		{"not an object", `[1, 2]`, ReadOptions{}, 1, "want an object"},
		{"an empty object", `{}`, ReadOptions{}, 1, "holds no values"},
		{"something behind", `{"x": 1} {"x": 2}`, ReadOptions{}, 1, "something follows the object"},
		{"a field more", `{"x": 1}` + "\n" + `{"x": 1, "y": 2}`, ReadOptions{}, 2, `field "y" is not on the first line`},
		{"a field less", `{"x": 1, "y": 2}` + "\n" + `{"x": 1}`, ReadOptions{}, 2, "column 2 (y): the field is missing"},
		{"an array of another length", `{"x": [1, 2]}` + "\n" + `{"x": [1]}`, ReadOptions{}, 2, "x[2]): the field is missing"},
		{"a field twice on the first line", `{"x": 1, "x": 2}`, ReadOptions{}, 1, "repeats the name of column 1"},
		{"a field twice later", `{"x": 1}` + "\n" + `{"x": 1, "x": 2}`, ReadOptions{}, 2, "occurs twice"},
		{"a text for a number", `{"x": "1"}`, ReadOptions{}, 1, `the value is the text "1", want a number`},
		{"null", `{"x": null}`, ReadOptions{}, 1, "the value is missing"},
		{"a label of null", `{"x": 1, "k": null}`, ReadOptions{Label: "k"}, 1, "the label is missing"},
		{"an object inside", `{"x": {"y": 1}}`, ReadOptions{}, 1, `field "x" is an object`},
		{"NaN is not JSON", `{"x": NaN}`, ReadOptions{}, 1, "bad JSON"},
		{"beyond float64", `{"x": 1e999}`, ReadOptions{}, 1, "beyond the range"},
		{"no such label", `{"x": 1}`, ReadOptions{Label: "k"}, 1, `no label column "k"; the columns are "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := ReadJSONL(strings.NewReader(c.text), "f.jsonl", c.opt)
			var pe *ParseError
			if a != nil || !errors.As(err, &pe) {
				t.Fatalf("got %v, %v; want a ParseError", a, err)
			}
			if pe.Line != c.line || !strings.Contains(err.Error(), c.want) {
				t.Errorf("line %d, err = %v; want line %d and %q", pe.Line, err, c.line, c.want)
			}
		})
	}
}

func TestDecodeJSONL(t *testing.T) {
	type pair struct {
		Chosen, Rejected string
	}
	got, err := DecodeJSONL[pair](strings.NewReader(`{"chosen": "a", "rejected": "b"}`+"\n\n"+`{"chosen": "c", "rejected": "d"}`), "p.jsonl")
	if err != nil || len(got) != 2 || got[1].Rejected != "d" {
		t.Errorf("got %v, %v", got, err)
	}
	for text, want := range map[string]string{
		"": "holds no values",
		`{"chosen": "a"}` + "\n" + `{"chose": "b"}`: "p.jsonl:2",
		`{"chosen": 1}`:        "p.jsonl:1",
		`{"chosen": "a"} junk`: "something follows",
	} {
		if got, err := DecodeJSONL[pair](strings.NewReader(text), "p.jsonl"); err == nil || got != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, err = %v; want %q", text, got, err, want)
		}
	}
}

func FuzzReadJSONL(f *testing.F) {
	for _, s := range []string{
		`{"x": 1, "k": "a"}` + "\n" + `{"k": "b", "x": 2}`, `{"x": [1, [2]]}`, `{"x": null}`, `{"x": true}`, `[]`, `{`, "\xef\xbb\xbf{}", `{"x": 1}{"x": 2}`, `{"x": "\u0000"}`,
	} {
		f.Add(s, "k", false)
		f.Add(s, "", true)
	}
	f.Fuzz(func(t *testing.T, text, label string, numeric bool) {
		opt := ReadOptions{Label: label}
		if numeric {
			opt.Target = TargetNumber
		}
		a, err := ReadJSONL(strings.NewReader(text), "f.jsonl", opt)
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
