package svg

import (
	"fmt"
	"html"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// Document writes the whole figure as one SVG file on a white or, if the viewer prefers it, dark
// page. Layers that are switched off are left out.
func Document(f *figure.Figure, s *scene.Figure) string {
	page := s.Page(f.Title)
	id := ID(f)
	var w writer
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" class="lemma" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d" font-family="%s">`+"\n",
		n(page.W), n(page.H), n(page.W), n(page.H), id, id, fontFamily)
	fmt.Fprintf(&w, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`+"\n", id, html.EscapeString(scene.Plain(f.Title)), id, html.EscapeString(scene.Plain(f.Alt)))
	fmt.Fprintf(&w, "<style>%s</style>\n", html.EscapeString(Variables()))
	fill, class := colour("fill", scene.PaintSurface)
	fmt.Fprintf(&w, `<rect%s%s width="%s" height="%s"/>`+"\n", classes(class), fill, n(page.W), n(page.H))
	for _, part := range page.Parts {
		w.WriteString("<g")
		if part.X != 0 || part.Y != 0 {
			fmt.Fprintf(&w, ` transform="translate(%s %s)"`, n(part.X), n(part.Y))
		}
		if part.Layer >= 0 {
			fmt.Fprintf(&w, ` data-at="%d.%d"`, part.Panel, part.Layer)
		}
		w.WriteString(">")
		w.shapes(part.Shapes)
		w.WriteString("</g>\n")
	}
	w.WriteString("</svg>\n")
	return w.String()
}
