// Command control-plane runs an API server on loopback until its standard input ends; with controllers, a scheduler and
// simulated nodes where their programs are named.
//
// It prints one JSON line when the server is ready: where it listens, the certificate to trust, the token of an
// administrator, and a kubeconfig that has all three. When standard input ends (so also when its starter dies) or a
// signal arrives, it ends all servers and removes what they wrote.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// patience is how long the servers may take until they are ready: a shared machine can be slow.
const patience = 3 * time.Minute

// place is what a client needs to know of the running server.
type place struct {
	Server     string `json:"server"`
	CA         string `json:"ca"`
	Token      string `json:"token"`
	Kubeconfig string `json:"kubeconfig"`
}

func main() {
	etcd := flag.String("etcd", "", "the etcd server's program")
	apiserver := flag.String("kube-apiserver", "", "the API server's program")
	var crew crew
	flag.StringVar(&crew.manager, "kube-controller-manager", "", "the controllers' program")
	flag.StringVar(&crew.scheduler, "kube-scheduler", "", "the scheduler's program")
	flag.StringVar(&crew.kwok, "kwok", "", "the program that plays nodes")
	flag.Func("stage", "a file of what simulated pods go through (repeatable)", func(file string) error {
		crew.stages = append(crew.stages, file)
		return nil
	})
	stay := flag.Bool("stay", false, "run until a signal arrives, whatever standard input does")
	flag.Parse()
	// The parent-death signal of a child follows the thread that started it.
	runtime.LockOSThread()
	if err := run(*etcd, *apiserver, crew, *stay); err != nil {
		fmt.Fprintln(os.Stderr, "control-plane:", err)
		os.Exit(1)
	}
}

func run(etcd, apiserver string, crew crew, stay bool) (err error) {
	folder, err := os.MkdirTemp("", "control-plane-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if !stay {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop <- syscall.SIGTERM
		}()
	}

	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	secrets, err := writeKeys(folder)
	if err != nil {
		return err
	}
	servers := &servers{folder: folder, fallen: make(chan *server, 8)}
	defer servers.end()
	if err := servers.start(etcd, etcdFlags(folder, ports[0], ports[1])); err != nil {
		return err
	}
	if err := servers.start(apiserver, apiserverFlags(folder, ports[0], ports[2], crew.manager != "")); err != nil {
		return err
	}

	here := place{
		Server: fmt.Sprintf("https://127.0.0.1:%d", ports[2]),
		CA:     filepath.Join(folder, "serving.crt"),
		Token:  secrets.token, Kubeconfig: filepath.Join(folder, "kubeconfig"),
	}
	if err := os.WriteFile(here.Kubeconfig, kubeconfig(here), 0o600); err != nil {
		return err
	}
	client := &http.Client{Transport: secrets.transport(), Timeout: 5 * time.Second}
	ready := time.NewTicker(100 * time.Millisecond)
	defer ready.Stop()
	for deadline := time.Now().Add(patience); !isReady(client, here); {
		select {
		case <-stop:
			return nil
		case fallen := <-servers.fallen:
			return fallen.lastWords("ended")
		case <-ready.C:
		}
		if time.Now().After(deadline) {
			return servers.last().lastWords(fmt.Sprintf("is not ready after %s", patience))
		}
	}
	if err := crew.start(servers, here.Kubeconfig); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(here); err != nil {
		return err
	}
	select {
	case <-stop:
		return nil
	case fallen := <-servers.fallen:
		return fallen.lastWords("ended")
	}
}

func etcdFlags(folder string, client, peer int) []string {
	clients, peers := fmt.Sprintf("http://127.0.0.1:%d", client), fmt.Sprintf("http://127.0.0.1:%d", peer)
	return []string{
		"--data-dir", filepath.Join(folder, "etcd"), "--unsafe-no-fsync", "--log-level", "error",
		"--listen-client-urls", clients, "--advertise-client-urls", clients,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=" + peers,
	}
}

func apiserverFlags(folder string, etcd, port int, controlled bool) []string {
	in := func(name string) string { return filepath.Join(folder, name) }
	var uncontrolled []string
	if !controlled {
		// No controller makes the accounts that this plugin waits for.
		uncontrolled = []string{"--disable-admission-plugins", "ServiceAccount"}
	}
	return append(uncontrolled,
		"--etcd-servers", fmt.Sprintf("http://127.0.0.1:%d", etcd),
		"--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(port),
		// A documentation address: the server wants one that is not loopback, and nobody connects to it.
		"--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none",
		"--service-cluster-ip-range", "10.96.0.0/16",
		"--tls-cert-file", in("serving.crt"), "--tls-private-key-file", in("serving.key"),
		"--token-auth-file", in("tokens.csv"), "--authorization-mode", "RBAC",
		"--service-account-issuer", "https://kubernetes.default.svc",
		"--service-account-key-file", in("accounts.key"), "--service-account-signing-key-file", in("accounts.key"),
		// As on real clusters: Pod Security decides, not the server.
		"--allow-privileged",
		"--profiling=false", "--v", "0",
		// One client that asks a bounded number of questions at a time needs no queues.
		"--enable-priority-and-fairness=false",
	)
}

func freePorts(count int) ([]int, error) {
	var ports []int
	for range count {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		// All are held until all are known, so that they differ.
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func isReady(client *http.Client, here place) bool {
	request, err := http.NewRequest(http.MethodGet, here.Server+"/readyz", nil)
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+here.Token)
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func kubeconfig(here place) []byte {
	text, err := json.MarshalIndent(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "oracle",
		"clusters": []any{map[string]any{"name": "oracle", "cluster": map[string]any{
			"server": here.Server, "certificate-authority": here.CA}}},
		"users":    []any{map[string]any{"name": "oracle", "user": map[string]any{"token": here.Token}}},
		"contexts": []any{map[string]any{"name": "oracle", "context": map[string]any{"cluster": "oracle", "user": "oracle"}}},
	}, "", "  ")
	if err != nil {
		panic(err)
	}
	return text
}
