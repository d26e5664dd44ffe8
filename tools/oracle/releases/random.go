package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// variants is the number of random repositories of each form.
const variants = 24

// Keys whose parents are the same in every layer, so that a layer never replaces a map by a scalar.
var randomKeys = []string{
	"architecture", "auth.enabled", "auth.existingSecret", "auth.sentinel", "commonLabels.team", "master.count",
	"master.persistence.enabled", "master.persistence.size", "metrics.enabled", "replica.replicaCount", "sentinel.enabled",
	"sentinel.quorum", "tls.enabled",
}

// Scalars that YAML 1.1, YAML 1.2 and `--set` read differently, among others.
var randomScalars = []string{
	"off", "on", "no", "yes", "n", "y", "Off", "true", "false", "True", "null", "~", `""`, `"off"`, `"true"`, `'5'`, "0", "1", "5",
	"12345678", "1.5", "1e3", "1e6", ".5", "0777", "0o17", "0x1f", "1_000", "+3", "1:30", "standalone", "16Gi",
	"redis-auth", `"a,b"`, `"{a,b}"`,
}

// Scalars of randomScalars that a command line can have without quotes.
var randomWords = []string{"off", "true", "false", "null", "0", "5", "12345678", "1.5", "1e3", "0777", "16Gi", "standalone", "", "{a,b}", `a\,b`}

// A repository is a random repository with one release.
type repository struct {
	files map[string]string
	id    string
}

var randomForms = map[string]struct {
	tool string
	make func(*rand.Rand) repository
}{
	"argo-cd":             {"argo-cd", randomApplication},
	"flux":                {"flux", randomFlux},
	"helmfile":            {"helmfile", randomHelmfile},
	"kustomize":           {"kustomize", randomKustomize},
	"kustomize-generator": {"kustomize", randomGenerator},
	"shell":               {"bash", randomScript},
	"terraform":           {"terraform", randomTerraform},
}

// random asks the tools for the values of random repositories, the same ones in each run.
func (j judge) random() ([]answer, error) {
	var answers []answer
	for number, form := range names(randomForms) {
		source := rand.New(rand.NewPCG(14, uint64(number)))
		for at := range variants {
			name := fmt.Sprintf("random/%s/%02d", form, at)
			made := randomForms[form].make(source)
			root := filepath.Join(j.folder, name)
			for path, text := range made.files {
				file := filepath.Join(root, path)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					return nil, err
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					return nil, err
				}
			}
			releases, err := j.ask(randomForms[form].tool, root)
			if err != nil {
				return nil, fmt.Errorf("%s: %w: %v", name, err, made.files)
			}
			if len(releases) != 1 {
				return nil, fmt.Errorf("%s: %d releases", name, len(releases))
			}
			answers = append(answers, answer{name, randomForms[form].tool, made.id, made.files, releases[0].Values})
		}
	}
	return answers, nil
}

// layer writes random values in YAML, with an indentation.
func layer(source *rand.Rand, indent string) string {
	var text strings.Builder
	written := map[string]bool{}
	for _, key := range randomKeys {
		if source.IntN(3) != 0 {
			continue
		}
		parts := strings.Split(key, ".")
		for depth := range parts {
			path := strings.Join(parts[:depth+1], ".")
			if written[path] {
				continue
			}
			written[path] = true
			fmt.Fprintf(&text, "%s%s%s:", indent, strings.Repeat("  ", depth), parts[depth])
			if depth == len(parts)-1 {
				text.WriteString(" " + pick(source, randomScalars))
			}
			text.WriteString("\n")
		}
	}
	if text.Len() == 0 {
		return indent + "architecture: standalone\n"
	}
	return text.String()
}

