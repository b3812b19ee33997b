package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// npy makes an NPY file of a version with a header text and raw data.
func npy(version byte, dict string, data []byte) []byte {
	b := append([]byte(npyMagic), version, 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	}
	return append(append(b, dict...), data...)
}

func dict(descr, order, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
}

// raw encodes values in a byte order; floats and integers of the Go types given.
func raw(order binary.ByteOrder, values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if err := binary.Write(&b, order, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func TestReadNPY(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	for _, c := range []struct {
		name  string
		file  []byte
		shape []int
		want  []float64
	}{
		{"float64, as numpy.save writes it", npy(1, dict("<f8", "False", "(2, 3)")+"            \n", raw(le, []float64{1, 2, 3, 4, 5, 6})), []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
		{"Fortran order", npy(1, dict("<f8", "True", "(2, 3)"), raw(le, []float64{1, 4, 2, 5, 3, 6})), []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
		{"a stack in Fortran order", npy(1, dict("<i1", "True", "(2, 2, 2)"), []byte{0, 4, 2, 6, 1, 5, 3, 7}), []int{2, 2, 2}, []float64{0, 1, 2, 3, 4, 5, 6, 7}},
		{"version 2", npy(2, dict("<f4", "False", "(2,)"), raw(le, []float32{0.5, -2})), []int{2}, []float64{0.5, -2}},
		{"version 3", npy(3, dict("<f4", "False", "(1,)"), raw(le, float32(7))), []int{1}, []float64{7}},
		{"big-endian", npy(1, dict(">f8", "False", "(1,)"), raw(be, 2.5)), []int{1}, []float64{2.5}},
		{"int16", npy(1, dict("<i2", "False", "(2,)"), raw(le, []int16{-300, 5})), []int{2}, []float64{-300, 5}},
		{"int32, big-endian", npy(1, dict(">i4", "False", "(1,)"), raw(be, int32(-70000))), []int{1}, []float64{-70000}},
		{"int64 up to 2^53", npy(1, dict("<i8", "False", "(2,)"), raw(le, []int64{-1 << 53, 1 << 62})), []int{2}, []float64{-1 << 53, 1 << 62}},
		{"uint8", npy(1, dict("|u1", "False", "(3,)"), []byte{0, 128, 255}), []int{3}, []float64{0, 128, 255}},
		{"uint16", npy(1, dict("<u2", "False", "(1,)"), raw(le, uint16(65535))), []int{1}, []float64{65535}},
		{"uint32", npy(1, dict("<u4", "False", "(1,)"), raw(le, uint32(1<<32-1))), []int{1}, []float64{1<<32 - 1}},
		{"uint64", npy(1, dict("<u8", "False", "(1,)"), raw(le, uint64(1<<63))), []int{1}, []float64{1 << 63}},
		{"bool", npy(1, dict("|b1", "False", "(3,)"), []byte{0, 1, 2}), []int{3}, []float64{0, 1, 1}},
		{"a single number", npy(1, dict("<f8", "False", "()"), raw(le, 4.0)), nil, []float64{4}},
		{"no rows", npy(1, dict("<f8", "False", "(0, 5)"), nil), []int{0, 5}, nil},
		{"keys in another order, double quotes, Python 2's long", npy(1, `{"shape": (2L, 1L), "fortran_order": False, "descr": "<f8"}`, raw(le, []float64{1, 2})), []int{2, 1}, []float64{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := ReadNPY(bytes.NewReader(c.file), "f.npy")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a.Shape, c.shape) || !slices.Equal(a.Data, c.want) {
				t.Errorf("got %v %v, want %v %v", a.Shape, a.Data, c.shape, c.want)
			}
		})
	}
}

func TestReadNPYErrors(t *testing.T) {
	le := binary.LittleEndian
	good := npy(1, dict("<f8", "False", "(2, 3)"), raw(le, []float64{1, 2, 3, 4, 5, 6}))
	start := int64(len(good) - 48)
	nan := npy(1, dict("<f8", "True", "(2, 3)"), raw(le, []float64{1, 2, 3, math.NaN(), 5, 6}))
	for _, c := range []struct {
		name   string
		file   []byte
		offset int64 // -2: not looked at
		want   string
	}{
		{"empty", nil, 0, "the file is empty"},
		{"text", []byte("1,2\n3,4\n"), 0, "does not begin with the mark"},
		{"an npz archive", []byte("PK\x03\x04aaaa"), 0, "zip archive"},
		{"cut in the mark", good[:7], 7, "within its first 8 bytes"},
		{"cut in the length", good[:9], 8, "before the length of its header"},
		{"cut in the header", good[:30], 30, "within its header"},
		{"cut in the data", good[:len(good)-3], start + 45, "the data end after 45 of 48 bytes"},
		{"no data", good[:start], start, "the data end after 0 of 48 bytes"},
		{"something after the array", append(slices.Clone(good), 0), start + 48, "something follows"},
		{"version 9", append(append([]byte(npyMagic), 9, 0), good[8:]...), 6, "format version 9.0"},
		{"a header of 4 GB", append(append([]byte(npyMagic), 2, 0), 255, 255, 255, 255), 8, "the header claims 4294967295 bytes"},
		{"a shape beyond memory", npy(1, dict("<f8", "False", "(4000000000, 4000000000)"), nil), -2, "beyond any memory"},
		{"a shape whose product wraps", npy(1, dict("<f8", "False", "(4294967296, 4294967296, 4294967296)"), nil), -2, "beyond any memory"},
		{"a dimension that does not fit", npy(1, dict("<f8", "False", "(99999999999999999999,)"), nil), -2, "whole number that fits"},
		{"a negative dimension", npy(1, dict("<f8", "False", "(-1,)"), nil), -2, "whole number"},
		{"33 dimensions", npy(1, dict("|u1", "False", "("+strings.Repeat("1,", 33)+")"), []byte{1}), -2, "33 dimensions"},
		{"terabytes that are not there", npy(1, dict("<f8", "False", "(1000000, 1000000)"), make([]byte, 100)), -2, "the data end after 100 of 8000000000000 bytes"},
		{"NaN, by its indices", nan, int64(len(nan) - 24), "entry [1,1] is NaN"},
		{"infinity", npy(1, dict("<f4", "False", "(1,)"), raw(le, float32(math.Inf(-1)))), -2, "entry [0] is -Inf"},
		{"an integer that float64 cannot hold", npy(1, dict("<i8", "False", "(1,)"), raw(le, int64(1<<53+1))), -2, "whole number that float64 cannot hold"},
		{"the largest int64", npy(1, dict("<i8", "False", "(1,)"), raw(le, int64(math.MaxInt64))), -2, "cannot hold"},
		{"the largest uint64", npy(1, dict("<u8", "False", "(1,)"), raw(le, uint64(math.MaxUint64))), -2, "cannot hold"},
		{"complex numbers", npy(1, dict("<c16", "False", "(1,)"), nil), 8, "astype(float)"},
		{"texts", npy(1, dict("<U3", "False", "(1,)"), nil), 8, "astype(float)"},
		{"Python objects", npy(1, dict("|O", "False", "(1,)"), nil), 8, "Python objects are not read"},
		{"records", npy(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", nil), -2, "named fields"},
		{"no shape", npy(1, "{'descr': '<f8', 'fortran_order': False}", nil), -2, `key "shape" is missing`},
		{"a key twice", npy(1, "{'descr': '<f8', 'descr': '<f8'}", nil), -2, "occurs twice"},
		{"an unknown key", npy(1, "{'x': 1}", nil), -2, "unknown key"},
		{"not a dictionary", npy(1, "[1]", nil), -2, "want {"},
		{"code in place of a value", npy(1, "{'descr': '<f8', 'fortran_order': exit(), 'shape': ()}", nil), -2, "want True or False"},
		{"a header that goes on", npy(1, dict("<f8", "False", "()")+" 1", nil), -2, "something follows the dictionary"},
		{"a quotation without end", npy(1, "{'descr", nil), -2, "quotation does not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := ReadNPY(bytes.NewReader(c.file), "f.npy")
			var pe *ParseError
			if a != nil || !errors.As(err, &pe) {
				t.Fatalf("got %v, %v; want a ParseError", a, err)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "data.ReadNPY: f.npy: byte ") {
				t.Errorf("err = %v, want it to contain %q", err, c.want)
			}
			if c.offset != -2 && pe.Offset != c.offset {
				t.Errorf("byte %d, want %d (%v)", pe.Offset, c.offset, err)
			}
		})
	}
	t.Run("a file's size is checked before anything is taken", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "huge.npy")
		if err := os.WriteFile(path, npy(1, dict("<f8", "False", "(100000, 100000)"), make([]byte, 64)), 0o644); err != nil {
			t.Fatal(err)
		}
		allocs := testing.AllocsPerRun(1, func() {
			_, err := ReadTable(path, ReadOptions{})
			if err == nil || !strings.Contains(err.Error(), "the file has") {
				t.Errorf("err = %v", err)
			}
		})
		if allocs > 1000 {
			t.Errorf("%g allocations", allocs)
		}
	})
}

func TestWriteNPYReadsBack(t *testing.T) {
	for _, c := range []struct {
		name string
		a    *Array
	}{
		{"a matrix", NewArray(mat.NewDense(2, 2, []float64{1, math.SmallestNonzeroFloat64, -math.MaxFloat64, 1.0 / 3}))},
		{"a vector", &Array{Shape: []int{3}, Data: []float64{1, 2, 3}}},
		{"a number", &Array{Data: []float64{5}}},
		{"nothing", &Array{Shape: []int{0, 2}}},
		{"more than one buffer", &Array{Shape: []int{20000}, Data: make([]float64, 20000)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteNPY(&b, c.a); err != nil {
				t.Fatal(err)
			}
			if start := b.Len() - 8*len(c.a.Data); start%64 != 0 {
				t.Errorf("the data begin at byte %d, want a multiple of 64", start)
			}
			back, err := ReadNPY(&b, "f.npy")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(back.Shape, c.a.Shape) || !slices.Equal(back.Data, c.a.Data) {
				t.Errorf("got %v, want %v", back.Shape, c.a.Shape)
			}
		})
	}
	for _, a := range []*Array{{Shape: []int{2}, Data: []float64{1}}, {Shape: []int{-1, -1}, Data: []float64{1}}} {
		if err := WriteNPY(&bytes.Buffer{}, a); err == nil {
			t.Errorf("shape %v: no error", a.Shape)
		}
	}
}

func TestArrayTable(t *testing.T) {
	stack := &Array{Shape: []int{2, 2, 2}, Data: []float64{1, 2, 3, 4, 5, 6, 7, 8}}
	a, err := stack.Table("f.npy", ReadOptions{Label: "-1"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Len() != 2 || a.Width() != 3 || a.X.At(1, 2) != 7 || strings.Join(a.Classes, " ") != "4 8" {
		t.Errorf("%v, classes %v", mat.Formatted(a.X), a.Classes)
	}
	b, err := stack.Table("f.npy", ReadOptions{Label: "1", Target: TargetNumber, Drop: []string{"2"}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Width() != 2 || !slices.Equal(b.Target, []float64{1, 5}) {
		t.Errorf("%v, target %v", mat.Formatted(b.X), b.Target)
	}
	for name, c := range map[string]struct {
		a   *Array
		opt ReadOptions
	}{
		"a single number":   {&Array{Data: []float64{1}}, ReadOptions{}},
		"no rows":           {&Array{Shape: []int{0, 3}}, ReadOptions{}},
		"a label by name":   {stack, ReadOptions{Label: "kind"}},
		"an unknown class":  {stack, ReadOptions{Label: "4", Classes: []string{"4"}}},
		"a label too large": {stack, ReadOptions{Label: "5"}},
	} {
		if _, err := c.a.Table("f.npy", c.opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzReadNPY(f *testing.F) {
	le := binary.LittleEndian
	f.Add(npy(1, dict("<f8", "False", "(2, 3)"), raw(le, []float64{1, 2, 3, 4, 5, 6})))
	f.Add(npy(2, dict(">f4", "True", "(2, 1, 2)"), make([]byte, 16)))
	f.Add(npy(3, dict("|b1", "False", "()"), []byte{1}))
	f.Add(npy(1, dict("<i8", "True", "(0,)"), nil))
	f.Add(npy(1, "{'shape': (1000000000,), 'descr': '|u1', 'fortran_order': False}", []byte{1}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ReadNPY(bytes.NewReader(b), "f.npy")
		if (a == nil) == (err == nil) {
			t.Fatalf("array %v with error %v", a, err)
		}
		if err != nil {
			return
		}
		n := 1
		for _, d := range a.Shape {
			n *= d
		}
		if n != len(a.Data) || n > len(b) {
			t.Fatalf("shape %v with %d numbers from %d bytes", a.Shape, len(a.Data), len(b))
		}
		var out bytes.Buffer
		if err := WriteNPY(&out, a); err != nil {
			t.Fatal(err)
		}
		back, err := ReadNPY(&out, "f.npy")
		if err != nil || !slices.Equal(back.Data, a.Data) || !slices.Equal(back.Shape, a.Shape) {
			t.Fatalf("written and read: %v, %v", back, err)
		}
	})
}
