"""The plain inputs of forms, put together in Python: a template pays for one what a form costs here.

Each is, to the letter, what Django's own template of that name makes of it (docs/performance.md).
"""

from __future__ import annotations

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape


class Drawn(DjangoTemplates):
    """Django's renderer of forms (the setting ``FORM_RENDERER``); what is not drawn here has a template as ever."""

    def render(self, template_name, context, request=None) -> str:
        draw = _DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _input(widget: dict) -> str:
    value = "" if widget["value"] is None else f' value="{_said(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{_said(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: dict) -> str:
    # Browsers pass over one line break at the beginning.
    return f'<textarea name="{_said(widget["name"])}"{_attributes(widget)}>\n{_said(widget["value"] or "")}</textarea>'


def _select(widget: dict) -> str:
    groups = "".join(_group(name, options) for name, options, _ in widget["optgroups"])
    return f'<select name="{_said(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'


def _group(name: str | None, options: list[dict]) -> str:
    inside = "".join(f"\n  {_option(option)}" for option in options)
    return f'\n  <optgroup label="{_said(name)}">{inside}\n  </optgroup>' if name else inside


def _option(option: dict) -> str:
    return f'<option value="{_said(option["value"])}"{_attributes(option)}>{_said(option["label"])}</option>\n'


def _attributes(widget: dict) -> str:
    """True stands alone (``required``), False is left out."""
    return "".join(
        f" {name}" if value is True else f' {name}="{_said(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _said(value: object) -> str:
    return conditional_escape(str(value))


_INPUTS = ("checkbox", "date", "datetime", "email", "hidden", "input", "number", "password", "text")
_DRAWN = {f"django/forms/widgets/{name}.html": _input for name in _INPUTS}
_DRAWN |= {"django/forms/widgets/textarea.html": _textarea, "django/forms/widgets/select.html": _select}
