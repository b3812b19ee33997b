// Package ipynb reads and writes Jupyter notebooks of format 4 (nbformat 4.0 to 4.5, and
// later minors as far as they only add fields).
//
// A notebook that is read and written again is the same JSON value: unknown fields, cell ids,
// the spelling of numbers and the choice between one string and a list of lines are kept. The
// bytes follow the layout that Jupyter itself writes (keys sorted, indent of one space, no
// ASCII escapes, a final newline), so that version control sees only what changed.
//
// Vocabulary: a notebook is a list of cells; a code cell has outputs; an output carries either
// text (stream), a MIME bundle (display_data, execute_result) or an error.
//
//	concern                                  -> function          -> test
//	read(write(x)) == x as JSON              -> Read, Write       -> TestRoundTrip, FuzzRead
//	errors say file, place, line and column  -> Error             -> TestErrors
//	tags of a cell                           -> Cell.HasTag       -> TestTags
//	ids only where asked for                 -> EnsureIDs         -> TestEnsureIDs
//	a file is replaced as a whole            -> WriteFile         -> TestWriteFile
//
// An example:
//
//	nb, err := ipynb.ReadFile("notebooks/09-ntk.ipynb")
//	if err != nil {
//		return err // names file, line and column
//	}
//	for _, c := range nb.Cells {
//		if c.Type == ipynb.Code && !c.HasTag("skip-execution") {
//			fmt.Println(c.Source)
//		}
//	}
//
// Reference: https://nbformat.readthedocs.io/en/latest/format_description.html
package ipynb
