// Command apply asks an API server whether it would take objects: a server-side dry run with strict field validation for each.
//
// It reads one job per line from standard input and writes one verdict per object to standard output, in the order in
// which the answers come. Namespaces are made for real first, with the Pod Security labels that the jobs ask for.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
)

// job is one object, or the text of a file as `kubectl apply -f` would read it.
type job struct {
	ID string `json:"id"`
	// Namespace is where an object goes that names none.
	Namespace string `json:"namespace"`
	// Warn is the Pod Security level below which the namespace warns; nothing when empty.
	Warn string `json:"warn"`
	// Enforce also creates (in a dry run) the pod that a workload would make, in a namespace that refuses what is below Warn.
	Enforce bool `json:"enforce"`
	// Real keeps the object: for definitions that later objects need.
	Real   bool            `json:"real"`
	Object json.RawMessage `json:"object"`
	Text   string          `json:"text"`
}

// verdict is what the server said of one object.
type verdict struct {
	ID string `json:"id"`
	// Index counts the objects of a text from 0.
	Index  int    `json:"index"`
	Object string `json:"object"`
	answer
	// Cleared lists the fields that the server took and left out without a word.
	Cleared []string `json:"cleared,omitempty"`
	// Pod is what the server said of the pod that the workload would make.
	Pod *answer `json:"pod,omitempty"`
}

// answer is what the server said of one request.
type answer struct {
	Accepted bool     `json:"accepted"`
	Message  string   `json:"message,omitempty"`
	Causes   []cause  `json:"causes,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// cause is one reason of a refusal.
type cause struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Field   string `json:"field"`
}

// task is one object of a job on its way to a worker.
type task struct {
	job    *job
	index  int
	object map[string]any
}

func main() {
	server := flag.String("server", "", "the address of the API server")
	ca := flag.String("ca", "", "the certificate to trust")
	token := flag.String("token", "", "the token of an administrator")
	workers := flag.Int("workers", 16, "objects in flight")
	flag.Parse()
	if err := run(*server, *ca, *token, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "apply:", err)
		os.Exit(1)
	}
}

func run(server, ca, token string, workers int) error {
	api, err := connect(server, ca, token, workers)
	if err != nil {
		return err
	}
	out := newWriter()
	spaces := newSpaces(api)
	// A namespace has one set of labels at a time; what asks for another waits for the next round.
	for jobs := readJobs(os.Stdin, out); ; {
		later := round(api, spaces, out, workers, jobs)
		if len(later) == 0 {
			break
		}
		again := make(chan task, len(later))
		for _, task := range later {
			again <- task
		}
		close(again)
		spaces.nextRound()
		jobs = again
	}
	return out.flush()
}

// round sends what can be sent with the labels that the namespaces have, and returns the rest.
func round(api *client, spaces *spaces, out *writer, workers int, tasks <-chan task) []task {
	// Deep enough that the namespaces of later tasks are made while workers are busy with earlier ones.
	ready := make(chan task, 1024)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for task := range ready {
				out.write(api.judge(task, spaces))
			}
		})
	}
	var later []task
	for task := range tasks {
		if spaces.claim(namespaceOf(task), labels{task.job.Warn, task.job.Enforce}, &group) {
			ready <- task
		} else {
			later = append(later, task)
		}
	}
	close(ready)
	group.Wait()
	return later
}

// readJobs yields the objects of standard input; a line or a text that cannot be read gets its verdict at once.
func readJobs(input *os.File, out *writer) <-chan task {
	tasks := make(chan task, 64)
	go func() {
		defer close(tasks)
		lines := bufio.NewScanner(input)
		lines.Buffer(nil, 256<<20)
		for lines.Scan() {
			job := new(job)
			if err := json.Unmarshal(lines.Bytes(), job); err != nil {
				out.write(refused(job, 0, "", fmt.Sprintf("the job is no JSON: %v", err)))
				continue
			}
			objects, err := objectsOf(job)
			for index, object := range objects {
				tasks <- task{job, index, object}
			}
			if err != nil {
				out.write(refused(job, len(objects), "", err.Error()))
			}
		}
		if err := lines.Err(); err != nil {
			out.write(refused(&job{}, 0, "", fmt.Sprintf("standard input: %v", err)))
		}
	}()
	return tasks
}

func refused(job *job, index int, object, message string) verdict {
	return verdict{ID: job.ID, Index: index, Object: object, answer: answer{Message: message}}
}

// writer puts verdicts on standard output, one at a time.
type writer struct {
	lock   sync.Mutex
	buffer *bufio.Writer
	coder  *json.Encoder
}

func newWriter() *writer {
	buffer := bufio.NewWriter(os.Stdout)
	coder := json.NewEncoder(buffer)
	coder.SetEscapeHTML(false)
	return &writer{buffer: buffer, coder: coder}
}

func (w *writer) write(v verdict) {
	w.lock.Lock()
	defer w.lock.Unlock()
	// A write that fails is kept by the buffer and comes out of flush.
	_ = w.coder.Encode(v)
}

func (w *writer) flush() error { return w.buffer.Flush() }
