package frontend_test

import (
	"encoding/json"
	"fmt"

	"github.com/lemma-ml/lemma/jupyter/frontend"
)

func Example() {
	page := frontend.New("kernel-id", func(msgType string, content any) {
		if msgType == "comm_msg" {
			raw, _ := json.Marshal(content.(map[string]any)["data"])
			fmt.Println(string(raw))
			return
		}
		fmt.Println(msgType)
	})
	page.Display("", `<input type="range" id="width" value="64">`)
	page.Display("", `<script>const url = "/api/kernels/kernel-id/channels"</script>`)
	fmt.Println(page.Activity() > 0)
	// Output:
	// comm_open
	// true
}
