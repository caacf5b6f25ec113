{{/* A Job belongs to one release, and its pod template never changes. With `helm install` it is an object like the others
(its store may be one of them, so nothing can come before); with `helm upgrade` a hook, which replaces the last one:
the schema is migrated before the first new pod starts, and a failure leaves the old ones running.
Arguments: root, hook, values. */}}
{{- define "pybase.jobAnnotations" -}}
{{- $annotations := dict }}
{{- if .root.Release.IsUpgrade }}
{{- $annotations = dict "helm.sh/hook" .hook "helm.sh/hook-delete-policy" "before-hook-creation" }}
{{- end }}
{{- merge $annotations (.values.annotations | default dict) | toYaml }}
{{- end }}
