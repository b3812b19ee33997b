package tex_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/jupyter/tex"
)

func ExampleConverter_Convert() {
	c := tex.New(map[string]string{`\R`: `\mathbb{R}`})
	s, err := c.Convert(`x \in \R^d`, false)
	fmt.Println(s, err)
	_, err = c.Convert(`a + \foo`, false)
	fmt.Println(err)
	// Output:
	// <math><semantics><mrow><mi>x</mi><mo>∈</mo><msup><mi>ℝ</mi><mi>d</mi></msup></mrow><annotation encoding="application/x-tex">x \in \R^d</annotation></semantics></math> <nil>
	// tex: unknown command \foo at 4
}

func ExampleErrorBox() {
	_, err := tex.New(nil).Convert(`\foo`, false)
	fmt.Println(tex.ErrorBox(`\foo`, err))
	// Output: <code class="math-error" title="tex: unknown command \foo at 0">\foo</code>
}
