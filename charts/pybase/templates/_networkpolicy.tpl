{{/* Where a store or service outside the cluster is: the ranges that are named, or any public address, which is neither the
metadata service nor the control plane. Argument: the ranges. */}}
{{- define "pybase.outside" -}}
to:
  {{- range . }}
  - ipBlock: {cidr: {{ . }}}
  {{- else }}
  - ipBlock:
      cidr: 0.0.0.0/0
      except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16]
  {{- end }}
{{- end }}

{{- define "pybase.tcp" -}}
ports:
  {{- range . }}
  - {protocol: TCP, port: {{ . }}}
  {{- end }}
{{- end }}

{{/* The way of a store's clients to it, wherever it is. Arguments: root, component, ports: of the bundled store, none for
one outside; cidrs, outsidePorts: of that. */}}
{{- define "pybase.clientsPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component "name" (print .component "-clients")) | nindent 2 }}
spec:
  podSelector:
    matchLabels: {pybase.dev/{{ .component }}-client: "true"}
  policyTypes: [Egress]
  egress:
    {{- if .ports }}
    - to:
        - podSelector:
            matchLabels:
              {{- include "pybase.selector" .component | nindent 14 }}
      {{- include "pybase.tcp" .ports | nindent 6 }}
    {{- else }}
    - {{ include "pybase.outside" .cidrs | nindent 6 | trim }}
      {{- include "pybase.tcp" .outsidePorts | nindent 6 }}
    {{- end }}
{{- end }}

{{/* A bundled store admits its clients. Arguments: root, component, ports. */}}
{{- define "pybase.storePolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "pybase.selector" .component | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {pybase.dev/{{ .component }}-client: "true"}}
      {{- include "pybase.tcp" .ports | nindent 6 }}
{{- end }}

{{/* A component admits the edge: the proxies of the ingress controller or Gateway. Arguments: root, component, ports. */}}
{{- define "pybase.edgePolicy" -}}
{{- $own := dict "name" (print "edge-to-" .component) "extraLabels" (dict "pybase.dev/peer" "edge") -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "pybase.metadata" (merge $own .) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "pybase.selector" .component | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from:
        {{- toYaml .root.Values.networkPolicy.edgePeers | nindent 8 }}
      {{- include "pybase.tcp" .ports | nindent 6 }}
{{- end }}

{{/* An opt-in way to a service outside the cluster. Arguments: root, component, pods: their labels; cidrs; ports. */}}
{{- define "pybase.servicePolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component "name" (print .component "-clients")) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- toYaml .pods | nindent 6 }}
  policyTypes: [Egress]
  egress:
    - {{ include "pybase.outside" .cidrs | nindent 6 | trim }}
      {{- include "pybase.tcp" .ports | nindent 6 }}
{{- end }}
