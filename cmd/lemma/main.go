// Lemma makes the book Theory of Deep Learning executable: the command.
//
//	lemma report        run the notebooks and write the pages
//	lemma verify 9      check a chapter's claims against measurement
//	lemma ntk classify  a tool of the library on one's own data
//
// lemma -h lists the commands; lemma COMMAND -h teaches one. Each command is a file of this folder
// and only connects the library, the notebooks and the backends with a terminal.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ends = append(ends, syscall.SIGHUP) // the terminal was closed
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	go func() {
		<-ctx.Done()
		signal.Ignore(syscall.SIGHUP) // a closed terminal sends several: the system's and the shell's
		stop()                        // a second Ctrl-C ends the program whatever it is doing
	}()
	os.Exit(run(ctx, os.Args[1:], terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// commands returns every command in the order in which help lists them.
func commands() []*command {
	return []*command{
		reportCommand(),
		verifyCommand(),
		diffCommand(),
		drawCommand(),
		errataCommand(),
		checkCommand(),
		runCommand(),
		labCommand(),
		ntkCommand(),
		dropoutCommand(),
		doctorCommand(),
		benchCommand(),
		kernelCommand(),
		versionCommand(),
	}
}
