// Package data brings examples into the house: four small tables that are compiled in, readers of a
// user's own files, and larger data sets that are downloaded when, and only when, somebody asks.
//
// # Notation
//
// A [Table] has n examples in the rows of X (n×d, float64) and either classes Y with values 0..K-1
// or a numeric Target. Row order is the file's order, everywhere: the golden numbers of the chapters
// depend on it. Lines and columns in errors and options count from 1.
//
// # What is here
//
//	what                                   function                                checked by
//	digits, iris, wine, breast cancer      Digits, Iris, Wine, BreastCancer        TestEmbedded
//	digits 3 against 8 (chapter 9)         D3v8, Table.Pair                        TestD3v8
//	rows of norm 1                         UnitRows                                TestUnitRows
//	mean 0, variance 1                     Standardise                             TestStandardise
//	folds without random numbers           StratifiedFolds, SplitFold              TestStratifiedFolds
//	targets of several classes             OneHotMinusMean, OneVsRest              TestTargets
//	CSV                                    ReadCSV, WriteCSV                       TestReadCSV, FuzzReadCSV
//	NPY                                    ReadNPY, WriteNPY                       TestReadNPY, FuzzReadNPY
//	JSON lines                             ReadJSONL, DecodeJSONL                  TestReadJSONL, FuzzReadJSONL
//	any of these, by file name             ReadTable, WriteMatrix                  TestReadTable
//	PNG, JPEG and GIF, a folder a class    ReadImages, ReadImageFiles              TestReadImages, FuzzReadImage
//	a list of image files with labels      ReadImageList                           TestReadImageList, FuzzReadImageList
//	files written whole or not at all      WriteFile                               TestWriteFile
//	larger sets, when asked for            Download                                TestDownload, TestDownloadFails
//	MNIST, Fashion-MNIST                   MNIST, FashionMNIST                     TestIDX, FuzzIDX
//	CIFAR-10, Shakespeare                  CIFAR10, TinyShakespeare                TestCIFAR, TestMissing
//
// # Promises
//
// A table that reaches the caller is rectangular and finite. A reader that cannot make it so says
// where, in a [ParseError] with file, line and column (or byte offset), and returns nothing. Files are
// written to a temporary file that is then renamed, so that no half-written file is ever seen. The
// embedded tables are checked against their SHA-256 on loading. Nothing but [Download] uses the
// network; downloaded files are checked each time they are read.
//
// # An example
//
//	t, err := data.ReadTable("flowers.csv", data.ReadOptions{Label: "kind"})
//	fold, err := data.StratifiedFolds(t.Y, 5)
//	train, test := data.SplitFold(fold, 0)
//	x, err := data.Rows(t.X, train)
//	s, err := data.Standardise(x) // on the training rows alone
//	x, err = s.Apply(x)
//
// The attribution of the embedded tables is in tables/README.md and in each Table's Source and
// Licence.
package data
