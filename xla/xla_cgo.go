//go:build cgo && (linux || darwin || windows)

package xla

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/pkg/pjrt"
	"github.com/gomlx/gomlx/backends"
	gomlxxla "github.com/gomlx/gomlx/backends/xla"
)

// haveCgo says that this program can load PJRT plugins.
const haveCgo = true

func init() {
	// GoMLX downloads plugins when one is asked for by name, on a connection without a deadline.
	// Nothing here downloads unless it is told to (Install).
	gomlxxla.EnableAutoInstall(false)
}

// loadPlugin opens the plugin. config is its path, with GoMLX's options behind commas.
func loadPlugin(p Plugin, config string) (backends.Backend, error) {
	if p.Platform == "cuda" {
		setCUDADir(p.Path)
	}
	b, err := gomlxxla.New(config)
	if err != nil {
		return nil, err // not b, whose nil pointer would be an interface that is not nil
	}
	return b, nil
}

// setCUDADir tells XLA where the compiler tools of CUDA lie. go-xla v0.1.4 sets a folder of its
// author's machine unless the flag is set before the plugin is loaded.
func setCUDADir(plugin string) {
	const flag = "--xla_gpu_cuda_data_dir"
	flags := os.Getenv("XLA_FLAGS")
	if strings.Contains(flags, flag) {
		return
	}
	root := filepath.Dir(filepath.Dir(plugin))
	for _, dir := range []string{
		filepath.Join(root, "../nvidia/cuda_nvcc"), // JAX: site-packages/jax_plugins/xla_cuda12/, site-packages/nvidia/
		filepath.Join(root, "../nvidia/cu13"),
		filepath.Join(root, "nvidia/cuda_nvcc"), // go-xla: go-xla/nvidia/
		filepath.Join(root, "nvidia/cu13"),
		filepath.Join(root, "nvidia"),
		"/usr/local/cuda",
	} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" "+flag+"="+dir))
			return
		}
	}
	// No folder is better than a wrong one; XLA then looks for ptxas on the PATH.
	os.Setenv("XLA_FLAGS", strings.TrimSpace(flags+" "+flag+"=."))
}

// pluginVersion returns the version of a loaded plugin as it reports it.
func pluginVersion(p Plugin) string {
	plugin, err := pjrt.GetPlugin(p.Path) // already loaded: returned from go-xla's cache
	if err != nil {
		return ""
	}
	major, minor := plugin.Version()
	v := fmt.Sprintf("PJRT API %d.%d", major, minor)
	if x, ok := plugin.Attributes()["xla_version"]; ok {
		v += fmt.Sprintf(", XLA %v", x)
	}
	return v
}
