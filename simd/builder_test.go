package simd_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/notimplemented"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd"
)

func TestConfiguration(t *testing.T) {
	t.Setenv(simd.TraceEnvVar, "")
	for _, row := range []struct{ config, want string }{ // want: what the error mentions, or ""
		{"", ""},
		{"parallelism=2", ""},
		{"parallelism=0,", ""},
		{" parallelism=1 , passes=off", ""},
		{"passes=-fuse,-cse,parallelism=1", ""},
		{"parallelism=two", "two"},
		{"parallelism=-1", "-1"},
		{"parallelism=1000000000", "0 (as many as GOMAXPROCS) to 4096"},
		{"passes=fuse", "passes=fuse"},
		{"passes=-fusion", "-fuse"},
		{"-cse", "unknown option"},
		{"threads=2", "parallelism=n"},
		{"trace=", "file"},
		{"trace=/no/such/folder/trace.json", "trace"},
	} {
		b, err := simd.New(row.config)
		if row.want == "" {
			if err != nil {
				t.Errorf("%q: %v", row.config, err)
				continue
			}
			b.Finalize()
			continue
		}
		wantError(t, row.config, err, row.want)
	}
	b, err := backends.NewWithConfig("simd:parallelism=3")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	if b.Name() != "simd" || b.String() != "simd" || b.NumDevices() != 1 || !strings.Contains(b.Description(), "parallelism 3") {
		t.Errorf("%s, %s, %d devices: %s", b.Name(), b, b.NumDevices(), b.Description())
	}
	if s := b.DeviceDescription(0); !strings.Contains(s, "processors") {
		t.Error(s)
	}
}

func TestCapabilities(t *testing.T) {
	b := newBackend(t, "")
	c := b.Capabilities()
	for op, ok := range simplego.Capabilities.Operations {
		if ok && !c.Operations[op] && op != backends.OpTypeBroadcast { // which no builder has
			t.Errorf("the backend go can do %s", op)
		}
	}
	methods := reflect.TypeFor[backends.StandardOps]()
	for i := range methods.NumMethod() {
		op, err := backends.OpTypeString(methods.Method(i).Name)
		if err != nil || !c.Operations[op] {
			t.Errorf("%s is not among the capabilities", methods.Method(i).Name)
		}
	}
	for _, dtype := range allTypes {
		if !c.DTypes[dtype] {
			t.Errorf("%s is not among the capabilities", dtype)
		}
	}
	c.DTypes[dtypes.Float32] = false
	if !b.Capabilities().DTypes[dtypes.Float32] {
		t.Error("what a caller does to capabilities changes the backend's")
	}
}

