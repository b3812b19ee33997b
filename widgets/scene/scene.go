package scene

import (
	"errors"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Sizes of text in user units.
const (
	SizeTick  = 11.5
	SizeLabel = 12.5
	SizeTitle = 13.5
)

// Figure is a laid out figure.
type Figure struct {
	Columns int
	Panels  []Panel
	Legend  []Key // one for all panels; empty where the panels have their own
}

// Panel is one pair of axes. Its origin is its top left corner.
type Panel struct {
	W, H           float64
	Plot           Rect
	X, Y           Scale
	XLabel, YLabel string
	Under          []Shape // grid
	Groups         []Group // one a layer, in drawing order
	Over           []Shape // axes, ticks, labels, title
	Legend         []Key

	barred bool // has bars
	moving bool // one frame of a picture that moves
}

// Group is one layer.
type Group struct {
	Kind   figure.Kind
	Role   figure.Role
	Name   string
	Series int
	Hidden bool
	Paint  Paint
	Shapes []Shape // cut to Panel.Plot
	Data   []Datum // what a readout offers, at most maxData
	DX     float64 // how far the shapes stand from the values' places: bars side by side
	Grid   *Grid   // of a heat map

	label Point // of a rule that carries its name: where it starts
}

// Datum is one value of a layer with its interval.
type Datum struct {
	X, Y      float64
	Low, High float64 // an interval where Interval is set
	Interval  bool
}

// Grid is what a heat map shows: cell edges and values.
type Grid struct {
	X, Y []float64   // places of the cell edges, one more than cells
	Z    [][]float64 // rows as Y
	Name string
}

// Key is a legend entry: it switches all layers of one name and series.
type Key struct {
	Name    string
	Targets []Target
	Swatch  []Shape // in a box of KeyW by KeyH
	Hidden  bool
}

// Target names a layer.
type Target struct{ Panel, Layer int }

// The size of a legend swatch.
const (
	KeyW = 28.0
	KeyH = 14.0
)

// PhoneText is how much larger text is set where a panel that fills the page is shown on a phone;
// the layout leaves room for it.
const PhoneText = 1.4

// maxData bounds what a readout carries for one layer.
const maxData = 120

// movingData is that bound for a frame of a picture that moves, and movingCells that of a heat map.
const (
	movingData  = 48
	movingCells = 1200
)

// panelSizes by number of columns: a panel that has the page for itself is larger, but never so
// large that its text becomes unreadable on a phone.
func panelSize(columns int) (w, h float64) {
	switch columns {
	case 1:
		return 560, 330
	case 2:
		return 400, 300
	case 3:
		return 330, 270
	}
	return 290, 245
}

// New lays out the figure. The error is Validate's.
func New(f *figure.Figure) (*Figure, error) { return lay(f, false) }

// Frame lays out one frame of a picture that moves. Where New spends fewer points on a smooth line,
// Frame keeps them, for the same points in every frame are told by how far each moves; a heat map is
// always a picture, one pixel a cell. The figure's axes should have ends (see Ranges).
func Frame(f *figure.Figure) (*Figure, error) { return lay(f, true) }

func lay(f *figure.Figure, moving bool) (*Figure, error) {
	if f == nil {
		return nil, errors.New("scene.New: no figure")
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("scene.New: %w", err)
	}
	columns := f.Columns
	if columns <= 0 || columns > len(f.Panels) {
		columns = len(f.Panels)
	}
	columns = min(columns, 4)
	out := &Figure{Columns: columns}
	w, h := panelSize(columns)
	for i := range f.Panels {
		out.Panels = append(out.Panels, newPanel(&f.Panels[i], w, h, columns == 1, moving))
	}
	out.legends()
	if moving {
		for i := range out.Panels {
			for j := range out.Panels[i].Groups {
				out.Panels[i].Groups[j].Data = limit(out.Panels[i].Groups[j].Data, movingData)
			}
		}
	}
	return out, nil
}
