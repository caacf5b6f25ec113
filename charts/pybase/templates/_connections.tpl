{{/* How many connections all processes may open together: pods at most x processes x (DB_POOL_SIZE + DB_MAX_OVERFLOW). */}}
{{- define "pybase.connections" -}}
{{- $settings := .Values.pybase.settings }}
{{- $processes := 0 }}
{{- range $name := list "api" "extractionWorker" "searchWorker" "exportWorker" "maintenanceWorker" "reportWorker" }}
{{- $component := index $.Values $name }}
{{- $pods := ($component.autoscaling).enabled | default false | ternary ($component.autoscaling).maxReplicas $component.replicaCount }}
{{- $each := $component.concurrency | default $settings.WEB_CONCURRENCY | default 1 }}
{{- if $component.enabled }}
{{- $processes = add $processes (mul $pods $each) }}
{{- end }}
{{- end }}
{{- mul $processes (add $settings.DB_POOL_SIZE $settings.DB_MAX_OVERFLOW) }}
{{- end }}
