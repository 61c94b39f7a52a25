{{/* Name of the chart's resources: at most 63 characters, as DNS labels are. */}}
{{- define "execution-hooks.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The same with something behind it: a list of the context and the suffix. Names of CronJobs have 52 characters at most. */}}
{{- define "execution-hooks.suffixed" -}}
{{- $suffix := last . -}}
{{- printf "%s-%s" (include "execution-hooks.fullname" (first .) | trunc (int (sub 51 (len $suffix))) | trimSuffix "-") $suffix -}}
{{- end -}}

{{- define "execution-hooks.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* By what everything finds the pods, with a component besides: it can never change. */}}
{{- define "execution-hooks.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "execution-hooks.labels" -}}
{{ include "execution-hooks.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Name, namespace and labels of a resource: a list of the context, the suffix of its name ("" for none) and its component. */}}
{{- define "execution-hooks.metadata" -}}
{{- $context := first . -}}
{{- $suffix := index . 1 -}}
name: {{ if $suffix }}{{ include "execution-hooks.suffixed" (list $context $suffix) }}{{ else }}{{ include "execution-hooks.fullname" $context }}{{ end }}
namespace: {{ include "execution-hooks.namespace" $context }}
labels:
  {{- include "execution-hooks.labels" $context | nindent 2 }}
  app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* Labels and annotations of a pod: a list of the context and its component. A label given twice counts once. */}}
{{- define "execution-hooks.podMetadata" -}}
{{- $context := first . -}}
{{- $own := dict "app.kubernetes.io/component" (last .) -}}
labels:
  {{- merge $own $context.Values.podLabels (include "execution-hooks.labels" $context | fromYaml) | toYaml | nindent 2 }}
{{- with $context.Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "execution-hooks.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "execution-hooks.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* A list of the context and one of the images of values. */}}
{{- define "execution-hooks.image" -}}
{{- $image := last . -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest | quote -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default (first .).Chart.AppVersion $image.tag) | quote -}}
{{- end -}}
{{- end -}}

{{/* What the pods of every component have in common. */}}
{{- define "execution-hooks.podBasics" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The file with the URL of the database, and the authorities to trust. */}}
{{- define "execution-hooks.databaseEnv" -}}
- name: DATABASE_URL_FILE
  value: /run/secrets/database/url
{{- if or .Values.trustedCA.existingSecret .Values.trustedCA.existingConfigMap }}
# Of Node, and of the programs of PostgreSQL.
- name: NODE_EXTRA_CA_CERTS
  value: /run/secrets/trusted-ca/ca.crt
- name: PGSSLROOTCERT
  value: /run/secrets/trusted-ca/ca.crt
{{- end }}
{{- end -}}

{{- define "execution-hooks.databaseMounts" -}}
- name: database
  mountPath: /run/secrets/database
  readOnly: true
{{- if or .Values.trustedCA.existingSecret .Values.trustedCA.existingConfigMap }}
- name: trusted-ca
  mountPath: /run/secrets/trusted-ca
  readOnly: true
{{- end }}
{{- end -}}

{{/* A list of the context and the name of the Secret with the URL. */}}
{{- define "execution-hooks.databaseVolumes" -}}
{{- $context := first . -}}
{{- $ca := $context.Values.trustedCA -}}
{{- if and $ca.existingSecret $ca.existingConfigMap }}
{{- fail "trustedCA.existingSecret and trustedCA.existingConfigMap exclude each other" }}
{{- end -}}
- name: database
  secret:
    secretName: {{ required "database.existingSecret is required: the name of a Secret whose key DATABASE_URL has the URL of PostgreSQL" (last .) }}
    items:
      - key: {{ $context.Values.database.secretKey }}
        path: url
{{- if $ca.existingSecret }}
- name: trusted-ca
  secret:
    secretName: {{ $ca.existingSecret }}
    items:
      - key: {{ $ca.key }}
        path: ca.crt
{{- else if $ca.existingConfigMap }}
- name: trusted-ca
  configMap:
    name: {{ $ca.existingConfigMap }}
    items:
      - key: {{ $ca.key }}
        path: ca.crt
{{- end }}
{{- end -}}

{{/* What the service and the migration Job have in common: numbers as digits, never as 1e+06. */}}
{{- define "execution-hooks.env" -}}
{{ include "execution-hooks.databaseEnv" . }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ ternary (int64 $value | toString) (toString $value) (kindIs "float64" $value) | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
