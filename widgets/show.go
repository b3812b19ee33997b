package widgets

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/raster"
	"github.com/lemma-ml/lemma/widgets/scene"
	"github.com/lemma-ml/lemma/widgets/svg"
)

// Drawable is a figure or a pointer to one; functions that take it accept either.
type Drawable interface {
	figure.Figure | *figure.Figure
}

// Show displays the figure: as a picture in the output of a notebook's cell, as its title and alt
// text on standard output elsewhere. It panics on a figure that Validate rejects, so that a cell
// with a wrong figure fails instead of showing nothing.
func Show[F Drawable](f F) {
	took := sinceShown()
	s, err := figureHTML(f, took)
	if err != nil {
		panic(fmt.Errorf("widgets.Show: %w", err))
	}
	display(s, Text(f))
}

// HTML returns what Show displays in a notebook: a <figure> with its style and script. What Show adds
// is the time that the figure took: since the figure before it, or since the program began.
func HTML[F Drawable](f F) (string, error) { return figureHTML(f, 0) }

func figureHTML[F Drawable](f F, took time.Duration) (string, error) {
	g, s, err := layout(f)
	if err != nil {
		return "", err
	}
	return svg.Fragment(g, s, prose, svg.Around{Still: still(g, s), Origin: origin(g.Origin, true, took)}), nil
}

// Text returns what Show prints outside a notebook: the title, the alt text and the caption, in plain
// lines.
func Text[F Drawable](f F) string {
	g := pointer(f)
	if g == nil {
		return ""
	}
	var b strings.Builder
	if g.Title != "" {
		fmt.Fprintln(&b, scene.Plain(g.Title))
	}
	for _, line := range fold(scene.Plain(g.Alt), 92) {
		fmt.Fprintln(&b, "  "+line)
	}
	return b.String()
}

// SVG returns the figure as one SVG document, dark or light as its viewer prefers.
func SVG[F Drawable](f F) (string, error) {
	g, s, err := layout(f)
	if err != nil {
		return "", err
	}
	return svg.Document(g, s), nil
}

// PNG writes the figure as a PNG of the given width in pixels (0 means twice the figure's own, which
// is sharp on paper). It shows what SVG shows, light.
func PNG[F Drawable](w io.Writer, f F, width int) error {
	g, s, err := layout(f)
	if err != nil {
		return err
	}
	page := s.Page(g.Title)
	if width == 0 {
		width = int(2 * page.W)
	}
	if width < 16 || width > 20000 {
		return fmt.Errorf("widgets.PNG: width %d, want 16 to 20000 pixels", width)
	}
	return png.Encode(w, raster.Paint(page, width))
}

// WriteFile writes the figure to a file, as SVG or PNG by the path's extension. The file is written
// beside its place first and renamed, so that a reader never sees half of it.
func WriteFile[F Drawable](f F, path string) error {
	var b bytes.Buffer
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		s, err := SVG(f)
		if err != nil {
			return err
		}
		b.WriteString(s)
	case ".png":
		if err := PNG(&b, f, 0); err != nil {
			return err
		}
	default:
		return fmt.Errorf("widgets.WriteFile: %s: extension %q, want .svg or .png", path, ext)
	}
	return writeAtomic(path, b.Bytes())
}

func writeAtomic(path string, data []byte) (err error) {
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("widgets.WriteFile: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("widgets.WriteFile: %w", err), os.Remove(t.Name()))
		}
	}()
	if _, err = t.Write(data); err != nil {
		t.Close()
		return err
	}
	if err = t.Chmod(0o644); err != nil {
		t.Close()
		return err
	}
	if err = t.Close(); err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}

func pointer[F Drawable](f F) *figure.Figure {
	switch f := any(f).(type) {
	case figure.Figure:
		return &f
	case *figure.Figure:
		return f
	}
	return nil
}

func layout[F Drawable](f F) (*figure.Figure, *scene.Figure, error) {
	g := pointer(f)
	s, err := scene.New(g)
	return g, s, err
}

// display shows html in a notebook, with the plain text beside it for front ends that show no HTML,
// and prints the text elsewhere.
func display(html, text string) {
	if gonbui.IsNotebook {
		send(html, text)
		return
	}
	fmt.Fprint(os.Stdout, text)
}

// send is replaced by tests.
var send = func(html, text string) {
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{
		protocol.MIMETextHTML:  html,
		protocol.MIMETextPlain: text,
	}})
	flush()
}

// flush waits until the kernel has taken what was sent: it stops reading when the cell's program
// ends, and what is still in the pipe is lost. A kernel that does not answer is not waited for.
func flush() {
	taken := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(taken)
	}()
	select {
	case <-taken:
	case <-time.After(5 * time.Second):
	}
}
