package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"time"
)

const applyPatch = "application/apply-patch+yaml"

// judge asks about one object and, where the job wants it, about the pod that the workload would make.
func (c *client) judge(t task, spaces *spaces) verdict {
	said := verdict{ID: t.job.ID, Index: t.index, Object: address(t.object)}
	namespace := namespaceOf(t)
	path, namespaced, err := c.path(textAt(t.object, "apiVersion"), textAt(t.object, "kind"), namespace, textAt(t.object, "metadata", "name"))
	if err != nil {
		said.Message = err.Error()
		return said
	}
	if textAt(t.object, "metadata", "name") == "" {
		said.Message = "metadata.name: a name is needed"
		return said
	}
	if namespaced {
		if err := spaces.ensure(namespace); err != nil {
			said.Message = err.Error()
			return said
		}
	}
	query := url.Values{"fieldManager": {"transship"}, "fieldValidation": {"Strict"}, "force": {"true"}}
	if !t.job.Real {
		query.Set("dryRun", "All")
	}
	var kept map[string]any
	said.answer, kept = c.ask(http.MethodPatch, path, query, applyPatch, t.object)
	if kept != nil {
		said.Cleared = cleared(t.object, kept)
	}
	if said.Accepted && t.job.Real {
		c.settle(t.object, &said.answer)
	}
	if said.Accepted && t.job.Enforce {
		said.Pod = c.judgePod(t.object, namespace)
	}
	return said
}

func (c *client) judgePod(object map[string]any, namespace string) *answer {
	pod := podOf(object)
	if pod == nil {
		return nil
	}
	query := url.Values{"dryRun": {"All"}, "fieldManager": {"transship"}, "fieldValidation": {"Strict"}}
	path := "/api/v1/namespaces/" + url.PathEscape(namespace) + "/pods"
	said, _ := c.ask(http.MethodPost, path, query, "application/json", pod)
	return &said
}

// podOf is the pod that a controller would make of a workload; nothing for other kinds.
func podOf(object map[string]any) map[string]any {
	template := at(object, "spec", "template")
	switch textAt(object, "kind") {
	case "CronJob":
		template = at(object, "spec", "jobTemplate", "spec", "template")
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
	default:
		return nil
	}
	spec, isObject := at(template, "spec").(map[string]any)
	if !isObject {
		return nil
	}
	spec = clone(spec)
	// The controller adds a volume for each claim template; without it the mounts would name nothing.
	claims, _ := at(object, "spec", "volumeClaimTemplates").([]any)
	volumes, _ := spec["volumes"].([]any)
	for _, claim := range claims {
		name := textAt(claim, "metadata", "name")
		volumes = append(slices.Clone(volumes), map[string]any{
			"name": name, "persistentVolumeClaim": map[string]any{"claimName": name}})
	}
	if len(volumes) > 0 {
		spec["volumes"] = volumes
	}
	metadata := map[string]any{"generateName": textAt(object, "metadata", "name") + "-"}
	for _, key := range []string{"labels", "annotations"} {
		if value := at(template, "metadata", key); value != nil {
			metadata[key] = value
		}
	}
	return map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
}

func clone(fields map[string]any) map[string]any {
	copied := make(map[string]any, len(fields))
	for key, value := range fields {
		copied[key] = value
	}
	return copied
}

// patience is how long a new kind may take until it is served: a shared machine can be slow.
const patience = 3 * time.Minute

// settle waits until the server serves the kind that a definition added.
func (c *client) settle(object map[string]any, said *answer) {
	if textAt(object, "kind") != "CustomResourceDefinition" {
		return
	}
	group, kind := textAt(object, "spec", "group"), textAt(object, "spec", "names", "kind")
	versions, _ := at(object, "spec", "versions").([]any)
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		served := true
		for _, version := range versions {
			if at(version, "served") == true {
				c.forget(group)
				_, _, err := c.path(group+"/"+textAt(version, "name"), kind, "default", "x")
				served = served && err == nil
			}
		}
		if served {
			return
		}
		if time.Now().After(deadline) {
			*said = answer{Message: fmt.Sprintf("%s is not served after %s", kind, patience)}
			return
		}
	}
}

// cleared lists the fields that were sent and are not in what the server would keep.
func cleared(sent, kept map[string]any) []string {
	var places []string
	for key, value := range sent {
		// A Secret's stringData becomes data, and status is not the applier's.
		if key != "stringData" && key != "status" {
			compare(key, value, kept[key], &places)
		}
	}
	sort.Strings(places)
	return places
}

func compare(place string, sent, kept any, places *[]string) {
	switch sent := sent.(type) {
	case map[string]any:
		fields, isObject := kept.(map[string]any)
		if !isObject && len(sent) > 0 {
			*places = append(*places, place)
			return
		}
		for key, value := range sent {
			compare(place+"."+key, value, fields[key], places)
		}
	case []any:
		items, isList := kept.([]any)
		if (!isList && len(sent) > 0) || len(items) < len(sent) {
			*places = append(*places, place)
			return
		}
		for index, value := range sent {
			compare(fmt.Sprintf("%s[%d]", place, index), value, items[index], places)
		}
	default:
		// The server writes no empty values; a field with one says nothing that is lost.
		if kept == nil && sent != nil && sent != "" && sent != false && sent != json.Number("0") {
			*places = append(*places, place)
		}
	}
}
