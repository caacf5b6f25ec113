{{/* Sends the tasks of one kind of worker at their times; two would send each twice. No probe: beat is process 1, and
nothing asks it anything. Arguments: root, component, values, module: of PyBase's workers. */}}
{{- define "pybase.beat" -}}
{{- $configuration := list "settings/configmap-config.yaml" "settings/configmap-celery.yaml" "settings/secret.yaml" }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "pybase.metadata" (merge (dict "extraLabels" (dict "pybase.dev/settings" "true")) .) | nindent 2 }}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels:
      {{- include "pybase.selector" .component | nindent 6 }}
  template:
    metadata:
      {{- include "pybase.podMetadata" (merge (dict "settings" true "clients" (list "redis") "configuration" $configuration) .) | nindent 6 }}
    spec:
      {{- include "pybase.pod" . | nindent 6 }}
      containers:
        - name: pybase
          {{- include "pybase.applicationImage" . | nindent 10 }}
          workingDir: /app
          command:
            - celery
            - -A
            - workers.{{ .module }}
            - beat
            - --loglevel={{ .root.Values.pybase.settings.LOG_LEVEL }}
            - -s
            - /tmp/celerybeat-schedule
            - --pidfile=
          {{- include "pybase.environment" (merge (dict "module" "celery_routes") .) | nindent 10 }}
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          {{- include "pybase.containerSecurity" . | nindent 10 }}
          volumeMounts:
            - {name: celery, mountPath: /etc/pybase/celery}
            - {name: tmp, mountPath: /tmp}
            {{- with .values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - {name: celery, configMap: {name: {{ include "pybase.fullname" .root }}-celery}}
        - {name: tmp, emptyDir: {sizeLimit: 16Mi}}
        {{- with .values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}
