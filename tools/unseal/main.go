// Command unseal opens SealedSecrets with the code of the sealed-secrets controller. It reads one JSON object a line,
// {"keys": [PEM of a private key], "sealed": a SealedSecret}, and writes a line about each: for every key of encryptedData,
// by itself, the SHA-256 of the value in hex, or "" when the controller refuses it.
package main

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/bitnami/sealed-secrets/pkg/apis/sealedsecrets/v1alpha1"
	"github.com/bitnami/sealed-secrets/pkg/crypto"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/keyutil"
)

type question struct {
	Keys   []string        `json:"keys"`
	Sealed json.RawMessage `json:"sealed"`
}

// registry is what the controller's KeyRegistry hands out.
func registry(keys []string) (map[string]*rsa.PrivateKey, error) {
	found := map[string]*rsa.PrivateKey{}
	for _, text := range keys {
		parsed, err := keyutil.ParsePrivateKeyPEM([]byte(text))
		if err != nil {
			return nil, err
		}
		key, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("%T is no key of a controller", parsed)
		}
		fingerprint, err := crypto.PublicKeyFingerprint(&key.PublicKey)
		if err != nil {
			return nil, err
		}
		found[fingerprint] = key
	}
	return found, nil
}

func opened(sealed *v1alpha1.SealedSecret, keys map[string]*rsa.PrivateKey) map[string]string {
	var found sync.Map
	var all sync.WaitGroup
	for name, value := range sealed.Spec.EncryptedData {
		one := sealed.DeepCopy()
		one.Spec.EncryptedData = map[string]string{name: value}
		all.Go(func() {
			found.Store(name, "")
			if secret, err := one.Unseal(scheme.Codecs, keys); err == nil {
				sum := sha256.Sum256(secret.Data[name])
				found.Store(name, hex.EncodeToString(sum[:]))
			}
		})
	}
	all.Wait()
	answer := map[string]string{}
	found.Range(func(name, sum any) bool { answer[name.(string)] = sum.(string); return true })
	return answer
}

func answer(asked question) (map[string]string, error) {
	keys, err := registry(asked.Keys)
	if err != nil {
		return nil, err
	}
	object, err := runtime.Decode(scheme.Codecs.UniversalDecoder(v1alpha1.SchemeGroupVersion), asked.Sealed)
	if err != nil {
		return nil, err
	}
	sealed, ok := object.(*v1alpha1.SealedSecret)
	if !ok {
		return nil, fmt.Errorf("%T is no SealedSecret", object)
	}
	return opened(sealed, keys), nil
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var err error
	for err == nil {
		var asked question
		if err = in.Decode(&asked); err == nil {
			var said map[string]string
			if said, err = answer(asked); err == nil {
				err = out.Encode(said)
			}
		}
	}
	if err != io.EOF {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
