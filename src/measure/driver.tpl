{{- define "redisgen.measure" -}}
{{- $root := index . 0 -}}
{{- $at := int (index . 1) -}}
{{- $unit := index $root.Values.@values.units $at -}}
{{- $values := deepCopy (omit $root.Values "@values") -}}
{{- range (index $root.Values.@values.variants (int $unit.v)) -}}
{{- $map := $values -}}
{{- range (initial .p) -}}
{{- if not (kindIs "map" (index $map .)) -}}
{{- $_ := set $map . dict -}}
{{- end -}}
{{- $map = index $map . -}}
{{- end -}}
{{- $_ := set $map (last .p) .v -}}
{{- end -}}
{{- $release := omit $root.Release "IsUpgrade" "IsInstall" -}}
{{- $_ := set $release "IsUpgrade" $unit.upgrade -}}
{{- $_ := set $release "IsInstall" (not $unit.upgrade) -}}
{{- $name := print "@chart/" $unit.f -}}
{{- $text := include $name (dict "@values" true "Values" $values "Chart" $root.Chart "Release" $release "Capabilities" $root.Capabilities "Files" $root.Files "Subcharts" $root.Subcharts "Template" (dict "Name" $name "BasePath" "@chart/templates")) -}}
{{- $text = regexReplaceAll "\\s*\n(---\\s*\n)*" (print "\n" (replace "<no value>" "" $text) "\n") "\n" -}}
{{- $marked := list -}}
{{- if $unit.m -}}
{{- $marked = regexFindAll "@marker" $text -1 | uniq -}}
{{- end -}}
---
{{ dict "kind" "@kind" "at" $at "digest" (sha256sum $text) "marked" $marked | toJson }}
{{- end -}}
