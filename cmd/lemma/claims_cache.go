package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
)

// The report shows the verdicts of a chapter's claims. They are kept between reports, because a
// check gives the same finding whenever it runs the same code with the same seed on the same
// backend. The code is this program: its own bytes are the key, which leaves out nothing, embedded
// tables and versions of modules included.

// claimsKey returns the name of a chapter's kept results.
func claimsKey(chapter int, backend string, seed uint64) (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	fmt.Fprintf(h, "\x00chapter %d\x00%s\x00seed %d", chapter, backend, seed)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// cachedClaims returns a chapter's claims as `lemma verify -json` has them, from an earlier run if
// there was one, else by running run and keeping what it returns. A result that lacks a claim,
// because it was interrupted or a claim could not be checked, is not kept.
func cachedClaims(dir, key string, force bool, run func() ([]claimJSON, bool)) (claims []claimJSON, cached bool, err error) {
	path := filepath.Join(dir, key+".json")
	if !force {
		raw, err := os.ReadFile(path)
		switch {
		case err == nil && json.Unmarshal(raw, &claims) == nil:
			return claims, true, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, false, err
		}
	}
	claims, keep := run()
	if !keep {
		return claims, false, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return claims, false, err
	}
	err = data.WriteFile(path, func(w io.Writer) error { return printJSON(w, claims) })
	prune(dir, 50)
	return claims, false, err
}

// prune removes the oldest files of a folder beyond the number to keep.
func prune(dir string, keep int) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= keep {
		return
	}
	age := func(e fs.DirEntry) int64 {
		info, err := e.Info()
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return int(min(1, max(-1, age(a)-age(b)))) })
	for _, e := range entries[:len(entries)-keep] {
		os.Remove(filepath.Join(dir, e.Name())) // what is in use by another program goes next time
	}
}

// chapterClaims checks the claims of one chapter, or takes what is kept.
func chapterClaims(ctx context.Context, claims []*claim.Claim, env claim.Env, backend string, force bool, progress func(done int, label string)) ([]claimJSON, bool, error) {
	base, err := cacheDir()
	if err != nil {
		return nil, false, err
	}
	key, err := claimsKey(chapterOf(claims[0]), backend, env.Seed)
	if err != nil {
		return nil, false, err
	}
	return cachedClaims(filepath.Join(base, "claims"), key, force, func() ([]claimJSON, bool) {
		outcomes := check(ctx, claims, checking{Env: env, Done: progress})
		whole := ctx.Err() == nil
		for _, o := range outcomes {
			whole = whole && o.Err == nil
		}
		return summarise(outcomes, nil).JSON().Claims, whole
	})
}
