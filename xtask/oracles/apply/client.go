package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// client talks to one API server.
type client struct {
	http   *http.Client
	server string
	token  string

	lock      sync.Mutex
	resources map[string]map[string]resource
}

// resource is where the objects of a kind live.
type resource struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

func connect(server, ca, token string, workers int) (*client, error) {
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers,
	}
	return &client{
		http:   &http.Client{Transport: transport, Timeout: time.Minute},
		server: strings.TrimSuffix(server, "/"), token: token,
		resources: map[string]map[string]resource{},
	}, nil
}

// request sends a body and returns the answer's status, headers and bytes.
func (c *client) request(method, path string, query url.Values, kind string, body []byte) (int, http.Header, []byte, error) {
	request, err := http.NewRequest(method, c.server+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, text, err
}

// ask sends an object and reads what the server says of it; the second result is the object as the server would keep it.
func (c *client) ask(method, path string, query url.Values, kind string, object any) (answer, map[string]any) {
	body, err := encode(object)
	if err != nil {
		return answer{Message: err.Error()}, nil
	}
	status, header, text, err := c.request(method, path, query, kind, body)
	if err != nil {
		return answer{Message: err.Error()}, nil
	}
	said := answer{Accepted: status/100 == 2, Warnings: warnings(header)}
	if said.Accepted {
		kept, err := decode(text)
		if err != nil {
			return answer{Message: err.Error()}, nil
		}
		return said, kept
	}
	var problem struct {
		Message string `json:"message"`
		Details struct {
			Causes []cause `json:"causes"`
		} `json:"details"`
	}
	if err := json.Unmarshal(text, &problem); err != nil || problem.Message == "" {
		problem.Message = fmt.Sprintf("status %d: %s", status, text)
	}
	said.Message, said.Causes = problem.Message, problem.Details.Causes
	return said, nil
}

// Each header is `299 - "text"`, with quotes and backslashes escaped; a server may put several into one line.
var warning = regexp.MustCompile(`299 \S+ "((?:[^"\\]|\\.)*)"`)

func warnings(header http.Header) []string {
	var texts []string
	for _, line := range header.Values("Warning") {
		for _, match := range warning.FindAllStringSubmatch(line, -1) {
			text, err := strconv.Unquote(`"` + match[1] + `"`)
			if err != nil {
				text = match[1]
			}
			texts = append(texts, text)
		}
	}
	return texts
}

var errNoKind = errors.New("no such kind")

// path is where an object of a kind lives: the server's own lists say so, each asked for once.
func (c *client) path(version, kind, namespace, name string) (string, bool, error) {
	base := "/apis/" + version
	if !strings.Contains(version, "/") {
		base = "/api/" + version
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	kinds, known := c.resources[base]
	if !known {
		var err error
		if kinds, err = c.discover(base); err != nil {
			return "", false, err
		}
		c.resources[base] = kinds
	}
	found, known := kinds[kind]
	if !known {
		return "", false, fmt.Errorf("%w: the server has no %s in %s", errNoKind, kind, version)
	}
	if found.Namespaced {
		base += "/namespaces/" + url.PathEscape(namespace)
	}
	return base + "/" + found.Name + "/" + url.PathEscape(name), found.Namespaced, nil
}

func (c *client) discover(base string) (map[string]resource, error) {
	status, _, text, err := c.request(http.MethodGet, base, nil, "", nil)
	if err != nil {
		return nil, err
	}
	var list struct {
		Resources []resource `json:"resources"`
	}
	if status == http.StatusNotFound {
		return map[string]resource{}, nil
	}
	if err := json.Unmarshal(text, &list); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d: %s", base, status, text)
	}
	kinds := map[string]resource{}
	for _, resource := range list.Resources {
		// Subresources (`deployments/scale`) have kinds of their own.
		if !strings.Contains(resource.Name, "/") {
			kinds[resource.Kind] = resource
		}
	}
	return kinds, nil
}

// forget drops what is known of a group, after a definition was added to it.
func (c *client) forget(group string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for base := range c.resources {
		if strings.HasPrefix(base, "/apis/"+group+"/") {
			delete(c.resources, base)
		}
	}
}
