// Package gomod makes the go.mod and go.sum with which a notebook's kernel starts, so that a
// cell imports a local module with no set-up cell and no network.
//
// GoNB compiles each cell in a folder of its own, in which it runs "go mod init" and, at every
// cell, "go get". A Seed replaces that empty module by one that requires the wanted module (from
// a checkout by a replace directive, or at a version from the module cache) and everything that
// it requires, at the same versions and with the same checksums. "go get" then finds nothing to
// look up, also with GOPROXY=off.
//
//	concern                                -> function                  -> test
//	module in a checkout                   -> FromCheckout              -> TestFromCheckout
//	module at a version                    -> FromModule                -> TestFromModule
//	module around a folder, if any         -> Find                      -> TestFind
//	two modules in one seed                -> Merge                     -> TestMerge
//	which imports a seed answers           -> Provides, Imports         -> TestProvides, TestImports
package gomod
