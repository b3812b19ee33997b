package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Files that a generator wrote are marked in .gitattributes, and no others: thousands of lines of
// assembly hide a change that somebody should read.
func TestGeneratedFilesAreMarked(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git on the PATH")
	}
	list := exec.Command(git, "ls-files", "simd/*.go", "simd/*.s")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Skip("not a checkout: ", err)
	}
	files := strings.Fields(string(out))
	check := exec.Command(git, append([]string{"check-attr", "linguist-generated", "--"}, files...)...)
	check.Dir = ".."
	if out, err = check.Output(); err != nil {
		t.Fatal(err)
	}
	header := regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	marked := 0
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": linguist-generated: ")
		src, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) { // deleted, not yet committed
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if got, want := value == "set", header.Match(src); got != want {
			t.Errorf("%s: marked as generated in .gitattributes %t, its header says %t", name, got, want)
		}
		if value == "set" {
			marked++
		}
	}
	if marked == 0 {
		t.Error("no file is marked")
	}
}
