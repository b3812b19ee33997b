package simd

import (
	"os"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// TraceEnvVar names the environment variable with the file that execution times are written to,
// unless the configuration names one with trace=.
const TraceEnvVar = "GOMLX_SIMD_TRACE"

// knownOptions is what errors about the configuration say.
const knownOptions = "known are parallelism=n, passes=off, passes=-name,-name…, trace=file"

// mostGoroutines is the greatest parallelism: each is a goroutine that exists from the start.
const mostGoroutines = 4096

// options are the parsed configuration.
type options struct {
	parallelism int             // goroutines that compute at once; 0 means GOMAXPROCS
	off         map[string]bool // names of passes left out
	allOff      bool            // passes=off
	trace       string          // file for Chrome trace events; empty means none
}

// parseOptions reads "key=value,key=value". A part that begins with '-' goes on with the list of
// passes before it. passNames are the passes that may be named.
func parseOptions(config string, passNames []string) (options, error) {
	o := options{off: make(map[string]bool), trace: os.Getenv(TraceEnvVar)}
	inPasses := false
	for part := range strings.SplitSeq(config, ",") {
		part = strings.TrimSpace(part)
		key, value, _ := strings.Cut(part, "=")
		if inPasses && strings.HasPrefix(part, "-") {
			key, value = "passes", part
		}
		inPasses = key == "passes"
		switch key {
		case "": // an empty configuration, or a comma too many
		case "parallelism":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 || n > mostGoroutines {
				return o, errors.Errorf("simd: option parallelism=%s, want a number of goroutines, 0 (as many as GOMAXPROCS) to %d", value, mostGoroutines)
			}
			o.parallelism = n
		case "passes":
			if err := o.addPass(value, passNames); err != nil {
				return o, err
			}
		case "trace":
			if value == "" {
				return o, errors.New("simd: option trace= names no file")
			}
			o.trace = value
		default:
			return o, errors.Errorf("simd: unknown option %q; %s", part, knownOptions)
		}
	}
	return o, nil
}

// addPass reads one value of passes=.
func (o *options) addPass(value string, passNames []string) error {
	if value == "off" {
		o.allOff = true
		for _, name := range passNames {
			o.off[name] = true
		}
		return nil
	}
	for _, name := range passNames {
		if value == "-"+name {
			o.off[name] = true
			return nil
		}
	}
	return errors.Errorf("simd: option passes=%s, want off or a list of -%s", value, strings.Join(passNames, ", -"))
}