// Operands that are not this builder's, and builders that are done, are errors of every method.
func TestForeignOperandsAreErrors(t *testing.T) {
	b := newBackend(t, "")
	other := b.Builder("other")
	foreign, err := other.Parameter("x", three, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := b.Builder("done")
	own, err := done.Parameter("x", three, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := done.Compile([]backends.Op{own}, nil); err != nil {
		t.Fatal(err)
	}
	methods := reflect.TypeFor[backends.StandardOps]()
	op := reflect.TypeFor[backends.Op]()
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		for what, row := range map[string]struct {
			builder backends.Builder
			operand any
		}{
			"nil": {b.Builder("a"), nil}, "of another type": {b.Builder("a"), 3}, "of another builder": {b.Builder("a"), foreign}, "compiled": {done, own},
		} {
			var args []reflect.Value
			operands := 0
			for k := range m.Type.NumIn() {
				in := m.Type.In(k)
				switch {
				case in == op:
					v := reflect.New(op).Elem()
					if row.operand != nil {
						v.Set(reflect.ValueOf(row.operand))
					}
					args = append(args, v)
					operands++
				case in == reflect.SliceOf(op):
					args = append(args, reflect.ValueOf([]backends.Op{row.operand}))
					operands++
				case m.Type.IsVariadic() && k == m.Type.NumIn()-1:
					args = append(args, reflect.MakeSlice(in, 0, 0))
				default:
					args = append(args, reflect.Zero(in))
				}
			}
			if operands == 0 && what != "compiled" {
				continue
			}
			call := reflect.ValueOf(row.builder).MethodByName(m.Name)
			var out []reflect.Value
			if m.Type.IsVariadic() {
				out = call.CallSlice(args)
			} else {
				out = call.Call(args)
			}
			err, _ := out[len(out)-1].Interface().(error)
			wantError(t, m.Name+" "+what, err, m.Name)
			for _, v := range out[:len(out)-1] {
				if !v.IsNil() {
					t.Errorf("%s %s: an operation beside the error", m.Name, what)
				}
			}
		}
	}
	_, err = done.Compile([]backends.Op{own}, nil)
	wantError(t, "compiled twice", err, "Compile", "already")
	_, err = done.Parameter("y", three, nil)
	wantError(t, "parameter of a compiled builder", err, "compiled")
	_, err = done.Constant([]float32{1}, 1)
	wantError(t, "constant of a compiled builder", err, "compiled")
	_, err = b.Builder("a").Compile([]backends.Op{foreign}, nil)
	wantError(t, "foreign output", err, "Compile")
	_, err = b.Builder("a").OpShape(foreign)
	wantError(t, "shape of a foreign operand", err, "OpShape")
	_, err = b.Builder("a").OpShape(nil)
	wantError(t, "shape of nil", err, "OpShape")
}

func TestParametersAndConstants(t *testing.T) {
	b := newBackend(t, "")
	builder := b.Builder("name")
	if builder.Name() != "name" {
		t.Error(builder.Name())
	}
	_, err := builder.Parameter("x", shapes.Invalid(), nil)
	wantError(t, "no shape", err, "Parameter")
	_, err = builder.Parameter("x", shapes.Make(dtypes.S4, 2), nil)
	wantError(t, "type", err, "Parameter", "S4")
	_, err = builder.Parameter("x", three, &backends.ShardingSpec{})
	wantError(t, "sharding", err, "sharding")
	if !errors.Is(err, notimplemented.NotImplementedError) {
		t.Errorf("%v is not notimplemented.NotImplementedError", err)
	}
	_, err = builder.Constant([]float32{1, 2}, 3)
	wantError(t, "too few", err, "Constant", "2 elements", "3")
	_, err = builder.Constant([]string{"a"}, 1)
	wantError(t, "strings", err, "Constant")
	_, err = builder.Constant(1.5)
	wantError(t, "no slice", err, "float64")
	_, err = builder.Constant(nil)
	wantError(t, "nil", err, "Constant")
	_, err = builder.Constant([]float32{}, -1)
	wantError(t, "negative", err, "negative")

	flat := []float32{1, 2, 3}
	c, err := builder.Constant(flat, 3)
	if err != nil {
		t.Fatal(err)
	}
	flat[0] = 9 // the constant is a copy
	if s, err := builder.OpShape(c); err != nil || !s.Equal(three) {
		t.Error(s, err)
	}
	e, err := builder.Compile([]backends.Op{c}, []*backends.ShardingSpec{nil})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Execute(nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, b, out[0]); got[0] != 1 {
		t.Errorf("%v, want 1 first", got)
	}
}

func TestOneDevice(t *testing.T) {
	b := newBackend(t, "")
	builder := b.Builder("one device")
	if err := builder.DistributedSPMD(1); err != nil {
		t.Error(err)
	}
	if err := builder.DeviceAssignment(0); err != nil {
		t.Error(err)
	}
	if err := builder.DistributedAutoSharding(backends.Mesh{Name: "m", AxesSizes: []int{1, 1}}); err != nil {
		t.Error(err)
	}
	wantError(t, "two devices", builder.DistributedSPMD(2), "DistributedSPMD", "2")
	wantError(t, "device 1", builder.DeviceAssignment(1), "DeviceAssignment")
	wantError(t, "no devices", builder.DeviceAssignment(), "DeviceAssignment")
	wantError(t, "mesh", builder.DistributedAutoSharding(backends.Mesh{Name: "m", AxesSizes: []int{2}}), `"m"`)

	x, err := builder.Parameter("x", three, nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := builder.Add(x, x)
	if err != nil {
		t.Fatal(err)
	}
	out, err := builder.AllReduce([]backends.Op{x, y}, backends.ReduceOpSum, [][]int{{0}})
	if err != nil || len(out) != 2 || out[0] != x || out[1] != y {
		t.Error(out, err)
	}
	_, err = builder.AllReduce([]backends.Op{x}, backends.ReduceOpUndefined, nil)
	wantError(t, "no reduction", err, "AllReduce", "reduction")
	_, err = builder.AllReduce([]backends.Op{x}, backends.ReduceOpSum, [][]int{{0, 1}})
	wantError(t, "two replicas", err, "AllReduce", "replica groups")
	_, err = builder.Compile([]backends.Op{x}, []*backends.ShardingSpec{{Mesh: "m"}})
	wantError(t, "sharding", err, "sharding")
}

func TestExplain(t *testing.T) {
	b := newBackend(t, "")
	e := compile(t, b, func(b backends.Builder, in []backends.Op) ([]backends.Op, error) {
		y, err := b.Dot(in[0], in[0])
		if err != nil {
			return nil, err
		}
		y, err = b.Tanh(y)
		return []backends.Op{y}, err
	}, shapes.Make(dtypes.Float32, 64, 64))
	s := simd.Explain(e)
	for _, want := range []string{"test: 1 inputs, 1 outputs; 3 operations", "gemm", "Tanh"} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is not in\n%s", want, s)
		}
	}
	e.Finalize()
	if s := simd.Explain(e); !strings.Contains(s, "finalized") {
		t.Error(s)
	}
	if s := simd.Explain(compile(t, simplego.GetBackend(), double, three)); !strings.Contains(s, "not an executable") {
		t.Error(s)
	}
}

func TestTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.json")
	b, err := simd.New("trace=" + path)
	if err != nil {
		t.Fatal(err)
	}
	e := compile(t, b, double, three)
	x := floats(t, b, 1, 2, 3)
	for range 3 {
		if _, err := e.Execute([]backends.Buffer{x}, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	b.Finalize()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name, Ph string
		Ts, Dur  float64
		Args     map[string]any
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(string(text)), ",")+"]"), &events); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	count := map[string]int{}
	for _, e := range events {
		count[e.Name]++
	}
	if count["test"] != 3 || count["loop"] != 3 || count["memory"] != 3 {
		t.Errorf("events %v of\n%s", count, text)
	}
}

// TestComplexIsNotRounded: GoMLX's shape rules let rounding of complex numbers through, the builder
// does not.
func TestComplexIsNotRounded(t *testing.T) {
	b := newBackend(t, "")
	for _, dtype := range []dtypes.DType{dtypes.Complex64, dtypes.Complex128} {
		builder := b.Builder("complex")
		x, err := builder.Parameter("x", shapes.Make(dtype, 3), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, op := range map[string]func(backends.Op) (backends.Op, error){
			"Ceil": builder.Ceil, "Floor": builder.Floor, "Round": builder.Round,
		} {
			_, err := op(x)
			wantError(t, name, err, name, dtype.String(), "want")
		}
	}
}
