//go:build !amd64 || noasm

package vec

func sets() []*set { return []*set{&fallback} }
