{{/* Two replicas at least, more by CPU and memory; quick up, slow down. Arguments: root, component, values. */}}
{{- define "pybase.autoscaler" -}}
{{- $autoscaling := .values.autoscaling }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "pybase.metadata" (omit . "values") | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "pybase.fullname" .root }}-{{ .component }}}
  minReplicas: {{ $autoscaling.minReplicas }}
  maxReplicas: {{ $autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ $autoscaling.targetCPUUtilizationPercentage }}}}
    - type: Resource
      resource: {name: memory, target: {type: Utilization, averageUtilization: {{ $autoscaling.targetMemoryUtilizationPercentage }}}}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
      selectPolicy: Max
      policies:
        - {type: Percent, value: 50, periodSeconds: 15}
        - {type: Pods, value: 2, periodSeconds: 15}
    scaleDown:
      stabilizationWindowSeconds: {{ $autoscaling.scaleDown.stabilizationWindowSeconds }}
      selectPolicy: Min
      policies:
        - {type: Percent, value: 10, periodSeconds: {{ $autoscaling.scaleDown.periodSeconds }}}
        - {type: Pods, value: 1, periodSeconds: {{ $autoscaling.scaleDown.periodSeconds }}}
{{- end }}

{{/* spec.replicas of a Deployment: none where an autoscaler decides, which every upgrade would reset. */}}
{{- define "pybase.replicas" -}}
{{- if not (.autoscaling).enabled }}replicas: {{ .replicaCount }}{{ end }}
{{- end }}
