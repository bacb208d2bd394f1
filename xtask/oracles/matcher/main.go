// Command matcher says which connections a set of NetworkPolicies allows, by the rules of cyclonus.
//
// It reads one job per line from standard input and writes one answer per line to standard output, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// job is a cluster and the questions about it.
type job struct {
	ID string `json:"id"`
	// Policies are NetworkPolicy objects; each names its namespace.
	Policies []*networkingv1.NetworkPolicy `json:"policies"`
	// Namespaces are the labels of the namespaces by name; each also has the label `kubernetes.io/metadata.name`.
	Namespaces map[string]map[string]string `json:"namespaces"`
	Pods       []pod                        `json:"pods"`
	Queries    []query                      `json:"queries"`
	// Text is YAML of several documents, to be answered as JSON instead.
	Text string `json:"text"`
}

// pod is something that talks: inside the cluster when it has a namespace, else an outside address.
type pod struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	IP        string            `json:"ip"`
	// Ports are the names of the container ports by `number/PROTOCOL`.
	Ports map[string]string `json:"ports"`
}

// query asks whether one pod may open a connection to another; both are named.
type query struct {
	From     string          `json:"from"`
	To       string          `json:"to"`
	Port     int             `json:"port"`
	Protocol corev1.Protocol `json:"protocol"`
}

// answer has one result for each query, in the same order.
type answer struct {
	ID      string   `json:"id"`
	Results []result `json:"results,omitempty"`
	Objects []any    `json:"objects,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// result says what each side's policies allow; a connection needs both.
type result struct {
	Allowed bool `json:"allowed"`
	Ingress bool `json:"ingress"`
	Egress  bool `json:"egress"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "matcher:", err)
		os.Exit(1)
	}
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 256<<20)
	out := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for lines.Scan() {
		var job job
		said := answer{}
		if err := json.Unmarshal(lines.Bytes(), &job); err != nil {
			said.Error = err.Error()
		} else {
			said = judge(job)
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

// judge answers all queries; the library panics on policies that no server would take.
func judge(job job) (said answer) {
	defer func() {
		if problem := recover(); problem != nil {
			said = answer{Error: fmt.Sprint(problem)}
		}
	}()
	if job.Text != "" {
		return read(job.Text)
	}
	for _, policy := range job.Policies {
		complete(policy)
	}
	policies := matcher.BuildNetworkPolicies(false, job.Policies)
	pods := map[string]pod{}
	for _, pod := range job.Pods {
		if _, twice := pods[pod.Name]; twice {
			return answer{Error: fmt.Sprintf("two pods are named %q", pod.Name)}
		}
		pods[pod.Name] = pod
	}
	for _, query := range job.Queries {
		from, knowsFrom := pods[query.From]
		to, knowsTo := pods[query.To]
		if !knowsFrom || !knowsTo {
			return answer{Error: fmt.Sprintf("no pod is named %q or %q", query.From, query.To)}
		}
		if query.Protocol == "" {
			query.Protocol = corev1.ProtocolTCP
		}
		allowed := policies.IsTrafficAllowed(&matcher.Traffic{
			Source:           job.peer(from),
			Destination:      job.peer(to),
			ResolvedPort:     query.Port,
			ResolvedPortName: to.Ports[fmt.Sprintf("%d/%s", query.Port, query.Protocol)],
			Protocol:         query.Protocol,
		})
		said.Results = append(said.Results, result{allowed.IsAllowed(), allowed.Ingress.IsAllowed(), allowed.Egress.IsAllowed()})
	}
	return said
}

// read answers with the objects of a text.
func read(text string) answer {
	said := answer{}
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		var object any
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			return answer{Error: err.Error()}
		}
		if object != nil {
			said.Objects = append(said.Objects, object)
		}
	}
	return said
}

// complete sets the policy types that the API server would set.
func complete(policy *networkingv1.NetworkPolicy) {
	if len(policy.Spec.PolicyTypes) > 0 {
		return
	}
	policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	if len(policy.Spec.Egress) > 0 {
		policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
	}
}

func (j job) peer(pod pod) *matcher.TrafficPeer {
	peer := &matcher.TrafficPeer{IP: pod.IP}
	if pod.Namespace == "" {
		return peer
	}
	labels := map[string]string{"kubernetes.io/metadata.name": pod.Namespace}
	for key, value := range j.Namespaces[pod.Namespace] {
		labels[key] = value
	}
	peer.Internal = &matcher.InternalPeer{PodLabels: pod.Labels, Namespace: pod.Namespace, NamespaceLabels: labels}
	return peer
}
