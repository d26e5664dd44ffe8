// Command oracle asks the real chart: it measures, for every version of the
// Bitnami redis chart, what the catalogue in src/chart/data states. See
// README.md for what each subcommand writes and what is not measured.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(args []string) error{
	"check":        checkCommand,
	"effects":      effectsCommand,
	"effects-spot": effectsSpotCommand,
	"fails":        failsCommand,
	"fallbacks":    fallbacksCommand,
	"helpers":      helpersCommand,
	"keys":         keysCommand,
	"loosen":       loosenCommand,
	"measure":      measureCommand,
	"numbers":      numbersCommand,
	"objects":      objectsCommand,
	"objects-spot": objectsSpotCommand,
	"perturb":      perturbCommand,
	"reads":        readsCommand,
	"refine":       refineCommand,
	"schemas":      schemasCommand,
	"slots":        slotsCommand,
	"spot":         spotCommand,
	"versions":     versionsCommand,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: oracle versions|keys|measure|reads|effects|objects|fails|numbers|schemas|helpers ... (see README.md)")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}
