package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/jupyter/kernel"
)

func labCommand() *command {
	return &command{
		name:    "lab",
		args:    "[folder | notebook.ipynb]",
		summary: "open Jupyter with the Go kernel, cells importing the library with no set-up",
		about: `Starts the Jupyter that is installed (JupyterLab, or Jupyter Notebook, version 6 or 7) on the folder, or
on the notebook: by default on notebooks/ of the checkout, outside of a checkout on the current
folder. Jupyter saves into that folder; -copy leaves it alone and works on copies elsewhere.

The kernel is named gonb, as the notebooks want it, and is registered for this Jupyter alone: your own
kernels and settings stay as they are. Cells import this project's packages, those of the module
around the notebook, and whatever else they name, which the go command fetches; -offline keeps it
from the network.

Jupyter answers to this machine alone (-ip says otherwise, for a container) and only to those who know
its token, which is in the address that is printed. It is a new one each time unless JUPYTER_TOKEN
holds one. Ctrl-C ends Jupyter and its kernels.`,
		examples: []example{
			{"lemma lab", "the chapters' notebooks"},
			{"lemma lab notebooks/09-ntk.ipynb", "one of them"},
			{"lemma lab -copy ~/lemma-notebooks", "copies to write in; what is there already is kept, and named where it is another"},
			{"lemma lab -with notebook -port 9000 -no-browser .", "this folder, in Jupyter Notebook, at a port of its own"},
		},
		flags: func(fs *flag.FlagSet) action {
			var l lab
			fs.StringVar(&l.with, "with", "", "start `kind`, lab or notebook; without this flag lab, where it is installed")
			fs.StringVar(&l.copy, "copy", "", "copy the notebooks that are not there yet into `folder`, and open that")
			fs.StringVar(&l.ip, "ip", "127.0.0.1", "listen at `address`; one of another machine's network lets others in who know the token")
			fs.IntVar(&l.port, "port", 0, "listen at port `n` (default: the first free one from 8888 on)")
			fs.BoolVar(&l.noBrowser, "no-browser", false, "do not open a browser")
			fs.BoolVar(&l.offline, "offline", false, "cells fetch no modules")
			fs.BoolVar(&l.verbose, "v", false, "show what Jupyter says")
			return l.run
		},
	}
}

// lab holds the flags of lab.
type lab struct {
	with, copy, ip string
	port           int
	noBrowser      bool
	offline        bool
	verbose        bool
}

// minToken is the length of a token that one may meet on a network: 16 letters of base64 are 96 bits.
const minToken = 16

func (l *lab) run(ctx context.Context, t terminal, args []string) error {
	token, err := l.check(args)
	if err != nil {
		return err
	}
	if err := portFree(l.ip, l.port); err != nil {
		return err
	}
	root, file, err := l.place(t, args)
	if err != nil {
		return err
	}
	j, err := findJupyter(ctx, l.with)
	if err != nil {
		return err
	}
	own, err := ownModule(ctx)
	if err != nil {
		return err
	}
	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: own.ToolsDir, Progress: building(t)})
	if err != nil {
		return err
	}
	private, err := os.MkdirTemp("", "lemma-lab-") // of mode 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(private)
	if err := registerKernel(private, own.ToolsDir, tools, l.offline); err != nil {
		return err
	}
	s := server{jupyter: j, private: private, root: root, file: file, ip: l.ip, port: l.port, token: token, noBrowser: l.noBrowser}
	if l.verbose {
		s.log = t.Err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "%s with the Go kernel (gonb %s) on %s\n", j, tools.GonbVersion, short(root))
	if os.Geteuid() == 0 {
		fmt.Fprintln(t.Err, "you are root, and so is every cell")
	}
	if !loopback(l.ip) {
		fmt.Fprintf(t.Err, "it listens at %s, not at this machine alone: whoever reaches it and knows the token runs programs as you\n", l.ip)
	}
	fmt.Fprintf(t.Out, "%s\n", s.address)
	fmt.Fprintln(t.Err, "Ctrl-C ends it and its kernels")
	err = s.wait()
	if ctx.Err() != nil {
		fmt.Fprintln(t.Err, "Jupyter and its kernels have ended")
		return nil // Ctrl-C is how one leaves
	}
	return err
}

