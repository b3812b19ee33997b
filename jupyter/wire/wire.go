package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Version is the version of the protocol that messages state.
const Version = "5.4"

// Delimiter separates identities from the message.
const Delimiter = "<IDS|MSG>"

// ErrSignature is returned for a message that was not signed with the key.
var ErrSignature = errors.New("wire.Decode: the message's signature does not fit the connection's key")

// Header names a message. As a parent header it names the request that a message answers; its
// zero value stands for none.
type Header struct {
	MsgID    string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"` // RFC 3339
	MsgType  string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one message of the protocol.
type Message struct {
	Identities [][]byte // routing frames, seen by routers only
	Header     Header
	Parent     Header
	Metadata   json.RawMessage // an object
	Content    json.RawMessage // an object, see Type
	Buffers    [][]byte
}

// New returns a message of the given type with a fresh id. content is encoded as JSON; it must
// be a value that encoding/json accepts.
func New(session, msgType string, content any) (*Message, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("wire.New: %s: %w", msgType, err)
	}
	return &Message{
		Header: Header{
			MsgID: NewID(), Session: session, Username: "lemma", MsgType: msgType, Version: Version,
			Date: time.Now().UTC().Format(time.RFC3339Nano),
		},
		Metadata: json.RawMessage("{}"),
		Content:  raw,
	}, nil
}

// NewID returns a random identifier in the form of a UUID of version 4. It names messages and
// connections; nothing that a notebook computes depends on it.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Type is the message's type, such as "execute_request".
func (m *Message) Type() string { return m.Header.MsgType }

// Decode decodes the message's content into v, as encoding/json does.
func (m *Message) Decode(v any) error {
	if err := json.Unmarshal(m.Content, v); err != nil {
		return fmt.Errorf("wire: content of %s: %w", m.Type(), err)
	}
	return nil
}

// Encode signs the message with key and returns its frames. An empty key leaves the signature
// empty, which the protocol allows.
func Encode(m *Message, key []byte) ([][]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, fmt.Errorf("wire.Encode: %w", err)
	}
	parent := []byte("{}")
	if m.Parent != (Header{}) {
		if parent, err = json.Marshal(m.Parent); err != nil {
			return nil, fmt.Errorf("wire.Encode: %w", err)
		}
	}
	parts := [][]byte{header, parent, object(m.Metadata), object(m.Content)}
	frames := append([][]byte{}, m.Identities...)
	frames = append(frames, []byte(Delimiter), sign(key, parts))
	frames = append(frames, parts...)
	return append(frames, m.Buffers...), nil
}

func object(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

func sign(key []byte, parts [][]byte) []byte {
	if len(key) == 0 {
		return []byte{}
	}
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Decode checks and parses the frames of a message. It fails with ErrSignature where the
// signature does not fit, and says what is wrong where frames are missing or are not JSON
// objects. Content and metadata are slices of frames, not copies.
func Decode(frames [][]byte, key []byte) (*Message, error) {
	at := -1
	for i, f := range frames {
		if string(f) == Delimiter {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("wire.Decode: %d frames, none is the delimiter %s", len(frames), Delimiter)
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("wire.Decode: %d frames after the delimiter, want at least 5 (signature, header, parent, metadata, content)", len(rest))
	}
	parts := rest[1:5]
	if !hmac.Equal(rest[0], sign(key, parts)) {
		return nil, ErrSignature
	}
	m := &Message{Identities: frames[:at:at], Metadata: parts[2], Content: parts[3], Buffers: rest[5:]}
	for i, name := range []string{"header", "parent header", "metadata", "content"} {
		if p := bytes.TrimSpace(parts[i]); len(p) == 0 || p[0] != '{' || !json.Valid(p) {
			return nil, fmt.Errorf("wire.Decode: the %s is not a JSON object", name)
		}
	}
	if err := json.Unmarshal(parts[0], &m.Header); err != nil {
		return nil, fmt.Errorf("wire.Decode: header: %w", err)
	}
	if err := json.Unmarshal(parts[1], &m.Parent); err != nil {
		return nil, fmt.Errorf("wire.Decode: parent header: %w", err)
	}
	return m, nil
}
