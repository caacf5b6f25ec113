{{/* Arguments: root, component, values. The token is mounted by the pods that need it. */}}
{{- define "pybase.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component "annotations" ((.values.serviceAccount).annotations)) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
