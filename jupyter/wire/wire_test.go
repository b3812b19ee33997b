package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

var key = []byte("0123456789abcdef")

func message(t testing.TB) *Message {
	t.Helper()
	m, err := New("session", "execute_request", map[string]any{"code": "x := 1", "silent": false})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRoundTrip(t *testing.T) {
	m := message(t)
	m.Identities = [][]byte{[]byte("a"), {0}}
	m.Parent = Header{MsgID: "p", MsgType: "kernel_info_request"}
	m.Buffers = [][]byte{[]byte("buffer")}
	for _, k := range [][]byte{key, nil} {
		frames, err := Encode(m, k)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(frames, k)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, m) {
			t.Errorf("got %+v\nwant %+v", got, m)
		}
	}
	if a, b := NewID(), NewID(); a == b || len(a) != 36 || a[14] != '4' {
		t.Errorf("ids %q and %q", a, b)
	}
}

// The signature of RFC 4231's kind: HMAC-SHA256 of the concatenated frames, in hexadecimal.
func TestSignature(t *testing.T) {
	// RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?".
	got := sign([]byte("Jefe"), [][]byte{[]byte("what do ya want "), []byte("for nothing?")})
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestForged(t *testing.T) {
	frames := func() [][]byte {
		f, err := Encode(message(t), key)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	rows := []struct {
		reason string
		change func(f [][]byte) [][]byte
	}{
		{"another key", func(f [][]byte) [][]byte { f[1] = sign([]byte("other"), f[2:6]); return f }},
		{"no signature", func(f [][]byte) [][]byte { f[1] = nil; return f }},
		{"one digit", func(f [][]byte) [][]byte { f[1][0] ^= 1; return f }},
		{"upper case is not what was sent", func(f [][]byte) [][]byte { f[1] = bytes.ToUpper(f[1]); return f }},
		{"cut signature", func(f [][]byte) [][]byte { f[1] = f[1][:32]; return f }},
		{"header", func(f [][]byte) [][]byte { f[2] = []byte(`{"msg_type":"x"}`); return f }},
		{"parent", func(f [][]byte) [][]byte { f[3] = []byte(`{"msg_id":"x"}`); return f }},
		{"metadata", func(f [][]byte) [][]byte { f[4] = []byte(`{"a":1}`); return f }},
		{"content", func(f [][]byte) [][]byte { f[5] = []byte(`{"code":"rm"}`); return f }},
		{"order of frames", func(f [][]byte) [][]byte { f[4], f[5] = f[5], f[4]; return f }},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			if _, err := Decode(row.change(frames()), key); !errors.Is(err, ErrSignature) {
				t.Errorf("got %v, want ErrSignature", err)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	signed := func(parts ...string) [][]byte {
		var p [][]byte
		for _, s := range parts {
			p = append(p, []byte(s))
		}
		return append([][]byte{[]byte(Delimiter), sign(key, p)}, p...)
	}
	rows := []struct {
		reason string
		frames [][]byte
		want   string
	}{
		{"no frames", nil, "none is the delimiter"},
		{"no delimiter", [][]byte{[]byte("a"), []byte("b")}, "2 frames, none is the delimiter"},
		{"too few frames", signed("{}", "{}", "{}"), "4 frames after the delimiter"},
		{"content a list", signed("{}", "{}", "{}", "[]"), "the content is not a JSON object"},
		{"metadata empty", signed("{}", "{}", "", "{}"), "the metadata is not a JSON object"},
		{"header cut", signed("{", "{}", "{}", "{}"), "the header is not a JSON object"},
		{"header with a number as id", signed(`{"msg_id":1}`, "{}", "{}", "{}"), "wire.Decode: header: "},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			if _, err := Decode(row.frames, key); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	if _, err := New("s", "t", func() {}); err == nil {
		t.Error("a function was encoded as content")
	}
}

// Whatever the bytes are, a message is accepted only with the signature of its four frames.
func FuzzDecode(f *testing.F) {
	good, err := Encode(message(f), key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Join(good, []byte("\x00")))
	f.Add([]byte(Delimiter + "\x00\x00{}\x00{}\x00{}\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := bytes.Split(data, []byte("\x00"))
		m, err := Decode(frames, key)
		if err == nil {
			i := len(m.Identities)
			if !bytes.Equal(frames[i+1], sign(key, frames[i+2:i+6])) || !json.Valid(m.Content) {
				t.Fatalf("accepted %q", frames)
			}
		}
		if m, err := Decode(frames, nil); err == nil {
			again, err := Encode(m, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Decode(again, nil); err != nil {
				t.Fatalf("encoded again, it is refused: %v", err)
			}
		}
	})
}
