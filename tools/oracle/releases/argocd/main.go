// Command argocd gives the charts of the Applications in a folder to the `helm` of the PATH, with the package of Argo
// CD's repository server. Sources of charts get an empty chart, and every git repository is the folder itself.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
	log "github.com/sirupsen/logrus"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

func main() {
	log.SetLevel(log.ErrorLevel)
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var application v1alpha1.Application
		// Values files are not Applications, and templates are not YAML.
		if yaml.Unmarshal(text, &application) != nil || application.Kind != "Application" {
			return nil
		}
		if err := install(root, application); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

func install(root string, application v1alpha1.Application) error {
	sources := application.Spec.GetSources()
	references := map[string]*v1alpha1.RefTarget{}
	paths := utilio.NewRandomizedTempPaths(os.TempDir())
	for _, source := range sources {
		if source.Ref != "" {
			references["$"+source.Ref] = &v1alpha1.RefTarget{Repo: v1alpha1.Repository{Repo: source.RepoURL}}
			paths.Add(git.NormalizeGitURL(source.RepoURL), root)
		}
	}
	for _, source := range sources {
		if source.Chart == "" {
			continue
		}
		charts, err := os.MkdirTemp("", "charts")
		if err != nil {
			return err
		}
		defer os.RemoveAll(charts)
		chart := filepath.Join(charts, source.Chart)
		if err := os.Mkdir(chart, 0o755); err != nil {
			return err
		}
		name := strings.NewReplacer("NAME", source.Chart).Replace("apiVersion: v2\nname: NAME\nversion: 1.0.0\n")
		if err := os.WriteFile(filepath.Join(chart, "Chart.yaml"), []byte(name), 0o644); err != nil {
			return err
		}
		request := &apiclient.ManifestRequest{
			AppName:            application.Name,
			ApplicationSource:  &source,
			HasMultipleSources: len(sources) > 1,
			Namespace:          application.Spec.Destination.Namespace,
			RefSources:         references,
			Repo:               &v1alpha1.Repository{Repo: source.RepoURL},
		}
		_, err = repository.GenerateManifests(context.Background(), chart, charts, source.TargetRevision, request, true, nil,
			resource.MustParse("0"), paths)
		if err != nil {
			return err
		}
	}
	return nil
}
