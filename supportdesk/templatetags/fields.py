"""The fields of forms, each drawn whole: a template pays for one what a form costs here (docs/performance.md).

What stands inside, the input itself, is drawn by ``supportdesk/widgets.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.forms import BoundField, Form
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from supportdesk.templatetags.desk import icon

register = template.Library()

_ONE = """
<div class="field"{wrong}>
  <label class="field-label" for="{of}">{label}{optional}</label>
  {notes}
  {input}
</div>

"""
_BOX = """
<div class="field"{wrong}>
  <label class="choice" for="{of}">{input} <span>{label}</span></label>
  {notes}
</div>

"""
_MANY = """
<fieldset class="field" id="{id}" tabindex="-1"{wrong}{described_by}>
  <legend class="field-label">{label}{optional}</legend>
  {notes}
  <div class="choices">{choices}</div>
</fieldset>

"""
_CHOICE = '<label class="choice" for="{of}">{input} <span>{label}</span></label>'
_OPTIONAL = ' <span class="field-optional">(optional)</span>'


@register.simple_tag
def field(bound: BoundField, label: str = "", hint: str = "", focus: bool = False) -> SafeString:
    """One field of a form: label, hint, errors, then the field; each tied to it for readers by ear.

    Args:
        bound: ``form.name``.
        label: instead of the form's own.
        hint: instead of the field's help text.
        focus: the cursor stands here from the start; for pages that are nothing but a form.
    """
    if hint:
        bound.help_text = hint
    if focus and not bound.form.errors:
        bound.field.widget.attrs["autofocus"] = True
    # Allauth writes the label into its fields once more.
    bound.field.widget.attrs.pop("placeholder", None)
    if bound.is_hidden:
        return mark_safe(f"{bound}\n")
    draw = _many if bound.use_fieldset else _box if bound.widget_type == "checkbox" else _one
    return mark_safe(draw(bound, conditional_escape(label or bound.label), bound.errors))


def _one(bound: BoundField, label: str, errors: list[str]) -> str:
    return _ONE.format(
        wrong=_wrong(errors),
        of=bound.id_for_label,
        label=label,
        optional=_optional(bound, errors),
        notes=_notes(bound, errors),
        input=bound,
    )


def _box(bound: BoundField, label: str, errors: list[str]) -> str:
    return _BOX.format(
        wrong=_wrong(errors), of=bound.id_for_label, input=bound, label=label, notes=_notes(bound, errors)
    )


def _many(bound: BoundField, label: str, errors: list[str]) -> str:
    described_by = bound.aria_describedby
    return _MANY.format(
        id=bound.auto_id,
        wrong=_wrong(errors),
        described_by=f' aria-describedby="{described_by}"' if described_by else "",
        label=label,
        optional=_optional(bound, errors),
        notes=_notes(bound, errors),
        choices="".join(
            _CHOICE.format(of=one.id_for_label, input=one.tag(), label=conditional_escape(one.choice_label))
            for one in bound
        ),
    )


@register.simple_tag
def field_notes(bound: BoundField) -> SafeString:
    """Hint and errors of a field that is laid out otherwise."""
    return mark_safe(_notes(bound, bound.errors))


def _notes(bound: BoundField, errors: list[str]) -> str:
    hint = f'<p class="field-hint" id="{bound.auto_id}_helptext">{conditional_escape(bound.help_text)}</p>'
    told = f'<div id="{bound.auto_id}_error">{"".join(map(_error, errors))}</div>'
    return f"{hint if bound.help_text else ''}\n{told if errors else ''}\n"


def _error(error: str) -> str:
    return f'<p class="field-error">{icon("circle-alert")}<span>{conditional_escape(error)}</span></p>'


def _wrong(errors: Iterable[str]) -> str:
    return " data-wrong" if errors else ""


def _optional(bound: BoundField, errors: Iterable[str]) -> str:
    return _OPTIONAL if not bound.field.required and not errors else ""


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Form) -> dict:
    """What is wrong with a form, on top of it, each line a link to its field; takes the focus. Nothing if well."""
    wrong = [(bound, bound.errors) for bound in form if bound.errors]
    return {"form": form, "wrong": wrong, "general": form.non_field_errors()}
