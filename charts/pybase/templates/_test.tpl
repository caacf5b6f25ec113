{{/* metadata of an object that is there for the time of `helm test`. Arguments: root, name, weight: the order; extraLabels. */}}
{{- define "pybase.testMetadata" -}}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-weight" (toString .weight) }}
{{- $_ := set $hook "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- include "pybase.metadata" (merge (dict "component" "test" "annotations" $hook) .) }}
{{- end }}
