package kernel

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/lemma-ml/lemma/jupyter/wire"
)

// Somebody who can write to the output channel but does not know the key is not listened to.
func TestForgedMessages(t *testing.T) {
	k := &Kernel{
		Session: wire.NewID(), key: []byte("the key"), log: &tail{most: 1 << 10},
		events: make(chan Event, 16), died: make(chan struct{}),
	}
	var err error
	if k.dir, err = privateDir(); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(k.dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pub := zmq4.NewPub(ctx)
	for i, s := range []zmq4.Socket{zmq4.NewRouter(ctx), pub, zmq4.NewRouter(ctx), zmq4.NewRouter(ctx), zmq4.NewRep(ctx)} {
		if err := s.Listen(fmt.Sprintf("ipc://%s-%d", filepath.Join(k.dir, "s"), i+1)); err != nil {
			t.Fatal(err)
		}
		defer s.Close()
	}
	if err := k.connect(ctx); err != nil {
		t.Fatal(err)
	}
	publish := func(text, key string) {
		m, err := wire.New("s", "stream", map[string]string{"name": "stdout", "text": text})
		if err != nil {
			t.Fatal(err)
		}
		frames, err := wire.Encode(m, []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		if err := pub.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.After(10 * time.Second)
	for received := false; !received; {
		publish("forged", "another key")
		publish("signed", "the key")
		select {
		case e := <-k.Events():
			var s struct{ Text string }
			if err := e.Message.Decode(&s); err != nil || s.Text != "signed" {
				t.Fatalf("got %q, %v", s.Text, err)
			}
			received = true
		case <-time.After(20 * time.Millisecond): // the subscription is not there yet
		case <-deadline:
			t.Fatal("no message")
		}
	}
	if k.Refused() == 0 {
		t.Error("no message was refused")
	}
	cancel()
	k.conn.close()
	k.readers.Wait()
}
