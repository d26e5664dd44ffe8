package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/chartutil"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/kustomize/api/resmap"
)

// A helmRelease has the fields of a HelmRelease that decide its values.
type helmRelease struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		ReleaseName, TargetNamespace string
		Values                       map[string]any
		ValuesFrom                   []meta.ValuesReference
		Chart                        struct {
			Spec struct{ Chart, Version string }
		}
		ChartRef struct{ Name string }
	}
}

// flux builds a repository as Flux does, and composes the values of each HelmRelease with the package of its controller.
// Flux builds a folder without a kustomization with all its files.
func (j judge) flux(root string) ([]release, error) {
	overlays, err := filepath.Glob(filepath.Join(root, "overlays", "*"))
	if err != nil {
		return nil, err
	}
	if len(overlays) == 0 {
		if err := writeKustomization(root); err != nil {
			return nil, err
		}
		overlays = []string{root}
	}
	var releases []release
	for _, folder := range overlays {
		objects, err := j.build(folder)
		if err != nil {
			return nil, err
		}
		for _, object := range objects.Resources() {
			if object.GetKind() != "HelmRelease" {
				continue
			}
			text, err := object.MarshalJSON()
			if err != nil {
				return nil, err
			}
			var declared helmRelease
			if err := json.Unmarshal(text, &declared); err != nil {
				return nil, err
			}
			spec := declared.Spec
			values, err := chartutil.ChartValuesFromReferences(context.Background(), logr.Discard(), cluster{objects: objects},
				declared.Metadata.Namespace, spec.Values, spec.ValuesFrom...)
			if err != nil {
				return nil, err
			}
			one := release{declared.Metadata.Name, declared.Metadata.Namespace, spec.Chart.Spec.Chart, spec.Chart.Spec.Version, values}
			if spec.TargetNamespace != "" {
				one.Name, one.Namespace = spec.TargetNamespace+"-"+one.Name, spec.TargetNamespace
			}
			if spec.ReleaseName != "" {
				one.Name = spec.ReleaseName
			}
			if one.Chart == "" {
				one.Chart = strings.TrimSuffix(spec.ChartRef.Name, "-chart")
			}
			releases = append(releases, one)
		}
	}
	return releases, nil
}

func writeKustomization(root string) error {
	files, err := filepath.Glob(filepath.Join(root, "*", "*.yaml"))
	if err != nil {
		return err
	}
	deeper, err := filepath.Glob(filepath.Join(root, "*", "*", "*.yaml"))
	if err != nil {
		return err
	}
	text := "resources:\n"
	for _, file := range append(files, deeper...) {
		path, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		text += "  - " + path + "\n"
	}
	return os.WriteFile(filepath.Join(root, "kustomization.yaml"), []byte(text), 0o644)
}

// A cluster has the objects of a repository. Only Get works.
type cluster struct {
	client.Client
	objects resmap.ResMap
}

func (c cluster) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	kind := "ConfigMap"
	if _, is := into.(*corev1.Secret); is {
		kind = "Secret"
	}
	for _, object := range c.objects.Resources() {
		if object.GetKind() != kind || object.GetName() != key.Name || object.GetNamespace() != key.Namespace {
			continue
		}
		text, err := object.MarshalJSON()
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return json.Unmarshal(text, into)
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, key.Name)
}
