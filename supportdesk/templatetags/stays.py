"""The rows of the supervisors' queue, drawn whole as those of the lists are (docs/performance.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from datetime import datetime
from html import escape

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from cases.models import Case
from escalations.rows import Act, Reason, Row
from escalations.tried import Try
from supportdesk import clock
from supportdesk.addressing import address_of
from supportdesk.templatetags.desk import ago_seen_from, local, right_edge, span, when_seen_from

register = template.Library()

_STAY = """<li class="flag" id="{number}">
  <span class="flag-rank" aria-hidden="true">{rank}</span>
  <div class="flag-text">
    <p class="row-title">
      <a class="row-link" href="{url}"{focus}>{customer}</a> <span class="row-subject">{subject}</span></p>
    <blockquote class="quote" hx-ignore>{words}</blockquote>
    <dl class="facts">
      <dt>Why now</dt>
      <dd>{reasons}</dd>
      {tried}
      <dt>Owner</dt><dd>{owner}, since {owned_since}</dd>
      {with_whom}
    </dl>
    <div class="acts acts--wide">
      {acts}
      {more}
    </div>
    {note}
    {why_here}
  </div>
  <div class="flag-due">
    {due}
    {answer}
  </div>
</li>"""
_MORE = (
    '<details class="more-acts"><summary class="button button--word" data-row-key="." data-key-words="more acts on the'
    ' row" aria-keyshortcuts=".">More</summary><div class="acts acts--wide">{}</div></details>'
)


@register.filter
def stays(rows: Iterable[Row]) -> SafeString:
    """The rows."""
    now = local(clock.now())
    return mark_safe("\n".join(_stay(row, now) for row in rows))


@register.filter
def stays_to_go_on_with(rows: Iterable[Row], said: Sized = ()) -> SafeString:
    """The rows, the first of them under the keyboard; ``said`` is what stands above it, and is read with it."""
    first, *others = rows
    now = local(clock.now())
    focus = ' autofocus aria-describedby="said"' if len(said) else " autofocus"
    return mark_safe("\n".join([_stay(first, now, focus), *(_stay(row, now) for row in others)]))


def _stay(row: Row, now: datetime, focus: str = "") -> str:
    case = row.case
    return _STAY.format(
        number=case.number,
        rank=row.rank,
        url=escape(case.get_absolute_url()),
        focus=focus,
        customer=escape(case.customer.name),
        subject=escape(case.subject),
        words=escape(case.latest_words),
        reasons=_reasons(row, now),
        tried=f"<dt>Tried</dt><dd>{_tried(row, now)}</dd>" if row.tried else "",
        owner="Nobody yet" if case.owner.is_fallback else escape(case.owner.name),
        owned_since=when_seen_from(now, case.owned_since),
        with_whom=f"<dt>With</dt><dd><b>{escape(row.with_whom)}</b></dd>" if row.with_whom else "",
        acts="".join(_act(act) for act in row.acts),
        more=_MORE.format("".join(_act_in_more(act) for act in row.more)) if row.more else "",
        note=f'<p class="quiet">{escape(row.note)}</p>' if row.note else "",
        why_here=_why_here(row, now),
        due=_due(case, now),
        answer=_answer(row, now),
    )


def _reasons(row: Row, now: datetime) -> str:
    several = len(row.reasons) > 1
    ways_back = (row.way_back if several and reason.may_settle else "" for reason in row.reasons)
    told = "".join(_reason(reason, way_back, now) for reason, way_back in zip(row.reasons, ways_back, strict=True))
    others = f'<p class="quiet">And {row.others} more.</p>' if row.others else ""
    return f'<ul class="reasons" hx-ignore>{told}</ul>{others}'


def _reason(reason: Reason, way_back: str, now: datetime) -> str:
    """One reason; with a way back it can be settled alone."""
    words = escape(f"{reason.title}: {reason.evidence}" if reason.evidence else reason.title)
    since = f"Since {when_seen_from(now, reason.since)}, raised {ago_seen_from(now, reason.raised_at)}"
    settle = ""
    if way_back:
        url = f"{address_of('escalations:settle', reason.pk)}?{way_back}"
        settle = f' <a href="{escape(url)}" data-dialog>Settle this…</a>'
    return f'<li><b>{words}</b><br><span class="quiet">{since}</span>{settle}</li>'


def _tried(row: Row, now: datetime) -> str:
    return "<br>".join(
        escape(f"{one.words}{_moved_from(one, now)} {when_seen_from(now, one.at)}{one.after}.") for one in row.tried
    )


def _moved_from(one: Try, now: datetime) -> str:
    return f" from {when_seen_from(now, one.was)} to" if one.was else ""


def _act(act: Act) -> str:
    look = f"button button--{act.kind}" if act.kind else "button"
    pressed = ""
    if act.key:
        pressed = f' data-row-key="{act.key}" data-key-words="{escape(act.key_words)}" aria-keyshortcuts="{act.key}"'
    opens = " data-dialog" if act.dialog else ""
    return f'<a class="{look}" href="{escape(act.url)}"{pressed}{opens}>{escape(act.words)}</a>'


def _act_in_more(act: Act) -> str:
    return f'<a class="button" href="{escape(act.url)}" data-dialog>{escape(act.words)}</a>'


def _why_here(row: Row, now: datetime) -> str:
    """How the row's place comes about, folded."""
    made_of = "".join(
        f"{escape(title)}{f', {times} times' if times > 1 else ''}: {points}. " for title, times, points in row.why_here
    )
    points = f"{row.stay.points} point{'' if row.stay.points == 1 else 's'}"
    order = "More points come first, then what is here longer."
    if row.with_whom:
        order = f"What is with {escape(row.with_whom)}, comes before what is with the supervisors."
    asked = "Why first?" if row.rank == 1 else "Why here?"
    said = f"{made_of}That makes {points}. {order} Here since {when_seen_from(now, row.stay.since)}."
    return f'<details class="why-here"><summary>{asked}</summary><p>{said}</p></details>'


def _due(case: Case, now: datetime) -> str:
    if not case.is_open:
        return f'<p class="quiet">Closed {when_seen_from(now, case.closed_at)}</p>'
    at = right_edge(None if case.next_step == Case.NextStep.NOTHING else case.next_due_at, now)
    promised = case.next_promise
    return at + (f'<p class="quiet">{escape(capfirst(promised.words))}</p>' if promised else "")


def _answer(row: Row, now: datetime) -> str:
    """For how long nobody has answered and who gets it next, or who answered."""
    stay = row.stay
    if row.unanswered is None:
        return f'<p class="quiet">{conditional_escape(stay.answerer)} answered {ago_seen_from(now, stay.answered)}</p>'
    unanswered = f"<p><b>Unanswered for {span(row.unanswered)}</b></p>"
    if not row.goes_to:
        return unanswered
    return f'{unanswered}<p class="quiet">{when_seen_from(now, stay.answer_by)}: goes to {escape(row.goes_to)}</p>'
