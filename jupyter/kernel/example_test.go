package kernel_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/lemma-ml/lemma/jupyter/kernel"
	"github.com/lemma-ml/lemma/jupyter/wire"
)

// A kernel runs one line of Go.
func ExampleStart() {
	ctx := context.Background()
	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: ".", Progress: func(s string) { log.Print(s) }})
	if err != nil {
		log.Fatal(err)
	}
	k, err := kernel.Start(ctx, kernel.Config{Tools: tools})
	if err != nil {
		log.Fatal(err)
	}
	defer k.Close()
	_, err = k.Execute(ctx, "%%\nfmt.Println(6 * 7)", func(m *wire.Message) {
		fmt.Println(m.Type(), string(m.Content))
	})
	if err != nil {
		log.Fatal(err)
	}
}

func ExampleInstallSpec() {
	dir, err := os.MkdirTemp("", "jupyter-path-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	tools := &kernel.Tools{Gonb: "/cache/gonb", Goimports: "/cache/goimports", Go: "/usr/local/go/bin/go", GonbVersion: "v0.11.3"}
	path, err := kernel.InstallSpec(dir, "gonb", kernel.KernelSpec(tools))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path[len(dir):])
	// Output: /kernels/gonb/kernel.json
}
