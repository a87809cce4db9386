"""The timeline of a case, drawn whole: a template pays for a cell what an entry costs here (docs/performance.md)."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from cases.reading import Line
from supportdesk.templatetags.desk import fold, moment, person, quote, state

register = template.Library()

_ENTRY = '<li class="entry" id="entry-{pk}" data-voice="{voice}">{inside}</li>'
_TIME = '<span class="entry-time">{}</span>'
_HEAD = '<p class="entry-head">{}</p>'


@register.filter
def told(lines: Iterable[Line]) -> SafeString:
    """The entries of a timeline, each as its voice looks: the customer's, ours, one inside, or the desk's own."""
    return mark_safe("\n".join(_folded(line) + _entry(line) for line in lines))


def _folded(line: Line) -> str:
    """The quiet lines before it, folded away."""
    if not line.before:
        return ""
    quiet = "".join(_entry(each) for each in line.before)
    content = mark_safe(f'<ol class="entries">{quiet}</ol>')
    return f'<li class="entries-fold">{fold(content, f"{len(line.before)} quiet events", quiet=True)}</li>\n'


def _entry(line: Line) -> str:
    return _ENTRY.format(pk=line.pk, voice=line.voice, inside=_VOICES[line.voice](line))


def _of_the_desk(line: Line) -> str:
    at = moment(line.at, "clock_time" if line.same_day else "stamp")
    number = f"{_number(line)} " if line.number else ""
    return f'{_TIME.format(at)}<p class="entry-text" hx-ignore>{number}{escape(line.words)}</p>'


def _of_the_customer(line: Line) -> str:
    return _said_by(line) + quote(line.words)


def _of_ours(line: Line) -> str:
    return f'{_said_by(line)}<div class="entry-text" hx-ignore>{linebreaks(line.words, autoescape=True)}</div>'


def _inside(line: Line) -> str:
    head = _HEAD.format(f"{state('inside', 'Inside')} {person(line.head, line.place)}{_also(line)}")
    text = f'<div class="entry-text" hx-ignore>{linebreaks(line.words, autoescape=True)}</div>'
    return f'{_TIME.format(moment(line.at, "stamp"))}<div class="entry-inside">{head}{text}</div>'


def _said_by(line: Line) -> str:
    head = f'<span class="name">{escape(line.head)}</span> {escape(line.place)}{_also(line)}'
    return _HEAD.format(head) + _TIME.format(moment(line.at, "stamp"))


def _also(line: Line) -> str:
    return f" {_number(line)}" if line.number else ""


def _number(line: Line) -> str:
    """Of the joined case on which it happened."""
    return f'<span class="entry-number">{escape(line.number)}</span>'


_VOICES = {"system": _of_the_desk, "customer": _of_the_customer, "ours": _of_ours, "inside": _inside}
