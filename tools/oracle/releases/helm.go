package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"
)

// recordVariable names the file to which the recording helm appends.
const recordVariable = "RELEASES_RECORD"

// A release is what a tool asked Helm to install.
type release struct {
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Chart     string         `json:"chart"`
	Version   string         `json:"version"`
	Values    map[string]any `json:"values"`
}

// helm answers the commands of a tool that runs Helm, and records the values that Helm would give to the chart. The
// values files and the `--set` of the command are read and merged by Helm's own package.
func helm(arguments []string) error {
	flags := pflag.NewFlagSet("helm", pflag.ContinueOnError)
	flags.ParseErrorsWhitelist.UnknownFlags = true
	var options values.Options
	flags.StringSliceVarP(&options.ValueFiles, "values", "f", nil, "")
	flags.StringArrayVar(&options.Values, "set", nil, "")
	flags.StringArrayVar(&options.StringValues, "set-string", nil, "")
	flags.StringArrayVar(&options.FileValues, "set-file", nil, "")
	flags.StringArrayVar(&options.JSONValues, "set-json", nil, "")
	flags.StringArrayVar(&options.LiteralValues, "set-literal", nil, "")
	namespace := flags.StringP("namespace", "n", "", "")
	version := flags.String("version", "", "")
	nameTemplate := flags.String("name-template", "", "")
	folder := flags.String("untardir", "", "")
	destination := flags.StringP("destination", "d", "", "")
	// Options with a value that are not needed must be known, or the value counts as an argument.
	for _, name := range []string{"repo", "kube-version", "api-versions", "output-dir", "post-renderer", "kube-context", "timeout"} {
		flags.StringArray(name, nil, "")
	}
	flags.BoolP("install", "i", false, "")
	flags.Bool("short", false, "")
	template := flags.String("template", "", "")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	words := flags.Args()
	if len(words) == 0 {
		return nil
	}
	switch words[0] {
	case "version":
		if *template != "" {
			fmt.Println("v3.22.0")
			return nil
		}
		fmt.Println("v3.22.0+gabcdef0")
		return nil
	case "pull", "fetch":
		if *folder == "" {
			*folder = *destination
		}
		return writeChart(filepath.Join(*folder, filepath.Base(words[len(words)-1])))
	case "template", "upgrade", "install":
	default:
		return nil
	}
	words = words[1:]
	if *nameTemplate != "" {
		words = append([]string{*nameTemplate}, words...)
	}
	if len(words) != 2 {
		return fmt.Errorf("expected a release and a chart, found %q", words)
	}
	merged, err := options.MergeValues(getter.All(cli.New()))
	if err != nil {
		return err
	}
	record, err := os.OpenFile(os.Getenv(recordVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer record.Close()
	path := words[1]
	if path == "." {
		// Argo CD runs Helm in the folder of the chart.
		if path, err = os.Getwd(); err != nil {
			return err
		}
	}
	chart := filepath.Base(path)
	if err := json.NewEncoder(record).Encode(release{words[0], *namespace, chart, *version, merged}); err != nil {
		return err
	}
	fmt.Printf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s-%s\n", words[0], chart)
	return nil
}

// writeChart writes a chart without templates and defaults, for a tool that looks for a chart that it pulled.
func writeChart(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	chart := fmt.Sprintf("apiVersion: v2\nname: %s\nversion: 1.0.0\n", filepath.Base(folder))
	if err := os.WriteFile(filepath.Join(folder, "Chart.yaml"), []byte(chart), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "values.yaml"), []byte("{}\n"), 0o644)
}

// recorded reads the releases of a record, and removes it.
func recorded(path string) ([]release, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	var releases []release
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	for decoder.More() {
		var one release
		if err := decoder.Decode(&one); err != nil {
			return nil, err
		}
		releases = append(releases, one)
	}
	return releases, nil
}
