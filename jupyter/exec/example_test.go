package exec_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/lemma-ml/lemma/jupyter/exec"
	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// A notebook is run with a parameter; what was done is written also after a failure.
func ExampleRun() {
	ctx := context.Background()
	nb, err := ipynb.ReadFile("notebooks/09-ntk.ipynb")
	if err != nil {
		log.Fatal(err)
	}
	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: "."})
	if err != nil {
		log.Fatal(err)
	}
	seed, err := gomod.FromCheckout(".")
	if err != nil {
		log.Fatal(err)
	}
	res, err := exec.Run(ctx, nb, exec.Options{
		Kernel: kernel.Config{Tools: tools, Dir: "notebooks"},
		Seed:   seed,
		Params: map[string]string{"width": "128"},
		Progress: func(e exec.Event) {
			if e.Phase == exec.CellEnd {
				fmt.Printf("%d of %d\n", e.Done, e.Total)
			}
		},
	})
	if werr := res.Notebook.WriteFile("out.ipynb"); werr != nil {
		log.Fatal(werr)
	}
	os.Exit(exec.ExitCode(err))
}

func ExampleParameters() {
	nb := ipynb.New("gonb", "go")
	c := ipynb.NewCell(ipynb.Code, "var (\n\twidth = 64\n\tname  = \"relu\"\n)")
	c.AddTag("parameters")
	nb.Cells = append(nb.Cells, c)
	names, err := exec.Parameters(nb)
	fmt.Println(names, err)
	// Output: [name width] <nil>
}
