{{/* Arguments: root, component, values, ports: name and number of each; headless, name: the serviceName of a StatefulSet. */}}
{{- define "pybase.service" -}}
{{- $settings := .headless | default false | ternary dict (.values.service | default dict) }}
{{- $annotations := merge (dict) ($settings.annotations | default dict) (.annotations | default dict) }}
apiVersion: v1
kind: Service
metadata:
  {{- include "pybase.metadata" (dict "root" .root "component" .component "name" .name "annotations" $annotations) | nindent 2 }}
spec:
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  {{- with $settings.trafficDistribution }}
  trafficDistribution: {{ . }}
  {{- end }}
  selector:
    {{- include "pybase.selector" .component | nindent 4 }}
  ports:
    {{- range .ports }}
    - {name: {{ first . }}, port: {{ last . }}, targetPort: {{ first . }}}
    {{- end }}
{{- end }}
