// Package tests tests the whole product: the walls between its rooms, the command as a user runs it,
// notebooks in the real kernel and pages in a real browser. Nothing imports it.
//
// What needs the kernel, the browser or minutes is skipped with -short; what needs a program that is
// not installed is skipped and says which. Set LEMMA_SHOTS to a folder to keep the pictures that the
// browser tests take.
package tests
