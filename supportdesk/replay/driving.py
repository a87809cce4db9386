"""Driving one case of the log through the desk's verbs, at the log's own times."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from cases import timeline
from cases.actors import LOG
from cases.holding import hold
from cases.models import Case, Promise, Resolution, Subtask
from cases.verbs import closing, opening, promises, proposing, silence, subtasks
from supportdesk import clock
from supportdesk.replay import uci
from supportdesk.replay.people import People

_SPOKEN = "The log shows that your problem has moved on."
_SOLVED = "The log says that this is resolved."
_NO_WISHES = "The log names no wishes."
_DONE = "Ended in the log."
_REOPENED = "Reopened in the log."
_HANDED_ON = "Handed on in the log after it was closed."
_CLOSED_STRAIGHT = "Closed in the log without a resolution."
_CLOSED_OVER_PARTS = "Closed in the log while a department had not finished."


@transaction.atomic
def drive(number: str, rows: Sequence[uci.Row], people: People) -> Case:
    """Write one whole case, from its opening to its last row.

    Args:
        number: the case's number in the log.
        rows: its rows in order, at least one.
        people: who is behind the log's names.
    """
    with timeline.written_together():
        with clock.at(uci.opened_at(rows)):
            case = _open(number, rows, people)
        with hold(case):
            course = _Course(case, people)
            for change in uci.changes(rows):
                with clock.at(change.at):
                    course.take(change)
    return case


def _open(number: str, rows: Sequence[uci.Row], people: People) -> Case:
    owner = uci.owner(rows)
    about = next((row.about for row in rows if row.about), "")
    return opening.open_case(
        people.customer(uci.caller(rows), number),
        f"{number}: {about}" if about else number,
        by=LOG,
        subject=about[:120] or number,
        priority=_priority(rows),
        channel=Case.Channel.PHONE if rows[0].channel == "Phone" else Case.Channel.PORTAL,
        first_promise=promises.Pledge("be in touch with you", uci.first_answer_due(clock.now())),
        owner=people.agent(owner.person) if owner else None,
        department=people.department(uci.first_team(rows)),
        origin_ref=number,
    )


def _priority(rows: Sequence[uci.Row]) -> int:
    """The first known one: ``3 - Moderate`` is 3, and so is what no row knows."""
    known = next((row.priority for row in rows if row.priority), "3")
    return int(known[0]) if known[0] in ("1", "2", "3", "4") else 3


class _Course:
    """A case under way: what of it the next row can end."""

    def __init__(self, case: Case, people: People):
        self.case = case
        self._people = people
        self._first_answer: Promise | None = case.next_promise
        self._awaited: Promise | None = None
        self._part: Subtask | None = None

    def take(self, change: uci.Change) -> None:
        """One row: what it keeps, then group and state, in this order; a new person alone changes no more than that."""
        kept = self._kept_by(change)
        proposes = change.state == uci.RESOLVED and self.case.is_open
        if kept and not proposes:
            self._speak(kept)
        comes_back = change.reopens and not self.case.is_open
        if comes_back:
            # Only about an open case is a department asked: here the state has to come first.
            self._reopen(change)
        self._hand_to(change.team)
        if change.state and not comes_back:
            self._enter(change, kept)

    # -- promises ------------------------------------------------------------------------------------------------------

    def _kept_by(self, change: uci.Change) -> list[Promise]:
        kept = []
        if self._first_answer and not change.is_first:
            kept.append(self._first_answer)
            self._first_answer = None
        if self._awaited and change.state:
            kept.append(self._awaited)
            self._awaited = None
        return kept

    def _speak(self, kept: list[Promise]) -> None:
        """One word to the customer keeps them all; what is late by now is broken and answered by it."""
        first, *others = kept
        first = promises.keep(first, said=_SPOKEN, by=LOG)
        for promise in others:
            promises.keep(promise, message=first.kept_by, by=LOG)

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

    def _enter(self, change: uci.Change, kept: list[Promise]) -> None:
        if change.state == uci.RESOLVED:
            self._resolve(kept)
        elif change.state == uci.CLOSED:
            self._close()
        elif change.reopens:
            self._reopen(change)
        elif uci.awaits(change.state):
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

    def _reopen(self, change: uci.Change) -> None:
        pledge = self._pledge(change) if uci.awaits(change.state) else None
        self.case = closing.reopen(self.case, reason=_REOPENED, by=LOG, next_promise=pledge)
        if pledge:
            self._awaited = self.case.promises.filter(state=Promise.State.OPEN).latest("pk")

    def _pledge(self, change: uci.Change) -> promises.Pledge:
        return promises.Pledge(f"tell you how it stands (“{change.state}”)", uci.awaited_due(change.at))
