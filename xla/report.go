package xla

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Report says what Open chose and why. It marshals to JSON as it stands; String is for people.
type Report struct {
	Asked    string   `json:"asked"`             // the name that Open was given
	Config   string   `json:"config"`            // GoMLX's configuration of what was opened
	Platform string   `json:"platform"`          // "simd", "go", "cpu", "cuda", "tpu", ...
	Because  string   `json:"because"`           // why this one
	About    string   `json:"about,omitempty"`   // what the backend says of itself: of simd, which kernels and how many threads
	Devices  []string `json:"devices"`           // one description a device
	Plugin   string   `json:"plugin,omitempty"`  // path of the PJRT plugin, if one is in use
	Version  string   `json:"version,omitempty"` // the plugin's version as it reports it
	Passed   []Passed `json:"passed,omitempty"`  // what was considered before, in order
}

// Passed is a backend that was considered and not taken.
type Passed struct {
	Name string `json:"name"` // GoMLX's configuration, or the plugin's platform
	Why  string `json:"why"`
}

// String describes the choice in a few lines.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: platform %s, %s", r.Config, r.Platform, r.Because)
	if r.About != "" {
		fmt.Fprintf(&b, "\n  %s", r.About)
	}
	for i, d := range r.Devices {
		fmt.Fprintf(&b, "\n  device %d: %s", i, d)
	}
	if r.Plugin != "" {
		fmt.Fprintf(&b, "\n  plugin: %s", r.Plugin)
		if r.Version != "" {
			fmt.Fprintf(&b, " (%s)", r.Version)
		}
	}
	for _, p := range r.Passed {
		fmt.Fprintf(&b, "\n  passed over %s: %s", p.Name, p.Why)
	}
	return b.String()
}

// JSON returns the report as indented JSON.
func (r *Report) JSON() []byte {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // strings and slices of strings always marshal
	}
	return append(b, '\n')
}
