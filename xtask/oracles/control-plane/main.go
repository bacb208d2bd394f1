// Command control-plane runs an API server without nodes on loopback until its standard input ends.
//
// It prints one JSON line when the server is ready: where it listens, the certificate to trust, the token of an
// administrator, and a kubeconfig that has all three. When standard input ends (so also when its starter dies) or a
// signal arrives, it ends both servers and removes what they wrote.
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
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
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
	stay := flag.Bool("stay", false, "run until a signal arrives, whatever standard input does")
	flag.Parse()
	// The parent-death signal of a child follows the thread that started it.
	runtime.LockOSThread()
	if err := run(*etcd, *apiserver, *stay); err != nil {
		fmt.Fprintln(os.Stderr, "control-plane:", err)
		os.Exit(1)
	}
}

func run(etcd, apiserver string, stay bool) (err error) {
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
	store, err := start(folder, etcd, etcdFlags(folder, ports[0], ports[1]))
	if err != nil {
		return err
	}
	defer store.end()
	api, err := start(folder, apiserver, apiserverFlags(folder, ports[0], ports[2]))
	if err != nil {
		return err
	}
	defer api.end()

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
	for deadline := time.Now().Add(patience); ; {
		select {
		case <-stop:
			return nil
		case <-store.done:
			return fmt.Errorf("etcd ended:\n%s", store.lastWords())
		case <-api.done:
			return fmt.Errorf("kube-apiserver ended:\n%s", api.lastWords())
		case <-ready.C:
		}
		if isReady(client, here) {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("kube-apiserver is not ready after %s:\n%s", patience, api.lastWords())
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(here); err != nil {
		return err
	}
	select {
	case <-stop:
		return nil
	case <-store.done:
		return fmt.Errorf("etcd ended:\n%s", store.lastWords())
	case <-api.done:
		return fmt.Errorf("kube-apiserver ended:\n%s", api.lastWords())
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

func apiserverFlags(folder string, etcd, port int) []string {
	in := func(name string) string { return filepath.Join(folder, name) }
	return []string{
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
		// No controller makes the accounts that this plugin waits for.
		"--disable-admission-plugins", "ServiceAccount",
		"--profiling=false", "--v", "0",
		// One client that asks a bounded number of questions at a time needs no queues.
		"--enable-priority-and-fairness=false",
	}
}

// server is a child that was started, and what it said.
type server struct {
	command *exec.Cmd
	log     string
	done    chan struct{}
}

func start(folder, program string, flags []string) (*server, error) {
	log := filepath.Join(folder, filepath.Base(program)+".log")
	output, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command := exec.Command(program, flags...)
	command.Stdout, command.Stderr = output, output
	// Memory for time: a dry run leaves much garbage and keeps nothing.
	command.Env = append(os.Environ(), "GOGC=400", "GOMEMLIMIT=3GiB")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, err
	}
	child := &server{command, log, make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(child.done)
	}()
	return child, nil
}

// end kills at once: nothing that the servers hold is kept.
func (s *server) end() {
	_ = s.command.Process.Kill()
	<-s.done
}

func (s *server) lastWords() string {
	text, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
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
