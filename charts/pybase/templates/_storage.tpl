{{/* The class of a claim; nothing for the cluster's default. Arguments: root, persistence (of the store). */}}
{{- define "pybase.storageClass" -}}
{{- $own := .root.Values.storageClass.create | ternary .root.Values.storageClass.name "" }}
{{- with coalesce .persistence.storageClass .root.Values.global.storageClass $own }}
storageClassName: {{ . }}
{{- end }}
{{- end }}

{{/* spec of a claim that one pod mounts. Arguments: root, persistence. */}}
{{- define "pybase.claimSpec" -}}
accessModes: [ReadWriteOnce]
resources: {requests: {storage: {{ .persistence.size }}}}
{{- include "pybase.storageClass" . }}
{{- end }}

{{/* The claim of a Deployment; `helm uninstall` leaves it where persistence.retain says so. Arguments: root, component, persistence. */}}
{{- define "pybase.claim" -}}
{{- $keep := dict "helm.sh/resource-policy" "keep" }}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component "annotations" (.persistence.retain | ternary $keep dict)) | nindent 2 }}
spec:
  {{- include "pybase.claimSpec" . | nindent 2 }}
{{- end }}

{{/* The claim that a StatefulSet makes for its pod: its labels never change. Arguments: root, component, persistence. */}}
{{- define "pybase.claimTemplate" -}}
persistentVolumeClaimRetentionPolicy: {whenDeleted: {{ .persistence.retain | ternary "Retain" "Delete" }}, whenScaled: Retain}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: data
      labels:
        {{- include "pybase.selector" .component | nindent 8 }}
        app.kubernetes.io/part-of: pybase
    spec:
      {{- include "pybase.claimSpec" . | nindent 6 }}
{{- end }}
