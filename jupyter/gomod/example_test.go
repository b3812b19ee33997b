package gomod_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/jupyter/gomod"
)

func ExampleImports() {
	fmt.Println(gomod.Imports("import (\n\t\"fmt\"\n\tm \"math\"\n)\n%%\nfmt.Println(m.Pi)", "%args x\nimport \"os\""))
	// Output: [fmt math os]
}

func ExampleSeed_Provides() {
	seed := &gomod.Seed{Require: map[string]string{"gonum.org/v1/gonum": "v0.17.0"}}
	fmt.Println(seed.Provides([]string{"fmt", "gonum.org/v1/gonum/mat"}), seed.Provides([]string{"gonum.org/v1/plot"}))
	// Output: true false
}
