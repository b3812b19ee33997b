package html

import (
	"encoding/json"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// codeCell writes a code cell: its code, unless a tag hides or removes it, and its outputs.
func (p *page) codeCell(c *ipynb.Cell) {
	source := strings.TrimRight(c.Source, "\n")
	showCode := strings.TrimSpace(source) != "" && !c.HasTag("remove-input") && !c.HasTag("remove_input")
	outputs := joinStreams(c.Outputs)
	if c.HasTag("remove-output") || c.HasTag("remove_output") {
		outputs = nil
	}
	if !showCode && len(outputs) == 0 {
		return
	}
	p.printf("<section class=\"cell\" id=\"cell-%d\">\n", p.cell+1)
	if showCode {
		folded := c.HasTag("hide-input") || c.HasTag("hide_input") || hidden(c, "source_hidden")
		if folded {
			p.print("<details class=\"fold\"><summary>Code</summary>\n")
		}
		p.print(`<pre class="code" tabindex="0" role="group" aria-label="Code"><code>`)
		p.code.write(p.out, source)
		p.print("</code></pre>\n")
		if folded {
			p.print("</details>\n")
		}
	}
	if len(outputs) > 0 && (c.HasTag("hide-output") || c.HasTag("hide_output") || hidden(c, "outputs_hidden")) {
		p.print("<details class=\"fold\"><summary>Output</summary>\n")
		defer p.print("</details></section>\n")
	} else {
		defer p.print("</section>\n")
	}
	for _, o := range outputs {
		p.output(c, o)
	}
}

// hidden reports whether JupyterLab's user folded the cell: metadata.jupyter.source_hidden and
// outputs_hidden.
func hidden(c *ipynb.Cell, key string) bool {
	var m ipynb.Object
	return json.Unmarshal(c.Metadata["jupyter"], &m) == nil && string(m[key]) == "true"
}

// joinStreams joins neighbouring stream outputs of one name: kernels send a panic in pieces.
func joinStreams(in []*ipynb.Output) []*ipynb.Output {
	var out []*ipynb.Output
	for i := 0; i < len(in); {
		o := in[i]
		if o.Type != ipynb.Stream {
			out = append(out, o)
			i++
			continue
		}
		j := i
		size := 0
		for j < len(in) && in[j].Type == ipynb.Stream && in[j].Name == o.Name {
			size += len(in[j].Text)
			j++
		}
		if j > i+1 {
			var b strings.Builder
			b.Grow(size)
			for _, s := range in[i:j] {
				b.WriteString(s.Text)
			}
			o = &ipynb.Output{Type: ipynb.Stream, Name: o.Name, Text: b.String()}
		}
		if strings.TrimSpace(o.Text) != "" {
			out = append(out, o)
		}
		i = j
	}
	return out
}

// output writes one output.
func (p *page) output(c *ipynb.Cell, o *ipynb.Output) {
	switch o.Type {
	case ipynb.Stream:
		label, class := "Output", "stream"
		if o.Name == "stderr" {
			label, class = "Standard error", "stream stderr"
		}
		p.printf(`<div class="output %s">`, class)
		if o.Name == "stderr" {
			p.print(`<p class="tag">stderr</p>`)
		}
		p.printf(`<pre tabindex="0" role="group" aria-label="%s">`, label)
		p.text(strings.TrimRight(o.Text, "\n"))
		p.print("</pre></div>\n")
	case ipynb.ErrorOutput:
		p.errorOutput(c, o)
	case ipynb.DisplayData, ipynb.ExecuteResult:
		p.rich(c, o)
	}
}

func (p *page) errorOutput(c *ipynb.Cell, o *ipynb.Output) {
	label := "Error"
	if c.HasTag("raises-exception") {
		label = "Error, as expected"
	}
	p.printf(`<div class="output error"><p class="tag">%s</p><pre tabindex="0" role="group" aria-label="%s">`, label, label)
	head := strings.Trim(o.EName+": "+o.EValue, ": \n")
	trace := strings.TrimRight(strings.Join(o.Traceback, "\n"), "\n")
	plain := stripANSI(trace)
	if head != "" && !strings.Contains(plain, strings.TrimSpace(o.EValue)) || trace == "" {
		p.text(head)
		p.print("\n")
	}
	p.text(trace)
	p.print("</pre></div>\n")
}

// alt is the text that stands for an image: from the metadata of the output, for all of it or for
// the MIME type, or of the cell.
func (p *page) alt(c *ipynb.Cell, o *ipynb.Output, mime string) string {
	for _, m := range []ipynb.Object{o.Metadata, c.Metadata} {
		for _, key := range []string{mime, "lemma", ""} {
			in := m
			if key != "" {
				in = nil
				if json.Unmarshal(m[key], &in) != nil {
					continue
				}
			}
			var s string
			if json.Unmarshal(in["alt"], &s) == nil && strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return "Figure made by the code above"
}
