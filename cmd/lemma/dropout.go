package main

import (
	"slices"
	"strconv"
	"strings"
)

func dropoutCommand() *command {
	return &command{
		name:    "dropout",
		summary: "dropout as the penalty that it is, on your own data",
		about: `For squared loss, dropping units at rate p is the penalty λ = p/(1-p) times what chapter 11 derives.
These commands fit with the penalty itself, choose p by cross-validation, and set a usual baseline beside it.`,
		examples: []example{
			{"lemma dropout complete -train ratings.csv -o full.csv", "a table of which some cells are known: row, column, value"},
			{"lemma dropout complete -train ratings.csv -test pairs.csv -o predictions.csv", "only the cells that a second file asks for"},
			{"lemma dropout regress -train houses.csv -label price", "linear regression along the rates, against ridge"},
		},
		sub: []*command{dropoutComplete(), dropoutRegress()},
	}
}

// parseRates reads a list of rates, increasing and in [0,1), separated by commas; "" is nil.
func parseRates(flagName, list string) ([]float64, error) {
	if list == "" {
		return nil, nil
	}
	var out []float64
	for _, field := range strings.Split(list, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
		if err != nil || !(v >= 0 && v < 1) {
			return nil, badUsage("%s: %q, want probabilities of dropping in [0,1), separated by commas", flagName, field)
		}
		out = append(out, v)
	}
	if !slices.IsSorted(out) || len(slices.Compact(slices.Clone(out))) < len(out) {
		return nil, badUsage("%s %s: want increasing rates, none twice", flagName, list)
	}
	return out, nil
}
