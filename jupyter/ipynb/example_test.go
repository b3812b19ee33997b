package ipynb_test

import (
	"fmt"
	"os"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

func Example() {
	nb := ipynb.New("gonb", "go")
	c := ipynb.NewCell(ipynb.Code, "x := 1")
	c.AddTag("parameters")
	nb.Cells = append(nb.Cells, c)
	nb.EnsureIDs()
	fmt.Println(nb.KernelName(), nb.Cells[0].HasTag("parameters"))
	// Output: gonb true
}

func ExampleRead() {
	nb, err := ipynb.Parse([]byte(`{"cells":[{"cell_type":"raw","source":["a\n","b"]}],"nbformat":4,"nbformat_minor":2}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	nb.Write(os.Stdout)
	// Output:
	// {
	//  "cells": [
	//   {
	//    "cell_type": "raw",
	//    "source": [
	//     "a\n",
	//     "b"
	//    ]
	//   }
	//  ],
	//  "nbformat": 4,
	//  "nbformat_minor": 2
	// }
}
