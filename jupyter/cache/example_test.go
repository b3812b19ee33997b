package cache_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/jupyter/cache"
)

// Two runs with the same code are equal whatever the prose around it; another parameter makes
// another run.
func ExampleInputs_Key() {
	in := cache.Inputs{Cells: []cache.Cell{{Source: "%%\nfmt.Println(n)"}}, Params: map[string]string{"n": "1"}}
	first, _ := in.Key()
	again, _ := in.Key()
	in.Params["n"] = "2"
	other, _ := in.Key()
	fmt.Println(first == again, first == other)
	// Output: true false
}
