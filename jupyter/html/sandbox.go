package html

import (
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// framePolicy refuses a frame every request. Its scripts may draw, and talk to nobody but the
// page, which listens to one number.
const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:; " +
	"script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

// frameHead stands in front of the output, which therefore cannot swallow it: the policy, and the
// script that tells the page the height of the content.
const frameHead = `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="` + framePolicy + `">` +
	`<style>html{color-scheme:light;background:#fff;color:#1b1f24}body{margin:12px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:break-word}` +
	`table{border-collapse:collapse}th,td{padding:2px 10px;text-align:right}img,svg{max-width:100%}</style>` +
	`<script>(function(){var last=0;function tell(){var b=document.body;if(!b)return;` +
	`var h=Math.ceil(Math.max(b.scrollHeight,b.getBoundingClientRect().bottom)+13);` +
	`if(Math.abs(h-last)>1){last=h;parent.postMessage({lemmaHeight:h},"*")}}` +
	`document.addEventListener("DOMContentLoaded",function(){tell();if(window.ResizeObserver)new ResizeObserver(tell).observe(document.body)});` +
	`addEventListener("load",tell)})()</script></head><body>`

// sandbox writes the HTML output of a foreign notebook into a frame without the page's origin.
func (p *page) sandbox(text string) {
	p.frame++
	n := strconv.Itoa(p.frame)
	p.print(`<div class="output rich"><iframe class="foreign" sandbox="allow-scripts" loading="lazy" referrerpolicy="no-referrer" title="Output ` + n +
		` of this notebook, shown apart" srcdoc="`)
	attributeEscaper.WriteString(p.out, frameHead)
	attributeEscaper.WriteString(p.out, withoutRequests(text))
	p.print(`"></iframe></div>` + "\n")
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;")

// fetching are the attributes by which an element asks for something, beside href where it does.
var fetching = map[string]bool{"src": true, "srcset": true, "poster": true, "data": true, "background": true, "manifest": true,
	"imagesrcset": true, "archive": true, "codebase": true, "ping": true, "longdesc": true, "action": true, "formaction": true}

// withoutRequests renames the attributes of s that name something elsewhere. The frame's policy
// refuses them in any case; renamed, they do not fill the reader's console with refusals.
func withoutRequests(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.Write(z.Raw())
			if err := z.Err(); err != nil && err != io.EOF {
				return escape(s)
			}
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			t := z.Token()
			changed := false
			for i, a := range t.Attr {
				if asks(t.Data, a) {
					t.Attr[i].Key, changed = "data-blocked-"+a.Key, true
				}
			}
			if t.Data == "meta" { // refresh leads elsewhere; other policies could only forbid more
				continue
			}
			if changed {
				raw = t.String()
			}
			b.WriteString(raw)
		default:
			b.Write(z.Raw())
		}
	}
}

// asks reports whether attribute a of element tag makes a browser fetch.
func asks(tag string, a html.Attribute) bool {
	val := strings.ToLower(strings.TrimSpace(a.Val))
	if strings.HasPrefix(val, "data:") || strings.HasPrefix(val, "#") || val == "" {
		return false
	}
	switch {
	case fetching[a.Key]:
		return true
	case strings.HasSuffix(a.Key, "href"):
		return tag != "a" && tag != "area"
	case a.Key == "style":
		return false // the policy sees to url(...)
	}
	return false
}
