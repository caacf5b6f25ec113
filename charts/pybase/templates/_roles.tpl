{{/* A worker's right to the Role of settings/role.yaml. Arguments: root, component. */}}
{{- define "pybase.roleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "pybase.metadata" . | nindent 2 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ include "pybase.fullname" .root }}-worker}
subjects:
  - {kind: ServiceAccount, name: {{ include "pybase.fullname" .root }}-{{ .component }}, namespace: {{ .root.Release.Namespace }}}
{{- end }}
