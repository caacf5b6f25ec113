{{/* Values that do not fit together, a sentence each: what is wrong, and what to do. */}}
{{- define "pybase.unsupported" -}}
{{- include "pybase.unsupported.edge" . }}
{{- include "pybase.unsupported.stores" . }}
{{- include "pybase.unsupported.secrets" . }}
{{- include "pybase.unsupported.replicas" . }}
{{- include "pybase.unsupported.cluster" . }}
{{- end }}

{{- define "pybase.unsupported.edge" -}}
{{- $ingress := .Values.ingress }}
{{- $gateway := .Values.gateway }}
{{- $certificate := .Values.certManager }}
{{- if and $ingress.enabled $gateway.enabled }}
ingress.enabled and gateway.enabled are both true: PyBase has one edge, switch one of them off.
{{- end }}
{{- if and (or $ingress.enabled $gateway.enabled) (not (and .Values.api.enabled .Values.frontend.enabled)) }}
The edge leads to the API and the frontend, and one of them is off: set api.enabled and frontend.enabled to true, or switch the edge off.
{{- end }}
{{- if and $ingress.enabled (eq $ingress.implementation "gce") $ingress.className }}
ingress.className is {{ $ingress.className }}, but GKE's controller goes by an annotation, which ingress.implementation=gce sets: leave the class empty.
{{- end }}
{{- if and $gateway.enabled $gateway.create (not $gateway.className) }}
gateway.className is empty: name the class of your Gateway controller, or set gateway.create to false and gateway.name to a Gateway that is there.
{{- end }}
{{- if $certificate.enabled }}
{{- $edge := $gateway.enabled | ternary $gateway $ingress }}
{{- if not (or $ingress.enabled $gateway.enabled) }}
certManager.enabled is true and there is no edge whose certificate it could be: switch ingress or gateway on.
{{- else if and $ingress.enabled (eq $ingress.implementation "gce") }}
certManager.enabled is true and ingress.implementation gce, which brings a managed certificate: set certManager.enabled to false.
{{- else if and $gateway.enabled (not $gateway.create) }}
certManager.enabled is true and the Gateway is not the chart's: get its certificate where it is defined, and set certManager.enabled to false.
{{- else if or (not $edge.tls.secretName) (and $ingress.enabled (not $ingress.tls.enabled)) }}
certManager.enabled is true and the edge has no Secret to keep its certificate in: set tls.secretName of the edge, and tls.enabled of an Ingress.
{{- end }}
{{- if not $certificate.email }}
certManager.email is empty: the certificate authority wants an address to write to.
{{- end }}
{{- end }}
{{- end }}

{{- define "pybase.unsupported.stores" -}}
{{- $outside := .Values.externalServices }}
{{- $urls := dict "postgresql" (list "PostgreSQL" "databaseUrl") "redis" (list "Redis" "redisUrl") }}
{{- range $store, $of := $urls }}
{{- $url := index $outside (last $of) }}
{{- if not (index $.Values $store).enabled }}
{{- if and $url $.Values.pybase.existingSecret }}
externalServices.{{ last $of }} is set and pybase.existingSecret too, which holds the URL: leave one of them empty.
{{- else if not (or $url $.Values.pybase.existingSecret) }}
{{ first $of }} is neither in the cluster nor outside: set {{ $store }}.enabled to true, or externalServices.{{ last $of }}.
{{- end }}
{{- end }}
{{- end }}
{{- if not (or .Values.minio.enabled .Values.s3.endpointUrl) }}
The object store is neither in the cluster nor outside: set minio.enabled to true, or s3.endpointUrl.
{{- end }}
{{- if not (or .Values.meilisearch.enabled .Values.meilisearch.host) }}
Meilisearch is neither in the cluster nor outside: set meilisearch.enabled to true, or meilisearch.host.
{{- end }}
{{- if and .Values.sharedUploads.enabled (not .Values.sharedUploads.storageClass) }}
sharedUploads.storageClass is empty: name a class with ReadWriteMany, which the cluster's default seldom has.
{{- end }}
{{- if and .Values.storageClass.create (not .Values.storageClass.provisioner) }}
storageClass.create is true and storageClass.provisioner empty: name the CSI driver of the cluster.
{{- end }}
{{- end }}

