package html_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/html"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

func ExamplePage() {
	nb := ipynb.New("gonb", "go")
	nb.Cells = []*ipynb.Cell{
		ipynb.NewCell(ipynb.Markdown, "# Kernels\n\nThe value $\\Theta(1)=L+1$ is exact, $\\oops$ is none."),
		ipynb.NewCell(ipynb.Code, "fmt.Println(4)"),
	}
	stats, err := html.Page(io.Discard, nb, html.PageOptions{Home: html.Link{Title: "Report", Href: "index.html"}})
	fmt.Println(stats.Title, stats.Formulas, stats.TeXErrors, err)
	// Output: Kernels 2 [cell 0: tex: unknown command \oops at 0] <nil>
}

func ExampleIndex() {
	var b strings.Builder
	_, err := html.Index(&b, html.IndexData{
		Title: "Report",
		Pages: []html.PageLink{{Title: "9 Kernels", Href: "09.html", Status: "ok", Seconds: 12}},
		Tables: []html.Table{{Caption: "Claims", Columns: []string{"ID", "Verdict"}, Rows: [][]html.Cell{
			{{Text: "9.L2"}, {Text: "holds", Class: "holds"}},
		}}},
	})
	fmt.Println(strings.Contains(b.String(), `<a href="09.html">9 Kernels</a>`), err)
	// Output: true <nil>
}
