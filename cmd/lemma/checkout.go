package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// modulePath is this project's module.
const modulePath = "github.com/lemma-ml/lemma"

// findCheckout returns the root of the checkout that the current folder lies in. It is an error to
// be outside of one, and the error says what to do.
func findCheckout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	start := dir
	for {
		if data, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && modfile.ModulePath(data) == modulePath {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", badUsage("%s is not in a checkout of Lemma (no go.mod of %s here or above): git clone https://%s, then cd lemma", start, modulePath, modulePath)
		}
		dir = up
	}
}

// cacheDir returns lemma's own folder in the user's cache folder, which need not exist yet.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for this user: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(dir, "lemma"), nil
}

// short writes a path relative to the home folder, for people.
func short(path string) string {
	home, err := os.UserHomeDir()
	if err == nil && home != "/" && strings.HasPrefix(path, home+string(filepath.Separator)) {
		return "~" + strings.TrimPrefix(path, home)
	}
	return path
}
