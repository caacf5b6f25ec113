{{/* image and imagePullPolicy. Arguments: root, image: repository, tag (the application's version if empty), digest, pullPolicy. */}}
{{- define "pybase.image" -}}
{{- $repository := .image.repository -}}
{{- with .root.Values.global.imageRegistry }}
{{- $repository = regexReplaceAll "^[^/]+" $repository . }}
{{- end -}}
image: {{ $repository }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ with .image.digest }}@{{ . }}{{ end }}
{{- with .image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
{{- end }}

{{/* The same for a container that runs PyBase: pybase.image, or what the component names of its own. A digest belongs to
its tag, so none is inherited with another tag. Arguments: root, values. */}}
{{- define "pybase.applicationImage" -}}
{{- $common := .root.Values.pybase.image -}}
{{- $own := .values.image | default dict }}
{{- if or $own.repository $own.tag $own.digest }}
{{- $common = omit $common "digest" }}
{{- end }}
{{- $image := dict }}
{{- range $key := list "repository" "tag" "digest" "pullPolicy" }}
{{- $_ := set $image $key (get $own $key | default (get $common $key)) }}
{{- end }}
{{- include "pybase.image" (dict "root" .root "image" $image) }}
{{- end }}
