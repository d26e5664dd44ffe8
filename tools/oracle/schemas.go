package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// schema is the part of JSON Schema that the charts use for types.
type schema struct {
	Type       types             `json:"type"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
}

// types is a single type or a list of types.
type types []string

func (t *types) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*t = types{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(t))
}

func (t types) String() string {
	if len(t) == 0 {
		return "-"
	}
	sorted := append([]string{}, t...)
	sort.Strings(sorted)
	return strings.Join(sorted, ",")
}

// schemasCommand writes schemas.tsv: the types of values in the values.schema.json of
// each version.
func schemasCommand(args []string) error {
	w, err := workOf("schemas", args)
	if err != nil {
		return err
	}
	facts := newIntervals(w.list)
	for i, version := range facts.versions {
		if !w.wanted[i] {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.charts, version, "redis", "values.schema.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		var root schema
		if err := json.Unmarshal(text, &root); err != nil {
			return fmt.Errorf("%s: %w", version, err)
		}
		root.walk("", func(path string, s schema) {
			items := types{}
			if s.Items != nil {
				items = s.Items.Type
			}
			if fact := s.Type.String() + "\t" + items.String(); fact != "-\t-" {
				facts.add(i, path, fact)
			}
		})
	}
	if err := w.carry(facts, "schemas.tsv"); err != nil {
		return err
	}
	return writeTable(filepath.Join(w.data, "schemas.tsv"), []string{
		"Types that values.schema.json allows, for each version with a schema (tools/oracle, schemas). The schemas allow keys that they do not name.",
		"since: first version. until: first version after, `-` none. types: the names of JSON Schema; null always passes, because Helm removes null values.",
		"items: the types of list items, `-` any.",
		"path\tsince\tuntil\ttypes\titems",
	}, facts.lines())
}

func (s schema) walk(above string, found func(path string, s schema)) {
	for name, child := range s.Properties {
		path := above + escape(name)
		found(path, child)
		child.walk(path+".", found)
	}
}
