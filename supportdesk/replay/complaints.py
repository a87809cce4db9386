"""Complaints to the CFPB, the American authority that passes them on to banks and has 15 days set for the answer.

The data has dates and no hours, and none for the answer: one in time is given the last hour, a late one the day after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from cases import timeline
from cases.actors import LOG
from cases.holding import hold
from cases.models import Case, Promise, Resolution
from cases.verbs import conversation, opening, promises, proposing, silence
from staff.origins import Origin
from supportdesk import clock
from supportdesk.replay import rows as reading
from supportdesk.replay.figures import OF_CONVERSATIONS
from supportdesk.replay.people import People
from supportdesk.replay.plaintext import cut
from supportdesk.replay.reading import Malformed
from supportdesk.replay.rows import AT_WORK, CLOSED, Format, Row

NEEDED = (
    "complaint_id",
    "date_received",
    "product",
    "issue",
    "consumer_complaint_narrative",
    "company_response_to_consumer",
    "timely_response",
)
ANSWER_WITHIN = timedelta(days=15)

_IN_PROGRESS, _NO_RESPONSE = "In progress", "Untimely response"
_DISPUTED = "The data says that the customer disputed the answer."
_NO_WISHES = "The data names no wishes."


def rows_from(line: int, cells: dict[str, str]) -> Iterator[Row]:
    """What was complained about, and the answer.

    Raises:
        Malformed: no number, no date, no product, or it is not said whether the answer came in time.
    """
    number = reading.number(cells, "complaint_id")
    received = _day(cells["date_received"])
    due = received + ANSWER_WITHIN
    product, issue = cells["product"].strip(), cells["issue"].strip()
    if not product or not issue:
        raise Malformed("it names no product or no issue")
    timely = cells["timely_response"].strip()
    if timely not in ("Yes", "No"):
        raise Malformed("it does not say whether the answer came in time")
    yield Row(
        number=number,
        nth=0,
        line=line,
        opened_at=int(received.timestamp()),
        team=reading.name(cut(product, reading.LONGEST_NAME), "product"),
        channel=cells.get("submitted_via", "").strip(),
        about=issue,
        words=cells["consumer_complaint_narrative"].strip() or _plainly(product, issue, cells.get("sub_issue", "")),
    )
    answered_at = due - timedelta(hours=1) if timely == "Yes" else due + timedelta(days=1)
    response = cells["company_response_to_consumer"].strip()
    yield Row(
        number=number,
        nth=1,
        line=line,
        updated_at=int(answered_at.timestamp()),
        phase=AT_WORK if response == _IN_PROGRESS else CLOSED,
        says=None if response in ("", _NO_RESPONSE) else reading.TO_CUSTOMER,
        words=response,
        about="disputed" if cells.get("consumer_disputed", "").strip() == "Yes" else "",
    )


@transaction.atomic
def drive(number: str, rows: Sequence[Row], people: People, form: Format) -> Case:
    """Write one complaint and its answer."""
    told, answer = rows[0], rows[1]
    with timeline.written_together():
        with clock.at(reading.opened_at(rows)):
            case = opening.open_case(
                people.customer(None, number),
                cut(told.words, opening.LONGEST_PROBLEM),
                by=LOG,
                subject=cut(told.about, opening.LONGEST_SUBJECT),
                channel=Case.Channel.PHONE if told.channel == "Phone" else Case.Channel.PORTAL,
                first_promise=promises.Pledge(
                    "give you the company’s answer", clock.now() + ANSWER_WITHIN, Promise.Kind.RESOLUTION
                ),
                department=people.department(told.team),
                origin_ref=number,
            )
        if answer.says:
            with hold(case), clock.at(reading.instant(answer.updated_at)):
                _answer(case, answer)
    return case


def _answer(case: Case, answer: Row) -> None:
    """*In progress* answers and leaves it open; *Closed with …* proposes that and, undisputed, ends it."""
    promised = [case.next_promise]
    words = f"The company’s answer: {answer.words}."
    if answer.phase == AT_WORK:
        conversation.write_to_customer(case, words, by=LOG, keeps=promised)
        return
    proposing.propose(case, kind=Resolution.Kind.SOLVED, words=words, why_none=_NO_WISHES, keeps=promised, by=LOG)
    if answer.about == "disputed":
        conversation.note(case, _DISPUTED, by=LOG)
    else:
        silence.unconfirm(case, by=LOG)
        silence.close_unanswered(case, by=LOG)


def _plainly(product: str, issue: str, sub_issue: str) -> str:
    """A line for who told nothing in words of their own."""
    return f"{product}: {issue}" + (f" ({sub_issue.strip()})" if sub_issue.strip() else "")


def _day(cell: str) -> datetime:
    try:
        day = date.fromisoformat(cell.strip())
    except ValueError:
        raise Malformed("its date_received is no day such as 2023-06-27") from None
    if day.year not in reading.YEARS:
        raise Malformed("its date_received is out of reach")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


LOG_OF_COMPLAINTS = Format(
    name="cfpb",
    title="complaints to the CFPB",
    origin=Origin.REPLAY_CFPB,
    sources=reading.one_file(NEEDED, rows_from),
    reopens=lambda before, row: False,
    drive=drive,
    figures=OF_CONVERSATIONS,
)
