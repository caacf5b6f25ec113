{{/* What every pod has. Arguments: root, component, values, account (the component if not given), token: mount it;
user, group, fsGroup: numbers. Pod Security `restricted`, together with pybase.containerSecurity. */}}
{{- define "pybase.pod" -}}
{{- $global := .root.Values.global -}}
serviceAccountName: {{ include "pybase.fullname" .root }}-{{ .component }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
{{- with $global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - {name: {{ . }}}
  {{- end }}
{{- end }}
{{- if not (kindIs "invalid" $global.hostUsers) }}
hostUsers: {{ $global.hostUsers }}
{{- end }}
{{- with coalesce .values.priorityClassName $global.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with coalesce .values.nodeSelector $global.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with coalesce .values.tolerations $global.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with coalesce .values.affinity $global.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.terminationGracePeriodSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 1000 | int64 }}
  runAsGroup: {{ .group | default 1000 | int64 }}
  {{- with .fsGroup }}
  fsGroup: {{ . | int64 }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "pybase.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Pods on different nodes and, where there are several, zones. matchLabelKeys: a rollout spreads the new pods among
themselves, not around those about to go. Arguments: component, values. */}}
{{- define "pybase.spread" -}}
topologySpreadConstraints:
  {{- if .values.topologySpreadConstraints }}
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
  {{- else }}
  - topologyKey: topology.kubernetes.io/zone
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    nodeTaintsPolicy: Honor
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "pybase.selector" .component | nindent 8 }}
  - topologyKey: kubernetes.io/hostname
    maxSkew: 1
    whenUnsatisfiable: {{ .values.whenNodesAreFew }}
    nodeTaintsPolicy: Honor
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "pybase.selector" .component | nindent 8 }}
  {{- end }}
{{- end }}

{{/* One variable from a Secret. Arguments: secret, key; name: that of the key if none; optional. */}}
{{- define "pybase.secretVariable" -}}
- name: {{ .name | default (.key | upper | replace "-" "_") }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}{{ if .optional }}, optional: true{{ end }}}}
{{- end }}

{{- define "pybase.databaseUrl" -}}
{{ include "pybase.secretVariable" (dict "secret" (include "pybase.secret.api" .) "key" "database-url") }}
{{- end }}

{{/* The environment of every container that imports PyBase, which validates all of it, used or not.
Arguments: root, values, module: of files/, Celery's configuration; uploads: the shared volume is mounted. */}}
{{- define "pybase.environment" -}}
{{- $secret := include "pybase.secret.api" .root -}}
envFrom:
  - configMapRef: {name: {{ include "pybase.fullname" .root }}-config}
  {{- with .values.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
env:
  {{- if .uploads }}
  - {name: TMPDIR, value: /var/lib/pybase/uploads} # where Python puts an upload, the same path in both
  {{- end }}
  - {name: PYTHONPATH, value: "/app:/app/src:/etc/pybase/celery"}
  - {name: CELERY_LOADER, value: default}
  {{- $required := list "secret-key" "database-url" "redis-url" "celery-broker-url" "celery-result-backend" }}
  {{- range concat $required (list "s3-access-key" "s3-secret-key") }}
  {{- include "pybase.secretVariable" (dict "secret" $secret "key" .) | nindent 2 }}
  {{- end }}
  {{- $optional := list "meilisearch-api-key" "werk24-api-key" "sentry-dsn" "smtp-user" "smtp-password" }}
  {{- range concat $optional (list "otel-exporter-otlp-endpoint" "oidc-client-secret") }}
  {{- include "pybase.secretVariable" (dict "secret" $secret "key" . "optional" true) | nindent 2 }}
  {{- end }}
  - {name: CELERY_CONFIG_MODULE, value: {{ .module }}}
  {{- with .values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Waits for the database, at most two minutes: PyBase does not retry. Arguments: root, values (whose image it runs). */}}
{{- define "pybase.waitForDatabase" -}}
- name: wait-for-database
  {{- include "pybase.applicationImage" . | nindent 2 }}
  command: [python, -I, /etc/pybase/scripts/wait_for_database.py]
  env:
    {{- include "pybase.databaseUrl" .root | nindent 4 }}
  resources:
    {{- toYaml .root.Values.pybase.waitForDatabase.resources | nindent 4 }}
  {{- include "pybase.containerSecurity" . | nindent 2 }}
  volumeMounts:
    - {name: scripts, mountPath: /etc/pybase/scripts}
{{- end }}
