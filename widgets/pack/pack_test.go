package pack

import (
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/dop251/goja"
)

// frames is a grid of 3 by 4 by 2 with every kind of mark; parts come and go, numbers of points
// change, and texts differ.
func frames() ([]Frame, []int) {
	grid := []int{3, 4, 2}
	r := rand.New(rand.NewPCG(1, 2))
	var out []Frame
	for k := range 24 {
		a, b, c := k/8, k/2%4, k%2
		var lines [][]Point
		var rows, cells [][]float64
		for i := range 5 + b {
			lines = append(lines, []Point{{10 * i, r.IntN(100)}, {10*i + 7, -r.IntN(3000)}, {10*i + 12, a*100 + i}})
			rows = append(rows, []float64{float64(i) / 7, math.Exp(float64(i*a - 3*b)), -1e-9 * float64(c), 1e300 * float64(i)})
		}
		for range 3 {
			cells = append(cells, []float64{r.NormFloat64(), math.NaN(), 0})
		}
		var pixels []int
		for i := range map[bool]int{true: 300 * 225, false: 600}[k == 9 && !testing.Short()] { // one takes two blocks
			pixels = append(pixels, (i*i/(7+a)+b)%4-1)
		}
		head := []string{fmt.Sprintf("<p>At depth %d, width %d the &#39;error&#39; is %.3f &lt; 007 12345678901 1.5.</p>", a, 100*b, r.Float64())}
		if c == 1 {
			head = append(head, "only now and then")
		}
		body := []string{
			`<g x="` + Tenths(float64(a)-0.55) + `" y="` + Tenths(1e5*r.NormFloat64()) + `"><path d="` + Path(lines, false) + `"/><path d="` + Path(lines, false) + `"/></g>`,
			`<path d="` + Path(lines, true) + `"/><path d="` + Path(nil, false) + `"/><path d="` + Path([][]Point{{{3, -4}}}, false) + `"/>`,
			`<g data-v="` + Values(rows, 4) + `" data-z="` + Cells(cells, 3) + `"/>`,
		}
		if k%9 == 0 {
			body = append(body, `<image href="`+Image(300, pixels, []color.RGBA{{1, 2, 3, 255}, {200, 100, 0, 255}, {9, 9, 9, 255}})+`"/>`)
		}
		out = append(out, Frame{head, body})
	}
	return out, grid
}

func plain(f []Frame) []Frame {
	var out []Frame
	for _, sections := range f {
		var g Frame
		for _, parts := range sections {
			var texts []string
			for _, p := range parts {
				texts = append(texts, Plain(p))
			}
			g = append(g, texts)
		}
		out = append(out, g)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	f, grid := frames()
	d := Pack(f, grid)
	back, err := unpack(d)
	if err != nil {
		t.Fatal(err)
	}
	if want := plain(f); !reflect.DeepEqual(back, want) {
		for k := range want {
			for s := range want[k] {
				if !reflect.DeepEqual(back[k][s], want[k][s]) {
					t.Fatalf("frame %d, section %d came back as\n%.600q, want\n%.600q", k, s, back[k][s], want[k][s])
				}
			}
		}
	}
	t.Logf("%d bytes", d.Size())
}

func TestDecoderAgrees(t *testing.T) {
	f, grid := frames()
	var embedded map[string]any
	if err := json.Unmarshal([]byte(Pack(f, grid).JSON()), &embedded); err != nil {
		t.Fatal(err)
	}
	got := decode(t, Pack(f, grid).JSON(), len(f))
	want := plain(f)
	for k := range want {
		for s := range want[k] {
			if !reflect.DeepEqual(got[k][s], want[k][s]) {
				t.Fatalf("frame %d, section %d is\n%.600q, want\n%.600q", k, s, got[k][s], want[k][s])
			}
		}
	}
}

// decode runs the script.
func decode(t *testing.T, data string, n int) []Frame {
	t.Helper()
	vm := goja.New()
	binary := func(s string) []byte {
		var b []byte
		for _, r := range s {
			b = append(b, byte(r))
		}
		return b
	}
	vm.Set("atob", func(s string) goja.Value {
		var b []byte
		if err := json.Unmarshal([]byte(`"`+s+`"`), &b); err != nil {
			panic(err)
		}
		runes := make([]uint16, len(b))
		for i := range b {
			runes[i] = uint16(b[i])
		}
		return goja.StringFromUTF16(runes)
	})
	vm.Set("btoa", func(s string) string {
		out, _ := json.Marshal(binary(s))
		return string(out[1 : len(out)-1])
	})
	v, err := vm.RunString(Decoder() + ";(function(){var u=lemmaUnpack(" + data + "),out=[];for(var k=0;k<" + fmt.Sprint(n) + ";k++)out.push(u.frame(k));return JSON.stringify(out)})()")
	if err != nil {
		t.Fatal(err)
	}
	var out []Frame
	if err := json.Unmarshal([]byte(v.String()), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
