// Command pod-security reads objects on stdin, one JSON object a line, and writes a JSON line about each: the list of what
// the Pod Security level `restricted` refuses in its pods, at each of the versions that are its arguments (v1.34 latest).
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kjson "sigs.k8s.io/json"
)

// template is what a Pod consists of, and what the other kinds keep in their spec.
type template = corev1.PodTemplateSpec

type owner struct {
	Kind string `json:"kind"`
	Spec struct {
		Template    *template       `json:"template"`
		JobTemplate json.RawMessage `json:"jobTemplate"`
	} `json:"spec"`
}

func podOf(object []byte) (pod *template, err error) {
	var found owner
	if err = kjson.UnmarshalCaseSensitivePreserveInts(object, &found); err != nil {
		return nil, err
	}
	switch {
	case found.Kind == "Pod":
		err = kjson.UnmarshalCaseSensitivePreserveInts(object, &pod)
	case found.Spec.JobTemplate != nil:
		return podOf(found.Spec.JobTemplate)
	case found.Spec.Template != nil:
		pod = found.Spec.Template
	default:
		err = fmt.Errorf("%s makes no pods", found.Kind)
	}
	return pod, err
}

func refused(judge policy.Evaluator, versions []string, object []byte) ([]string, error) {
	reasons := []string{}
	pod, err := podOf(object)
	for i := 0; err == nil && i < len(versions); i++ {
		level := api.LevelVersion{Level: api.LevelRestricted}
		if level.Version, err = api.ParseVersion(versions[i]); err != nil {
			break
		}
		for _, result := range judge.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				reasons = append(reasons, fmt.Sprintf("%s: %s: %s", versions[i], result.ForbiddenReason, result.ForbiddenDetail))
			}
		}
	}
	return reasons, err
}

func main() {
	judge, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for err == nil {
		var object json.RawMessage
		if err = in.Decode(&object); err == nil {
			var reasons []string
			if reasons, err = refused(judge, os.Args[1:], object); err == nil {
				err = out.Encode(reasons)
			}
		}
	}
	if err != io.EOF {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
