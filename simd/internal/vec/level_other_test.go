//go:build noasm || !(amd64 || arm64)

package vec

func sets() []*set { return []*set{&fallback} }
