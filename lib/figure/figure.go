package figure

// Figure is one picture: panels in reading order and the words that go with them.
type Figure struct {
	ID      string  `json:"id"`                // stable name, such as "9.F1"; element ids derive from it
	Title   string  `json:"title"`             // one line above the picture
	Alt     string  `json:"alt"`               // what a reader who cannot see it needs to know; required
	Caption string  `json:"caption,omitempty"` // below the picture; may hold TeX between $ signs
	Columns int     `json:"columns,omitempty"` // panels a row; 0 means all in one row
	Panels  []Panel `json:"panels"`
	Origin  Origin  `json:"origin,omitzero"` // how it is drawn again; shown in small print
}

// Origin says where a figure comes from, for a reader who wants to draw it again. It is no part of
// the picture: two figures that differ only in it look the same.
type Origin struct {
	Seed    uint64 `json:"seed"`
	Command string `json:"command"` // such as "lemma draw 9.F1 -seed 0"; empty means that none is known
}

// Panel is one pair of axes with its layers, drawn in order.
type Panel struct {
	Title  string  `json:"title,omitempty"`
	X      Axis    `json:"x"`
	Y      Axis    `json:"y"`
	Layers []Layer `json:"layers"`
}

// Scale says how an axis maps values to places.
type Scale string

// The scales. SymLog is linear inside ±Axis.Threshold and logarithmic outside, for values that
// change sign over several decades.
const (
	Linear Scale = ""
	Log    Scale = "log"
	SymLog Scale = "symlog"
)

// Axis is one direction of a panel.
type Axis struct {
	Label      string   `json:"label"`                // quantity and symbol, such as "width m"
	Unit       string   `json:"unit,omitempty"`       // such as "s"; empty for a pure number
	Scale      Scale    `json:"scale,omitempty"`      // Linear unless set
	Min        *float64 `json:"min,omitempty"`        // nil means from the data
	Max        *float64 `json:"max,omitempty"`        // nil means from the data
	Threshold  float64  `json:"threshold,omitempty"`  // SymLog's linear range; 0 means 1
	Categories []string `json:"categories,omitempty"` // names of the values 0, 1, 2, ...
}

// Range returns the axis with its ends fixed.
func (a Axis) Range(lo, hi float64) Axis {
	a.Min, a.Max = &lo, &hi
	return a
}

// Kind says how a layer's data are drawn.
type Kind string

// The kinds of layer and the fields each reads.
const (
	KindLine    Kind = "line"    // X, Y
	KindPoints  Kind = "points"  // X, Y; Low and High as intervals where given
	KindBand    Kind = "band"    // X, Low, High
	KindBars    Kind = "bars"    // X (centres), Y; Low and High where given
	KindSteps   Kind = "steps"   // X, Y; Y[i] holds from X[i] to X[i+1]
	KindHeat    Kind = "heat"    // X (columns), Y (rows), Z[row][column]
	KindContour Kind = "contour" // X, Y, Z as Heat; Levels
	KindText    Kind = "text"    // X, Y, Text
	KindRule    Kind = "rule"    // X (vertical rules) or Y (horizontal rules), never both
)

// Role says what a layer stands for; it decides colour and stroke.
type Role string

// The roles.
const (
	Theory    Role = "theory"    // a solid line
	Measured  Role = "measured"  // points
	Bound     Role = "bound"     // a dashed line
	Reference Role = "reference" // thin and grey: a slope, a zero, a level to compare with
	Wrong     Role = "wrong"     // a statement that fails: the printed erratum, a broken hypothesis
)

// Layer is one series. Layers with the same Series number share a colour, so that the theory line
// and the measured points of one case belong together.
type Layer struct {
	Kind   Kind        `json:"kind"`
	Role   Role        `json:"role"`
	Name   string      `json:"name,omitempty"`   // legend entry; empty means none
	Series int         `json:"series,omitempty"` // colour index
	X      []float64   `json:"x,omitempty"`
	Y      []float64   `json:"y,omitempty"`
	Low    []float64   `json:"low,omitempty"`
	High   []float64   `json:"high,omitempty"`
	Z      [][]float64 `json:"z,omitempty"`
	Levels []float64   `json:"levels,omitempty"` // of KindContour; empty means at round values
	Text   []string    `json:"text,omitempty"`
	Colour Axis        `json:"colour,omitzero"`  // of KindHeat and KindContour: how Z becomes colour; label, scale and ends
	Hidden bool        `json:"hidden,omitempty"` // switched off at first; the legend switches it on
}
