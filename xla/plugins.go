package xla

import (
	"bufio"
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// PathVariable is the environment variable that replaces the folders searched for plugins, as
// go-xla reads it: a list separated by colons.
const PathVariable = "PJRT_PLUGIN_LIBRARY_PATH"

// Plugin is a PJRT plugin found on the machine. It has been seen, not loaded.
type Plugin struct {
	Platform string `json:"platform"` // "cuda", "tpu", "cpu", or whatever its file is named for
	Path     string `json:"path"`     // absolute
}

// The forms of a plugin's file name: those of PJRT's own plugins, and the one that JAX's packages
// use (jax_plugins/xla_cuda12/xla_cuda_plugin.so).
var pluginNames = []*regexp.Regexp{
	regexp.MustCompile(`^pjrt_c_api_(.+)_plugin\.(?:so|dylib|dll)$`),
	regexp.MustCompile(`^pjrt[-_]plugin[-_](.+)\.(?:so|dylib|dll)$`),
	regexp.MustCompile(`^xla_(.+)_plugin\.so$`),
	regexp.MustCompile(`^lib(tpu)\.so$`),
}

// platformOf returns the platform a file is named for, without a version: "cuda" for
// pjrt_c_api_cuda12_plugin.so. It is empty if the name is not a plugin's.
func platformOf(path string) string {
	base := filepath.Base(path)
	for _, re := range pluginNames {
		if m := re.FindStringSubmatch(base); m != nil {
			name := strings.ToLower(m[1])
			for _, known := range []string{"cuda", "tpu", "cpu", "rocm", "metal"} {
				if strings.HasPrefix(name, known) {
					return known
				}
			}
			return name
		}
	}
	return ""
}

// rank orders platforms by preference.
func rank(platform string) int {
	if i := slices.Index([]string{"cuda", "tpu", "cpu"}, platform); i >= 0 {
		return i
	}
	return 3 // others are used when they are asked for, or when nothing better is there
}

// Plugins returns the PJRT plugins on this machine, best platform first and, within a platform, in
// the order in which folders are searched: those of PJRT_PLUGIN_LIBRARY_PATH if it is set; else
// go-xla's own, the libraries' of the system, and the Python packages of JAX. Nothing is loaded.
func Plugins() []Plugin {
	var found []Plugin
	seen := map[string]bool{}
	for _, dir := range searchPath() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // a folder of the search path need not exist
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			platform := platformOf(path)
			if platform == "" {
				continue
			}
			real, err := filepath.EvalSymlinks(path) // pjrt_c_api_cpu_plugin.so links to a versioned file
			if err != nil || seen[real] {
				continue
			}
			if info, err := os.Stat(real); err != nil || !info.Mode().IsRegular() {
				continue
			}
			seen[real] = true
			found = append(found, Plugin{Platform: platform, Path: path})
		}
	}
	slices.SortStableFunc(found, func(a, b Plugin) int { return cmp.Compare(rank(a.Platform), rank(b.Platform)) })
	return found
}

// searchPath returns the folders that Plugins looks into, absolute and in order.
func searchPath() []string {
	if list, ok := os.LookupEnv(PathVariable); ok {
		return absolute(filepath.SplitList(list))
	}
	var dirs []string
	home, _ := os.UserHomeDir()
	for _, base := range []string{InstallDir(), "/usr/local/lib/go-xla"} {
		if base != "" {
			dirs = append(dirs, base, filepath.Join(base, "nvidia"))
		}
	}
	dirs = append(dirs, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	dirs = append(dirs, filepath.SplitList(os.Getenv("DYLD_LIBRARY_PATH"))...)
	if runtime.GOOS == "linux" {
		dirs = append(dirs, "/lib", "/usr/lib", "/usr/local/lib")
		dirs = append(dirs, ldConf("/etc/ld.so.conf", 0)...)
	}
	return append(absolute(dirs), pythonDirs(home)...)
}

// pythonDirs returns the folders into which JAX's packages put their plugins: those of the active
// environment first, then the user's, then the system's, newest Python first.
func pythonDirs(home string) []string {
	var sites []string
	add := func(pattern string) {
		m, _ := filepath.Glob(pattern) // the only error is a bad pattern
		slices.Reverse(m)
		sites = append(sites, m...)
	}
	for _, env := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(env); dir != "" {
			add(filepath.Join(dir, "lib/python3*/site-packages"))
		}
	}
	if home != "" {
		add(filepath.Join(home, ".local/lib/python3*/site-packages"))
	}
	for _, root := range []string{"/usr/local/lib", "/usr/lib", "/opt/venv/lib", "/opt/conda/lib"} {
		add(filepath.Join(root, "python3*/*-packages"))
	}
	var dirs []string
	for _, site := range sites {
		m, _ := filepath.Glob(filepath.Join(site, "jax_plugins/*"))
		dirs = append(dirs, m...)
		dirs = append(dirs, filepath.Join(site, "libtpu"))
	}
	return absolute(dirs)
}

// ldConf returns the folders that the loader's configuration file names.
func ldConf(file string, depth int) []string {
	f, err := os.Open(file)
	if err != nil || depth > 4 { // a file may include itself
		return nil
	}
	defer f.Close()
	var dirs []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "include":
			files, _ := filepath.Glob(fields[1])
			for _, inc := range files {
				dirs = append(dirs, ldConf(inc, depth+1)...)
			}
		case len(fields) == 1:
			dirs = append(dirs, fields[0])
		}
	}
	return dirs
}

// absolute drops what is empty, relative or repeated: a plugin is code, and the current folder is
// not a place to load code from.
func absolute(dirs []string) []string {
	var out []string
	for _, d := range dirs {
		if filepath.IsAbs(d) && !slices.Contains(out, filepath.Clean(d)) {
			out = append(out, filepath.Clean(d))
		}
	}
	return out
}

// Obstacle says why the plugin cannot be used by this program on this machine, or nothing if it may
// be. It looks for device files only: loading a plugin without its device can take long or abort.
func (p Plugin) Obstacle() string {
	if !haveCgo {
		return errNoCgo.Error()
	}
	return lacksDevice(p.Platform)
}

// lacksDevice says why a platform's device seems to be absent, or nothing if it may be there.
func lacksDevice(platform string) string {
	if runtime.GOOS != "linux" {
		return ""
	}
	any := func(patterns ...string) bool {
		for _, p := range patterns {
			if m, _ := filepath.Glob(p); len(m) > 0 {
				return true
			}
		}
		return false
	}
	switch {
	case platform == "cuda" && !any("/dev/nvidia[0-9]*", "/dev/dxg"):
		return "no NVIDIA device (/dev/nvidia*) on this machine"
	case platform == "tpu" && !any("/dev/accel*", "/dev/vfio/[0-9]*"):
		return "no TPU device (/dev/accel*, /dev/vfio/*) on this machine"
	case platform == "rocm" && !any("/dev/kfd"):
		return "no AMD device (/dev/kfd) on this machine"
	}
	return ""
}