// check refuses what cannot go well, and returns the token.
func (l *lab) check(args []string) (string, error) {
	switch {
	case len(args) > 1:
		return "", badUsage("got %s, want one folder or notebook", plural(len(args), "argument"))
	case l.with != "" && l.with != "lab" && l.with != "notebook":
		return "", badUsage("-with %q, want lab or notebook", l.with)
	case l.port < 0 || l.port > 65535:
		return "", badUsage("-port %d, want 1 to 65535", l.port)
	case l.ip == "":
		return "", badUsage("-ip is empty; 127.0.0.1 is this machine alone, 0.0.0.0 is every network it is in")
	case l.ip != "localhost" && net.ParseIP(l.ip) == nil:
		return "", badUsage("-ip %q, want an address such as 127.0.0.1 or 0.0.0.0", l.ip)
	}
	token := os.Getenv("JUPYTER_TOKEN")
	if token == "" {
		return newToken()
	}
	if len(token) < minToken && !loopback(l.ip) {
		return "", badUsage("JUPYTER_TOKEN has %d characters: at -ip %s it is all that keeps others out; want at least %d, or unset it for a new one", len(token), l.ip, minToken)
	}
	return token, nil
}

func loopback(ip string) bool {
	return ip == "localhost" || net.ParseIP(ip).IsLoopback()
}

// portFree refuses a port that another program has, which Jupyter would only tell among much else.
// Port 0 is any.
func portFree(ip string, port int) error {
	if port == 0 {
		return nil
	}
	at, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	switch {
	case errors.Is(err, fs.ErrPermission):
		return badUsage("-port %d: only root may listen there; want a port from 1024 on", port)
	case err != nil:
		return badUsage("-port %d: it is taken, or %s is no address of this machine (%v); without -port the first free one is found", port, ip, err)
	}
	return at.Close()
}

// place returns the folder that Jupyter serves, and the notebook in it to open, if one was asked for.
func (l *lab) place(t terminal, args []string) (root, file string, err error) {
	root = "."
	if len(args) > 0 {
		root = args[0]
		info, err := os.Stat(root)
		if err != nil {
			return "", "", failure{exitUsage, err}
		}
		if !info.IsDir() {
			if filepath.Ext(root) != ".ipynb" {
				return "", "", badUsage("%s is neither a folder nor a notebook (.ipynb)", root)
			}
			root, file = filepath.Dir(root), filepath.Base(root)
		}
	} else if checkout, err := findCheckout(); err == nil {
		root = filepath.Join(checkout, "notebooks")
	}
	if root, err = filepath.Abs(root); err != nil {
		return "", "", err
	}
	if l.copy != "" {
		if root, err = copyNotebooks(t.Err, l.copy, root, file); err != nil {
			return "", "", failure{exitUsage, err}
		}
	}
	return root, file, nil
}

// copyNotebooks copies the notebooks of a folder, or one of them, into another folder, made if it is
// not there. What has the name already is a person's work and stays; say hears of it where it differs.
func copyNotebooks(say io.Writer, to, from, file string) (string, error) {
	to, err := filepath.Abs(to)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return "", err
	}
	pattern := "*.ipynb"
	names := []string{file}
	if file == "" {
		list, err := fs.Glob(os.DirFS(from), pattern)
		if err != nil {
			return "", err
		}
		names = list
	}
	for _, name := range names {
		copied, original := filepath.Join(to, name), filepath.Join(from, name)
		fresh, err := copyNew(copied, original)
		if err != nil {
			return "", err
		}
		if fresh {
			continue
		}
		if same, err := sameFile(copied, original); err != nil {
			return "", err
		} else if !same {
			fmt.Fprintf(say, "kept %s, which differs from %s; delete or rename it for the new one\n", short(copied), short(original))
		}
	}
	return to, nil
}

// sameFile reports whether two files hold the same.
func sameFile(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	return err == nil && bytes.Equal(x, y), err
}

// copyNew copies a file to a place where nothing is; fresh reports whether that was so.
func copyNew(to, from string) (fresh bool, err error) {
	in, err := os.Open(from)
	if err != nil {
		return false, err
	}
	defer in.Close()
	if _, err := os.Lstat(to); err == nil {
		return false, nil
	}
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-*") // not at its place until it is whole
	if err != nil {
		return false, err
	}
	defer os.Remove(out.Name())
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(0o644), out.Close()); err != nil {
		return false, err
	}
	err = os.Link(out.Name(), to)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil { // a file system without links
		err = os.Rename(out.Name(), to)
	}
	return err == nil, err
}

// startWithin is how long Jupyter may take to say its address: some seconds, more on a busy machine.
const startWithin = 90 * time.Second

// withToken is an address that lets its reader in.
func withToken(address, token string) string {
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	return address + sign + "token=" + url.QueryEscape(token)
}
