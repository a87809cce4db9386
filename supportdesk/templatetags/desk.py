"""The words and parts that templates are written with: times as people say them, signs, and the components.

What stands on a page many times (rows, buttons, states) is put together here; what stands there once has a template.

Times are shown in the reader's zone (``django.utils.timezone.get_current_timezone()``, activated per request), and
"late", "today" and "in 50 min" are measured from ``clock.now()``. The style guide shows every tag in every state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape as escaped

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases import sentences
from supportdesk import clock
from supportdesk.addressing import address_of

register = template.Library()

SOON = timedelta(hours=1)
MINUTE_LONG = timedelta(minutes=1)
# A number and its unit stay on one line.
NBSP = "\N{NO-BREAK SPACE}"
MINUTE, HOUR, DAY = 60, 3600, 86400

# The sign beside each state's word. A quiet state needs none.
SIGNS = {"late": "late", "soon": "clock", "kept": "check", "moved": "arrow-right", "none": "circle-dashed"}
SIGNS["inside"] = "lock"

# The size of the customer's first words: up to this many characters, this step.
FIRST_WORDS, LONGER_WORDS = 120, 320


# -- Times ------------------------------------------------------------------------------------------------------------


def local(value: datetime) -> datetime:
    """An aware instant in the reader's zone."""
    return timezone.localtime(value)


def days_away(value: datetime) -> int:
    """Calendar days in the reader's zone from today to the instant; negative in the past."""
    return (local(value).date() - local(clock.now()).date()).days


@register.filter
def clock_time(value: datetime | None) -> str:
    """``15:00``"""
    return f"{local(value):%H:%M}" if value else ""


@register.filter
def day(value: datetime | None) -> str:
    """``Tuesday 25 Nov``; the year too when it is not this one."""
    return _date(local(value), "l j M" + _year(value)) if value else ""


@register.filter
def day_short(value: datetime | None) -> str:
    """``Tue 25 Nov``; the year too when it is not this one."""
    return _date(local(value), "D j M" + _year(value)) if value else ""


@register.filter
def row_day(value: datetime | None) -> str:
    """The word before a time in a list: nothing today, ``Wed`` within a week, ``1 Dec`` beyond."""
    if not value or days_away(value) == 0:
        return ""
    return _row_day(local(value), local(clock.now()), get_language())


def _row_day(at: datetime, now: datetime, language: str) -> str:
    near = abs((at.date() - now.date()).days) < 7
    return _date_in(language, at.date(), "D" if near else "j M" if at.year == now.year else "j M Y")


@register.filter
def when(value: datetime | None) -> str:
    """In a sentence: ``today 14:00``, within a week ``Wed 12:00``, beyond ``Mon 1 Dec 09:00``."""
    return when_seen_from(local(clock.now()), value) if value else ""


def when_seen_from(now: datetime, value: datetime) -> str:
    """``when``, for who says it many times: ``now`` in the reader's zone."""
    return _when(value.astimezone(now.tzinfo), now)


def alone(value: datetime) -> str:
    """``when`` where it stands alone: ``Today 14:00``."""
    return capfirst(when(value))


def _when(at: datetime, now: datetime) -> str:
    days = abs((at.date() - now.date()).days)
    if days == 0:
        return f"{_('today')} {at:%H:%M}"
    return f"{_date(at, 'D' if days < 7 else 'D j M' if at.year == now.year else 'D j M Y')} {at:%H:%M}"


@register.filter
def stamp(value: datetime | None) -> str:
    """The time in a timeline's margin: as ``when``, without the weekday where a date says more (``12 Nov 09:12``)."""
    if not value:
        return ""
    at, now = local(value), local(clock.now())
    if abs((at.date() - now.date()).days) < 7:
        return alone(value)
    return f"{_date(at, 'j M')} {at:%H:%M}" if at.year == now.year else _date(at, "j M Y")


@register.filter
def spoken(value: datetime | None) -> str:
    """For the customer: ``Tuesday 25 November, 3 pm``, with no-break spaces inside date and time."""
    if not value:
        return ""
    date = dateformat.format(local(value), f"l j{NBSP}F" + _year(value))
    return f"{date}, {hour(value)}"


