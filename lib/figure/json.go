package figure

import (
	"encoding/json"
	"math"
)

// values is a series as JSON writes it: NaN, which JSON lacks and which marks a gap, is null.
type values []float64

func (v values) MarshalJSON() ([]byte, error) {
	out := make([]*float64, len(v))
	for i := range v {
		if !math.IsNaN(v[i]) {
			out[i] = &v[i]
		}
	}
	return json.Marshal(out)
}

func (v *values) UnmarshalJSON(data []byte) error {
	var in []*float64
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*v = make(values, len(in))
	for i, p := range in {
		(*v)[i] = math.NaN()
		if p != nil {
			(*v)[i] = *p
		}
	}
	return nil
}

// plain is a Layer without its methods; the fields of the outer struct shadow its own.
type plain Layer

type layerJSON struct {
	*plain
	X    values   `json:"x,omitempty"`
	Y    values   `json:"y,omitempty"`
	Low  values   `json:"low,omitempty"`
	High values   `json:"high,omitempty"`
	Z    []values `json:"z,omitempty"`
}

// MarshalJSON writes the layer with null for each NaN.
func (l Layer) MarshalJSON() ([]byte, error) {
	out := layerJSON{plain: (*plain)(&l), X: l.X, Y: l.Y, Low: l.Low, High: l.High}
	for _, row := range l.Z {
		out.Z = append(out.Z, row)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Layer) UnmarshalJSON(data []byte) error {
	in := layerJSON{plain: (*plain)(l)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	l.X, l.Y, l.Low, l.High, l.Z = in.X, in.Y, in.Low, in.High, nil
	for _, row := range in.Z {
		l.Z = append(l.Z, row)
	}
	return nil
}