{{- define "pybase.unsupported.secrets" -}}
{{- $values := .Values }}
{{- $chartMade := not $values.pybase.existingSecret }}
{{- if $chartMade }}
{{- if lt (len $values.pybase.secretKey) 32 }}
pybase.existingSecret is empty, and pybase.secretKey has less than 32 characters: set one of them.
{{- else if hasPrefix "dev-" $values.pybase.secretKey }}
pybase.secretKey begins with dev-, which PyBase refuses in production: make another.
{{- end }}
{{- if and (not $values.minio.enabled) (not (and $values.s3.accessKey $values.s3.secretKey)) }}
pybase.existingSecret is empty, and so is s3.accessKey or s3.secretKey: PyBase needs both, it knows no keyless identity.
{{- end }}
{{- else }}
{{- $held := dict "pybase.secretKey" $values.pybase.secretKey "pybase.optionalSecrets" $values.pybase.optionalSecrets }}
{{- range $name, $value := merge $held (dict "s3.accessKey" $values.s3.accessKey "s3.secretKey" $values.s3.secretKey) }}
{{- if $value }}
{{ $name }} is set and pybase.existingSecret too, which holds it: leave one of them empty.
{{- end }}
{{- end }}
{{- end }}
{{- $passwords := dict "postgresql" (list "password" 1) "redis" (list "password" 1) "minio" (list "rootPassword" 8) "meilisearch" (list "masterKey" 16) }}
{{- range $store, $wanted := $passwords }}
{{- $auth := (index $values $store).auth }}
{{- $inUrl := and $chartMade (ne $store "meilisearch") }}
{{- if and $auth.existingSecret (not $inUrl) (index $auth (first $wanted)) }}
{{ $store }}.auth.{{ first $wanted }} is set and {{ $store }}.auth.existingSecret too, which holds it: leave one of them empty.
{{- end }}
{{- if and (index $values $store).enabled (or $inUrl (not $auth.existingSecret)) (lt (len (index $auth (first $wanted))) (last $wanted)) }}
{{ $store }}.auth.{{ first $wanted }} {{ eq 1 (last $wanted) | ternary "is empty" (printf "has less than %d characters" (last $wanted)) }}, and {{ $inUrl | ternary "the chart makes PyBase's Secret with it: set it, or pybase.existingSecret" (printf "%s.auth.existingSecret is empty: set one of them" $store) }}.
{{- end }}
{{- end }}
{{- if and $values.minio.enabled (or $chartMade (not $values.minio.auth.existingSecret)) (lt (len $values.minio.auth.rootUser) 3) }}
minio.auth.rootUser has less than 3 characters: set it, or both minio.auth.existingSecret and pybase.existingSecret.
{{- end }}
{{- end }}

{{- define "pybase.unsupported.replicas" -}}
{{- range $name := list "api" "extractionWorker" "searchWorker" "frontend" }}
{{- $component := index $.Values $name }}
{{- $autoscaling := $component.autoscaling }}
{{- $pods := int ($autoscaling.enabled | ternary $autoscaling.minReplicas $component.replicaCount) }}
{{- $budget := $component.podDisruptionBudget }}
{{- if and $autoscaling.enabled (gt $pods (int $autoscaling.maxReplicas)) }}
{{ $name }}.autoscaling.minReplicas is {{ $pods }}, more than its maxReplicas, {{ $autoscaling.maxReplicas }}: lower it, or raise the maximum.
{{- end }}
{{- if and $autoscaling.enabled (gt (int $component.replicaCount) $pods) }}
{{ $name }}.replicaCount is {{ $component.replicaCount }}, but its autoscaler decides, and begins at {{ $pods }}: set autoscaling.minReplicas, or autoscaling.enabled to false.
{{- end }}
{{- if and $budget.enabled (not (kindIs "string" $budget.minAvailable)) (gt $pods 0) (ge (int $budget.minAvailable) $pods) }}
{{ $name }}.podDisruptionBudget.minAvailable is {{ $budget.minAvailable }} of {{ $pods }} pods, so no node that one is on could be drained: lower it, or have more pods.
{{- end }}
{{- end }}
{{- range $name := list "api" "frontend" }}
{{- $component := index $.Values $name }}
{{- $grace := $component.terminationGracePeriodSeconds | default 30 }}
{{- if ge (int $component.preStopSeconds) (int $grace) }}
{{ $name }}.preStopSeconds is {{ $component.preStopSeconds }}, and after {{ $grace }} s its pods are killed: raise {{ $name }}.terminationGracePeriodSeconds above it.
{{- end }}
{{- end }}
{{- end }}

{{/* Fields that an older API server would drop without a word. */}}
{{- define "pybase.unsupported.cluster" -}}
{{- $version := .Capabilities.KubeVersion.Version }}
{{- if and (not (kindIs "invalid" .Values.global.hostUsers)) (semverCompare "<1.36.0-0" $version) }}
global.hostUsers needs Kubernetes 1.36, this is {{ $version }}: leave it out.
{{- end }}
{{- range $name := list "api" "frontend" "postgresql" "redis" "minio" "meilisearch" }}
{{- $distribution := ((index $.Values $name).service).trafficDistribution | default "" }}
{{- if and (hasPrefix "PreferSame" $distribution) (semverCompare "<1.35.0-0" $version) }}
{{ $name }}.service.trafficDistribution {{ $distribution }} needs Kubernetes 1.35, this is {{ $version }}: use PreferClose.
{{- end }}
{{- end }}
{{- end }}
