package main

import (
	"path/filepath"
)

// crew names the programs that make a cluster of an API server; an empty name leaves its program out.
type crew struct {
	manager, scheduler, kwok string
	stages                   []string
}

// start starts what was named; each of them waits for the server by itself and needs no port of its own.
func (c crew) start(servers *servers, kubeconfig string) error {
	in := func(name string) string { return filepath.Join(servers.folder, name) }
	if c.manager != "" {
		if err := servers.start(c.manager, []string{
			"--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0",
			"--root-ca-file", in("serving.crt"), "--service-account-private-key-file", in("accounts.key"),
			// On a busy machine a simulated node may be late to say that it lives, and nothing is to be learned from that.
			"--node-monitor-grace-period", "24h",
		}); err != nil {
			return err
		}
	}
	if c.scheduler != "" {
		flags := []string{"--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port", "0"}
		if err := servers.start(c.scheduler, flags); err != nil {
			return err
		}
	}
	if c.kwok != "" {
		// Nobody else plays these nodes, so it need not hold leases of them.
		flags := []string{"--kubeconfig", kubeconfig, "--manage-all-nodes", "--node-lease-duration-seconds", "0"}
		for _, file := range c.stages {
			flags = append(flags, "--config", file)
		}
		if err := servers.start(c.kwok, flags); err != nil {
			return err
		}
	}
	return nil
}
