{{/* The labels that all objects bear beside the name of their service. */}}
{{- define "vars.labels" -}}
app.kubernetes.io/part-of: vars
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-._" }}
{{- end -}}
