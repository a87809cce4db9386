"""What can happen in a story: a small vocabulary over the verbs, each step with its time in words.

A step that the rules of the desk would refuse is refused here too: no story can tell what cannot happen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cases.actors import Actor
from cases.models import Case, Message, Promise, Resolution, Subtask
from cases.verbs import (
    amends,
    answering,
    appeals,
    assurances,
    closing,
    complaints,
    concessions,
    conversation,
    estimates,
    joining,
    opening,
    ownership,
    promises,
    proposing,
    refusals,
    splitting,
    subtasks,
)
from cases.verbs.absences import leave_to_cover
from cases.verbs.locking import lock
from staff.absences import announce
from staff.models import Absence, Agent
from supportdesk import clock
from supportdesk.demo.diary import Diary
from supportdesk.demo.people import Cast

OWED = Resolution.GivenAs.OWED
CALL, UPDATE, RESULT = Promise.Kind.CALLBACK, Promise.Kind.UPDATE, Promise.Kind.RESOLUTION


@dataclass(frozen=True)
class Stage:
    """Where one story is told.

    Attributes:
        ref: names the story for ever, so that no second run tells it again.
        cast: who there is.
        diary: what time it is.
        numbers: draws what depends on the seed.
    """

    ref: str
    cast: Cast
    diary: Diary
    numbers: random.Random

    def number(self, letter: str) -> str:
        """An order number, a serial number: ``H-20931``."""
        return f"{letter}-{self.numbers.randint(20_000, 39_999)}"

    def opens(
        self,
        when: str,
        *,
        customer: str,
        owner: Agent,
        problem: str,
        topic: str,
        phone: str = "",
        ref: str = "",
        **words,
    ) -> Story:
        """A customer tells us a problem; from that day they are a customer.

        Args:
            customer: name.
            phone: their telephone number, if they gave one.
            ref: names the case if the story has another one.
            **words: ``subject``, ``desired_outcome``, ``preferences``, ``priority`` as ``open_case`` takes them.
        """
        with _living_at(self.diary, when):
            who = self.cast.customer(customer, phone=phone)
            case = opening.open_case(
                who,
                problem,
                by=who,
                owner=owner,
                topic=self.cast.topic(topic),
                origin_ref=ref or self.ref,
                **words,
            )
        return Story(self, case)

    def goes_away(self, when: str, who: str, *, since: str, until: str, cover: str) -> Absence:
        """Somebody announces that they will be away, and who stands in."""
        with _living_at(self.diary, when):
            agent, times = self.cast.agent(who), (self.diary.at(since), self.diary.due(until))
            return announce(agent, *times, self.cast.agent(cover), by=agent)


class Story:
    """One case while it is being told."""

    def __init__(self, stage: Stage, case: Case):
        self._stage = stage
        self._case_id = case.pk

    @property
    def case(self) -> Case:
        """The case as it is by now."""
        return Case.objects.select_related("owner", "customer").get(pk=self._case_id)

    # The customer

    def customer_writes(self, when: str, words: str) -> None:
        with self._at(when):
            conversation.customer_writes(self.case, words, by=self.case.customer)

    def customer_says_yes(self, when: str, words: str) -> None:
        with self._at(when):
            answering.say_yes(self.case, by=self.case.customer, words=words)

    def customer_complains(self, when: str, words: str) -> None:
        """About how we dealt with them: it gets an owner of its own."""
        with self._at(when):
            complaints.complain(self.case, words, by=self.case.customer)

    def customer_wants_another_look(self, when: str, words: str) -> None:
        """The customer does not accept the last no."""
        with self._at(when):
            refusals.ask_for_another_look(self.case.refusals.latest("pk"), by=self.case.customer, words=words)

    def customer_needs_someone_else(self, when: str, words: str) -> None:
        """From the customer's page: a person who had no part in it is to look."""
        with self._at(when):
            appeals.ask(self.case, words, by=self.case.customer)

    # The owner

    def writes(self, when: str, words: str, *, promising: promises.Pledge | None = None) -> None:
        """The owner writes; that keeps, or answers for, everything that they owe until then."""
        with self._at(when):
            case = self.case
            conversation.write_to_customer(
                case, words, by=case.owner, keeps=_owed_by_owner(case), next_promise=promising
            )

    def calls(self, when: str, said: str, *, promising: promises.Pledge) -> None:
        """The owner speaks with the customer, which keeps the next promise."""
        with self._at(when):
            promises.keep(self.case.next_promise, by=self.case.owner, said=said, next_promise=promising)

    def agrees_on(self, when: str, promise: promises.Pledge, *, how: str, why: str) -> None:
        """Owner and customer agree on another time for what is promised next."""
        with self._at(when):
            promises.renegotiate(self.case.next_promise, promise, agreement=how, reason=why, by=self.case.owner)

    def moves(self, when: str, promise: promises.Pledge, *, why: str) -> None:
        """The owner tells another time for what is promised next; the status page asks whether that is all right."""
        with self._at(when):
            promises.move(self.case.next_promise, promise, reason=why, by=self.case.owner)

    def makes_right(
        self, when: str, *, apology: str, why: str, doing: str, promising: promises.Pledge | None = None
    ) -> None:
        """The owner answers for what is broken, in their own words; that keeps what else they owe until then."""
        with self._at(when) as now:
            case = self.case
            owed = _owed_by_owner(case)
            broken = next(promise for promise in owed if promise.is_broken(now))
            told = {"apology": apology, "why": why, "doing": doing}
            made = amends.make(broken, **told, next_promise=promising, by=case.owner)
            for promise in owed:
                promises.keep(promise, message=made.message, by=case.owner)

    def gives(self, when: str, kind: str, amount: str, *, what: str, why: str) -> None:
        """The owner gives something; what is beyond the mandate is asked for by it."""
        with self._at(when):
            concessions.give(self.case, kind, amount=Decimal(amount), words=what, why=why, by=self.case.owner)

    def nobody_keeps_it(self, when: str) -> None:
        """The time of a promise has passed, and the desk writes it down."""
        with self._at(when) as now:
            promises.break_late(lock(self.case), now)

    def proposes(
        self, when: str, words: str, *, meets: int, kind: str = Resolution.Kind.SOLVED, given_as: str = OWED
    ) -> None:
        """The owner says what has been done; ``meets`` is the rank of the wish that it meets."""
        with self._at(when):
            case = self.case
            told = {"kind": kind, "words": words, "meets": case.preferences.get(rank=meets), "given_as": given_as}
            proposing.propose(case, **told, by=case.owner, keeps=_owed_by_owner(case))

    def promises_too(self, when: str, promise: promises.Pledge) -> None:
        with self._at(when):
            promises.make(self.case, promise, by=self.case.owner)

    def tries_to_call(self, when: str, how: str) -> None:
        """Nobody was there: an attempt, which keeps nothing."""
        with self._at(when):
            conversation.attempt(self.case, how, promise=self.case.next_promise, by=self.case.owner)

    def estimates(self, when: str, *, over_by: str, hangs_on: str, like_it: int | None = None) -> None:
        """The owner says when the whole will be over, as far as anybody can know."""
        with self._at(when):
            date = self._stage.diary.due(over_by)
            estimates.estimate(self.case, over_by=date, hangs_on=hangs_on, like_it=like_it, by=self.case.owner)

    def estimates_when_known(self, when: str, promise: promises.Pledge, *, hangs_on: str) -> None:
        """Nobody knows yet; by when we will know is promised."""
        with self._at(when):
            estimates.estimate(self.case, tell_by=promise, hangs_on=hangs_on, by=self.case.owner)

    def splits_off(self, when: str, words: str, *, subject: str) -> Story:
        """A second problem, from the customer's last message, gets a case of its own."""
        with self._at(when):
            message = self.case.messages.filter(direction=Message.Direction.IN).latest("pk")
            new = splitting.split_off(self.case, words, message=message, subject=subject, by=self.case.owner)
        return Story(self._stage, new)

    def is_joined_by(self, when: str, other: Story) -> None:
        """The other one was about the same problem: all its numbers lead here."""
        with self._at(when):
            joining.join(other.case, self.case, by=self.case.owner)

    def is_offered_to(self, when: str, to: str, *, brief: str) -> None:
        with self._at(when):
            ownership.hand_over(self.case, self._agent(to), brief=brief, by=self.case.owner)

    def is_left_to_cover(self, when: str, absence: Absence) -> None:
        """What is promised next falls into the owner's absence: who stands in keeps it."""
        with self._at(when):
            leave_to_cover(self.case.next_promise, absence, by=self.case.owner)

    # Everybody inside

    def notes(self, when: str, who: str, words: str) -> None:
        with self._at(when):
            conversation.note(self.case, words, by=self._agent(who))

    def somebody_takes_a_call(self, when: str, who: str, words: str) -> None:
        """A colleague hears the customer on the telephone, and makes sure that the owner is in touch."""
        with self._at(when):
            assurances.take_call(self.case, words, by=self._agent(who))

    def is_refused(self, when: str, who: str, **no: str) -> None:
        """A no with its ground; ``no`` as ``refusals.refuse`` takes it."""
        with self._at(when):
            refusals.refuse(self.case, by=self._agent(who), **no)

    def is_closed_over_everything(self, when: str, who: str, *, reason: str) -> None:
        with self._at(when):
            closing.override(self.case, by=self._agent(who), reason=reason)

    # The departments

    def asks(self, when: str, department: str, what: str, *, plainly: str) -> Part:
        """The owner asks a department for its part; ``plainly`` is what the customer reads about it."""
        with self._at(when):
            department = self._stage.cast.department(department)
            part = subtasks.ask(self.case, department, what, by=self.case.owner, plain_words=plainly)
        return Part(self._stage, part)

    def promise(self, words: str, due: str, kind: str = UPDATE, *, behind: Part | None = None) -> promises.Pledge:
        """A promise about to be made: what, by when, which kind, and which department's part it hangs on."""
        return promises.Pledge(words, self._stage.diary.due(due), kind, backed_by=behind and behind.part)

    def _agent(self, first_name: str) -> Actor:
        return self._stage.cast.agent(first_name)

    def _at(self, when: str):
        return _living_at(self._stage.diary, when)


