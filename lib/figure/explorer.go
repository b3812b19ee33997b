package figure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Explorer is a figure that a reader changes: some controls and the function that draws the figure
// for their settings. It is a description; package widgets evaluates it on its grid and shows it.
//
// The figure of the default settings must tell the story by itself: it is what paper shows, and a
// reader who touches nothing. All figures of one explorer have the same panels; layers may come and
// go. An axis without fixed ends gets ends that hold for every setting.
type Explorer struct {
	ID       string    `json:"id"`             // stable name, such as "9.F1/width"
	Title    string    `json:"title"`          // one line above controls and picture
	Try      string    `json:"try,omitempty"`  // what to do and what to look for, one or two sentences; TeX between $ signs
	Controls []Control `json:"controls"`       // in the order they stand; at least one
	Play     string    `json:"play,omitempty"` // name of the slider that the play button moves; empty means no button
	Link     string    `json:"link,omitempty"` // explorers of one page with the same Link move controls of the same name together
	Draw     Draw      `json:"-"`              // the figure at some settings
}

// Draw computes the figure for some settings. It is pure, safe for concurrent use, and returns an
// error only for what it cannot compute. The figure's Caption is the sentence that reads it at these
// settings, its Alt what a reader who cannot see it needs to know.
type Draw func(ctx context.Context, at Settings) (Figure, error)

// ControlKind says how a reader sets a control.
type ControlKind string

// The kinds of control.
const (
	Slider ControlKind = "slider" // one of Values, or a number between them where Between is set
	Select ControlKind = "select" // one of Options; the setting is its index
	Toggle ControlKind = "toggle" // off (0) or on (1)
)

// Control is one thing a reader can set.
type Control struct {
	Kind    ControlKind `json:"kind"`
	Name    string      `json:"name"`              // key in Settings, such as "depth"
	Label   string      `json:"label"`             // what the reader sees, such as "depth L"
	Unit    string      `json:"unit,omitempty"`    // spoken and shown after the value
	Values  []float64   `json:"values,omitempty"`  // of a slider: its grid, increasing, at least two
	Options []string    `json:"options,omitempty"` // of a select: the names, at least two
	Between bool        `json:"between,omitempty"` // of a slider: Draw also takes values between the grid's, asked for while a kernel lives
	Whole   bool        `json:"whole,omitempty"`   // of a slider: values between are whole numbers
	Log     bool        `json:"log,omitempty"`     // of a slider: values between are spaced evenly in the logarithm
	Default int         `json:"default,omitempty"` // index of the grid point, option or state shown at first
}

// Slide returns a slider over the given values, with the first shown at first.
func Slide(name, label string, values ...float64) Control {
	return Control{Kind: Slider, Name: name, Label: label, Values: values}
}

// Choose returns a select of the given options, with the first shown at first.
func Choose(name, label string, options ...string) Control {
	return Control{Kind: Select, Name: name, Label: label, Options: options}
}

// Switch returns a toggle that is off at first.
func Switch(name, label string) Control {
	return Control{Kind: Toggle, Name: name, Label: label}
}

// From returns the control with another default, an index of its grid.
func (c Control) From(index int) Control {
	c.Default = index
	return c
}

// Points is the number of grid points of the control.
func (c Control) Points() int {
	switch c.Kind {
	case Slider:
		return len(c.Values)
	case Select:
		return len(c.Options)
	}
	return 2
}

// At is the setting of grid point i: a slider's value, an option's index, 0 or 1.
func (c Control) At(i int) float64 {
	if c.Kind == Slider {
		return c.Values[i]
	}
	return float64(i)
}

// Word is grid point i in words: "depth" 3 is "3", an option is its name, a toggle "off" or "on".
func (c Control) Word(i int) string {
	switch c.Kind {
	case Slider:
		return strconv.FormatFloat(c.Values[i], 'g', 4, 64)
	case Select:
		return c.Options[i]
	}
	return []string{"off", "on"}[i]
}

// Settings holds the value of each control by name.
type Settings map[string]float64

// Int returns a setting that is a whole number, an option's index among them.
func (s Settings) Int(name string) int { return int(math.Round(s[name])) }

// On says whether a toggle is on.
func (s Settings) On(name string) bool { return s[name] != 0 }

// Grid is the number of figures of the whole grid, the product of the controls' points.
func (e *Explorer) Grid() int {
	n := 1
	for _, c := range e.Controls {
		n *= c.Points()
	}
	return n
}

// Index returns the settings of grid point k; the last control runs fastest.
func (e *Explorer) Index(k int) Settings {
	s := make(Settings, len(e.Controls))
	for i := len(e.Controls) - 1; i >= 0; i-- {
		c := e.Controls[i]
		s[c.Name] = c.At(k % c.Points())
		k /= c.Points()
	}
	return s
}

// Default is the grid point shown at first.
func (e *Explorer) Default() int {
	k := 0
	for _, c := range e.Controls {
		k = k*c.Points() + c.Default
	}
	return k
}

// Validate reports what is wrong with the description, naming each control at fault.
func (e *Explorer) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("explorer %q: "+format, append([]any{e.ID}, args...)...))
	}
	if e.ID == "" || e.Title == "" {
		wrong("ID and Title are required")
	}
	if e.Draw == nil {
		wrong("no Draw")
	}
	if len(e.Controls) == 0 {
		wrong("no controls")
	}
	seen := map[string]bool{}
	for _, c := range e.Controls {
		if c.Name == "" || c.Label == "" || seen[c.Name] {
			wrong("control %q: name and label are required, and names differ", c.Name)
		}
		seen[c.Name] = true
		switch c.Kind {
		case Slider:
			for i, v := range c.Values {
				if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v <= c.Values[i-1] {
					wrong("slider %q: value %d is %g, want finite and increasing values", c.Name, i, v)
				}
			}
			if c.Log && len(c.Values) > 0 && c.Values[0] <= 0 {
				wrong("slider %q: Log with value %g, want positive values", c.Name, c.Values[0])
			}
		case Select, Toggle:
		default:
			wrong("control %q: kind %q, want slider, select or toggle", c.Name, c.Kind)
		}
		if c.Points() < 2 {
			wrong("control %q: %d grid points, want at least 2", c.Name, c.Points())
		}
		if c.Default < 0 || c.Default >= c.Points() {
			wrong("control %q: default %d, want 0 to %d", c.Name, c.Default, c.Points()-1)
		}
	}
	if e.Play != "" {
		played := false
		for _, c := range e.Controls {
			played = played || c.Name == e.Play && c.Kind == Slider
		}
		if !played {
			wrong("Play names %q, want the name of a slider", e.Play)
		}
	}
	return errors.Join(errs...)
}
