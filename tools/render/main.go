// Command render reads kustomization directories on stdin, one a line, builds them in parallel the way
// `kustomize build` does, and writes one JSON line per directory, in the order they were read:
// {"dir", "error"?, "objects": [...], "reads": [...]}, where reads are the files the build asked for.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

type result struct {
	Dir     string           `json:"dir"`
	Error   string           `json:"error,omitempty"`
	Objects []map[string]any `json:"objects"`
	Reads   []string         `json:"reads"`
}

// tree is the disk as one build sees it, noting each file the build asked for, there or not.
type tree struct {
	filesys.FileSystem
	out *result
}

func (t tree) ReadFile(path string) ([]byte, error) {
	t.out.Reads = append(t.out.Reads, path)
	body, err := t.FileSystem.ReadFile(path)
	if err != nil || !isKustomization(path) {
		return body, err
	}
	if bytes.Contains(append([]byte("\n"), body...), []byte("\nopenapi:")) {
		t.out.Error = path + ": openapi: is process-wide in kustomize, so it would reach other builds"
		return nil, errors.New(t.out.Error)
	}
	return body, nil
}

// offline is the only transport there is: a build that would download something fails instead.
type offline struct{}

func (offline) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("remote files are not fetched: " + r.URL.Redacted())
}

func isKustomization(path string) bool {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if filepath.Base(path) == name {
			return true
		}
	}
	return false
}

func build(dir string) (out result) {
	out = result{Dir: dir, Objects: []map[string]any{}, Reads: []string{}}
	defer func() {
		if p := recover(); p != nil {
			out.Error = fmt.Sprint("panic: ", p)
		}
	}()
	options := krusty.MakeDefaultOptions() // root-only loading, no plugins, no helm
	options.Reorder = krusty.ReorderOptionUnspecified
	built, err := krusty.MakeKustomizer(options).Run(tree{filesys.MakeFsOnDisk(), &out}, dir)
	for i := 0; err == nil && i < built.Size(); i++ {
		var object map[string]any
		object, err = built.Resources()[i].Map()
		out.Objects = append(out.Objects, object)
	}
	if err != nil && out.Error == "" {
		out.Error = err.Error()
	}
	return out
}

func main() {
	http.DefaultTransport = offline{}
	_ = os.Setenv("PATH", "") // no git either: a remote base changes without a commit here
	debug.SetGCPercent(400)
	openapi.Schema() // parsed once, before the builds race for it
	queue, slots := make(chan chan []byte, 64), make(chan bool, runtime.GOMAXPROCS(0))
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			dir, line := in.Text(), make(chan []byte, 1)
			queue <- line
			slots <- true
			go func() {
				built := build(dir)
				body, err := json.Marshal(built)
				if err != nil { // an object holds what JSON cannot, such as .nan
					built.Error, built.Objects = err.Error(), []map[string]any{}
					body, _ = json.Marshal(built)
				}
				line <- append(body, '\n')
				<-slots
			}()
		}
		close(queue)
	}()
	out := bufio.NewWriter(os.Stdout)
	for line := range queue {
		_, _ = out.Write(<-line)
		if len(queue) == 0 { // whoever keeps the pipe open waits for what it asked
			_ = out.Flush()
		}
	}
	if out.Flush() != nil {
		os.Exit(1)
	}
}
