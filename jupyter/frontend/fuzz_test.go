package frontend

import (
	"encoding/json"
	"testing"
	"time"
)

// Whatever a notebook displays and a kernel says, the page stands, and what it sends is JSON.
func FuzzPage(f *testing.F) {
	f.Add(`<div id="a"><input type="range" value="3"></div>`, `<script>gonb_comm.newSyncedVariable("/a", document.getElementById("a").innerHTML)</script>`, `{"address":"/a","value":1}`)
	f.Add(`<select><option selected>`, `<script>document.body.insertAdjacentHTML("afterbegin", "<p"); setTimeout(() => document.body.remove(), 1)</script>`, `{"address":"#heartbeat/ping","value":true}`)
	f.Add(`<table><svg><p></table>`, `<SCRIPT type=module>document.x = gonb_comm</SCRIPT>`, `{"address":"/a","read_request":true}`)
	f.Fuzz(func(t *testing.T, first, second, data string) {
		p := New(kernelID, func(_ string, content any) {
			if _, err := json.Marshal(content); err != nil {
				t.Fatalf("sent %v: %v", content, err)
			}
		})
		p.limit = 20 * time.Millisecond
		p.Display("1", first)
		p.Display("2", `<script>"/api/kernels/`+kernelID+`"</script>`)
		p.Display("", second)
		p.Comm(json.RawMessage(`{"comm_id":"` + p.commID + `","data":{"address":"#comm_open_ack","value":true}}`))
		p.Comm(json.RawMessage(`{"comm_id":"` + p.commID + `","data":` + data + `}`))
		p.Tick(time.Now().Add(time.Minute))
		p.Display("1", second)
		p.Display("2", "")
	})
}
