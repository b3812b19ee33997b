package xla_test

import (
	"context"
	"fmt"
	"os"

	"github.com/lemma-ml/lemma/xla"
)

func ExampleOpen() {
	backend, report, err := xla.Open(context.Background(), "simd")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Finalize()
	fmt.Println(report.Platform, report.Because)
	// Output: simd asked for by name
}

func ExampleMustOpen() {
	os.Setenv(xla.PathVariable, "/nonexistent")
	defer func() { fmt.Println(recover() != nil) }()
	xla.MustOpen("xla:cuda")
	// Output: true
}
