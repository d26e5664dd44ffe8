// Command oracle measures, for every version of the Bitnami redis chart, the facts of the
// catalogue in src/chart/data. README.md describes the output of each subcommand, and
// what is not measured.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(args []string) error{
	"check":        checkCommand,
	"effects":      effectsCommand,
	"enter":        enterCommand,
	"effects-spot": effectsSpotCommand,
	"fails":        failsCommand,
	"fallbacks":    fallbacksCommand,
	"fresh":        freshCommand,
	"helpers":      helpersCommand,
	"integrity":    integrityCommand,
	"keys":         keysCommand,
	"loosen":       loosenCommand,
	"measure":      measureCommand,
	"moved":        movedCommand,
	"numbers":      numbersCommand,
	"objects":      objectsCommand,
	"objects-spot": objectsSpotCommand,
	"perturb":      perturbCommand,
	"presets":      presetsCommand,
	"reads":        readsCommand,
	"refine":       refineCommand,
	"schemas":      schemasCommand,
	"slots":        slotsCommand,
	"spot":         spotCommand,
	"templates":    templatesCommand,
	"types":        typesCommand,
	"versions":     versionsCommand,
}

func main() {
	args := os.Args[1:]
	if len(args) > 2 && args[0] == "-before" {
		before, args = args[1], args[2:]
	}
	if len(args) < 1 || commands[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: oracle [-before DATA_DIR] versions|keys|measure|reads|effects|objects|fails|numbers|schemas|helpers ... (see README.md)")
		os.Exit(2)
	}
	if err := commands[args[0]](args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}