@register.filter
def spoken_day(value: datetime | None) -> str:
    """For the customer, where the hour would say more than we know: ``Tuesday 25 November``."""
    return dateformat.format(local(value), f"l j{NBSP}F" + _year(value)) if value else ""


@register.filter
def spoken_short(value: datetime | None) -> str:
    """For the customer, smaller: ``today, 3:41 pm``, ``Sun 23 Nov, 9:12 am``."""
    if not value:
        return ""
    date = _("today") if days_away(value) == 0 else dateformat.format(local(value), f"D j{NBSP}M" + _year(value))
    return f"{date}, {hour(value)}"


@register.filter
def hour(value: datetime) -> str:
    """``3 pm``, ``3:41 pm``, ``noon``, ``midnight``."""
    at = local(value)
    if at.minute == 0 and at.hour in (0, 12):
        return _("noon") if at.hour else _("midnight")
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{NBSP}{_('am') if at.hour < 12 else _('pm')}"


@register.filter
def span(amount: timedelta | None) -> str:
    """A length of time: ``25 min``, ``1 h 40``, ``18 h``, ``2 days 6 h``."""
    if amount is None:
        return ""
    seconds = max(int(amount.total_seconds()), 0)
    if seconds < HOUR:
        return f"{seconds // MINUTE}{NBSP}min"
    if seconds < DAY:
        return _hours(seconds)
    days, rest = divmod(seconds, DAY)
    hours = f" {rest // HOUR}{NBSP}h" if rest >= HOUR else ""
    return _days(days) + hours


@register.filter
def until(value: datetime | None) -> str:
    """Until when somebody is away: ``until 15:00``, ``until Thursday``, ``until 12 March``."""
    return sentences.until(value, clock.now())


@register.filter
def relative(value: datetime | None) -> str:
    """A due time from now: ``40 min late``, ``in 50 min``, ``in 1 h 20``, ``in 18 h``, ``in 2 days``."""
    if not value:
        return ""
    return _relative(value - clock.now(), abs(days_away(value)), get_language())


