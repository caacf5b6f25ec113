{{/* "true" if this edge and this implementation of it are wanted. Arguments: root, edge: ingress or gateway; implementation. */}}
{{- define "pybase.edgeIs" -}}
{{- $edge := index .root.Values .edge }}
{{- if and $edge.enabled (eq $edge.implementation .implementation) }}true{{ end }}
{{- end }}

{{/* "true" if the chart's own Gateway is of this implementation. Arguments: root, implementation. */}}
{{- define "pybase.gatewayIs" -}}
{{- if and .root.Values.gateway.create (include "pybase.edgeIs" (dict "root" .root "edge" "gateway" "implementation" .implementation)) }}true{{ end }}
{{- end }}

{{/* metadata of an object of the edge. Arguments: root, name (the release's objects' if none), namespace, annotations. */}}
{{- define "pybase.edgeMetadata" -}}
name: {{ include "pybase.fullname" .root }}{{ with .name }}-{{ . }}{{ end }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- include "pybase.labels" (dict "root" .root "component" "edge") | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Health checks and limits of one Service behind a cloud's load balancer: its name is the Service's. Arguments: root,
component, kind, apiVersion. */}}
{{- define "pybase.backendObject" -}}
apiVersion: {{ .apiVersion }}
kind: {{ .kind }}
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component) | nindent 2 }}
{{- end }}

{{/* Where the load balancer asks for a component's health. */}}
{{- define "pybase.healthPath" -}}
{{ eq . "api" | ternary "/api/v1/live" "/health" }}
{{- end }}

{{/* How long the load balancer lets a request be, in seconds: a WebSocket to the API ends when this has passed, busy or not
(Google may end one earlier); the frontend passes on calls of the API, uploads of 100 MB among them. */}}
{{- define "pybase.requestSeconds" -}}
{{ eq . "api" | ternary "604800" "3600" }}
{{- end }}

{{- define "pybase.healthCheckPolicy" -}}
{{ include "pybase.backendObject" (merge (dict "apiVersion" "networking.gke.io/v1" "kind" "HealthCheckPolicy") .) }}
spec:
  targetRef: {group: "", kind: Service, name: {{ include "pybase.fullname" .root }}-{{ .component }}}
  default:
    config:
      type: HTTP
      httpHealthCheck: {portSpecification: USE_SERVING_PORT, requestPath: {{ include "pybase.healthPath" .component }}}
{{- end }}

{{- define "pybase.backendPolicy" -}}
{{ include "pybase.backendObject" (merge (dict "apiVersion" "networking.gke.io/v1" "kind" "GCPBackendPolicy") .) }}
spec:
  targetRef: {group: "", kind: Service, name: {{ include "pybase.fullname" .root }}-{{ .component }}}
  default:
    timeoutSec: {{ include "pybase.requestSeconds" .component }}
    connectionDraining: {drainingTimeoutSec: 30}
{{- end }}

{{- define "pybase.backendConfig" -}}
{{ include "pybase.backendObject" (merge (dict "apiVersion" "cloud.google.com/v1" "kind" "BackendConfig") .) }}
spec:
  timeoutSec: {{ include "pybase.requestSeconds" .component }}
  connectionDraining: {drainingTimeoutSec: 30}
  healthCheck: {type: HTTP, requestPath: {{ include "pybase.healthPath" .component }}, port: {{ .port }}}
{{- end }}

{{- define "pybase.targetGroup" -}}
{{ include "pybase.backendObject" (merge (dict "apiVersion" "gateway.k8s.aws/v1beta1" "kind" "TargetGroupConfiguration") .) }}
spec:
  targetReference: {group: "", kind: Service, name: {{ include "pybase.fullname" .root }}-{{ .component }}}
  defaultConfiguration:
    targetType: ip
    healthCheckConfig: {healthCheckPath: {{ include "pybase.healthPath" .component }}}
    targetGroupAttributes:
      - {key: deregistration_delay.timeout_seconds, value: "30"}
{{- end }}

{{/* Annotations that GKE's Ingress controller reads on a Service. Arguments: root, component. */}}
{{- define "pybase.serviceAnnotations" -}}
{{- if include "pybase.edgeIs" (dict "root" .root "edge" "ingress" "implementation" "gce") }}
cloud.google.com/neg: '{"ingress": true}'
cloud.google.com/backend-config: '{"default": "{{ include "pybase.fullname" .root }}-{{ .component }}"}'
{{- end }}
{{- end }}
