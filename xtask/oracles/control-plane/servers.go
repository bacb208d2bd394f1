package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// server is a child that was started, and what it said.
type server struct {
	command *exec.Cmd
	log     string
	done    chan struct{}
}

// servers are all children, in the order of their start.
type servers struct {
	folder string
	all    []*server
	fallen chan *server
}

func (s *servers) start(program string, flags []string) error {
	log := filepath.Join(s.folder, filepath.Base(program)+".log")
	output, err := os.Create(log)
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.Command(program, flags...)
	command.Stdout, command.Stderr = output, output
	// Memory for time: a dry run leaves much garbage and keeps nothing.
	command.Env = append(os.Environ(), "GOGC=400", "GOMEMLIMIT=3GiB", "HOME="+s.folder)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	child := &server{command, log, make(chan struct{})}
	s.all = append(s.all, child)
	go func() {
		_ = command.Wait()
		close(child.done)
		s.fallen <- child
	}()
	return nil
}

func (s *servers) last() *server {
	return s.all[len(s.all)-1]
}

// end kills at once, the last one first: nothing that the servers hold is kept.
func (s *servers) end() {
	for _, child := range slices.Backward(s.all) {
		_ = child.command.Process.Kill()
		<-child.done
	}
}

// lastWords says what became of a server, with the end of its log.
func (s *server) lastWords(became string) error {
	text, _ := os.ReadFile(s.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	words := strings.Join(lines[max(0, len(lines)-20):], "\n")
	return fmt.Errorf("%s %s:\n%s", filepath.Base(s.command.Path), became, words)
}
