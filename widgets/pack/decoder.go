package pack

import (
	_ "embed"
	"strings"
)

//go:embed decode.js
var decodeJS string

// Decoder is the script that reads Data in a page: a function lemmaUnpack, which takes the data and
// returns an object whose frame(k) gives the sections of frame k as Pack was given them, with the numbers written out. It needs nothing of
// a browser but atob and, for pictures, btoa.
func Decoder() string {
	_, code, _ := strings.Cut(decodeJS, "\n") // without the comment
	return code
}