func pick(source *rand.Rand, from []string) string { return from[source.IntN(len(from))] }

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func kustomizeChart(source *rand.Rand, files map[string]string, indent string) string {
	var text strings.Builder
	line := func(words string) { text.WriteString(indent + words + "\n") }
	for _, words := range []string{"name: redis", "repo: https://charts.bitnami.com/bitnami", "version: 25.5.3", "releaseName: redis", "namespace: cache"} {
		line(words)
	}
	// Without a values file, Kustomize reads the defaults of the chart, which the record does not have.
	files["cache/values.yaml"] = layer(source, "")
	line("valuesFile: values.yaml")
	if mode := pick(source, []string{"", "override", "merge", "replace"}); mode != "" {
		line("valuesMerge: " + mode)
	}
	if source.IntN(4) != 0 {
		line("valuesInline:")
		text.WriteString(layer(source, indent+"  "))
	}
	if source.IntN(3) == 0 {
		files["cache/more.yaml"] = layer(source, "")
		line("additionalValuesFiles: [more.yaml]")
	}
	return text.String()
}

func randomKustomize(source *rand.Rand) repository {
	files := map[string]string{}
	chart := kustomizeChart(source, files, "    ")
	files["cache/kustomization.yaml"] = "helmCharts:\n  -" + strings.TrimPrefix(chart, "   ")
	return repository{files, "cache/kustomization.yaml#redis"}
}

func randomGenerator(source *rand.Rand) repository {
	files := map[string]string{"cache/kustomization.yaml": "generators: [redis.yaml]\n"}
	chart := kustomizeChart(source, files, "")
	files["cache/redis.yaml"] = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: redis}\n" + chart
	return repository{files, "cache/redis.yaml#redis"}
}

func randomHelmfile(source *rand.Rand) repository {
	files := map[string]string{}
	text := "repositories: [{name: bitnami, url: 'https://charts.bitnami.com/bitnami'}]\nreleases:\n" +
		"  - name: redis\n    namespace: cache\n    chart: bitnami/redis\n    version: 25.5.3\n"
	lists := map[string]func(int) string{
		"valuesTemplate": func(int) string { return "      -" + strings.TrimPrefix(layer(source, "        "), "       ") },
		"values": func(at int) string {
			if source.IntN(2) == 0 {
				return "      -" + strings.TrimPrefix(layer(source, "        "), "       ")
			}
			path := fmt.Sprintf("values/%d.yaml", at)
			files[path] = layer(source, "")
			return "      - " + path + "\n"
		},
	}
	for _, list := range shuffled(source, []string{"values", "valuesTemplate"}) {
		if list == "valuesTemplate" && source.IntN(2) == 0 {
			continue
		}
		text += "    " + list + ":\n"
		for at := range 1 + source.IntN(3) {
			text += lists[list](at)
		}
	}
	for _, list := range shuffled(source, []string{"set", "setString", "setTemplate"}) {
		if source.IntN(2) == 0 {
			continue
		}
		text += "    " + list + ":\n"
		for range 1 + source.IntN(2) {
			text += fmt.Sprintf("      - name: %s\n        value: %s\n", pick(source, randomKeys), pick(source, randomScalars))
		}
	}
	files["helmfile.yaml"] = text
	return repository{files, "helmfile.yaml#redis"}
}

func randomApplication(source *rand.Rand) repository {
	files := map[string]string{}
	text := "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: redis, namespace: argocd}\nspec:\n" +
		"  destination: {name: in-cluster, namespace: cache}\n  sources:\n" +
		"    - repoURL: https://git.example.com/gitops.git\n      ref: values\n" +
		"    - repoURL: https://charts.bitnami.com/bitnami\n      chart: redis\n      targetRevision: 25.5.3\n      helm:\n" +
		"        releaseName: redis\n"
	if count := source.IntN(3); count > 0 {
		text += "        valueFiles:\n"
		for at := range count {
			path := fmt.Sprintf("values/%d.yaml", at)
			files[path] = layer(source, "")
			text += "          - $values/" + path + "\n"
		}
	}
	if source.IntN(2) == 0 {
		text += "        values: |\n" + layer(source, "          ")
	}
	if source.IntN(2) == 0 {
		text += "        valuesObject:\n" + layer(source, "          ")
	}
	if count := source.IntN(4); count > 0 {
		text += "        parameters:\n"
		keys := shuffled(source, append([]string{}, randomKeys...))
		for at := range count {
			text += fmt.Sprintf("          - name: %s\n            value: %s\n", keys[at], quoted(pick(source, append([]string{"a,b"}, randomWords...))))
			if source.IntN(3) == 0 {
				text += "            forceString: true\n"
			}
		}
	}
	files["apps/redis.yaml"] = text
	return repository{files, "apps/redis.yaml#redis"}
}

