// Package book is the table of contents of the library: the 18 chapters, each with its inventory
// (every theorem, bound, algorithm, figure, table, exercise and remark) and with the claims that
// check it.
//
// A chapter's inventory is the file inventory/NN.tsv; its claims come from the topic packages, as
// listed in chapters.go, and so do its explorers (explorers.go) and exercises (exercises.go). A chapter
// without an inventory has not been begun.
package book
