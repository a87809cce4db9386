"""What the content security policy and htmx ask of every template, of all packages."""

import re

import pytest
from django.template.loader import get_template

from tests.look.files import ROOT, TEMPLATES, markup, name_of

every_template = pytest.mark.parametrize("path", TEMPLATES, ids=name_of)

TAG = re.compile(r"<[a-z][^<]*?(?:\{%.*?%\}[^<]*?)*>", re.S)
ASKS = re.compile(r"\s(?:data-)?hx-(?:get|post|put|patch|delete|action|boost|headers)\b")


@every_template
def test_it_compiles(path):
    get_template(str(path.relative_to(ROOT / "templates")))


@every_template
def test_no_style_is_written_into_it(path):
    assert not re.search(r"<style\b|\sstyle\s*=", markup(path))


@every_template
def test_every_script_is_a_file_with_the_nonce(path):
    for script in re.findall(r"<script\b[^>]*>", markup(path)):
        assert 'nonce="{{ CSP_NONCE }}"' in script and "src=" in script, script


@every_template
def test_no_attribute_carries_a_program(path):
    text = markup(path)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert "hx-on" not in text
    assert not re.search(r"[\"'\s](?:js|javascript):", text)


@every_template
def test_every_element_that_asks_for_something_carries_the_nonce(path):
    for tag in TAG.findall(markup(path)):
        if ASKS.search(tag):
            assert "{% hx_nonce %}" in tag, tag


@every_template
def test_it_trusts_no_words_and_reaches_for_no_other_host(path):
    text = markup(path)
    assert "|safe" not in text and "autoescape off" not in text
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text)


@every_template
def test_a_comment_of_several_lines_is_not_written_as_one_of_a_single_line(path):
    for line in path.read_text().splitlines():
        assert line.count("{#") == line.count("#}"), line


@every_template
def test_every_form_that_changes_something_carries_the_token(path):
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", markup(path), re.S):
        sample_only = "styleguide" in path.parts
        assert sample_only or "{% csrf_token %}" in form or "{% slot body %}" in form, form[:120]


def test_the_customer_gets_no_script_at_all():
    assert "<script" not in markup(ROOT / "templates" / "portal" / "base.html")
