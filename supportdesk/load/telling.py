"""What happened to one made-up case, from its first words to where it stands now.

The same seed and number tell the same story, whatever was told before it. The verbs cannot be used for a hundred
thousand cases in minutes, so this writes what they would have written; ``checking`` reads afterwards whether the rules
hold.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.utils.crypto import salted_hmac

from cases.models import (
    Case,
    Entry,
    Handover,
    Message,
    Note,
    Preference,
    Promise,
    Reminder,
    Resolution,
    Subtask,
)
from cases.models.timeline import Kind
from cases.verbs.opening import first_line, last_words
from staff.businesstime import add_business_days
from staff.origins import Origin
from supportdesk.load import words
from supportdesk.load.people import CASES_A_CUSTOMER, People
from supportdesk.load.tables import Copy, Table

OLDEST = timedelta(days=730)
# How cases stand: a tenth is not over yet.
STANDING = {
    "open": 82, "proposed": 12, "unconfirmed": 6,
    "confirmed": 765, "no_answer": 70, "withdrawn": 40, "override": 15, "not_a_case": 10,
}  # fmt: skip
# What comes next on an open case: nothing, something broken and still owed, something late that no sweep has seen yet,
# something due within a day, or later.
NEXT = {"nothing": 2, "broken": 8, "late": 12, "soon": 30, "later": 48}
_MODELS = (Case, Message, Note, Preference, Promise, Subtask, Handover, Resolution, Reminder, Entry)


class Teller:
    """Tells cases into tables.

    Args:
        now: when all of it is read; aware datetime, UTC.
        customers: ids, at least one for every ``CASES_A_CUSTOMER`` cases.
    """

    def __init__(self, seed: int, people: People, customers: list[int], now: datetime):
        self.seed, self.people, self.customers, self.now = seed, people, customers, now
        self.tables = {model: Table(model) for model in _MODELS}

    def tell(self, number: int) -> None:
        """The case with this number, from 0."""
        _Story(self, number).tell()

    def taken(self) -> list[Copy]:
        """What was told since the last time, ready to be written."""
        return [table.taken() for table in self.tables.values()]


def ref(seed: int, number: int) -> str:
    """How a made-up case is known again."""
    return f"{seed}-{number}"


class _Story:
    def __init__(self, teller: Teller, number: int):
        self.teller, self.people, self.now = teller, teller.people, teller.now
        self.tables = teller.tables
        self.ref = ref(teller.seed, number)
        self.rng = Random(f"load {self.ref}")
        self.case = self.tables[Case].new_id()
        self.customer = teller.customers[self.rng.randrange(number // CASES_A_CUSTOMER + 1)]
        self.department = self.rng.choice(self.people.departments)
        self.owner = self.rng.choice(self.people.agents[self.department])
        self.standing = _one_of(STANDING, self.rng)
        self.opened_at, self.ends = self._lifetime()
        self.entries: list[dict] = []
        self.we_wrote_at: datetime | None = None
        self.owned_since = self.opened_at
        # What is due next: promises owed, else a reminder, else the supervisors' date.
        self.owed: list[tuple[datetime, int]] = []
        self.reminder_due: datetime | None = None
        self.supervisors_by: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.standing in ("open", "proposed", "unconfirmed")

    def tell(self) -> None:
        problem = words.message(words.CUSTOMER, self.rng)
        self._hear(problem, self.opened_at, Kind.OPENED, owner_id=self.owner, message_id=None)
        case = self._beginning(problem)
        first = self._promise("be in touch with you", self.opened_at, self._first_due(), by=None)
        if self.standing == "not_a_case" or (self.standing == "open" and self.rng.random() < 0.15):
            # Nobody has answered it, or nobody will.
            case |= self._unanswered(first)
        else:
            self._answer(first)
            case |= self._further()
        self._write(case)

    # -- the parts of a story ------------------------------------------------------------------------------------------

    def _beginning(self, problem: str) -> dict:
        wishes = [self._add(Preference, rank=1, words=words.sentence(words.CUSTOMER, self.rng))]
        if self.rng.random() < 0.5:
            wishes.append(self._add(Preference, rank=2, words=words.sentence(words.CUSTOMER, self.rng)))
        self.wish = wishes[0]
        key = salted_hmac("supportdesk.load", self.ref).digest()[:16]
        return {
            "key": urlsafe_b64encode(key).decode().rstrip("="),
            "subject": first_line(problem),
            "problem": problem,
            "desired_outcome": words.sentence(words.CUSTOMER, self.rng),
            "priority": _one_of({1: 5, 2: 15, 3: 60, 4: 20}, self.rng),
            "latest_words": last_words(problem),
            "customer_wrote_at": self.opened_at,
        }

    def _unanswered(self, first: dict) -> dict:
        if self.is_open:
            # A promise whose time has come is only written down as broken when a sweep has been by.
            self._leave(first, broken=first["due_at"] <= self.now and self.rng.random() < 0.5)
            return {}
        self._end(first, Promise.State.MOOT, self.ends)
        why = self.rng.choice(Case.NotACase.values)
        self._enter(Kind.PUT_ASIDE, self.ends, agent=self.owner, data={"why": why})
        return self._closed(Case.Outcome.NOT_A_CASE, agent=self.owner) | {"not_a_case": why}

    def _answer(self, first: dict) -> None:
        at = self._at(0.1)
        message = self._say(words.message(words.AGENT, self.rng), at, Kind.MESSAGE_TO_CUSTOMER)
        self._keep_or_answer(first, at, message)
        if self.rng.random() < 0.06:
            self._change_owner()
        # Who no longer needs it says so before we were due.
        due_at = self._at(1.3 if self.standing == "withdrawn" else 0.9)
        self.second = self._promise(words.sentence(words.PROMISE, self.rng), at, due_at, by=self.owner)
        for _ in range(_one_of({0: 25, 1: 45, 2: 20, 3: 10}, self.rng)):
            self._ask_a_department()
        if self.rng.random() < 0.4:
            note = self._add(
                Note, body=words.message(words.AGENT, self.rng, 200), agent_id=self.owner, written_at=self._at(0.5)
            )
            self._enter(Kind.NOTED, self._at(0.5), agent=self.owner, note_id=note)

    def _further(self) -> dict:
        wrote_at = self._at(0.45)
        more = words.message(words.CUSTOMER, self.rng)
        self._hear(more, wrote_at, Kind.MESSAGE_FROM_CUSTOMER)
        promise = self._perhaps_moved(self.second)
        end = {
            "open": self._open,
            "proposed": self._proposed,
            "unconfirmed": self._unconfirmed,
            "confirmed": self._confirmed,
            "no_answer": self._no_answer,
            "withdrawn": self._withdrawn,
            "override": self._override,
        }[self.standing]
        return {"latest_words": last_words(more), "customer_wrote_at": wrote_at} | end(promise)

    def _open(self, promise: dict) -> dict:
        at = self._at(0.75)
        message = self._say(words.message(words.AGENT, self.rng), at, Kind.MESSAGE_TO_CUSTOMER)
        self._keep_or_answer(promise, at, message)
        if self.rng.random() < 0.03:
            self._offer(at)
        how = _one_of(NEXT, self.rng)
        if how == "nothing":
            return {}
        ahead = {
            "broken": -self.rng.uniform(0.02, 0.9) * (self.now - at),
            "late": -self.rng.uniform(0.02, 0.9) * (self.now - at),
            "soon": timedelta(hours=self.rng.uniform(0.2, 24)),
            "later": timedelta(days=self.rng.uniform(1, 12)),
        }[how]
        last = self._promise(words.sentence(words.PROMISE, self.rng), at, self.now + ahead, by=self.owner)
        self._leave(last, broken=how == "broken")
        return {}

    def _proposed(self, promise: dict) -> dict:
        at = self._at(0.75)
        resolution = self._propose(promise, at)
        self.supervisors_by = self._remind(resolution, at, until=self.now, all_sent=False)
        self._add(Resolution, id=resolution, **self.proposal)
        return {"state": Case.State.PROPOSED}

    def _unconfirmed(self, promise: dict) -> dict:
        at = self.now - timedelta(days=self.rng.uniform(21, 27))
        resolution = self._propose(promise, at)
        silent_since = self._remind(resolution, at, until=self.now, all_sent=True)
        self._enter(Kind.UNCONFIRMED, silent_since, resolution_id=resolution)
        by = add_business_days(silent_since, settings.SUPERVISORS_WITHIN_BUSINESS_DAYS, self.people.hours)
        self._add(Resolution, id=resolution, **self.proposal | {"unconfirmed_at": silent_since, "supervisors_by": by})
        self.supervisors_by = by
        return {"state": Case.State.UNCONFIRMED}

    def _confirmed(self, promise: dict) -> dict:
        at = self._at(0.85)
        resolution = self._propose(promise, at)
        self._remind(resolution, at, until=self.ends, all_sent=False)
        self._enter(Kind.CUSTOMER_SAID_YES, self.ends, customer=True, resolution_id=resolution)
        self._add(Resolution, id=resolution, **self.proposal | {"answer": Resolution.Answer.YES, "ended_at": self.ends})
        return self._closed(Case.Outcome.CONFIRMED, customer=True) | {"yes_at": self.ends}

    def _no_answer(self, promise: dict) -> dict:
        at = self._at(0.46)
        resolution = self._propose(promise, at)
        silent_since = self._remind(resolution, at, until=self.ends, all_sent=True)
        self._enter(Kind.UNCONFIRMED, silent_since, resolution_id=resolution)
        by = add_business_days(silent_since, settings.SUPERVISORS_WITHIN_BUSINESS_DAYS, self.people.hours)
        self._add(
            Resolution,
            id=resolution,
            **self.proposal | {"unconfirmed_at": silent_since, "supervisors_by": by, "ended_at": self.ends},
        )
        return self._closed(Case.Outcome.NO_ANSWER, agent=self.rng.choice(self.people.supervisors))

    def _withdrawn(self, promise: dict) -> dict:
        self._enter(Kind.CUSTOMER_WITHDREW, self.ends, customer=True)
        self._break(promise) if promise["due_at"] <= self.ends else self._end(promise, Promise.State.MOOT, self.ends)
        return self._closed(Case.Outcome.WITHDRAWN, customer=True) | {"withdrawn_at": self.ends}

    def _override(self, promise: dict) -> dict:
        at = self._at(0.75)
        message = self._say(words.message(words.AGENT, self.rng), at, Kind.MESSAGE_TO_CUSTOMER)
        self._keep_or_answer(promise, at, message)
        reason = words.sentence(words.AGENT, self.rng)
        by = self.rng.choice(self.people.supervisors)
        return self._closed(Case.Outcome.OVERRIDE, agent=by) | {"override_reason": reason}

    # -- what is said --------------------------------------------------------------------------------------------------

    def _hear(self, body: str, at: datetime, kind: Kind, **about) -> None:
        message = self._add(
            Message,
            direction=Message.Direction.IN,
            channel=Message.Channel.PORTAL,
            body=body,
            written_at=at,
            send_at=at,
            delivery=Message.Delivery.RECEIVED,
        )
        self._enter(kind, at, customer=True, **{"message_id": message} | about)

    def _say(self, body: str, at: datetime, kind: Kind, **about) -> int:
        message = self._add(
            Message,
            direction=Message.Direction.OUT,
            channel=Message.Channel.PORTAL,
            body=body,
            agent_id=self.owner,
            written_at=at,
            send_at=at,
            delivery=Message.Delivery.STATUS_PAGE,
        )
        self.we_wrote_at = at
        self._enter(kind, at, agent=self.owner, message_id=message, **about)
        return message

    # -- promises ------------------------------------------------------------------------------------------------------

    def _promise(self, told: str, at: datetime, due_at: datetime, *, by: int | None, replaces: int | None = None):
        promise = {
            "id": self.tables[Promise].new_id(),
            "kind": Promise.Kind.OTHER if by is None else Promise.Kind.UPDATE,
            "words": told,
            "due_at": due_at,
            "made_at": at,
            "made_by": "desk" if by is None else "agent",
            "made_by_agent_id": by,
            "replaces_id": replaces,
        }
        if replaces is None:
            self._enter(Kind.PROMISE_MADE, at, agent=by, promise_id=promise["id"])
        return promise

    def _first_due(self) -> datetime:
        answered_at = self._at(0.1)
        if self.rng.random() < 0.88:
            return answered_at + timedelta(hours=self.rng.uniform(0.2, 6))
        return self.opened_at + (answered_at - self.opened_at) * self.rng.uniform(0.3, 0.9)

    def _perhaps_moved(self, promise: dict) -> dict:
        """Some dates are moved before they are due, some agreed anew, some simply missed."""
        chance = self.rng.random()
        if chance < 0.12:
            state = Promise.State.MOVED if chance < 0.08 else Promise.State.RENEGOTIATED
            at = self._at(0.42)
            self._end(
                promise,
                state,
                at,
                reason="the department needs more time",
                agreement="by telephone" if state == Promise.State.RENEGOTIATED else "",
            )
            later = promise["due_at"] + timedelta(hours=self.rng.uniform(4, 72))
            moved = self._promise(promise["words"], at, later, by=self.owner, replaces=promise["id"])
            kind = Kind.PROMISE_MOVED if state == Promise.State.MOVED else Kind.PROMISE_RENEGOTIATED
            self._enter(kind, at, agent=self.owner, promise_id=moved["id"], data={"from": promise["due_at"]})
            return moved
        if chance < 0.22:
            promise["due_at"] = self._at(0.3)
        return promise

    def _keep_or_answer(self, promise: dict, at: datetime, message: int) -> None:
        if promise["due_at"] > at:
            self._end(promise, Promise.State.KEPT, at, kept_by_id=message)
            self._enter(Kind.PROMISE_KEPT, at, agent=self.owner, promise_id=promise["id"])
            return
        self._break(promise, answered_at=at, kept_by_id=message)
        self._enter(Kind.PROMISE_ANSWERED, at, agent=self.owner, promise_id=promise["id"])

    def _leave(self, promise: dict, *, broken: bool) -> None:
        """It is still owed."""
        self.owed.append((promise["due_at"], promise["id"]))
        if broken:
            self._break(promise)
        else:
            self._add(Promise, **promise)

    def _break(self, promise: dict, **facts) -> None:
        if "answered_at" not in facts and (promise["due_at"], promise["id"]) not in self.owed:
            self.owed.append((promise["due_at"], promise["id"]))
        self._end(promise, Promise.State.BROKEN, promise["due_at"], **facts)
        self._enter(Kind.PROMISE_BROKEN, promise["due_at"], promise_id=promise["id"])

    def _end(self, promise: dict, state: str, at: datetime, **facts) -> None:
        self._add(Promise, **promise | {"state": state, "ended_at": at} | facts)
        if state == Promise.State.MOOT:
            self._enter(Kind.PROMISE_MOOT, at, customer=True, promise_id=promise["id"])

    # -- departments ---------------------------------------------------------------------------------------------------

    def _ask_a_department(self) -> None:
        department = self.rng.choice(self.people.departments)
        agent = self.rng.choice(self.people.agents[department])
        start = self.rng.uniform(0.12, 0.3)
        part = {
            "id": self.tables[Subtask].new_id(),
            "department_id": department,
            "ask": words.sentence(words.ASK, self.rng),
            "asked_at": self._at(start),
            "asked_by_agent_id": self.owner,
        }
        self._enter(Kind.SUBTASK_ASKED, part["asked_at"], agent=self.owner, subtask_id=part["id"])
        state = self._part_state()
        if state != Subtask.State.ASKED:
            part["seen_at"] = self._at(start + 0.03)
            self._enter(Kind.SUBTASK_SEEN, part["seen_at"], agent=agent, subtask_id=part["id"])
        if state in (Subtask.State.IN_WORK, Subtask.State.WAITING, Subtask.State.DONE):
            self._take_on(part, agent, start + 0.06, state)
        if state in (Subtask.State.DONE, Subtask.State.NOT_OURS, Subtask.State.DROPPED):
            self._finish(part, agent, start + 0.1, state)
        self._add(Subtask, **part | {"state": state})

    def _part_state(self) -> str:
        if self.standing == "open" or (self.standing == "override" and self.rng.random() < 0.5):
            return _one_of({"asked": 22, "seen": 15, "in_work": 35, "waiting": 5, "done": 20, "dropped": 3}, self.rng)
        return _one_of({"done": 85, "dropped": 7, "not_ours": 8}, self.rng)

    def _take_on(self, part: dict, agent: int, share: float, state: str) -> None:
        at = self._at(share)
        if state == Subtask.State.DONE or self.rng.random() < 0.3:
            committed_at = at + (self.ends - at) * self.rng.uniform(0.05, 0.9)
        else:
            committed_at = self.ends + timedelta(hours=self.rng.uniform(1, 120))
        part |= {"agent_id": agent, "committed_at": committed_at}
        self._enter(Kind.SUBTASK_ACCEPTED, at, agent=agent, subtask_id=part["id"], data={"to": committed_at})
        if state == Subtask.State.WAITING:
            since = self._at(share + 0.02)
            part |= {"waiting_for": "an answer of the maker", "waiting_since": since}
            self._enter(Kind.SUBTASK_WAITS, since, agent=agent, subtask_id=part["id"])

    def _finish(self, part: dict, agent: int, share: float, state: str) -> None:
        at = self._at(self.rng.uniform(share, 0.44))
        by = self.owner if state == Subtask.State.DROPPED else agent
        kind = {"done": Kind.SUBTASK_DONE, "not_ours": Kind.SUBTASK_NOT_OURS, "dropped": Kind.SUBTASK_DROPPED}[state]
        part |= {"ended_at": at, "ended_by_agent_id": by, "outcome": words.sentence(words.OUTCOME, self.rng)}
        self._enter(kind, at, agent=by, subtask_id=part["id"])

    # -- owners --------------------------------------------------------------------------------------------------------

    def _change_owner(self) -> None:
        at, to = self._at(0.11), self.rng.choice(self.people.agents[self.rng.choice(self.people.departments)])
        if to == self.owner:
            return
        offer = self._hand_over(to, at, state=Handover.State.ACCEPTED, answered_at=at)
        self.owner, self.owned_since = to, at
        self._enter(Kind.HANDOVER_ACCEPTED, at, agent=to, handover_id=offer, owner_id=to)

    def _offer(self, at: datetime) -> None:
        to = self.rng.choice(self.people.agents[self.department])
        if to != self.owner:
            self._hand_over(to, at)

    def _hand_over(self, to: int, at: datetime, **answer) -> int:
        brief = words.sentence(words.AGENT, self.rng)
        offer = self._add(Handover, from_agent_id=self.owner, to_agent_id=to, brief=brief, offered_at=at, **answer)
        self._enter(Kind.HANDOVER_OFFERED, at, agent=self.owner, handover_id=offer)
        return offer

    # -- the end -------------------------------------------------------------------------------------------------------

    def _propose(self, promise: dict, at: datetime) -> int:
        resolution = self.tables[Resolution].new_id()
        body = words.message(words.AGENT, self.rng)
        message = self._say(body, at, Kind.RESOLUTION_PROPOSED, resolution_id=resolution)
        self._keep_or_answer(promise, at, message)
        self.proposal = {
            "kind": _one_of({"solved": 85, "way_round": 15}, self.rng),
            "words": body,
            "meets_id": self.wish,
            "proposed_at": at,
            "proposed_by_agent_id": self.owner,
        }
        return resolution

    def _remind(self, resolution: int, at: datetime, *, until: datetime, all_sent: bool) -> datetime:
        """Write the reminders that fall before ``until``; returns when the silence after the last one is over."""
        closed = None if self.is_open else self.ends
        due = [add_business_days(at, days, self.people.hours) for days in settings.REMIND_AFTER_BUSINESS_DAYS]
        silence = add_business_days(due[-1], settings.UNCONFIRMED_AFTER_BUSINESS_DAYS, self.people.hours)
        self.proposal["unconfirmed_due_at"] = silence
        for position, due_at in enumerate(due, start=1):
            sent = due_at if due_at <= until and (all_sent or closed or self.rng.random() < 0.9) else None
            waived = closed if sent is None else None
            self._add(
                Reminder, resolution_id=resolution, position=position, due_at=due_at, sent_at=sent, waived_at=waived
            )
            if sent:
                self._enter(Kind.REMINDED, sent, resolution_id=resolution, data={"position": position})
            elif not waived and self.reminder_due is None:
                self.reminder_due = due_at
        return silence

    def _closed(self, outcome: str, *, agent: int | None = None, customer: bool = False) -> dict:
        self._enter(Kind.CLOSED, self.ends, agent=agent, customer=customer, data={"outcome": outcome})
        return {
            "state": Case.State.CLOSED,
            "outcome": outcome,
            "closed_at": self.ends,
            "closed_by": "customer" if customer else "agent",
            "closed_by_agent_id": agent,
        }

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _lifetime(self) -> tuple[datetime, datetime]:
        days = self.rng.uniform
        if self.standing == "open":
            return self.now - timedelta(days=min(0.05 + self.rng.expovariate(1 / 9), OLDEST.days)), self.now
        if self.is_open:
            return self.now - timedelta(days=days(1, 30) if self.standing == "proposed" else days(60, 90)), self.now
        # Reminders alone take three weeks.
        life = days(50, 80) if self.standing == "no_answer" else min(0.2 + self.rng.expovariate(1 / 8), 90)
        closed_at = self.now - timedelta(days=days(0.01, OLDEST.days - life))
        return closed_at - timedelta(days=life), closed_at

    def _at(self, share: float) -> datetime:
        """An instant of the case's life, from 0 (opened) to 1 (over, or now)."""
        return self.opened_at + (self.ends - self.opened_at) * share

    def _add(self, model, **row) -> int:
        return self.tables[model].add(case_id=self.case, **row)

    def _enter(self, kind: Kind, at: datetime, *, agent: int | None = None, customer: bool = False, **about) -> None:
        self.entries.append(
            {
                "kind": kind,
                "at": at,
                "actor": "customer" if customer else "agent" if agent else "desk",
                "agent_id": agent,
                "customer_id": self.customer if customer else None,
                "announced_at": at,
                **about,
            }
        )

    def _write(self, case: dict) -> None:
        # The timeline is read by id: ids rise with time.
        for entry in sorted(self.entries, key=lambda entry: entry["at"]):
            self._add(Entry, **entry)
        self.tables[Case].add(
            id=self.case,
            customer_id=self.customer,
            department_id=self.department,
            owner_id=self.owner,
            owned_since=self.owned_since,
            opened_at=self.opened_at,
            we_wrote_at=self.we_wrote_at,
            origin=Origin.LOAD,
            origin_ref=self.ref,
            **self._next() | case,
        )

    def _next(self) -> dict:
        """What ``cases.verbs.next_step`` would write."""
        if self.owed:
            due_at, promise = min(self.owed)
            return {"next_step": Case.NextStep.PROMISE, "next_promise_id": promise, "next_due_at": due_at}
        if self.reminder_due:
            return {"next_step": Case.NextStep.REMINDER, "next_due_at": self.reminder_due}
        if self.supervisors_by:
            return {"next_step": Case.NextStep.SUPERVISORS, "next_due_at": self.supervisors_by}
        return {"next_step": Case.NextStep.NOTHING, "next_due_at": self.we_wrote_at if self.is_open else self.ends}


def _one_of(weights: dict, rng: Random):
    """One of these, as often as its weight says."""
    mark = rng.random() * sum(weights.values())
    for thing, weight in weights.items():
        mark -= weight
        if mark < 0:
            return thing
    return thing
