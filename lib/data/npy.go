package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Array is an n-dimensional array of numbers, in C order: the last index runs fastest.
type Array struct {
	Shape []int // () is a single number
	Data  []float64
	DType string // of the file it came from, as "<f4"
}

// ReadNPY reads an array that NumPy saved, format versions 1 to 3: floats of 4 and 8 bytes, integers of
// 1 to 8 bytes with and without sign, truth values (as 0 and 1); either byte order; C or Fortran order,
// the latter rearranged. NaN and infinities are errors, as are integers that a float64 cannot hold,
// complex numbers, texts, dates, records and Python objects; each names the byte offset. file is the
// name that errors give.
//
// Memory is taken as data arrive, and for a regular file the size is checked first, so that a header
// that claims more than is there costs nothing. Bytes after the array are an error.
func ReadNPY(r io.Reader, file string) (*Array, error) {
	fail := func(offset int64, format string, args ...any) *ParseError {
		return &ParseError{Func: "data.ReadNPY", File: file, Offset: offset, Msg: fmt.Sprintf(format, args...)}
	}
	h, err := readNPYHeader(r, fail)
	if err != nil {
		return nil, err
	}
	size, decode, problem := npyDecoder(h.descr)
	if problem != "" {
		return nil, fail(8, "dtype %s: %s", short(h.descr), problem)
	}
	want := int64(h.count) * int64(size)
	if f, ok := r.(*os.File); ok {
		if st, err := f.Stat(); err == nil && st.Mode().IsRegular() && st.Size() != h.start+want {
			return nil, fail(st.Size(), "the file has %d bytes, want %d for shape %v of %s", st.Size(), h.start+want, h.shape, h.descr)
		}
	}
	a := &Array{Shape: h.shape, DType: h.descr}
	const block = 1 << 16 // elements at a time
	buf := make([]byte, min(h.count, block)*size)
	for len(a.Data) < h.count {
		n := min(block, h.count-len(a.Data))
		at := h.start + int64(len(a.Data))*int64(size)
		if got, err := io.ReadFull(r, buf[:n*size]); err != nil {
			return nil, fail(at+int64(got), "the data end after %d of %d bytes for shape %v of %s", at+int64(got)-h.start, want, h.shape, h.descr)
		}
		for i := range n {
			v, ok := decode(buf[i*size:])
			if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
				what := fmt.Sprint(v)
				if !ok {
					what = "a whole number that float64 cannot hold"
				}
				return nil, fail(at+int64(i*size), "entry %s is %s, want a finite number", entry(len(a.Data), h), what)
			}
			a.Data = append(a.Data, v)
		}
	}
	if n, _ := io.ReadFull(r, make([]byte, 1)); n > 0 {
		return nil, fail(h.start+want, "something follows the array of shape %v", h.shape)
	}
	if h.fortran {
		a.Data = fromFortran(a.Data, h.shape)
	}
	return a, nil
}

// entry names the k-th number of the file by its indices.
func entry(k int, h *npyHeader) string {
	idx := make([]string, len(h.shape))
	for i := range h.shape {
		j := i
		if !h.fortran {
			j = len(h.shape) - 1 - i
		}
		idx[j] = strconv.Itoa(k % h.shape[j])
		k /= h.shape[j]
	}
	return "[" + strings.Join(idx, ",") + "]"
}

// fromFortran rearranges data whose first index runs fastest.
func fromFortran(data []float64, shape []int) []float64 {
	out := make([]float64, len(data))
	idx := make([]int, len(shape))
	stride := make([]int, len(shape)) // in C order
	s := 1
	for i := len(shape) - 1; i >= 0; i-- {
		stride[i] = s
		s *= shape[i]
	}
	to := 0
	for _, v := range data {
		out[to] = v
		for i := range idx { // count up, first index fastest
			idx[i]++
			to += stride[i]
			if idx[i] < shape[i] {
				break
			}
			to -= idx[i] * stride[i]
			idx[i] = 0
		}
	}
	return out
}

