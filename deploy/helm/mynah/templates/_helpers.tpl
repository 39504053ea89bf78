{{- define "mynah.name" -}}
{{- if eq .Release.Name "mynah" }}mynah{{ else }}{{ printf "%s-mynah" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "mynah.selector" -}}
app.kubernetes.io/name: mynah
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mynah.labels" -}}
{{ include "mynah.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "mynah.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "mynah.secret" -}}
{{ .Values.existingSecret | default (include "mynah.name" .) }}
{{- end }}

{{- /* Whether several pods may run, and what is wrong with the values. */ -}}
{{- define "mynah.isShared" -}}
{{- $settings := merge (dict) (.Values.secrets | default dict) .Values.settings -}}
{{- if hasPrefix "postgres" (get $settings "DATABASE_URL" | default "") }}yes
{{- else if and .Values.existingSecret (not (get $settings "DATABASE_URL")) (or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled) }}yes
{{- end }}
{{- end }}

{{- define "mynah.check" -}}
{{- $settings := merge (dict) (.Values.secrets | default dict) .Values.settings -}}
{{- $several := or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled -}}
{{- if not (get $settings "PUBLIC_URL") }}{{ fail "settings.PUBLIC_URL is needed, such as https://chat.example.com" }}{{ end }}
{{- if not .Values.existingSecret -}}
{{- range list "SECRET_KEY" "ENCRYPTION_KEY" -}}
{{- if not (get $.Values.secrets .) }}{{ fail (printf "secrets.%s is needed: 'mynah key make' prints one. Or name a secret with existingSecret." .) }}{{ end }}
{{- end -}}
{{- end -}}
{{- if and $several (not (include "mynah.isShared" .)) }}{{ fail "Several pods need PostgreSQL: set secrets.DATABASE_URL, or name a secret that has it with existingSecret." }}{{ end }}
{{- if and $several (not (hasPrefix "s3://" (get $settings "FILES_URL" | default ""))) (not (has "ReadWriteMany" .Values.persistence.accessModes)) }}{{ fail "Several pods need files that all share: set settings.FILES_URL to s3://…, or persistence.accessModes to [ReadWriteMany]." }}{{ end }}
{{- end }}
