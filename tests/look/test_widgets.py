"""What is drawn in Python is, to the letter, what Django's own templates make of the same widget."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from supportdesk.widgets import _DRAWN, Drawn

AWKWARD = {"class": 'a"b', "required": True, "disabled": False, "data-n": 3, "title": "<Mia’s & Ben's>"}
CHOICES = [("", "None"), (None, "Nobody"), (3, "Three <3"), ("More", [("a", mark_safe("<b>A</b>")), ("b", "B & C")])]
LISTS = [forms.Select(AWKWARD, CHOICES), forms.SelectMultiple(AWKWARD, CHOICES)]
BOXES = [forms.CheckboxInput(AWKWARD), forms.CheckboxInput()]
PLAIN = [
    *(forms.Textarea(AWKWARD), forms.TextInput(AWKWARD), forms.NumberInput(), forms.EmailInput(AWKWARD)),
    *(forms.HiddenInput(AWKWARD), forms.PasswordInput(AWKWARD), forms.PasswordInput(render_value=True)),
    *(forms.DateInput(AWKWARD), forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")),
]
SAID = [None, "", "\nwords of two\nlines", "<script>\"&'", mark_safe("&amp;"), 0, 1234567.5, False]
SAID += [datetime(2026, 3, 10, 9, 30, tzinfo=UTC)]


def name_of(widget) -> str:
    return type(widget).__name__


@pytest.mark.parametrize("widget", PLAIN, ids=name_of)
@pytest.mark.parametrize("value", SAID, ids=repr)
def test_an_input(widget, value):
    assert_the_same(widget, value)


@pytest.mark.parametrize("widget", LISTS, ids=name_of)
@pytest.mark.parametrize("value", [None, "", 3, "b", ["3", "a"], True], ids=repr)
def test_a_list_to_choose_from(widget, value):
    assert_the_same(widget, value)


@pytest.mark.parametrize("widget", BOXES, ids=name_of)
@pytest.mark.parametrize("value", [None, True, False, "on", "<"], ids=repr)
def test_a_box_to_tick(widget, value):
    assert_the_same(widget, value)


def assert_the_same(widget, value) -> None:
    assert widget.template_name in _DRAWN
    drawn, templates = (widget.render("na<me", value, {"id": "id_it"}, by) for by in (Drawn(), DjangoTemplates()))
    assert drawn == templates
