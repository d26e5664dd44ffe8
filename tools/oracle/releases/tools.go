package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// A judge has the programs that the tools need.
type judge struct {
	// folder has the recording helm, as `helm`.
	folder   string
	helmfile string
	// argocd is the program of the folder argocd.
	argocd string
}

func (j judge) helm() string   { return filepath.Join(j.folder, "helm") }
func (j judge) record() string { return filepath.Join(j.folder, "record") }

// build runs Kustomize on a folder. Charts are given to the recording helm.
func (j judge) build(folder string) (resmap.ResMap, error) {
	options := krusty.MakeDefaultOptions()
	options.PluginConfig = types.EnabledPluginConfig(types.BploUseStaticallyLinked)
	options.PluginConfig.HelmConfig = types.HelmConfig{Enabled: true, Command: j.helm()}
	return krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), folder)
}

// kustomize builds each folder of a repository that has a kustomization.
func (j judge) kustomize(root string) ([]release, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "kustomization.yaml"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if _, err := j.build(filepath.Dir(file)); err != nil {
			return nil, err
		}
	}
	return recorded(j.record())
}

// command runs a program in the root of a repository, with the recording helm in front of the PATH.
func (j judge) command(root string, words ...string) ([]release, error) {
	command := exec.CommandContext(context.Background(), words[0], words[1:]...)
	command.Dir = root
	command.Env = append(os.Environ(), "PATH="+j.folder+":"+os.Getenv("PATH"))
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%v: %w: %s", words, err, output)
	}
	return recorded(j.record())
}

// runHelmfile templates the releases of a helmfile.
func (j judge) runHelmfile(root string) ([]release, error) {
	return j.command(root, j.helmfile, "--helm-binary", j.helm(), "--quiet", "template", "--skip-deps")
}
