package pack_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/widgets/pack"
)

// A hundred frames of a circle that moves by one tenth of a unit: the texts are kept once, and the
// moves, all alike, take next to nothing.
func ExamplePack() {
	var frames []pack.Frame
	plain := 0
	for i := range 100 {
		circle := `<circle r="4" cx="` + pack.Tenths(3+0.1*float64(i)) + `" cy="7"/>`
		frames = append(frames, pack.Frame{{circle}})
		plain += len(pack.Plain(circle))
	}
	fmt.Println(pack.Plain(frames[1][0][0]))
	data := pack.Pack(frames, []int{100})
	fmt.Println(plain > 2500, data.Size() < 100)
	// Output:
	// <circle r="4" cx="3.1" cy="7"/>
	// true true
}