class Part:
    """One department's part of a story."""

    def __init__(self, stage: Stage, part: Subtask):
        self._stage = stage
        self._part = part

    @property
    def part(self) -> Subtask:
        return self._part

    def seen(self, when: str, who: str) -> Part:
        with _living_at(self._stage.diary, when):
            subtasks.see(self._part, by=self._stage.cast.agent(who))
        return self

    def in_work(self, when: str, who: str, *, until: str) -> Part:
        """A specialist has it and says by when."""
        with _living_at(self._stage.diary, when):
            subtasks.accept(self._part, committed_at=self._stage.diary.due(until), by=self._stage.cast.agent(who))
        return self

    def waits(self, when: str, who: str, what_for: str) -> Part:
        with _living_at(self._stage.diary, when):
            subtasks.wait(self._part, what_for, by=self._stage.cast.agent(who))
        return self

    def asks_for_later(self, when: str, who: str, *, until: str, why: str) -> Part:
        """A specialist asks the owner for a later date."""
        with _living_at(self._stage.diary, when):
            later_at = self._stage.diary.due(until)
            self._part = subtasks.ask_later(self._part, later_at, why, by=self._stage.cast.agent(who))
        return self

    def is_given_it(self, when: str, who: str) -> Part:
        """The owner accepts the date that was asked for."""
        with _living_at(self._stage.diary, when):
            subtasks.grant_later(self._part, self._part.later_at, by=self._stage.cast.agent(who))
        return self

    def cannot_reproduce(self, when: str, who: str, tried: str) -> Part:
        """Up to the second line, with what was tried."""
        with _living_at(self._stage.diary, when):
            subtasks.could_not_reproduce(self._part, tried, by=self._stage.cast.agent(who))
        return self

    def done(self, when: str, who: str, outcome: str) -> Part:
        with _living_at(self._stage.diary, when):
            subtasks.done(self._part, outcome=outcome, by=self._stage.cast.agent(who))
        return self


def _owed_by_owner(case: Case) -> list[Promise]:
    """In order of their dates. That another person looks or answers is nothing the owner can keep."""
    owed = case.promises.owed().order_by("due_at", "pk")
    return [promise for promise in owed if not promise.is_another_persons]


@contextmanager
def _living_at(diary: Diary, when: str) -> Iterator[datetime]:
    if when.startswith("in "):
        raise ValueError(f"“{when}” has not happened yet.")
    instant = diary.at(when)
    with clock.at(instant):
        yield instant
