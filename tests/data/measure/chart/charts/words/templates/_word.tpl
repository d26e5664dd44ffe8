{{- define "words.at" -}}
{{- $value := .context.Values -}}
{{- range splitList "." .key -}}{{- $value = index $value . -}}{{- end -}}
{{- $value -}}
{{- end -}}
