{{/* A drain leaves one pod; one that is not ready does not block it. Arguments: root, component. */}}
{{- define "pybase.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "pybase.metadata" (omit . "values") | nindent 2 }}
spec:
  minAvailable: {{ .values.podDisruptionBudget.minAvailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "pybase.selector" .component | nindent 6 }}
{{- end }}
