{# `&&` joins all steps into one list: a shell reads the whole list before the first step runs, so a step cannot read
   the rest of the script from stdin, and an interactive shell runs nothing after a failed step. The comments are above
   the list because an interactive zsh accepts none inside. #}
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
# kubectl and helm use the current context. Each step runs only after all earlier steps succeeded.
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

