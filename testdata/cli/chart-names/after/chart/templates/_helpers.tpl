{{/* The labels that all objects bear beside the name of their service. */}}
{{- define "2048.labels" -}}
app.kubernetes.io/part-of: "2048"
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-._" }}
{{- end -}}

{{/* The name of an image: its parts, and where one is empty, what the variables say. */}}
{{- define "2048.image" -}}
{{- $or := .or | default dict -}}
{{- $tag := .image.tag | default $or.tag -}}
{{- $digest := .image.digest | default $or.digest -}}
{{- with coalesce .global.imageRegistry .image.registry $or.registry }}{{ . }}/{{ end -}}
{{- .image.repository | default $or.repository -}}
{{- with $tag }}:{{ . }}{{ end -}}
{{- with $digest }}@{{ . }}{{ end -}}
{{- end -}}
