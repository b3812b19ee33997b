package svg

import (
	_ "embed"
	"fmt"
	"html"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// table writes the values behind the picture, for readers who cannot see it and for those who want
// the numbers. Long layers are thinned evenly and say so.
func (w *writer) table(f *figure.Figure, s *scene.Figure) {
	var b writer
	rows := 0
	for i := range s.Panels {
		p := &s.Panels[i]
		first := true
		for j := range p.Groups {
			g := &p.Groups[j]
			if len(g.Data) == 0 || rows >= tableRows {
				continue
			}
			if first {
				title := f.Panels[i].Title
				if title != "" {
					fmt.Fprintf(&b, `<tr><th colspan="3" scope="colgroup">%s</th></tr>`, Label(title))
				}
				fmt.Fprintf(&b, `<tr><th scope="col">series</th><th scope="col">%s</th><th scope="col">%s</th></tr>`, Label(p.XLabel), Label(p.YLabel))
				first = false
			}
			total := len(f.Panels[i].Layers[j].X)
			shown := min(layerRows, len(g.Data))
			name := g.Name
			if name == "" {
				name = string(g.Kind)
			}
			for k := range shown {
				at := 0
				if shown > 1 {
					at = k * (len(g.Data) - 1) / (shown - 1)
				}
				x, y := p.Readout(g.Data[at])
				head := ""
				if k == 0 {
					note := ""
					if total > shown {
						note = fmt.Sprintf(" <small>(%d of %s)</small>", shown, num.Format(float64(total), 6))
					}
					head = fmt.Sprintf(`<th scope="rowgroup" rowspan="%d">%s%s</th>`, shown, Label(name), note)
				}
				fmt.Fprintf(&b, "<tr>%s<td>%s</td><td>%s</td></tr>", head, html.EscapeString(x), html.EscapeString(y))
				rows++
			}
		}
	}
	if rows == 0 {
		return
	}
	fmt.Fprintf(w, `<details class="l-data"><summary>Data</summary><div class="l-scroll"><table>%s</table></div></details>`+"\n", b.String())
}
