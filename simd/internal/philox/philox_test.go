package philox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

// TestKnownAnswers pins the generator to the vectors that Random123 publishes for philox4x32-10, its
// authors' implementation.
func TestKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		reason       string
		counter, key []uint32
		want         []uint32
	}{
		{"zero", []uint32{0, 0, 0, 0}, []uint32{0, 0}, []uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{"all bits", []uint32{math.MaxUint32, math.MaxUint32, math.MaxUint32, math.MaxUint32},
			[]uint32{math.MaxUint32, math.MaxUint32}, []uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{"digits of pi", []uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[]uint32{0xa4093822, 0x299f31d0}, []uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		join := func(w []uint32) uint64 { return uint64(w[1])<<32 | uint64(w[0]) }
		s := State{join(c.key), join(c.counter), join(c.counter[2:])}
		atEveryLevel(t, func(t *testing.T) {
			// Many blocks behind, so that assembly makes the first.
			got := make([]byte, 64*BlockSize)
			s.Fill(got, 0)
			for i, want := range c.want {
				if v := binary.LittleEndian.Uint32(got[4*i:]); v != want {
					t.Errorf("%s: word %d is %08x, want %08x", c.reason, i, v, want)
				}
			}
		})
	}
}

// TestAfter says by how much the counter moves.
func TestAfter(t *testing.T) {
	for _, c := range []struct {
		reason string
		state  State
		bytes  int
		want   State
	}{
		{"nothing taken", State{5, 6, 7}, 0, State{5, 6, 7}},
		{"one byte takes a block", State{5, 6, 7}, 1, State{5, 7, 7}},
		{"a block", State{5, 6, 7}, 16, State{5, 7, 7}},
		{"one byte more", State{5, 6, 7}, 17, State{5, 8, 7}},
		{"carries", State{5, math.MaxUint64, 7}, 32, State{5, 1, 8}},
		{"wraps", State{5, math.MaxUint64, math.MaxUint64}, 16, State{5, 0, 0}},
	} {
		if got := c.state.After(c.bytes); got != c.want {
			t.Errorf("%s: %v after %v and %d bytes, want %v", c.reason, got, c.state, c.bytes, c.want)
		}
	}
}

// TestFillIsAFunctionOfPlace: any piece of the stream is the same by every level, wherever it begins and
// ends, also where the low half of the counter, or all of it, overflows; and nothing is written beside it.
func TestFillIsAFunctionOfPlace(t *testing.T) {
	for _, s := range []State{
		{1, 2, 3},
		{0x0123456789abcdef, math.MaxUint32 - 20, math.MaxUint64},
		{0x0123456789abcdef, math.MaxUint64 - 20, 9},
		{1 << 63, math.MaxUint64 - 37, math.MaxUint64},
		{7, math.MaxUint64, 0},
	} {
		want := make([]byte, 100*BlockSize)
		for i := range 100 { // block after block
			one := s.After(i * BlockSize)
			current = plain
			one.Fill(want[i*BlockSize:][:BlockSize], 0)
		}
		current = best()
		atEveryLevel(t, func(t *testing.T) {
			for first := range 40 {
				for _, n := range []int{0, 1, 15, 16, 17, 127, 128, 129, 255, 256, 257, 300, 512, 60 * 16} {
					got := bytes.Repeat([]byte{0xa5}, n+32)
					s.Fill(got[16:16+n], uint64(first))
					if !bytes.Equal(got[16:16+n], want[first*BlockSize:][:n]) {
						t.Fatalf("state %x: %d bytes from block %d on differ from those of single blocks", s, n, first)
					}
					for i, b := range append(bytes.Clone(got[:16]), got[16+n:]...) {
						if b != 0xa5 {
							t.Fatalf("state %x: %d bytes from block %d on: byte %d beside is written", s, n, first, i)
						}
					}
				}
			}
		})
	}
}

// TestFillTakesAnyAddress: no alignment is asked for.
func TestFillTakesAnyAddress(t *testing.T) {
	s := State{1, 2, 3}
	want := make([]byte, 1000)
	s.Fill(want, 0)
	for shift := range 17 {
		got := make([]byte, 1000+shift)
		s.Fill(got[shift:], 0)
		if !bytes.Equal(got[shift:], want) {
			t.Errorf("address plus %d: other bytes", shift)
		}
	}
}

func TestFillAllocatesNothing(t *testing.T) {
	b := make([]byte, 1000)
	if n := testing.AllocsPerRun(10, func() { State{1, 2, 3}.Fill(b, 5) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func Example() {
	state := State{1, 2, 3}
	var bytes [4]byte
	state.Fill(bytes[:], 0)
	fmt.Println(bytes, state.After(len(bytes)))
	// Output: [74 231 69 240] [1 3 3]
}

func BenchmarkFill(b *testing.B) {
	// With 3.4 GHz: AVX2 10 GB/s, Go 1.1.
	out := make([]byte, 1<<15)
	b.SetBytes(1 << 15)
	for b.Loop() {
		State{1, 2, 3}.Fill(out, 0)
	}
}
