package wire_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/jupyter/wire"
)

func Example() {
	key := []byte("secret of the connection file")
	m, _ := wire.New("session", "kernel_info_request", struct{}{})
	frames, _ := wire.Encode(m, key)
	fmt.Println(len(frames), string(frames[0]))

	frames[5] = []byte(`{"forged":true}`)
	_, err := wire.Decode(frames, key)
	fmt.Println(err)
	// Output:
	// 6 <IDS|MSG>
	// wire.Decode: the message's signature does not fit the connection's key
}
