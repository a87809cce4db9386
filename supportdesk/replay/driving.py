"""Driving one case of the log through the desk's verbs, at the log's own times."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from cases import timeline
from cases.actors import LOG
from cases.holding import hold
from cases.models import Case, Promise, Resolution, Subtask
from cases.verbs import closing, conversation, opening, promises, proposing, silence, subtasks
from supportdesk import clock
from supportdesk.replay import rows as reading
from supportdesk.replay.people import People
from supportdesk.replay.rows import AWAITING, CLOSED, OVER, RESOLVED, Change, Format, Row

_SPOKEN = "The log shows that your problem has moved on."
_HEARD = "The log shows that you told us more."
_SOLVED = "The log says that this is resolved."
_NO_WISHES = "The log names no wishes."
_DONE = "Ended in the log."
_REOPENED = "Reopened in the log."
_HANDED_ON = "Handed on in the log after it was closed."
_CLOSED_STRAIGHT = "Closed in the log without a resolution."
_CLOSED_OVER_PARTS = "Closed in the log while a department had not finished."


@transaction.atomic
def drive(number: str, rows: Sequence[Row], people: People, log: Format) -> Case:
    """Write one whole case, from its opening to its last row.

    Args:
        number: the case's number in the log.
        rows: its rows in order, at least one.
        people: who is behind the log's names.
    """
    with timeline.written_together():
        with clock.at(reading.opened_at(rows)):
            case = _open(number, rows, people)
        with hold(case):
            course = _Course(case, people)
            for change in reading.changes(rows, log):
                with clock.at(change.at):
                    course.take(change)
    return case


def _open(number: str, rows: Sequence[Row], people: People) -> Case:
    owner = reading.owner(rows)
    about = next((row.about for row in rows if row.about), "")
    return opening.open_case(
        people.customer(reading.caller(rows), number),
        f"{number}: {about}" if about else number,
        by=LOG,
        subject=about[:120] or number,
        priority=_priority(rows),
        channel=Case.Channel.PHONE if rows[0].channel == "Phone" else Case.Channel.PORTAL,
        first_promise=promises.Pledge("be in touch with you", reading.first_answer_due(clock.now())),
        owner=people.agent(owner.person) if owner else None,
        department=people.department(reading.first_team(rows)),
        origin_ref=number,
    )


def _priority(rows: Sequence[Row]) -> int:
    """The first known one: ``3 - Moderate`` is 3, and so is what no row knows."""
    known = next((row.priority for row in rows if row.priority), "3")
    return int(known[0]) if known[0] in ("1", "2", "3", "4") else 3


class _Course:
    """A case under way: what of it the next row can end."""

    def __init__(self, case: Case, people: People):
        self.case = case
        self._people = people
        # What the next thing that happens keeps: the first promise, and what was promised to a customer who wrote.
        self._answers: list[Promise] = [case.next_promise]
        self._awaited: Promise | None = None
        self._part: Subtask | None = None

    def take(self, change: Change) -> None:
        """One row: what it keeps, then group, state and what was said, in this order.

        A new person alone changes no more than what is kept.
        """
        kept = self._kept_by(change)
        proposes = change.phase == RESOLVED and self.case.is_open
        if kept and not proposes:
            self._speak(kept)
        elif change.says == reading.TO_CUSTOMER and self.case.is_open:
            conversation.write_to_customer(self.case, _SPOKEN, by=LOG)
        comes_back = change.takes_back and not self.case.is_open
        if comes_back:
            # Only about an open case is a department asked: here the state has to come first.
            self._reopen(change)
        self._hand_to(change.team)
        if change.state and (not comes_back or change.phase in OVER):
            self._enter(change, kept)
        self._hear(change.says)

    # -- promises ------------------------------------------------------------------------------------------------------

    def _kept_by(self, change: Change) -> list[Promise]:
        kept = []
        if not change.is_first and change.says not in (reading.FROM_CUSTOMER, reading.CALL_ASKED):
            kept, self._answers = self._answers, []
        if self._awaited and (change.state or change.says == reading.TO_CUSTOMER):
            kept.append(self._awaited)
            self._awaited = None
        return kept

    def _speak(self, kept: list[Promise]) -> None:
        """One word to the customer keeps them all; what is late by now is broken and answered by it."""
        first, *others = kept
        first = promises.keep(first, said=_SPOKEN, by=LOG)
        for promise in others:
            promises.keep(promise, message=first.kept_by, by=LOG)

    # -- the customer --------------------------------------------------------------------------------------------------

    def _hear(self, said: str | None) -> None:
        """What the customer says. Of a case that is over the log does not tell what it was: that is left out."""
        if not self.case.is_open:
            return
        if said == reading.FROM_CUSTOMER:
            conversation.customer_writes(self.case, _HEARD, by=self.case.customer)
            made_now = self.case.promises.filter(state=Promise.State.OPEN, made_at=clock.now(), made_by="desk")
            self._answers += made_now.exclude(pk__in=[promise.pk for promise in self._answers])
        elif said == reading.CALL_ASKED:
            self._answers.append(promises.make(self.case, _call(), by=LOG))

    # -- departments ---------------------------------------------------------------------------------------------------

    def _hand_to(self, team: str | None) -> None:
        if team is None:
            return
        was_closed = not self.case.is_open
        if was_closed:
            self.case = closing.reopen(self.case, reason=_HANDED_ON, by=LOG)
        self._end_part()
        self._part = subtasks.ask(self.case, self._people.department(team), f"Work on {self.case.origin_ref}", by=LOG)
        if was_closed:
            self.case = closing.override(self.case, reason=_CLOSED_OVER_PARTS, by=LOG)

    def _end_part(self) -> None:
        if self._part:
            subtasks.done(self._part, outcome=_DONE, by=LOG)
            self._part = None

    # -- states --------------------------------------------------------------------------------------------------------

    def _enter(self, change: Change, kept: list[Promise]) -> None:
        if change.phase == RESOLVED:
            self._resolve(kept)
        elif change.phase == CLOSED:
            self._close()
        elif change.takes_back:
            self._reopen(change)
        elif change.phase == AWAITING:
            self._awaited = promises.make(self.case, self._pledge(change), by=LOG)

    def _resolve(self, kept: list[Promise]) -> None:
        self._end_part()
        if self.case.is_open:
            proposal = proposing.propose(
                self.case, kind=Resolution.Kind.SOLVED, words=_SOLVED, why_none=_NO_WISHES, keeps=kept, by=LOG
            )
            self.case = proposal.case

    def _close(self) -> None:
        if not self.case.is_open:
            return
        if self._part:
            self.case = closing.override(self.case, reason=_CLOSED_OVER_PARTS, by=LOG)
        elif not self.case.awaits_answer:
            self.case = closing.override(self.case, reason=_CLOSED_STRAIGHT, by=LOG)
        else:
            silence.unconfirm(self.case, by=LOG)
            self.case = silence.close_unanswered(self.case, by=LOG)

    def _reopen(self, change: Change) -> None:
        pledge = self._pledge(change) if change.phase == AWAITING else None
        self.case = closing.reopen(self.case, reason=_REOPENED, by=LOG, next_promise=pledge)
        if pledge:
            self._awaited = self.case.promises.filter(state=Promise.State.OPEN).latest("pk")

    def _pledge(self, change: Change) -> promises.Pledge:
        return promises.Pledge(f"tell you how it stands (“{change.state}”)", reading.awaited_due(change.at))


def _call() -> promises.Pledge:
    return promises.Pledge("call you back", reading.first_answer_due(clock.now()), Promise.Kind.CALLBACK)
