{# One list joined by `&&`, so that a shell reads all of it before it runs any: what it runs cannot eat the rest from
   stdin, and after a failure a shell that is typed into runs nothing more. The comments stand above it, as an
   interactive zsh takes none inside. #}
{% macro body(step, indent) %}
{% if step.variable %}
{{ indent | raw }}: {{ step.variable | required }} &&
{{ indent | raw }}printf %s "${{ step.variable }}" |
{{ indent | raw }}  {{ step.argv | command(indent ~ "  ") }}
{%- elif step.source %}
{{ indent | raw }}(
{{ indent | raw }}  values=$({{ step.source | command(indent ~ "  ") }}) &&
{{ indent | raw }}  printf '%s\n' "$values" |
{{ indent | raw }}    {{ step.argv | command(indent ~ "    ") }}
{{ indent | raw }})
{%- else %}
{{ indent | raw }}{{ step.argv | command(indent) }}
{%- endif %}
{% endmacro %}
# kubectl and helm act on the current context, and each step runs only when those before it have succeeded.
{% for step in steps %}
# {{ loop.index }}. {{ step.why | comment }}
{% endfor %}
{% for step in steps %}
{% if step.unless %}
{
  {{ step.unless | command("  ") }} >/dev/null 2>&1 || {
{{ body(step, "    ") }}
  }
}
{%- else %}
{{ body(step, "") }}
{%- endif %}
{% if not loop.last %} &&
{% endif %}
{% endfor %}

