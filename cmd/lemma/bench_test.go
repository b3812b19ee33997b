package main

import (
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/cmd/lemma/internal/workload"
)

func TestOnThreads(t *testing.T) {
	for config, want := range map[string]string{
		"simd":               "simd:parallelism=2",
		"simd:":              "simd:parallelism=2",
		"simd:passes=-fuse":  "simd:passes=-fuse,parallelism=2",
		"simd:parallelism=4": "simd:parallelism=4",
		"go":                 "go:parallelism=2",
		"go:ops_sequential":  "go:ops_sequential,parallelism=2",
		"xla:cpu":            "xla:cpu", // has no such option
	} {
		if got := onThreads(config, 2); got != want {
			t.Errorf("onThreads(%q, 2) = %q, want %q", config, got, want)
		}
	}
}

// TestBenchSaysWhatItCompared: the ratio is explained where there is one.
func TestBenchSaysWhatItCompared(t *testing.T) {
	for _, c := range []struct {
		reason           string
		pytorch, without string
		ratio            float64
		want, missing    string
	}{
		{"with PyTorch", "2.0", "", 1.5, "PyTorch 2.0, eager; the ratio is its time over ours", "Without"},
		{"PyTorch is not installed", "", "no PyTorch", 0, "Without a comparison: no PyTorch", "the ratio is"},
		{"not asked for", "", "", 0, "the fastest tenth counts", "the ratio is"},
	} {
		var out strings.Builder
		backendReport{
			PyTorch: c.pytorch, Without: c.without, Peak: map[int]peak{1: {100, 50, 10}},
			Results: []workload.Result{{Name: "chain", Threads: 1, Seconds: 1, Ratio: c.ratio, Floor: 1}},
		}.print(terminal{Out: &out})
		if got := out.String(); !strings.Contains(got, c.want) || strings.Contains(got, c.missing) {
			t.Errorf("%s: want %q and not %q in\n%s", c.reason, c.want, c.missing, got)
		}
	}
}

func TestCopyRate(t *testing.T) {
	for _, threads := range []int{1, 2, 5} { // more than there are processors, perhaps
		if r := copyRate(threads); r <= 0 {
			t.Errorf("%d threads: %g GB/s", threads, r)
		}
	}
}
