// Package header corrects the first line of generated files: the writer of assembly names itself there,
// not the command that go generate ran.
package header
