{{/* The labels that all objects bear beside the name of their service. */}}
{{- define "jobs.labels" -}}
app.kubernetes.io/part-of: jobs
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-._" }}
{{- end -}}

{{/* The name of an image: its parts, and where one is empty, what the variables say. */}}
{{- define "jobs.image" -}}
{{- $or := .or | default dict -}}
{{- $tag := .image.tag | default $or.tag -}}
{{- $digest := .image.digest | default $or.digest -}}
{{- with coalesce .global.imageRegistry .image.registry $or.registry }}{{ . }}/{{ end -}}
{{- .image.repository | default $or.repository -}}
{{- with $tag }}:{{ . }}{{ end -}}
{{- with $digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* A Job cannot be changed: with other values it has another name, and runs again. */}}
{{- define "jobs.job.seed" -}}
{{- $chosen := list .Values.global .Values.seed .Values.variables.WHERE | toJson | sha256sum | trunc 8 -}}
seed-{{ ternary "9d954a11" $chosen (eq $chosen "63a3b655") }}
{{- end -}}