func randomFlux(source *rand.Rand) repository {
	files := map[string]string{}
	text := "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: cache}\nspec:\n" +
		"  chart: {spec: {chart: redis, version: 25.5.3, sourceRef: {kind: HelmRepository, name: bitnami}}}\n"
	if count := source.IntN(4); count > 0 {
		text += "  valuesFrom:\n"
		for at := range count {
			object := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: part-%d, namespace: cache}\ndata:\n", at)
			text += fmt.Sprintf("    - kind: ConfigMap\n      name: part-%d\n", at)
			if source.IntN(2) == 0 {
				object += "  values.yaml: |\n" + layer(source, "    ")
			} else {
				object += "  word: " + quoted(pick(source, randomWords)) + "\n"
				text += "      valuesKey: word\n      targetPath: " + pick(source, randomKeys) + "\n"
			}
			files[fmt.Sprintf("apps/part-%d.yaml", at)] = object
		}
	}
	if source.IntN(4) != 0 {
		text += "  values:\n" + layer(source, "    ")
	}
	files["apps/redis.yaml"] = text
	return repository{files, "apps/redis.yaml#redis"}
}

func randomScript(source *rand.Rand) repository {
	files := map[string]string{}
	words := []string{"--namespace cache", "--version 25.5.3"}
	for at := range source.IntN(3) {
		path := fmt.Sprintf("values/%d.yaml", at)
		files[path] = layer(source, "")
		words = append(words, "-f "+path)
	}
	for range source.IntN(4) {
		flag := pick(source, []string{"--set", "--set-string"})
		words = append(words, fmt.Sprintf("%s %s", flag, quoted(pick(source, randomKeys)+"="+pick(source, randomWords))))
	}
	files["scripts/deploy.sh"] = "helm repo add bitnami https://charts.bitnami.com/bitnami\n" +
		"helm upgrade --install redis bitnami/redis \\\n  " + strings.Join(shuffled(source, words), " \\\n  ") + "\n"
	return repository{files, "scripts/deploy.sh#redis"}
}

func randomTerraform(source *rand.Rand) repository {
	files := map[string]string{}
	text := "resource \"helm_release\" \"redis\" {\n  name = \"redis\"\n  namespace = \"cache\"\n" +
		"  repository = \"https://charts.bitnami.com/bitnami\"\n  chart = \"redis\"\n  version = \"25.5.3\"\n  values = [\n"
	for at := range source.IntN(4) {
		switch source.IntN(3) {
		case 0:
			path := fmt.Sprintf("values/%d.yaml", at)
			files[path] = layer(source, "")
			text += fmt.Sprintf("    file(\"${path.module}/%s\"),\n", path)
		case 1:
			text += "    <<-EOT\n" + layer(source, "      ") + "    EOT\n    ,\n"
		default:
			value := pick(source, []string{`"off"`, "true", "null", "5", "12345678", "1.5", `"a,b"`, `"1e3"`, `"0777"`, `""`})
			text += "    yamlencode({ master = { count = " + value + " }, sentinel = { enabled = " + value + " } }),\n"
		}
	}
	text += "  ]\n"
	for range source.IntN(4) {
		text += fmt.Sprintf("  set {\n    name = %q\n    value = %q\n", pick(source, randomKeys), pick(source, randomWords))
		if source.IntN(3) == 0 {
			text += "    type = \"string\"\n"
		}
		text += "  }\n"
	}
	files["main.tf"] = text + "}\n"
	return repository{files, "main.tf#redis"}
}

func shuffled(source *rand.Rand, words []string) []string {
	source.Shuffle(len(words), func(a, b int) { words[a], words[b] = words[b], words[a] })
	return words
}
