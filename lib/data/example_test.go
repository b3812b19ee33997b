package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/mat"
)

func ExampleIris() {
	t, err := data.Iris()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Len(), t.Width(), t.Classes, t.Counts())
	fmt.Println(t.X.RawRowView(0), t.Classes[t.Y[0]])
	// Output:
	// 150 4 [setosa versicolor virginica] [50 50 50]
	// [5.1 3.5 1.4 0.2] setosa
}

func ExampleDigits() {
	t, err := data.Digits()
	if err != nil {
		fmt.Println(err)
		return
	}
	shades := []rune(".░▒▓█")
	for r := range 8 {
		var line strings.Builder
		for _, v := range t.X.RawRowView(3)[8*r : 8*r+8] {
			line.WriteRune(shades[int(v)/4])
		}
		fmt.Println(line.String())
	}
	fmt.Println("a", t.Classes[t.Y[3]])
	// Output:
	// ..░▓▓...
	// .▒▓░▓░..
	// ...▓▓...
	// ...▓▒...
	// ....▓▓..
	// .....▒▒.
	// ..▒░░▓▒.
	// ..░▓▓▒..
	// a 3
}

func ExampleD3v8() {
	x, y, err := data.D3v8()
	if err != nil {
		fmt.Println(err)
		return
	}
	n, d := x.Dims()
	fmt.Printf("%d×%d, first labels %g, norm of a row %.3f\n", n, d, y[:6], mat.Norm(x.RowView(0), 2))
	// Output: 357×64, first labels [1 -1 1 -1 1 -1], norm of a row 1.000
}

func ExampleStandardise() {
	x := mat.NewDense(4, 2, []float64{1, 5, 2, 5, 3, 5, 4, 5})
	s, err := data.Standardise(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	z, _ := s.Apply(x)
	fmt.Printf("%.3f\n", mat.Formatted(z))
	// Output:
	// ⎡-1.342   0.000⎤
	// ⎢-0.447   0.000⎥
	// ⎢ 0.447   0.000⎥
	// ⎣ 1.342   0.000⎦
}

func ExampleStratifiedFolds() {
	fold, err := data.StratifiedFolds([]int{0, 0, 1, 0, 1, 0}, 2)
	fmt.Println(fold, err)
	train, test := data.SplitFold(fold, 0)
	fmt.Println(train, test)
	// Output:
	// [0 1 0 0 1 1] <nil>
	// [1 4 5] [0 2 3]
}

func ExampleReadCSV() {
	file := "length,width,kind\n5.1,3.5,setosa\n6.2,2.9,versicolor\n"
	t, err := data.ReadCSV(strings.NewReader(file), "flowers.csv", data.ReadOptions{Label: "kind"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Features, t.Classes, t.Y)

	_, err = data.ReadCSV(strings.NewReader(file+"4.9,,setosa\n"), "flowers.csv", data.ReadOptions{Label: "kind"})
	fmt.Println(err)
	// Output:
	// [length width] [setosa versicolor] [0 1]
	// data.ReadCSV: flowers.csv:4: column 2 (width): the value is missing
}

func ExampleReadNPY() {
	var file bytes.Buffer
	if err := data.WriteNPY(&file, &data.Array{Shape: []int{2, 2}, Data: []float64{1, 2, 3, 4}}); err != nil {
		fmt.Println(err)
		return
	}
	a, err := data.ReadNPY(&file, "k.npy")
	fmt.Println(a.Shape, a.Data, a.DType, err)
	// Output: [2 2] [1 2 3 4] <f8 <nil>
}

func ExampleReadJSONL() {
	file := `{"x": [0.5, 1], "kind": "a"}` + "\n" + `{"kind": "b", "x": [2, 3]}`
	t, err := data.ReadJSONL(strings.NewReader(file), "points.jsonl", data.ReadOptions{Label: "kind"})
	fmt.Println(t.Features, t.X.RawRowView(1), t.Y, err)
	// Output: [x[1] x[2]] [2 3] [0 1] <nil>
}

func ExampleDecodeJSONL() {
	type pair struct{ Prompt, Chosen, Rejected string }
	file := `{"prompt": "2+2?", "chosen": "4", "rejected": "5"}`
	pairs, err := data.DecodeJSONL[pair](strings.NewReader(file), "pairs.jsonl")
	fmt.Println(pairs[0].Chosen, err)
	// Output: 4 <nil>
}

func ExampleWriteCSV() {
	err := data.WriteCSV(os.Stdout, []string{"a", "b, c"}, mat.NewDense(1, 2, []float64{0.1, 3}))
	fmt.Println(err)
	// Output:
	// a,"b, c"
	// 0.1,3
	// <nil>
}

func ExampleMissingError() {
	_, err := data.TinyShakespeare("/tmp/no-such-cache")
	var missing *data.MissingError
	if errors.As(err, &missing) {
		f := missing.Files[0]
		fmt.Println(f.Path)
		fmt.Println(f.Size, "bytes")
	}
	// Output:
	// /tmp/no-such-cache/tiny-shakespeare/input.txt
	// 1115394 bytes
}

func ExampleDownload() {
	// It asks the network, so it is not run here.
	dir, err := data.Download(context.Background(), "mnist", data.DownloadOptions{
		Progress: func(p data.DownloadProgress) { fmt.Printf("\r%s %d/%d", p.File, p.Done, p.Total) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(dir)
	train, _, err := data.MNIST("")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(train.Len())
}
