{{/* The names of all objects begin with it: `pybase` unless fullnameOverride says otherwise. */}}
{{- define "pybase.fullname" -}}
{{- $release := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) }}
{{- .Values.fullnameOverride | default $release | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* The Secrets: those that are there, or those that the chart makes. */}}
{{- define "pybase.secret.api" -}}
{{ .Values.pybase.existingSecret | default (printf "%s-api-secret" (include "pybase.fullname" .)) }}
{{- end }}

{{- define "pybase.secret.postgresql" -}}
{{ .Values.postgresql.auth.existingSecret | default (printf "%s-postgresql-secret" (include "pybase.fullname" .)) }}
{{- end }}

{{- define "pybase.secret.redis" -}}
{{ .Values.redis.auth.existingSecret | default (printf "%s-redis-secret" (include "pybase.fullname" .)) }}
{{- end }}

{{- define "pybase.secret.minio" -}}
{{ .Values.minio.auth.existingSecret | default (printf "%s-minio-secret" (include "pybase.fullname" .)) }}
{{- end }}

{{- define "pybase.secret.meilisearch" -}}
{{ .Values.meilisearch.auth.existingSecret | default (printf "%s-meilisearch-secret" (include "pybase.fullname" .)) }}
{{- end }}

{{/* Where Meilisearch and the object store answer. */}}
{{- define "pybase.meilisearchUrl" -}}
{{- if .Values.meilisearch.enabled }}http://{{ include "pybase.fullname" . }}-meilisearch:7700{{ else }}{{ .Values.meilisearch.host }}{{ end }}
{{- end }}

{{- define "pybase.s3EndpointUrl" -}}
{{- if .Values.minio.enabled }}http://{{ include "pybase.fullname" . }}-minio:9000{{ else }}{{ .Values.s3.endpointUrl }}{{ end }}
{{- end }}
