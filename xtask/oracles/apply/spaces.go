package main

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// labels is what a job asks of its namespace.
type labels struct {
	warn    string
	enforce bool
}

// level is the Pod Security level that is warned about or enforced.
func (l labels) level() string {
	if l.warn == "" && l.enforce {
		return "restricted"
	}
	return l.warn
}

// spaces are the namespaces of the jobs. Within a round each has one set of labels.
type spaces struct {
	api   *client
	lock  sync.Mutex
	all   map[string]*space
	round int
	// making holds one token for each namespace that is being made.
	making chan struct{}
}

type space struct {
	labels labels
	round  int
	once   *sync.Once
	err    error
}

func newSpaces(api *client) *spaces {
	return &spaces{api: api, all: map[string]*space{}, making: make(chan struct{}, 8)}
}

func namespaceOf(t task) string {
	if named := textAt(t.object, "metadata", "namespace"); named != "" {
		return named
	}
	if t.job.Namespace != "" {
		return t.job.Namespace
	}
	return "default"
}

func (s *spaces) nextRound() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.round++
}

// claim asks for a namespace with these labels in this round; false when it already has others. A new one is made by the group.
func (s *spaces) claim(name string, wanted labels, group *sync.WaitGroup) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	known, exists := s.all[name]
	switch {
	case exists && known.labels == wanted:
		known.round = s.round
		return true
	case exists && known.round == s.round:
		return false
	}
	s.all[name] = &space{labels: wanted, round: s.round, once: new(sync.Once)}
	group.Go(func() {
		s.making <- struct{}{}
		// Its failure is told to every object that wants it.
		_ = s.ensure(name)
		<-s.making
	})
	return true
}

// ensure creates or relabels a namespace that was claimed, and waits until its labels act.
func (s *spaces) ensure(name string) error {
	s.lock.Lock()
	known := s.all[name]
	s.lock.Unlock()
	known.once.Do(func() { known.err = s.api.namespace(name, known.labels) })
	return known.err
}

func (c *client) namespace(name string, wanted labels) error {
	set := map[string]any{}
	if wanted.warn != "" {
		set["pod-security.kubernetes.io/warn"] = wanted.warn
	}
	if wanted.enforce {
		set["pod-security.kubernetes.io/enforce"] = wanted.level()
	}
	object := map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name, "labels": set}}
	// Another manager than that of the objects: a dry run of the Namespace itself must not take the labels away.
	query := url.Values{"fieldManager": {"lane"}, "force": {"true"}}
	said, _ := c.ask(http.MethodPatch, "/api/v1/namespaces/"+url.PathEscape(name), query, applyPatch, object)
	if !said.Accepted {
		return fmt.Errorf("the namespace %s: %s", name, said.Message)
	}
	return c.waitForLabels(name, wanted)
}

// waitForLabels asks with a pod that breaks every level until the answer is what the labels say: admission reads them from a cache.
func (c *client) waitForLabels(name string, wanted labels) error {
	pod := map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "probe"},
		"spec": map[string]any{"hostNetwork": true, "containers": []any{map[string]any{"name": "probe", "image": "probe"}}},
	}
	path, query := "/api/v1/namespaces/"+url.PathEscape(name)+"/pods", url.Values{"dryRun": {"All"}}
	var said answer
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		said, _ = c.ask(http.MethodPost, path, query, "application/json", pod)
		warns := len(said.Warnings) > 0
		// A pod that is refused is not warned about.
		if said.Accepted != wanted.enforce && (wanted.enforce || warns == (wanted.warn != "")) {
			return nil
		}
	}
	return fmt.Errorf("the labels of the namespace %s do not act: %s", name, said.Message)
}
