// Command network-policies reads clusters on stdin, one JSON object a line, and writes a JSON line about each: what two
// engines, of sigs.k8s.io/kube-network-policies and of cyclonus, say of its probes, as texts of 1 (allowed) and 0.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	corelisters "k8s.io/client-go/listers/core/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/network"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// cluster is what policies are about. Ends of probes are known by their address; one of no pod is outside.
type cluster struct {
	Namespaces []*corev1.Namespace           `json:"namespaces"`
	Pods       []*corev1.Pod                 `json:"pods"`
	Policies   []*networkingv1.NetworkPolicy `json:"policies"`
	Probes     []probe                       `json:"probes"`
}

type probe struct {
	From     string          `json:"from"`
	To       string          `json:"to"`
	Port     int             `json:"port"`
	Protocol corev1.Protocol `json:"protocol"`
}

// end is one end of connections, as each engine knows it.
type end struct {
	info  *api.PodInfo
	inner *matcher.InternalPeer
}

// stored makes of the objects what the API server does: defaults of kubernetes/pkg/apis/networking/v1 and core/v1, and
// no list that is empty.
func (c *cluster) stored() {
	tcp := corev1.ProtocolTCP
	fill := func(ports []networkingv1.NetworkPolicyPort) {
		for i := range ports {
			if ports[i].Protocol == nil {
				ports[i].Protocol = &tcp
			}
		}
	}
	for _, policy := range c.Policies {
		spec := &policy.Spec
		if len(spec.PolicyTypes) == 0 {
			spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
			if len(spec.Egress) != 0 {
				spec.PolicyTypes = append(spec.PolicyTypes, networkingv1.PolicyTypeEgress)
			}
		}
		for i := range spec.Ingress {
			fill(spec.Ingress[i].Ports)
		}
		for i := range spec.Egress {
			fill(spec.Egress[i].Ports)
		}
		if len(spec.Ingress) == 0 {
			spec.Ingress = nil
		}
		if len(spec.Egress) == 0 {
			spec.Egress = nil
		}
	}
	for _, namespace := range c.Namespaces {
		if namespace.Labels == nil {
			namespace.Labels = map[string]string{}
		}
		namespace.Labels[corev1.LabelMetadataName] = namespace.Name
	}
	for _, pod := range c.Pods {
		for i := range pod.Spec.Containers {
			for j := range pod.Spec.Containers[i].Ports {
				if port := &pod.Spec.Containers[i].Ports[j]; port.Protocol == "" {
					port.Protocol = tcp
				}
			}
		}
	}
}

func (c *cluster) ends() byAddress {
	labels := map[string]map[string]string{}
	for _, namespace := range c.Namespaces {
		labels[namespace.Name] = namespace.Labels
	}
	found := byAddress{}
	for _, pod := range c.Pods {
		inner := &matcher.InternalPeer{PodLabels: pod.Labels, NamespaceLabels: labels[pod.Namespace], Namespace: pod.Namespace}
		found[pod.Status.PodIP] = end{api.NewPodInfo(pod, labels[pod.Namespace], nil, ""), inner}
	}
	return found
}

// byAddress are the pods, as the first engine looks them up.
type byAddress map[string]end

func (b byAddress) GetPodInfoByIP(address string) (*api.PodInfo, bool) {
	found, ok := b[address]
	return found.info, ok
}

// The engine reads objects by informers. These are filled once and watch nothing.
type pods struct{ cache.SharedIndexInformer }
type spaces struct{ cache.SharedIndexInformer }
type policies struct{ cache.SharedIndexInformer }

func (p pods) Informer() cache.SharedIndexInformer   { return p }
func (p pods) Lister() corelisters.PodLister         { return corelisters.NewPodLister(p.GetIndexer()) }
func (s spaces) Informer() cache.SharedIndexInformer { return s }
func (s spaces) Lister() corelisters.NamespaceLister {
	return corelisters.NewNamespaceLister(s.GetIndexer())
}
func (p policies) Informer() cache.SharedIndexInformer { return p }
func (p policies) Lister() networkinglisters.NetworkPolicyLister {
	return networkinglisters.NewNetworkPolicyLister(p.GetIndexer())
}

func informer[T runtime.Object](kind T, objects []T) (cache.SharedIndexInformer, error) {
	made := cache.NewSharedIndexInformer(nil, kind, 0, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for _, object := range objects {
		if err := made.GetIndexer().Add(object); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func engine(c *cluster, ends byAddress) (*networkpolicy.PolicyEngine, error) {
	namespaces, err := informer(&corev1.Namespace{}, c.Namespaces)
	if err != nil {
		return nil, err
	}
	all, err := informer(&corev1.Pod{}, c.Pods)
	if err != nil {
		return nil, err
	}
	written, err := informer(&networkingv1.NetworkPolicy{}, c.Policies)
	if err != nil {
		return nil, err
	}
	standard := networkpolicy.NewStandardNetworkPolicy("", spaces{namespaces}, pods{all}, policies{written})
	return networkpolicy.NewPolicyEngine(ends, []api.PolicyEvaluator{standard}), nil
}

// portName is what the destination calls the port, as cyclonus wants to know.
func (e end) portName(asked probe) string {
	for _, port := range e.info.GetContainerPorts() {
		if int(port.Port) == asked.Port && port.Protocol == string(asked.Protocol) {
			return port.Name
		}
	}
	return ""
}

func judge(c *cluster) ([]string, error) {
	c.stored()
	ends := c.ends()
	first, err := engine(c, ends)
	if err != nil {
		return nil, err
	}
	second := matcher.BuildNetworkPolicies(true, c.Policies)
	answers := [2][]byte{}
	for _, asked := range c.Probes {
		from, to := net.ParseIP(asked.From), net.ParseIP(asked.To)
		packet := &network.Packet{SrcIP: from, DstIP: to, DstPort: asked.Port, Proto: asked.Protocol}
		one, err := first.EvaluatePacket(context.Background(), packet)
		if err != nil {
			return nil, err
		}
		two := second.IsTrafficAllowed(&matcher.Traffic{
			Source:           &matcher.TrafficPeer{Internal: ends[asked.From].inner, IP: asked.From},
			Destination:      &matcher.TrafficPeer{Internal: ends[asked.To].inner, IP: asked.To},
			ResolvedPort:     asked.Port,
			ResolvedPortName: ends[asked.To].portName(asked),
			Protocol:         asked.Protocol,
		}).IsAllowed()
		for i, allowed := range []bool{one, two} {
			digit := byte('0')
			if allowed {
				digit = '1'
			}
			answers[i] = append(answers[i], digit)
		}
	}
	return []string{string(answers[0]), string(answers[1])}, nil
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var err error
	for err == nil {
		var asked cluster
		if err = in.Decode(&asked); err == nil {
			var answers []string
			if answers, err = judge(&asked); err == nil {
				err = out.Encode(answers)
			}
		}
	}
	if err != io.EOF {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
