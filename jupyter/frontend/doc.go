// Package frontend answers a kernel's live widgets when no browser is there.
//
// A cell that uses gonbui/widgets, gonbui/dom or gonbui/comms sends HTML and small scripts to
// the page and then waits, without a limit, for what the page answers: that its connection is
// open, that a slider has its first value, what an element contains. A Page gives those answers.
// It keeps the HTML that was displayed as a document, runs the scripts that touch it or the
// connection in a JavaScript interpreter (goja) against a small part of the DOM, and returns
// what they send. There is no reader, so nothing is clicked unless a script clicks it.
//
// The interpreter reaches nothing but this document and the kernel's connection: no files, no
// network. Each script has a time limit; one that fails is dropped and counted, as a browser
// would log it and go on.
//
//	concern                                  -> function            -> test
//	connection opened and acknowledged       -> Display, Comm       -> TestOpen
//	heartbeat                                -> Comm                -> TestHeartbeat
//	first value of slider, select, button    -> Display             -> TestWidgets
//	page content read and changed            -> Display             -> TestDOM
//	timers                                   -> Tick                -> TestTimers
//	hostile and endless scripts              -> Display             -> TestHostile
//
// An example:
//
//	p := frontend.New(kernelID, func(msgType string, content any) { k.Request(kernel.Shell, msgType, content) })
//	p.Display("id-1", `<script>...</script>`) // for each display_data with text/html
//	p.Comm(content)                           // for each comm_msg of iopub
package frontend
