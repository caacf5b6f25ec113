{{/* The two labels that select a component's pods; they never change. Argument: the component. */}}
{{- define "pybase.selector" -}}
app.kubernetes.io/name: pybase
app.kubernetes.io/component: {{ . }}
{{- end }}

{{/* Labels of every object. Arguments: root, component. */}}
{{- define "pybase.labels" -}}
{{ include "pybase.selector" .component }}
app.kubernetes.io/part-of: pybase
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of pods. The labels have no version, so that a new chart alone restarts nothing. Arguments: root, component,
values; clients: the stores and services that the pods may reach, see the network policies; settings: they import PyBase;
configuration: the templates of what they read at their start, a change of which restarts them. */}}
{{- define "pybase.podMetadata" -}}
labels:
  {{- include "pybase.selector" .component | nindent 2 }}
  app.kubernetes.io/part-of: pybase
  app.kubernetes.io/instance: {{ .root.Release.Name }}
  {{- if .settings }}
  pybase.dev/settings: "true"
  {{- end }}
  {{- range .clients }}
  pybase.dev/{{ . }}-client: "true"
  {{- end }}
  {{- with merge (dict) (.values.podLabels | default dict) (.root.Values.global.podLabels | default dict) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := merge (dict) (.values.podAnnotations | default dict) (.root.Values.global.podAnnotations | default dict) }}
{{- $read := list }}
{{- range .configuration }}
{{- $read = append $read (omit (include (print $.root.Template.BasePath "/" .) $.root | fromYaml) "metadata") }}
{{- end }}
{{- if $read }}
{{- $_ := set $annotations "checksum/configuration" ($read | toJson | sha256sum) }}
{{- end }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* metadata of an object. Arguments: root, component; name: after the dash, if it is not the component; values: whose
annotations it gets; annotations, extraLabels: more of them. */}}
{{- define "pybase.metadata" -}}
name: {{ include "pybase.fullname" .root }}-{{ .name | default .component }}
labels:
  {{- include "pybase.labels" . | nindent 2 }}
  {{- with .extraLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) ((.values).annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
