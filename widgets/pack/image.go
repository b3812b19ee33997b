package pack

import (
	"encoding/base64"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
)

// picture returns a PNG of a palette as a data URI. Its data are stored, not compressed, so that the
// script can write the same bytes in a few lines.
func picture(n []int) string {
	w, pixels, colours := n[0], n[3+n[2]:], n[3:3+n[2]]
	h := 0
	if w > 0 {
		h = len(pixels) / w
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		start := len(out)
		out = append(append(out, name...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	chunk("IHDR", append(head, 8, 3, 0, 0, 0))
	palette := []byte{0, 0, 0} // index 0 is transparent
	for _, c := range colours {
		palette = append(palette, byte(c>>16), byte(c>>8), byte(c))
	}
	chunk("PLTE", palette)
	chunk("tRNS", []byte{0})
	var raw []byte
	for i, p := range pixels {
		if i%w == 0 {
			raw = append(raw, 0) // the row is not filtered
		}
		raw = append(raw, byte(p+1))
	}
	z := []byte{0x78, 1}
	for i := 0; i < len(raw) || i == 0; i += 65535 {
		block := raw[i:min(i+65535, len(raw))]
		last := byte(0)
		if i+65535 >= len(raw) {
			last = 1
		}
		z = append(z, last, byte(len(block)), byte(len(block)>>8), ^byte(len(block)), ^byte(len(block)>>8))
		z = append(z, block...)
	}
	z = binary.BigEndian.AppendUint32(z, adler32.Checksum(raw))
	chunk("IDAT", z)
	chunk("IEND", nil)
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(out)
}
