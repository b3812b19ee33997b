package ipynb

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// wrap puts cells into a notebook of the given minor version.
func wrap(minor, cells string) string {
	return `{"cells":[` + cells + `],"metadata":{},"nbformat":4,"nbformat_minor":` + minor + `}`
}

// sameJSON compares two texts as JSON values, numbers by their spelling.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	decode := func(x []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(x))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v in %s", err, x)
		}
		return v
	}
	return reflect.DeepEqual(decode(a), decode(b))
}

func TestRoundTrip(t *testing.T) {
	rows := []struct{ reason, nb string }{
		{"no cells", wrap("5", "")},
		{"no metadata at all", `{"cells":[],"nbformat":4,"nbformat_minor":0}`},
		{"unknown fields everywhere", `{"x":{"b":[1,{"a":2}],"a":1e400},"cells":[{"cell_type":"code","id":"a","y":null,"metadata":{"z":{}},"source":"","outputs":[{"output_type":"stream","name":"stdout","text":"","w":1}],"execution_count":null}],"metadata":{"q":[]},"nbformat":4,"nbformat_minor":5}`},
		{"no ids before 4.5", wrap("2", `{"cell_type":"markdown","metadata":{},"source":["a\n","b"]}`)},
		{"an id before 4.5 is kept", wrap("4", `{"cell_type":"raw","id":"x-1","metadata":{},"source":"r"}`)},
		{"a later minor", wrap("9", `{"cell_type":"markdown","id":"m","metadata":{},"source":"t","future":true}`)},
		{"source as one string with newlines", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":"a\nb\n"}`)},
		{"source as lines", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":["a\n","\n","b\n"]}`)},
		{"source split in mid line", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":["a","b\n","c"]}`)},
		{"two lines in one element", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":["a\nb\n","c"]}`)},
		{"empty list and empty string", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":[]},{"cell_type":"markdown","id":"n","metadata":{},"source":[""]}`)},
		{"empty last element", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":["a\n",""]}`)},
		{"escapes", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{"k\n\u0001":"\/\u00e9\ud83d\ude00\t\u2028"},"source":"\\n \"<&>\" \u0000\ud83d\ude00"}`)},
		{"a lone surrogate", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{"a":"\ud800"},"source":["\udc00\n","x"]}`)},
		{"outputs missing in a code cell", wrap("5", `{"cell_type":"code","id":"m","source":"x"}`)},
		{"outputs in a markdown cell", wrap("5", `{"cell_type":"markdown","id":"m","source":"x","metadata":{},"outputs":7,"execution_count":"?"}`)},
		{"every output type", wrap("5", `{"cell_type":"code","id":"m","metadata":{},"source":"x","execution_count":3,"outputs":[
			{"output_type":"stream","name":"stderr","text":["a\n","b"]},
			{"output_type":"display_data","data":{"text/plain":["a"],"image/png":"iVBO\n","application/json":["a","b"],"application/vnd.x+json":{"a":[]},"x/y":[]},"metadata":{"image/png":{"width":10}},"transient":{"display_id":"7"}},
			{"output_type":"execute_result","data":{},"metadata":{},"execution_count":3},
			{"output_type":"execute_result","data":{}},
			{"output_type":"error","ename":"E","evalue":"v","traceback":["\u001b[31m","t"]},
			{"output_type":"of the future","data":[1]}]}`)},
		{"attachments", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{},"source":"x","attachments":{"a.png":{"image/png":"AA=="}}}`)},
		{"a key twice: the last counts", wrap("5", `{"cell_type":"markdown","id":"m","metadata":{"a":1,"a":2},"source":"x","source":"y"}`)},
		{"space around everything", " \n\t" + wrap("5", ` { "cell_type" : "markdown" , "id" : "m" , "metadata" : { } , "source" : [ "a\n" , "b" ] } `) + "\n "},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			nb, err := Read(strings.NewReader(row.nb))
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range []*Notebook{nb, nb.Clone()} {
				var out bytes.Buffer
				if err := x.Write(&out); err != nil {
					t.Fatal(err)
				}
				if !sameJSON(t, []byte(row.nb), out.Bytes()) {
					t.Errorf("read and written:\n%s\nwant, as JSON:\n%s", out.Bytes(), row.nb)
				}
			}
		})
	}
}

// The layout is the one of Python's json.dumps(nb, sort_keys=True, indent=1, ensure_ascii=False).
func TestLayout(t *testing.T) {
	const want = `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "a1",
   "metadata": {
    "lemma": {
     "a": [],
     "b": {}
    }
   },
   "outputs": [],
   "source": [
    "é < 1\n",
    "b"
   ]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
`
	nb, err := Parse([]byte(strings.ReplaceAll(want, "é", `\u00e9`)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := nb.Write(&out); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestChangesAreWritten(t *testing.T) {
	nb, err := Parse([]byte(wrap("5", `{"cell_type":"code","id":"m","metadata":{},"source":["a","b"],"execution_count":1,"outputs":[{"output_type":"display_data","data":{"text/plain":["a","b"]},"metadata":{}}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	c := nb.Cells[0]
	c.Source = "x\ny"
	c.ExecutionCount = nil
	c.Outputs[0].SetMIME("text/plain", "p\nq <b>")
	c.Outputs = append(c.Outputs, &Output{Type: Stream, Name: "stdout", Text: "1\n2\n"})
	var out bytes.Buffer
	if err := nb.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := wrap("5", `{"cell_type":"code","id":"m","metadata":{},"source":["x\n","y"],"execution_count":null,"outputs":[{"output_type":"display_data","data":{"text/plain":["p\n","q <b>"]},"metadata":{}},{"output_type":"stream","name":"stdout","text":["1\n","2\n"]}]}`)
	if !sameJSON(t, out.Bytes(), []byte(want)) {
		t.Errorf("got %s", out.Bytes())
	}
	c.Outputs[0].Data["application/json"] = json.RawMessage("{")
	if err := nb.Write(&bytes.Buffer{}); err == nil {
		t.Error("a value that is not JSON was written")
	}
}

func TestErrors(t *testing.T) {
	cell := func(s string) string { return wrap("5", s) }
	rows := []struct{ reason, nb, want string }{
		{"empty file", "", "1:1 (offset 0): the file is empty"},
		{"not JSON", "{\n \"cells\": [,]}", "2:12 (offset 13): not JSON"},
		{"cut off", `{"cells": [`, "(offset 10): not JSON"},
		{"not UTF-8", "{\"a\": \"\xff\"}", "1:8 (offset 7): not UTF-8"},
		{"another JSON", `[1]`, "1:1 (offset 0): got a list, want a notebook"},
		{"no version", `{"cells":[]}`, "nbformat: missing: this JSON is not a notebook"},
		{"version 3", `{"worksheets":[],"nbformat":3,"nbformat_minor":0}`, "got version 3, want 4"},
		{"version as text", `{"cells":[],"nbformat":"4","nbformat_minor":0}`, `nbformat: got "4", want an integer`},
		{"no minor", `{"cells":[],"nbformat":4}`, "nbformat_minor: missing"},
		{"no cells", `{"nbformat":4,"nbformat_minor":0}`, "cells: missing"},
		{"cells an object", `{"cells":{},"nbformat":4,"nbformat_minor":0}`, "cells: got an object, want a list"},
		{"cell a number", cell("{\"cell_type\":\"raw\",\"source\":\"\"},\n7"), "2:1 (offset 43): cells[1]: got a number, want an object"},
		{"cell without type", cell(`{"source":""}`), "cells[0].cell_type: missing"},
		{"cell of another type", cell(`{"cell_type":"heading","source":""}`), `cells[0].cell_type: got "heading", want code, markdown or raw`},
		{"no source", cell(`{"cell_type":"raw"}`), "cells[0].source: missing"},
		{"source a number", cell(`{"cell_type":"raw","source":1}`), "cells[0].source: got a number, want a string or a list of strings"},
		{"source with a number", cell(`{"cell_type":"raw","source":["a",null]}`), "(offset 43): cells[0].source: got null, want a string"},
		{"metadata a list", cell(`{"cell_type":"raw","source":"","metadata":[]}`), "cells[0].metadata: got a list, want an object"},
		{"count a text", cell(`{"cell_type":"code","source":"","execution_count":"1"}`), `cells[0].execution_count: got "1", want an integer`},
		{"outputs null", cell(`{"cell_type":"code","source":"","outputs":null}`), "cells[0].outputs: got null, want a list"},
		{"output without text", cell(`{"cell_type":"code","source":"","outputs":[{"output_type":"stream","name":"stdout"}]}`), "cells[0].outputs[0].text: missing"},
		{"bundle with a broken list", cell(`{"cell_type":"code","source":"","outputs":[{"output_type":"display_data","data":{"text/plain":[1]}}]}`), `cells[0].outputs[0].data["text/plain"]: got a number, want a string`},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "nb.ipynb")
			if err := os.WriteFile(path, []byte(row.nb), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := ReadFile(path)
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v\nwant %q with the file's name", err, row.want)
			}
		})
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none.ipynb")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: got %v", err)
	}
	if _, err := Parse([]byte("\ufeff" + wrap("5", ""))); err != nil {
		t.Errorf("a byte order mark: got %v", err)
	}
}

func TestTags(t *testing.T) {
	c := NewCell(Code, "x")
	if c.HasTag("a") {
		t.Error("a new cell has a tag")
	}
	c.AddTag("a")
	c.AddTag("b")
	c.AddTag("a")
	if got := c.Tags(); !reflect.DeepEqual(got, []string{"a", "b"}) || !c.HasTag("b") || c.HasTag("B") {
		t.Errorf("got %v", got)
	}
	c.Metadata["tags"] = json.RawMessage(`"a"`)
	if c.HasTag("a") {
		t.Error("tags that are not a list were read")
	}
}

func TestEnsureIDs(t *testing.T) {
	nb := New("gonb", "go")
	nb.NBFormatMinor = 2
	nb.Cells = []*Cell{NewCell(Code, "x"), NewCell(Code, "x"), {ID: "keep", Type: Raw}}
	again := nb.Clone()
	nb.EnsureIDs()
	again.EnsureIDs()
	a, b := nb.Cells[0].ID, nb.Cells[1].ID
	if a == "" || a == b || nb.Cells[2].ID != "keep" || nb.NBFormatMinor != 5 {
		t.Errorf("got ids %q %q %q, minor %d", a, b, nb.Cells[2].ID, nb.NBFormatMinor)
	}
	if again.Cells[0].ID != a {
		t.Error("two runs gave two ids")
	}
	if nb.KernelName() != "gonb" {
		t.Errorf("kernel %q", nb.KernelName())
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "nb.ipynb")
	nb := New("gonb", "go")
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	nb.Metadata["broken"] = json.RawMessage("{")
	if err := nb.WriteFile(path); err == nil {
		t.Error("a broken value was written")
	}
	after, _ := os.ReadFile(path)
	names, _ := os.ReadDir(dir)
	if !bytes.Equal(before, after) || len(names) != 1 {
		t.Errorf("a failed write left %d files, the notebook changed: %v", len(names), !bytes.Equal(before, after))
	}
}

// A large output is kept as a slice of the input: reading allocates little beyond the file.
func TestLargeOutput(t *testing.T) {
	big := strings.Repeat("A", 10<<20)
	data := []byte(wrap("5", `{"cell_type":"code","id":"m","metadata":{},"source":"x","execution_count":1,"outputs":[{"output_type":"display_data","data":{"image/png":"`+big+`"},"metadata":{}}]}`))
	allocated := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(data); err != nil {
				b.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if allocated > 1<<20 {
		t.Errorf("reading 10 MiB allocates %d bytes, want under 1 MiB", allocated)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(wrap("5", `{"cell_type":"code","id":"m","metadata":{"tags":["a"]},"source":["a\n","b"],"execution_count":1,"outputs":[{"output_type":"stream","name":"stdout","text":["\ud800"]}]}`)))
	f.Add([]byte(wrap("4", `{"cell_type":"code","metadata":{},"source":"","outputs":[{"output_type":"display_data","data":{"text/html":["a","b\n"]},"metadata":{}}]}`)))
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":1e1,"cells":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, err := Parse(data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > int64(len(data)) {
				t.Fatalf("error without a place: %#v", err)
			}
			return
		}
		var out bytes.Buffer
		if err := nb.Write(&out); err != nil {
			t.Fatal(err)
		}
		if !sameJSON(t, bytes.TrimPrefix(data, []byte("\ufeff")), out.Bytes()) {
			t.Fatalf("read and written:\n%q\nfrom:\n%q", out.Bytes(), data)
		}
	})
}
