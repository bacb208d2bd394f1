// Command pod-security says which Pod Security levels an object's pods meet, as the admission plugin of the API server would.
//
// It reads one job per line from standard input and writes one answer per line to standard output, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// minor is the Kubernetes release whose checks are applied.
const minor = 34

// job is one object.
type job struct {
	ID     string          `json:"id"`
	Object json.RawMessage `json:"object"`
}

// answer is what the checks say: a level is met when it has no violations.
type answer struct {
	ID         string      `json:"id"`
	Baseline   []violation `json:"baseline"`
	Restricted []violation `json:"restricted"`
	Error      string      `json:"error,omitempty"`
}

// violation is one check that failed.
type violation struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// kinds are those whose objects hold a pod; others meet every level.
var kinds = map[string]func() runtime.Object{
	"Pod":                   func() runtime.Object { return new(corev1.Pod) },
	"PodTemplate":           func() runtime.Object { return new(corev1.PodTemplate) },
	"ReplicationController": func() runtime.Object { return new(corev1.ReplicationController) },
	"ReplicaSet":            func() runtime.Object { return new(appsv1.ReplicaSet) },
	"Deployment":            func() runtime.Object { return new(appsv1.Deployment) },
	"DaemonSet":             func() runtime.Object { return new(appsv1.DaemonSet) },
	"StatefulSet":           func() runtime.Object { return new(appsv1.StatefulSet) },
	"Job":                   func() runtime.Object { return new(batchv1.Job) },
	"CronJob":               func() runtime.Object { return new(batchv1.CronJob) },
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pod-security:", err)
		os.Exit(1)
	}
}

func run() error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 256<<20)
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for lines.Scan() {
		var job job
		said := answer{Baseline: []violation{}, Restricted: []violation{}}
		if err := json.Unmarshal(lines.Bytes(), &job); err != nil {
			said.Error = err.Error()
		} else if err := evaluate(evaluator, job, &said); err != nil {
			said.Error = err.Error()
		}
		said.ID = job.ID
		if err := answers.Encode(said); err != nil {
			return err
		}
		// A caller may wait for each answer before it asks on.
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return lines.Err()
}

func evaluate(evaluator policy.Evaluator, job job, said *answer) error {
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(job.Object, &head); err != nil {
		return err
	}
	make, holdsPod := kinds[head.Kind]
	if !holdsPod {
		return nil
	}
	object := make()
	if err := json.Unmarshal(job.Object, object); err != nil {
		return err
	}
	meta, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil {
		return err
	}
	if spec == nil {
		return fmt.Errorf("%s without a pod template", head.Kind)
	}
	said.Baseline = violations(evaluator.EvaluatePod(api.LevelVersion{Level: api.LevelBaseline, Version: api.MajorMinorVersion(1, minor)}, meta, spec))
	said.Restricted = violations(evaluator.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.MajorMinorVersion(1, minor)}, meta, spec))
	return nil
}

func violations(results []policy.CheckResult) []violation {
	found := []violation{}
	for _, result := range results {
		if !result.Allowed {
			found = append(found, violation{result.ForbiddenReason, result.ForbiddenDetail})
		}
	}
	return found
}
