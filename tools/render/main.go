// Command render reads kustomization directories on stdin, one a line, builds them in parallel the way
// `kustomize build` does, and writes one JSON line per directory, in the order they were read:
// {"dir", "error"?, "objects": [...], "origins": [...], "reads": [...]}. reads are the files the build asked for;
// origins says, object by object, which file defined it and which kustomizations may have changed it, as Kustomize's own
// annotations do (buildMetadata), without leaving them in the objects.
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
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

type result struct {
	Dir     string           `json:"dir"`
	Error   string           `json:"error,omitempty"`
	Objects []map[string]any `json:"objects"`
	Origins []origin         `json:"origins"`
	Reads   []string         `json:"reads"`
}

type origin struct {
	Path      string   `json:"path"`      // the file that defines the object, or the kustomization that generates it
	ChangedIn []string `json:"changedIn"` // the kustomizations whose transformers it went through, in order; both relative to dir
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
	if filepath.Dir(path) == t.out.Dir && !bytes.Contains(body, []byte("buildMetadata")) {
		body = append(body, "\nbuildMetadata: [originAnnotations, transformerAnnotations]\n"...)
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

// takeOrigin moves Kustomize's two annotations out of the resource.
func takeOrigin(r *resource.Resource) (out origin, err error) {
	out.ChangedIn = []string{}
	made, err := r.GetOrigin()
	if err != nil {
		return out, err
	}
	if made != nil {
		out.Path = made.Path
		if made.Path == "" {
			out.Path = made.ConfiguredIn
		}
	}
	changes, err := r.GetTransformations()
	for _, change := range changes {
		if last := len(out.ChangedIn) - 1; last < 0 || out.ChangedIn[last] != change.ConfiguredIn {
			out.ChangedIn = append(out.ChangedIn, change.ConfiguredIn)
		}
	}
	if err == nil {
		err = r.SetOrigin(nil)
	}
	if err == nil {
		err = r.ClearTransformations()
	}
	return out, err
}

func build(dir string) (out result) {
	out = result{Dir: dir, Objects: []map[string]any{}, Origins: []origin{}, Reads: []string{}}
	defer func() {
		if p := recover(); p != nil {
			out.Error = fmt.Sprint("panic: ", p)
		}
	}()
	options := krusty.MakeDefaultOptions() // root-only loading, no plugins, no helm
	options.Reorder = krusty.ReorderOptionUnspecified
	built, err := krusty.MakeKustomizer(options).Run(tree{filesys.MakeFsOnDisk(), &out}, dir)
	for i := 0; err == nil && i < built.Size(); i++ {
		var from origin
		var object map[string]any
		if from, err = takeOrigin(built.Resources()[i]); err == nil {
			object, err = built.Resources()[i].Map()
		}
		out.Objects, out.Origins = append(out.Objects, object), append(out.Origins, from)
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
				body, err := json.Marshal(build(dir))
				if err != nil {
					body, _ = json.Marshal(result{Dir: dir, Error: err.Error()})
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
	}
	if out.Flush() != nil {
		os.Exit(1)
	}
}
