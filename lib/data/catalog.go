package data

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// remoteFile is one file of a downloadable data set. The SHA-256 sums are those that several public
// loaders agree on; md5 is the sum that the makers publish beside the file, "" where they do not. Both
// are checked. MD5 guards against accidents only; SHA-256 guards against intent too.
type remoteFile struct {
	name        string
	size        int64
	md5, sha256 string
}

// dataset is a downloadable data set: every file lies under each of the mirrors.
type dataset struct {
	name    string
	title   string
	source  string
	licence string
	mirrors []string // URLs that end in /
	files   []remoteFile
}

var catalog = []dataset{
	{
		name: "mnist", title: "MNIST handwritten digits, 70,000 images of 28×28",
		source:  "Y. LeCun, C. Cortes, C. J. C. Burges (1998), The MNIST database of handwritten digits",
		licence: "CC BY-SA 3.0, as its distributors state",
		mirrors: []string{
			"https://ossci-datasets.s3.amazonaws.com/mnist/",
			"https://storage.googleapis.com/cvdf-datasets/mnist/",
		},
		files: []remoteFile{
			{"train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
			{"train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
			{"t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
			{"t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
		},
	},
	{
		name: "fashion-mnist", title: "Fashion-MNIST articles, 70,000 images of 28×28",
		source:  "H. Xiao, K. Rasul, R. Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747",
		licence: "MIT",
		mirrors: []string{
			"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		},
		files: []remoteFile{
			{"train-images-idx3-ubyte.gz", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
			{"train-labels-idx1-ubyte.gz", 29515, "25c81989df183df01b3e8a0aad5dffbe", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
			{"t10k-images-idx3-ubyte.gz", 4422102, "bef4ecab320f06d8554ea6380940ec79", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
			{"t10k-labels-idx1-ubyte.gz", 5148, "bb300cfdad3c16e7a12a480ee83cd310", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
		},
	},
	{
		name: "cifar-10", title: "CIFAR-10 objects, 60,000 colour images of 32×32",
		source:  "A. Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images",
		licence: "none stated; the makers ask for the citation",
		mirrors: []string{
			"https://www.cs.toronto.edu/~kriz/",
			"https://cave.cs.toronto.edu/kriz/",
		},
		files: []remoteFile{
			{"cifar-10-binary.tar.gz", 170052171, "c32a1d4ab5d03f1284b67883e8d87530", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
		},
	},
	{
		name: "tiny-shakespeare", title: "40,000 lines of Shakespeare, 1.1 MB of text",
		source:  "A. Karpathy (2015), char-rnn, data/tinyshakespeare",
		licence: "the text is in the public domain; char-rnn is MIT",
		mirrors: []string{
			"https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/",
			"https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
		},
		files: []remoteFile{
			{"input.txt", 1115394, "", "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"},
		},
	},
}

// Downloadable describes a data set that [Download] knows.
type Downloadable struct {
	Name, Title, Source, Licence string
	Bytes                        int64
}

// DownloadableSets lists what [Download] knows.
func DownloadableSets() []Downloadable {
	var out []Downloadable
	for _, d := range catalog {
		e := Downloadable{Name: d.name, Title: d.title, Source: d.source, Licence: d.licence}
		for _, f := range d.files {
			e.Bytes += f.size
		}
		out = append(out, e)
	}
	return out
}

func lookup(fn, name string) (dataset, error) {
	var names []string
	for _, d := range catalog {
		if d.name == name {
			return d, nil
		}
		names = append(names, d.name)
	}
	return dataset{}, fmt.Errorf("%s: no data set %q, want one of %s", fn, name, strings.Join(names, ", "))
}

// CacheDir is the folder for downloaded data: lemma/data in the user's cache folder
// ([os.UserCacheDir]). Each set has a folder of its name in it. The folder may not exist yet.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("data.CacheDir: no cache folder for this user: %w", err)
	}
	return filepath.Join(base, "lemma", "data"), nil
}

// dir returns the set's own folder, below cacheDir or, for "", the user's cache.
func (d dataset) dir(cacheDir string) (string, error) {
	if cacheDir == "" {
		var err error
		if cacheDir, err = CacheDir(); err != nil {
			return "", err
		}
	}
	return filepath.Join(cacheDir, d.name), nil
}

// MissingError says that a data set is not (rightly) in the cache, and how to get it there.
type MissingError struct {
	Func    string
	Dataset string
	Dir     string
	Files   []MissingFile
}

// MissingFile is one of the files that are not as they should be.
type MissingFile struct {
	Path    string // where it belongs
	URL     string
	Size    int64
	SHA256  string
	Problem error // fs.ErrNotExist, or a *ChecksumError
}

// Error tells what is missing and what to do, in commands that can be copied.
func (e *MissingError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s is not complete in %s:\n", e.Func, e.Dataset, e.Dir)
	for _, f := range e.Files {
		problem := f.Problem.Error()
		if errors.Is(f.Problem, fs.ErrNotExist) {
			problem = "missing"
		}
		fmt.Fprintf(&b, "  %s: %s\n", filepath.Base(f.Path), problem)
	}
	fmt.Fprintf(&b, "nothing is downloaded unasked. From Go: data.Download(ctx, %q, data.DownloadOptions{}). From a shell, here or on a machine with a network, to be copied to the same place:", e.Dataset)
	for _, f := range e.Files {
		fmt.Fprintf(&b, "\n  curl -fL --create-dirs -o '%s' %s\n    (%d bytes, SHA-256 %s)", strings.ReplaceAll(f.Path, "'", `'\''`), f.URL, f.Size, f.SHA256)
	}
	return b.String()
}

// Unwrap gives the problem of each file.
func (e *MissingError) Unwrap() []error {
	var errs []error
	for _, f := range e.Files {
		errs = append(errs, f.Problem)
	}
	return errs
}

// ChecksumError says that a file is not the one it should be.
type ChecksumError struct {
	Path            string
	Kind, Got, Want string // Kind is "size", "MD5" or "SHA-256"
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("%s has %s %s, want %s", e.Path, e.Kind, e.Got, e.Want)
}

// require returns a *MissingError unless every file is there with its checksum.
func (d dataset) require(fn, dir string) error {
	e := &MissingError{Func: fn, Dataset: d.name, Dir: dir}
	for _, f := range d.files {
		path := filepath.Join(dir, f.name)
		err := f.verify(path)
		var sum *ChecksumError
		switch {
		case err == nil:
			continue
		case errors.Is(err, fs.ErrNotExist), errors.As(err, &sum):
			e.Files = append(e.Files, MissingFile{path, d.mirrors[0] + f.name, f.size, f.sha256, err})
		default:
			return fmt.Errorf("%s: %w", fn, err)
		}
	}
	if e.Files == nil {
		return nil
	}
	return e
}

// verify compares size and sums of the file at path.
func (f remoteFile) verify(path string) error {
	r, err := os.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	if st, err := r.Stat(); err != nil {
		return err
	} else if st.Size() != f.size {
		return &ChecksumError{path, "size", fmt.Sprint(st.Size()), fmt.Sprint(f.size)}
	}
	m, s := md5.New(), sha256.New()
	if _, err := io.Copy(io.MultiWriter(m, s), r); err != nil {
		return err
	}
	if got := hex.EncodeToString(m.Sum(nil)); f.md5 != "" && got != f.md5 {
		return &ChecksumError{path, "MD5", got, f.md5}
	}
	if got := hex.EncodeToString(s.Sum(nil)); got != f.sha256 {
		return &ChecksumError{path, "SHA-256", got, f.sha256}
	}
	return nil
}