// npyDecoder returns the size of a number of the given dtype and its reader, whose second result is
// false for an integer that is not exact as a float64.
func npyDecoder(descr string) (size int, f func([]byte) (float64, bool), problem string) {
	var order binary.ByteOrder = binary.LittleEndian
	kind := descr
	if descr != "" && strings.ContainsRune("<>=|", rune(descr[0])) {
		if descr[0] == '>' {
			order = binary.BigEndian
		}
		kind = descr[1:]
	}
	exact := func(v float64) (float64, bool) { return v, true }
	switch kind {
	case "f8":
		return 8, func(b []byte) (float64, bool) { return exact(math.Float64frombits(order.Uint64(b))) }, ""
	case "f4":
		return 4, func(b []byte) (float64, bool) { return exact(float64(math.Float32frombits(order.Uint32(b)))) }, ""
	case "i1":
		return 1, func(b []byte) (float64, bool) { return exact(float64(int8(b[0]))) }, ""
	case "i2":
		return 2, func(b []byte) (float64, bool) { return exact(float64(int16(order.Uint16(b)))) }, ""
	case "i4":
		return 4, func(b []byte) (float64, bool) { return exact(float64(int32(order.Uint32(b)))) }, ""
	case "i8":
		return 8, func(b []byte) (float64, bool) {
			n := int64(order.Uint64(b))
			v := float64(n)
			return v, v < 1<<63 && int64(v) == n
		}, ""
	case "u1":
		return 1, func(b []byte) (float64, bool) { return exact(float64(b[0])) }, ""
	case "b1":
		return 1, func(b []byte) (float64, bool) {
			if b[0] != 0 {
				return 1, true
			}
			return 0, true
		}, ""
	case "u2":
		return 2, func(b []byte) (float64, bool) { return exact(float64(order.Uint16(b))) }, ""
	case "u4":
		return 4, func(b []byte) (float64, bool) { return exact(float64(order.Uint32(b))) }, ""
	case "u8":
		return 8, func(b []byte) (float64, bool) {
			n := order.Uint64(b)
			v := float64(n)
			return v, v < 1<<64 && uint64(v) == n
		}, ""
	}
	problem = "want float32, float64, an integer or bool; convert it with astype(float)"
	if kind == "O" {
		problem = "Python objects are not read; convert with astype(float)"
	}
	return 0, nil, problem
}

// Dense returns the array as a matrix: a vector becomes one column, and each example of a stack
// (n×a×b…) one row of a·b… numbers. A single number and an empty array are errors.
func (a *Array) Dense() (*mat.Dense, error) {
	if len(a.Shape) == 0 || len(a.Data) == 0 {
		return nil, fmt.Errorf("data.Array.Dense: shape %v, want at least one row and one column", a.Shape)
	}
	return mat.NewDense(a.Shape[0], len(a.Data)/a.Shape[0], slices.Clone(a.Data)), nil
}

// NewArray copies a matrix into an array of two dimensions.
func NewArray(m mat.Matrix) *Array {
	n, d := m.Dims()
	a := &Array{Shape: []int{n, d}, Data: make([]float64, 0, n*d)}
	for i := range n {
		for j := range d {
			a.Data = append(a.Data, m.At(i, j))
		}
	}
	return a
}

// Table makes a table of the rows of [Array.Dense]. Columns have numbers only; a label of classes is
// named by its value.
func (a *Array) Table(file string, opt ReadOptions) (*Table, error) {
	const fn = "data.Array.Table"
	x, err := a.Dense()
	if err != nil {
		return nil, &ParseError{Func: fn, File: file, Offset: -1, Msg: fmt.Sprintf("shape %v, want at least one row and one column", a.Shape)}
	}
	n, d := x.Dims()
	names := make([]string, d)
	for j := range names {
		names[j] = fmt.Sprintf("column %d", j+1)
	}
	b, err := newBuilder(fn, file, opt, names, false, 0)
	if err != nil {
		return nil, err
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			switch {
			case b.roles[j] == dropped:
			case b.roles[j] == feature:
				b.x = append(b.x, v)
			case opt.Target == TargetNumber:
				b.target = append(b.target, v)
			default:
				b.labels = append(b.labels, strconv.FormatFloat(v, 'g', -1, 64))
			}
		}
		if err := b.endRow(func(int) int { return 0 }); err != nil {
			return nil, err
		}
	}
	return b.table()
}

// WriteNPY writes an array as NPY 1.0 in float64, little-endian, C order, the data aligned to 64
// bytes. Any float64 can be written, NaN too.
func WriteNPY(w io.Writer, a *Array) error {
	dims := make([]string, len(a.Shape))
	count := 1
	for i, d := range a.Shape {
		if d < 0 {
			return fmt.Errorf("data.WriteNPY: shape %v, want no negative dimension", a.Shape)
		}
		dims[i] = strconv.Itoa(d)
		count *= d
	}
	if count != len(a.Data) {
		return fmt.Errorf("data.WriteNPY: shape %v for %d numbers, want %d", a.Shape, len(a.Data), count)
	}
	shape := strings.Join(dims, ", ")
	if len(dims) == 1 {
		shape += ","
	}
	dict := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", shape)
	const before = 10 // magic, version, length
	pad := (64 - (before+len(dict)+1)%64) % 64
	dict += strings.Repeat(" ", pad) + "\n"
	if len(dict) > math.MaxUint16 {
		return fmt.Errorf("data.WriteNPY: %d dimensions, want fewer", len(a.Shape))
	}
	head := append([]byte(npyMagic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(dict)))
	if _, err := w.Write(append(head, dict...)); err != nil {
		return fmt.Errorf("data.WriteNPY: %w", err)
	}
	buf := make([]byte, 0, 1<<16)
	for i, v := range a.Data {
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
		if len(buf) == cap(buf) || i == len(a.Data)-1 {
			if _, err := w.Write(buf); err != nil {
				return fmt.Errorf("data.WriteNPY: %w", err)
			}
			buf = buf[:0]
		}
	}
	return nil
}
