{{/* A Celery worker. Arguments: root, component, values; module: of PyBase's workers; queue: it takes tasks from; clients,
token: see pybase.podMetadata and pybase.pod; uploads: it reads the shared volume; spread: see pybase.spread. */}}
{{- define "pybase.worker" -}}
{{- $configuration := list "settings/configmap-config.yaml" "settings/configmap-celery.yaml" "settings/secret.yaml" }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "pybase.metadata" (merge (dict "extraLabels" (dict "pybase.dev/settings" "true")) .) | nindent 2 }}
spec:
  {{- with include "pybase.replicas" .values }}
  {{- . | nindent 2 }}
  {{- end }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "pybase.selector" .component | nindent 6 }}
  template:
    metadata:
      {{- include "pybase.podMetadata" (merge (dict "settings" true "configuration" $configuration) .) | nindent 6 }}
    spec:
      {{- include "pybase.pod" (merge (dict "fsGroup" (.uploads | default false | ternary 1000 0)) .) | nindent 6 }}
      {{- if .spread }}
      {{- include "pybase.spread" . | nindent 6 }}
      {{- end }}
      containers:
        - name: pybase
          {{- include "pybase.applicationImage" . | nindent 10 }}
          workingDir: /app
          command:
            - celery
            - -A
            - workers.{{ .module }}
            - worker
            - --loglevel={{ .root.Values.pybase.settings.LOG_LEVEL }}
            - --concurrency={{ .values.concurrency }}
            - -n
            - {{ .queue }}@%h
            - -Q
            - {{ .queue }}
          {{- include "pybase.environment" (merge (dict "module" "celery_routes") .) | nindent 10 }}
          startupProbe: # never the broker: its outage would restart every worker
            exec: {command: [sh, -c, kill -0 1]}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 18
          livenessProbe:
            exec: {command: [sh, -c, kill -0 1]}
            initialDelaySeconds: 30
            periodSeconds: 30
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe: # its own node: without -d the answer of any other worker would do
            exec: {command: [sh, -c, 'celery -A workers.{{ .module }} inspect ping -d {{ .queue }}@$HOSTNAME']}
            initialDelaySeconds: 20
            periodSeconds: 60
            timeoutSeconds: 10
            failureThreshold: 3
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          {{- include "pybase.containerSecurity" . | nindent 10 }}
          volumeMounts:
            {{- if .uploads }}
            - {name: uploads, mountPath: /var/lib/pybase/uploads}
            {{- end }}
            - {name: celery, mountPath: /etc/pybase/celery}
            - {name: tmp, mountPath: /tmp}
            {{- with .values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        {{- if .uploads }}
        - {name: uploads, persistentVolumeClaim: {claimName: {{ include "pybase.fullname" .root }}-uploads}}
        {{- end }}
        - {name: celery, configMap: {name: {{ include "pybase.fullname" .root }}-celery}}
        - {name: tmp, emptyDir: {sizeLimit: {{ .values.temporarySize }}}}
        {{- with .values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}
