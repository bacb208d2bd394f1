// Command compose answers, for many Compose projects in one process, what `docker compose config --format json` would print.
//
// It reads one job per line from standard input and writes one answer per line to standard output, in the same order.
// The options are given to the loader in the order in which docker compose v5 gives them,
// with one difference: the variables of this process are never seen, only those of the job.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/sirupsen/logrus"
)

// patience is how long one project may take before its job counts as failed.
const patience = 20 * time.Second

// job is one project to load: what a user would say with flags and variables.
type job struct {
	ID        string            `json:"id"`
	Files     []string          `json:"files"`
	Directory string            `json:"directory"`
	Env       map[string]string `json:"env"`
	EnvFiles  []string          `json:"env_files"`
	Profiles  []string          `json:"profiles"`
	Name      string            `json:"name"`
}

// answer is the resolved model of a job, or the reason why there is none.
type answer struct {
	ID    string          `json:"id"`
	Model json.RawMessage `json:"model,omitempty"`
	Error string          `json:"error,omitempty"`
}

func main() {
	// What a model says may depend on the home folder (`~`), and on nothing else of this machine.
	os.Clearenv()
	if err := os.Setenv("HOME", "/home/user"); err != nil {
		fail(err)
	}
	logrus.SetOutput(io.Discard)
	dotenv.RegisterFormat("raw", rawFormat)

	jobs := bufio.NewScanner(os.Stdin)
	jobs.Buffer(nil, 64<<20)
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for jobs.Scan() {
		var j job
		if err := json.Unmarshal(jobs.Bytes(), &j); err != nil {
			fail(fmt.Errorf("not a job: %w", err))
		}
		if err := answers.Encode(answerWithin(patience, j)); err != nil {
			fail(err)
		}
	}
	if err := jobs.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

// answerWithin gives up on a job that takes too long; its goroutine is left behind, and dies with the process.
func answerWithin(limit time.Duration, j job) answer {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan answer, 1)
	go func() { done <- answerTo(ctx, j) }()
	select {
	case a := <-done:
		return a
	case <-ctx.Done():
		return answer{ID: j.ID, Error: fmt.Sprintf("oracle: no answer within %s", limit)}
	}
}

func answerTo(ctx context.Context, j job) (a answer) {
	a.ID = j.ID
	defer func() {
		if cause := recover(); cause != nil {
			a.Model = nil
			a.Error = fmt.Sprintf("oracle: panic: %v", cause)
			debug.PrintStack()
		}
	}()
	model, err := load(ctx, j)
	if err != nil {
		a.Error = err.Error()
		if a.Error == "" {
			a.Error = "oracle: an error without words"
		}
		return a
	}
	a.Model = model
	return a
}

// load does what `docker compose config --format json` does, up to the doubling of `$` in its text.
func load(ctx context.Context, j job) ([]byte, error) {
	// Without files, the user stands in the folder: that is where the default names and COMPOSE_FILE are looked for.
	if len(j.Files) == 0 && j.Directory != "" {
		if err := os.Chdir(j.Directory); err != nil {
			return nil, err
		}
	}
	options, err := cli.NewProjectOptions(j.Files, optionsOf(j)...)
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return nil, err
	}
	if project.Name == "" {
		return nil, errors.New("project name can't be empty")
	}
	if project, err = project.WithServicesEnabled(); err != nil {
		return nil, err
	}
	if project, err = project.WithSelectedServices(nil); err != nil {
		return nil, err
	}
	project = project.WithoutUnnecessaryResources()
	if project, err = project.WithServicesEnvironmentResolved(true); err != nil {
		return nil, err
	}
	if err := project.CheckContainerNameUnicity(); err != nil {
		return nil, err
	}
	return project.MarshalJSON()
}

// optionsOf gives the options in docker compose's order, which decides where `.env` is looked for.
func optionsOf(j job) []cli.ProjectOptionsFn {
	var variables []string
	for name, value := range j.Env {
		variables = append(variables, name+"="+value)
	}
	return []cli.ProjectOptionsFn{
		cli.WithDiscardEnvFile,
		cli.WithWorkingDirectory(j.Directory),
		cli.WithEnv(variables),
		cli.WithEnvFiles(j.EnvFiles...),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(j.EnvFiles...),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(j.Profiles...),
		cli.WithName(j.Name),
	}
}
