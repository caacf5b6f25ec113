{{/* Annotations of a Job, which belongs to one release and whose pod template never changes. With `helm install` it is an
object like the others: its store may be one of them, so nothing can come before, and a post-install hook would come after
--wait has seen the API ready. With `helm upgrade` it is a hook: the schema is migrated before the first new pod starts,
and a failure, whose log Helm prints, leaves the old ones running. It goes when it is done: a rollback to the first
revision creates that one's Job again, and would stumble over another of its name.
Arguments: root, hook, values. */}}
{{- define "pybase.jobAnnotations" -}}
{{- $hook := dict }}
{{- if .root.Release.IsUpgrade }}
{{- $hook = dict "helm.sh/hook" .hook "helm.sh/hook-output-log-policy" "hook-failed" }}
{{- $_ := set $hook "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded,hook-failed" }}
{{- end }}
{{- merge $hook (.values.annotations | default dict) | toYaml }}
{{- end }}
