{{/* metadata of an object that is there for the time of `helm test`, which prints the Job's log. Arguments: root, name,
weight: the order. */}}
{{- define "pybase.testMetadata" -}}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-weight" (toString .weight) }}
{{- $_ := set $hook "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" }}
{{- $_ := set $hook "helm.sh/hook-output-log-policy" "hook-succeeded,hook-failed" -}}
{{- include "pybase.metadata" (merge (dict "component" "test" "annotations" $hook) .) }}
{{- end }}
