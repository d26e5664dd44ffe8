package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// checkCommand compares this program's renderings with those of Helm's own engine, for
// files without random content.
func checkCommand(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: oracle check CHARTS_DIR VERSION...")
	}
	m := &memo{entries: map[string]*rendered{}}
	for _, version := range args[1:] {
		folder := filepath.Join(args[0], version, "redis")
		s, err := open(folder, version, m)
		if err != nil {
			return err
		}
		for _, f := range s.files {
			if f.all {
				fmt.Println(version, f.name, "looks at all values")
			}
		}
		root, err := loader.Load(folder)
		if err != nil {
			return err
		}
		root.Metadata.Version, root.Metadata.AppVersion = "0.0.0", "0.0.0"
		sameTags(root.Values)
		set := settings{"global.redis.password": "p", "metrics.enabled": true, "metrics.serviceMonitor.enabled": true}
		values := map[string]any{}
		for p, v := range set {
			assign(values, segments(p), v)
		}
		w := world{kube: "v1.30.0"}
		kube, _ := chartutil.ParseKubeVersion(w.kube)
		top, err := chartutil.ToRenderValues(root, values, chartutil.ReleaseOptions{Name: "rel", Namespace: "ns", Revision: 1, IsInstall: true},
			&chartutil.Capabilities{KubeVersion: *kube, APIVersions: chartutil.DefaultVersionSet, HelmVersion: chartutil.DefaultCapabilities.HelmVersion})
		if err != nil {
			return err
		}
		start := time.Now()
		real, err := engine.Render(root, top)
		if err != nil {
			return err
		}
		helm := time.Since(start)
		start = time.Now()
		out := s.render(w, set)
		mine := time.Since(start)
		if out.err != "" {
			return fmt.Errorf("%s: %s", version, out.err)
		}
		different := 0
		for i, f := range s.files {
			var lines []string
			for _, line := range strings.Split(real[f.full], "\n") {
				if line = strings.TrimRight(line, " \t\r"); line != "" && line != "---" {
					lines = append(lines, line)
				}
			}
			if got := strings.TrimSuffix(out.files[i].text, "\n"); got != strings.Join(lines, "\n") {
				different++
				fmt.Println(version, f.name, "differs")
			}
		}
		fmt.Println(version, len(s.files), "files,", different, "differ; helm", helm, "here", mine)
	}
	return nil
}
