//go:build !cgo || !(linux || darwin || windows)

package xla

import "github.com/gomlx/gomlx/backends"

// haveCgo says that this program cannot load PJRT plugins.
const haveCgo = false

func loadPlugin(Plugin, string) (backends.Backend, error) { return nil, errNoCgo }

func pluginVersion(Plugin) string { return "" }
