package data

import (
	"os"
	"path/filepath"
)

// Cached reports whether all files of a downloadable data set lie in cacheDir ("": the user's cache)
// with the sizes they should have. It reads none of them, so that an offer can be made at no cost; what
// reads the set, such as [MNIST], checks the sums. A name that [Download] does not know is not cached.
func Cached(name, cacheDir string) bool {
	d, err := lookup("data.Cached", name)
	if err != nil {
		return false
	}
	dir, err := d.dir(cacheDir)
	if err != nil {
		return false
	}
	for _, f := range d.files {
		if st, err := os.Stat(filepath.Join(dir, f.name)); err != nil || st.Size() != f.size {
			return false
		}
	}
	return true
}
