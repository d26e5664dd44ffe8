package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// first is the oldest version of the catalogue. Older versions are under another path of
// the same history.
const first = "10.5.6"

// release is one published chart version: the newest commit with this version number.
type release struct{ version, commit, date string }

type chartFile struct {
	Version      string
	AppVersion   string
	Dependencies []struct{ Name, Version string }
}

// versionsCommand writes versions.tsv from the bare git folder of bitnami/charts. Rows of
// versions that are published elsewhere stay.
func versionsCommand(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: oracle versions BARE_GIT_DIR DATA_DIR")
	}
	git := repository(args[0])
	table, err := readVersions(args[1])
	if err != nil {
		return err
	}
	redis, err := git.releases("bitnami/redis")
	if err != nil {
		return err
	}
	commons, err := git.releases("bitnami/common")
	if err != nil {
		return err
	}
	commitOf := map[string]string{}
	for _, c := range commons {
		commitOf[c.version] = c.commit
	}
	for _, r := range redis {
		if compareVersions(r.version, first) < 0 {
			continue
		}
		files, err := git.read(r.commit, "bitnami/redis/Chart.yaml", "bitnami/redis/Chart.lock", "bitnami/redis/requirements.lock", "bitnami/redis/values.schema.json")
		if err != nil {
			return err
		}
		var chart, lock chartFile
		if err := yaml.Unmarshal(files[0], &chart); err != nil {
			return fmt.Errorf("%s: %w", r.version, err)
		}
		common := "-"
		for _, text := range files[1:3] {
			if err := yaml.Unmarshal(text, &lock); err != nil {
				return fmt.Errorf("%s: %w", r.version, err)
			}
			for _, d := range lock.Dependencies {
				if d.Name == "common" {
					common = d.Version
				}
			}
		}
		commonCommit := "-"
		if common != "-" {
			if commonCommit = commitOf[common]; commonCommit == "" {
				return fmt.Errorf("%s: no commit for common %s", r.version, common)
			}
		}
		schema := "no"
		if files[3] != nil {
			schema = "yes"
		}
		row := []string{r.version, r.date, chart.AppVersion, r.commit[:10], schema, common, orDash(commonCommit[:min(10, len(commonCommit))]), "both", "measured", "-", "-", "-"}
		if known := table.rows[r.version]; known != nil {
			copy(row[7:], known[7:])
		}
		table.rows[r.version] = row
	}
	return table.write()
}

// repository is the path of a bare git folder.
type repository string

func (git repository) run(input string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"-C", string(git)}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stderr = os.Stderr
	return cmd.Output()
}

// releases lists the versions of a chart folder, oldest first.
func (git repository) releases(folder string) ([]release, error) {
	log, err := git.run("", "log", "--format=%H %as", "--", folder+"/Chart.yaml")
	if err != nil {
		return nil, err
	}
	newest := map[string]release{}
	for _, line := range strings.Split(strings.TrimSpace(string(log)), "\n") {
		commit, date, _ := strings.Cut(line, " ")
		files, err := git.read(commit, folder+"/Chart.yaml")
		if err != nil {
			return nil, err
		}
		var chart chartFile
		if files[0] == nil {
			continue
		}
		if err := yaml.Unmarshal(files[0], &chart); err != nil {
			return nil, fmt.Errorf("%s %s: %w", folder, commit, err)
		}
		if _, seen := newest[chart.Version]; !seen {
			newest[chart.Version] = release{chart.Version, commit, date}
		}
	}
	var all []release
	for _, r := range newest {
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return compareVersions(all[i].version, all[j].version) < 0 })
	return all, nil
}

// read returns the files at a commit; nil for a missing file.
func (git repository) read(commit string, paths ...string) ([][]byte, error) {
	var input strings.Builder
	for _, p := range paths {
		fmt.Fprintf(&input, "%s:%s\n", commit, p)
	}
	out, err := git.run(input.String(), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	reader := bufio.NewReader(bytes.NewReader(out))
	var files [][]byte
	for range paths {
		head, err := reader.ReadString('\n')
		if err != nil {
			return nil, err
		}
		fields := strings.Fields(head)
		if fields[len(fields)-1] == "missing" {
			files = append(files, nil)
			continue
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+1)
		if _, err := io.ReadFull(reader, text); err != nil {
			return nil, err
		}
		files = append(files, text[:size])
	}
	return files, nil
}

// compareVersions orders plain major.minor.patch versions.
func compareVersions(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range x {
		p, _ := strconv.Atoi(x[i])
		q, _ := strconv.Atoi(y[i])
		if p != q {
			return p - q
		}
	}
	return 0
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