def _relative(ahead: timedelta, days: int, language: str) -> str:
    return _relative_in(language, ahead <= timedelta(), abs(ahead) // MINUTE_LONG, days)


@lru_cache(maxsize=4096)
def _relative_in(language: str, is_late: bool, minutes: int, days: int) -> str:
    # The rows of a page are a few days apart, and say so in the same words.
    said = _("%(amount)s late") if is_late else _("in %(amount)s")
    return said % {"amount": _roughly(minutes * MINUTE_LONG, days)}


@register.filter
def ago(value: datetime | None) -> str:
    """Something that happened: ``5 min ago``, ``just now``."""
    if not value:
        return ""
    return ago_seen_from(local(clock.now()), value)


def ago_seen_from(now: datetime, value: datetime) -> str:
    """``ago``, for who says it many times: ``now`` in the reader's zone."""
    passed = now - value
    if passed < timedelta(minutes=1):
        return _("just now")
    days = (now.date() - value.astimezone(now.tzinfo).date()).days
    return _("%(amount)s ago") % {"amount": _roughly(passed, abs(days))}


@register.filter
def urgency(value: datetime | None) -> str:
    """What a due time is now: ``none``, ``late``, ``soon`` (within the hour) or ``due``."""
    return _urgency(value - clock.now()) if value else "none"


def _urgency(ahead: timedelta) -> str:
    if ahead <= timedelta():
        return "late"
    return "soon" if ahead < SOON else "due"


@register.simple_tag
def moment(value: datetime | None, style: str = "when") -> SafeString | str:
    """An instant as ``<time>``, with the whole of it, zone included, for whoever hovers or asks.

    Args:
        value: aware datetime; ``None`` gives nothing.
        style: the name of a filter above: ``when``, ``stamp``, ``clock_time``, ``day``, ``spoken``, ``spoken_short``.
    """
    if not value:
        return ""
    return mark_safe(f"<time {time_attributes(value)}>{MOMENTS[style](value)}</time>")


@register.simple_tag
def time_attributes(value: datetime) -> SafeString:
    """The attributes of a ``<time>``: machine time, and the whole in words as its title."""
    return mark_safe(_time_attributes(local(value), get_language()))


def _time_attributes(at: datetime, language: str) -> str:
    whole = f"{_date_in(language, at.date(), 'l j F Y')}, {at:%H:%M} ({at.tzname()})"
    return f'datetime="{at.isoformat(timespec="minutes")}" title="{whole}"'


MOMENTS = {
    "when": alone,
    "stamp": stamp,
    "clock_time": clock_time,
    "day": day,
    "spoken": spoken,
    "spoken_short": spoken_short,
}


def _date(at: datetime, pattern: str) -> str:
    """The day of an instant in the reader's zone, as ``dateformat`` writes it."""
    return _date_in(get_language(), at.date(), pattern)


@lru_cache(maxsize=4096)
def _date_in(language: str, date: date, pattern: str) -> str:
    # A page names the same few days again and again.
    return dateformat.format(date, pattern)


def _year(value: datetime) -> str:
    """The format of the year, where it is not this one."""
    return "" if local(value).year == local(clock.now()).year else " Y"


def _roughly(amount: timedelta, days: int) -> str:
    """A length as people say it beside a time; from a day on counted in calendar days."""
    seconds = int(amount.total_seconds())
    if seconds >= DAY:
        return _days(max(days, 1))
    if seconds >= 12 * HOUR:
        return f"{seconds // HOUR}{NBSP}h"
    return span(amount)


def _hours(seconds: int) -> str:
    hours, rest = divmod(seconds, HOUR)
    minutes = f"{NBSP}{rest // MINUTE:02}" if rest >= MINUTE else ""
    return f"{hours}{NBSP}h{minutes}"


def _days(days: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


# -- Signs and words --------------------------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 16) -> SafeString:
    """An icon of ``static/icons.svg``, hidden from readers by ear: words stand beside it.

    Args:
        name: a symbol of the sprite, such as ``check``; the list is in ``static/VENDORED.toml``.
        size: 16 or 20, pixels.
    """
    return _icon(name, size, static("icons.svg"))


@lru_cache(maxsize=256)
def _icon(name: str, size: int, sprite: str) -> SafeString:
    return format_html(
        '<svg class="icon icon--{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        sprite,
        name,
    )


@register.simple_tag
def state(kind: str, words: str) -> SafeString:
    """A state: its sign and its word.

    Args:
        kind: late, soon, due, kept, moved, none, inside, new or quiet.
        words: what the reader sees, such as ``40 min late``.
    """
    sign = icon(SIGNS[kind]) if kind in SIGNS else ""
    return mark_safe(f'<span class="state" data-state="{kind}">{sign}<span>{conditional_escape(words)}</span></span>')


@register.simple_tag
def due(value: datetime | None, words: bool = True) -> SafeString:
    """The right edge of a row: the due time, large, and under it how far away it is.

    Args:
        value: aware datetime, or ``None`` where nothing is promised.
        words: whether the line under the time is wanted.
    """
    return right_edge(value, local(clock.now()), words)


@register.filter
def with_due(rows: Iterable) -> list[tuple]:
    """The rows of a list, each with its right edge drawn: a list calls one filter, not some for every cell."""
    now = local(clock.now())
    return [(row, right_edge(row.due_at, now)) for row in rows]


@register.filter
def drawn(rows: Iterable) -> SafeString:
    """The rows of a list of cases, whole: a template pays for a cell what a row costs here (docs/performance.md)."""
    now = local(clock.now())
    return mark_safe("\n".join(_row(row, now) for row in rows))


_ROW = """<li class="row"{unread}>
  <p class="row-title"><a class="row-link" href="{url}">{title}</a> <span class="row-subject">{subject}</span></p>
  <blockquote class="quote" hx-ignore>{words}</blockquote>
  <p class="row-what">{what}</p>
  <p class="row-why"{marked}>{why}</p>
  {due}
</li>"""
_NEW = '<span class="state" data-state="new"><span>{}</span></span>'


def _row(row, now: datetime) -> str:
    # Python's own escaping: Django's asks of each value whether it is yet to be translated, which costs more than it.
    why = escaped(row.why)
    why = _NEW.format(why) if row.unread else why
    return _ROW.format(
        unread=" data-unread" if row.unread else "",
        url=escaped(row.url),
        title=escaped(row.title),
        subject=escaped(row.subject),
        words=escaped(row.words),
        what=escaped(row.what),
        marked=" data-mark" if row.mark else "",
        why=", ".join(filter(None, (why, escaped(row.mark)))),
        due=f'<p class="due quiet">{escaped(row.ended)}</p>' if row.ended else right_edge(row.due_at, now),
    )


def right_edge(value: datetime | None, now: datetime, words: bool = True) -> SafeString:
    """A due time as it stands at the end of a row; ``now`` in the reader's zone.

    Lists draw it for every row, so it is put together here, from words that are all our own.
    """
    if value is None:
        kind, said = "none", _("no next promise")
        time = '<span class="due-time" data-state="none" aria-hidden="true">–:–</span>'
    else:
        # Asking for the language costs as much as a cell: it is asked once.
        at, language = value.astimezone(now.tzinfo), get_language()
        ahead, days = value - now, (at.date() - now.date()).days
        kind, said = _urgency(ahead), _relative(ahead, abs(days), language)
        near = f'<span class="due-day">{_row_day(at, now, language)}</span> ' if days else ""
        attributes = _time_attributes(at, language)
        time = f'<time class="due-time" data-state="{kind}" {attributes}>{near}{at:%H:%M}</time>'
    if not words:
        return mark_safe(time)
    sign = icon(SIGNS[kind]) if kind in SIGNS else ""
    return mark_safe(f'{time}\n<span class="state due" data-state="{kind}">{sign}<span>{said}</span></span>')


@register.filter
def ended(words: str) -> str:
    """Somebody's words at the end of a sentence of ours: with a full stop, unless they bring an end of their own."""
    return words if words.rstrip().endswith((".", "!", "?", "…")) else f"{words}."


@register.filter
def initials(name: str) -> str:
    """``Mia Jones`` → ``MJ``; at most two letters."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


@register.simple_tag
def person(name: str, place: str = "") -> SafeString:
    """A person by name, with their department or what else places them."""
    beside = f' <span class="quiet">{conditional_escape(place)}</span>' if place else ""
    return mark_safe(f'<span class="person"><span class="name">{conditional_escape(name)}</span>{beside}</span>')


@register.simple_tag
def quote(words: str, size: str = "") -> SafeString:
    """The customer's own words; quotation marks are drawn, not written.

    Args:
        words: as the customer gave them.
        size: empty for rows and timelines (20), ``portal`` (26), or ``first`` for the top of a case, where the
            length decides: 34 up to 120 characters, 26 up to 320, 20 and folded after eight lines beyond.
    """
    length = len(words)
    if size == "first" and length > FIRST_WORDS:
        size = "longer" if length <= LONGER_WORDS else "folded"
    said = _attributes({"data-size": size if size != "folded" else ""})
    block = f'<blockquote class="quote"{said} hx-ignore>{conditional_escape(words)}</blockquote>'
    if size == "folded":
        block = f'<div class="quote-long">{block}<details><summary>All of it</summary></details></div>'
    return mark_safe(block + "\n")


def _attributes(given: dict[str, object]) -> str:
    """As they stand in a tag, a blank before each; those without a value are left out."""
    return "".join(f' {name}="{conditional_escape(value)}"' for name, value in given.items() if value)


@register.filter
def address(name: str, pk: int | None = None) -> str:
    """Where something is found: ``"cases:keep"|address:promise.pk``; without an id, what there is one of."""
    return address_of(name) if pk is None else address_of(name, pk)


# -- Parts of a page --------------------------------------------------------------------------------------------------


@register.simple_block_tag
def promise(
    content: str,
    *,
    what: str,
    due_at: datetime | None = None,
    to: str = "",
    state: str = "",
    backing: str = "",
    hangs_on: str = "",
    there: str = "",
    was: datetime | None = None,
    words: str = "",
    heading: str = "",
    note: str = "",
) -> SafeString:
    """The promise card; what stands between the tags are its acts.

    Args:
        what: the words as promised.
        due_at: aware datetime (for a kept one: when it was kept); ``None`` only with the state ``none``.
        to: the customer's first name.
        state: kept, moved or none; left out, late, soon or due by the clock.
        backing: the quiet line: why it moved, or what comes next.
        hangs_on: another one: the department or the decision behind it.
        there: the time on the customer's clock, where it is another (``for Jo 06:00``).
        was: the date before it was moved.
        words: the state's words, where the clock's are not meant (``kept, 8 min early``).
        heading: instead of "Next promise".
        note: a last quiet line under the acts.
    """
    kind = state or urgency(due_at)
    shown = {
        "acts": content if content.strip() else "",
        "what": what,
        "due_at": due_at,
        "to": to,
        "kind": kind,
        "sign": SIGNS.get(kind),
        "words": words or _promise_words(kind, due_at, was),
        "backing": backing,
        "hangs_on": hangs_on,
        "there": there,
        "was": was,
        "heading": heading or _("Next promise"),
        "note": note,
    }
    return render_to_string("components/promise.html", shown)


def _promise_words(kind: str, due_at: datetime | None, was: datetime | None) -> str:
    if kind == "none":
        return _("no next promise")
    if kind == "kept":
        return _("kept")
    if kind == "moved" and was:
        return _("moved by %(amount)s") % {"amount": _roughly(abs(due_at - was), abs((due_at - was).days))}
    return relative(due_at)


@register.simple_block_tag
def banner(content: str, kind: str = "") -> SafeString:
    """Something to know before going on. ``kind``: empty, late, soon or kept; the words stand between the tags."""
    return render_to_string("components/banner.html", {"content": content, "kind": kind})


@register.simple_block_tag
def empty(content: str, title: str, text: str = "") -> SafeString:
    """A page with nothing on it: what will be here, and between the tags the one thing to do."""
    shown = {"content": content if content.strip() else "", "title": title, "text": text}
    return render_to_string("components/empty.html", shown)


@register.simple_block_tag
def fold(content: str, title: str, count: str = "", note: str = "", quiet: bool = False, opened: bool = False):
    """A line that opens in place (``<details>``). ``quiet``: for a timeline, without a line of its own."""
    shown = {"content": content, "title": title, "count": count, "note": note, "quiet": quiet, "opened": opened}
    return render_to_string("components/fold.html", shown)


@register.simple_tag
def button(
    label: str,
    kind: str = "",
    *,
    more: str = "",
    href: str = "",
    key: str = "",
    sign: str = "",
    busy: str = "",
    name: str = "",
    value: str = "",
    dialog: bool = False,
    show_key: bool = False,
    sent_to: str = "",
) -> SafeString:
    """A button: a link where ``href`` is given, else the submit button of the form around it.

    Args:
        label: verb with its object.
        kind: empty (an edge), ``filled`` (one a region) or ``word``.
        more: the rest of the label, which a phone leaves out (``, with a reason``).
        href: where it leads.
        key: the key that presses it, ``n``, ``g m`` or ``Control+Enter``.
        sign: an icon's name.
        busy: what it says while the form is on its way; also prevents a second press.
        name: with ``value``, sent when this button submits.
        value: see ``name``.
        dialog: open the page behind ``href`` in a dialog.
        show_key: draw the key on the button.
        sent_to: where this button sends its form, instead of where the form itself goes.
    """
    look = f'class="button button--{kind}"' if kind else 'class="button"'
    keys = {"data-key": key, "aria-keyshortcuts": key}
    words = _button_words(label, more, sign, key if show_key else "")
    if href:
        opens = " data-dialog" if dialog else ""
        return mark_safe(f"<a {look}{_attributes({'href': href, **keys})}{opens}>{words}</a>\n")
    sent = f' name="{name}" value="{conditional_escape(value)}"' if name else ""
    does = _attributes({"formaction": sent_to, **keys, "data-busy": busy})
    return mark_safe(f'<button {look} type="submit"{sent}{does}>{words}</button>\n')


def _button_words(label: str, more: str, sign: str, key: str) -> str:
    rest = f'<span class="wide-only">{conditional_escape(more)}</span>' if more else ""
    cap = f' <kbd aria-hidden="true">{key.replace("Control+", "Ctrl ").replace("Enter", "↵")}</kbd>' if key else ""
    return f"{icon(sign) if sign else ''}<span>{conditional_escape(label)}{rest}</span>{cap}"


@register.simple_tag(takes_context=True)
def hx_nonce(context: template.Context) -> SafeString:
    """The mark that every element with ``hx-`` attributes must carry, else hx-csp strips them as somebody else's."""
    return format_html('hx-nonce="{}"', context.get("CSP_NONCE", ""))
