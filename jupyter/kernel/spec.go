package kernel

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Spec is a Jupyter kernelspec: how a front end starts a kernel.
type Spec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

// KernelSpec returns the kernelspec with which Jupyter starts gonb with the tools: goimports on
// PATH, workspaces off, requirements added on demand.
func KernelSpec(t *Tools) Spec {
	return Spec{
		Argv:          []string{t.Gonb, "--kernel", "{connection_file}"},
		DisplayName:   "Go (GoNB " + t.GonbVersion + ")",
		Language:      "go",
		InterruptMode: "message", // GoNB does not handle SIGINT as an interrupt of the cell alone
		Env: map[string]string{
			"PATH":    filepath.Dir(t.Goimports) + string(filepath.ListSeparator) + filepath.Dir(t.Go) + string(filepath.ListSeparator) + "${PATH}",
			"GOWORK":  "off",
			"GOFLAGS": goflags("", "-mod=mod"),
		},
	}
}

// InstallSpec writes a kernelspec named name below dir, as Jupyter expects it in a folder of
// JUPYTER_PATH: dir/kernels/name/kernel.json. The user's own kernelspecs are not touched, which
// "gonb --install" would do. Start Jupyter with JUPYTER_PATH=dir.
func InstallSpec(dir, name string, spec Spec) (path string, err error) {
	folder := filepath.Join(dir, "kernels", name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("kernel.InstallSpec: %w", err)
	}
	data, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return "", fmt.Errorf("kernel.InstallSpec: %w", err)
	}
	path = filepath.Join(folder, "kernel.json")
	tmp, err := os.CreateTemp(folder, ".kernel-*")
	if err != nil {
		return "", fmt.Errorf("kernel.InstallSpec: %w", err)
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	_, err = tmp.Write(append(data, '\n'))
	if cerr := tmp.Chmod(0o644); err == nil {
		err = cerr
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return "", fmt.Errorf("kernel.InstallSpec: %w", err)
	}
	return path, nil
}
