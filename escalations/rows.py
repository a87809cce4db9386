"""The rows of the supervisors' queue: one a case, with every reason in words, what was tried, and what can be done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.text import Truncator

from cases import permissions
from cases.cover import ask_for_all
from cases.models import Case, Promise
from cases.models.case import seen_by
from cases.someone_else import Someone, someone_for_each
from escalations import answers
from escalations.models import Escalation
from escalations.queue import LAST, Rungs
from escalations.rules import BY_NAME, SOMEONE_ELSE, Rule
from escalations.tried import Try, tried_on
from staff.models import Company, Department
from supportdesk import clock
from supportdesk.addressing import address_of
from supportdesk.paging import read_key, write_key

PAGE = 50
# So many reasons of one case are told one by one.
TOLD = 6
# So much of its evidence: the whole stands on the case.
EVIDENCE = 120


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to: one reason, one team, the last rung; None: all."""

    why: Rule | None = None
    team: Department | None = None
    rung: int | None = None


@dataclass(frozen=True)
class Key:
    """Where a page ends: the place of its last row, and how many rows come before the next."""

    rank: int
    rung: int
    points: int
    since: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.rank}.{self.rung}.{self.points}.{write_key((self.since, self.pk))}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The key from an address; None for the first page, and for anything that is no key."""
        *numbers, rest = text.split(".", 3)
        place = read_key(rest)
        if len(numbers) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 9 for one in numbers):
            return None
        return cls(*map(int, numbers), *place) if place and place[0] else None


@dataclass(frozen=True)
class Reason:
    """One standing flag as the queue tells it; ``may_settle`` is false for one's own."""

    pk: int
    title: str
    evidence: str
    since: datetime
    raised_at: datetime
    may_settle: bool


@dataclass(frozen=True)
class Act:
    """One thing that can be done from a row; ``key`` presses it on the row under the keyboard, named so in the help."""

    words: str
    url: str
    kind: str = "word"
    key: str = ""
    key_words: str = ""
    dialog: bool = True


@dataclass(frozen=True)
class Row:
    """One case in the queue.

    Attributes:
        reasons: why it is here, the oldest first; ``others`` more stand that are not told one by one.
        why_here: what its points are made of: (title, how many, points).
        tried: at most three short lines.
        with_whom: who of the rungs above the supervisors looks at it.
        unanswered: how long nobody has answered; None if somebody has.
        goes_to: who gets it next if nobody answers.
        acts, more: what can be done, the usual and the rest.
        note: who settles it, where this agent does not.
        way_back: the query by which an act leads back to where it stands.
    """

    rank: int
    stay: Escalation
    case: Case
    reasons: tuple[Reason, ...]
    others: int
    why_here: tuple[tuple[str, int, int], ...]
    tried: tuple[Try, ...]
    with_whom: str
    unanswered: timedelta | None
    goes_to: str
    acts: tuple[Act, ...]
    more: tuple[Act, ...]
    note: str
    way_back: str


# Takes the number of a case and of the one to go on with; gives the query by which an act leads back to it.
LeadingBack = Callable[[str, str], str]


@dataclass(frozen=True)
class _Flag:
    case_id: int
    pk: int
    rule: str
    since: datetime
    raised_at: datetime
    evidence: str
    act_of: int | None
    owner_then: int | None
    appeal: int | None
    appeal_taken: bool


def page(
    agent, company: Company, filters: Filters, after: Key | None, leading_back: LeadingBack
) -> tuple[list[Row], Key | None]:
    """A page of the queue as this agent sees it, and the key of the page after it.

    Behind the last one stands the first: what was on it has been seen to meanwhile.
    """
    stays = _narrowed(Escalation.objects.standing().filter(seen_by(agent, "case__")), filters)
    if after:
        stays = stays.filter(_behind(after))
    with_people = answers.with_answers(stays, company).select_related(
        "case__customer", "case__owner", "case__next_promise"
    )
    found = list(with_people.in_order()[: PAGE + 1])
    if after and not found:
        return page(agent, company, filters, None, leading_back)
    begins = after.rank if after else 0
    rows = _Page(agent, company, found[:PAGE], leading_back).rows(begins)
    if len(found) <= PAGE:
        return rows, None
    last = found[PAGE - 1]
    return rows, Key(begins + PAGE, last.rung, last.points, last.since, last.pk)


def _narrowed(stays, filters: Filters):
    if filters.why:
        stays = stays.filter(case__in=RawSQL(_WITH_REASON, [filters.why.name]))
    if filters.team:
        stays = stays.filter(case__department=filters.team)
    if filters.rung:
        stays = stays.filter(rung=filters.rung)
    return stays


def _behind(key: Key) -> Q:
    lower = Q(rung__lt=key.rung) | Q(rung=key.rung, points__lt=key.points)
    same = Q(rung=key.rung, points=key.points)
    behind = lower | same & (Q(since__gt=key.since) | Q(since=key.since, pk__gt=key.pk))
    # Said twice, so that the index is entered at the right rung.
    return Q(rung__lte=key.rung) & behind


class _Page:
    """What a page of stays needs beside them, each in one query."""

    def __init__(self, agent, company: Company, stays: Sequence[Escalation], leading_back: LeadingBack):
        self.agent, self.company, self.stays = agent, company, stays
        self.ways_back = _ways_back([stay.case for stay in stays], leading_back)
        self.now = clock.now()
        self.rungs = Rungs(company, self.now)
        self.flags = _flags_of(stay.case_id for stay in stays)
        self.tried = tried_on({stay.case_id: stay.case.customer.first_name for stay in stays})
        ask_for_all(stay.case for stay in stays)
        appeals = [flag.appeal for flags in self.flags.values() for flag in flags if flag.appeal]
        self.someone = someone_for_each(appeals, self.now, company)

    def rows(self, begins: int) -> list[Row]:
        return [self._row(rank, stay) for rank, stay in enumerate(self.stays, start=begins + 1)]

    def _row(self, rank: int, stay: Escalation) -> Row:
        case, flags = stay.case, self.flags[stay.case_id]
        reasons = [self._reason(case, flag) for flag in flags]
        about = {case.owner_id, *(flag.act_of for flag in flags)}
        above = self.rungs.above(stay.rung, about) if stay.answer_by and not stay.answered else None
        settles = any(reason.may_settle for reason in reasons)
        return Row(
            rank=rank,
            stay=stay,
            case=case,
            reasons=tuple(reasons[:TOLD]),
            others=len(reasons[TOLD:]),
            why_here=_points_of(flags),
            tried=self.tried[case.pk],
            with_whom=self._with_whom(stay),
            unanswered=None if stay.answered else self.now - stay.raised_at,
            goes_to=self.rungs.people[above].name if above else "",
            acts=tuple(self._acts(rank, case, flags, settles)),
            more=tuple(self._more(case, flags)),
            note="" if settles else self._who_settles(case, flags),
            way_back=self.ways_back[case.pk],
        )

    def _reason(self, case: Case, flag: _Flag) -> Reason:
        rule = BY_NAME.get(flag.rule)
        about = (flag.act_of, flag.owner_then)
        return Reason(
            pk=flag.pk,
            title=rule.title if rule else flag.rule.replace("_", " ").capitalize(),
            evidence=_cut(flag.evidence),
            since=flag.since,
            raised_at=flag.raised_at,
            may_settle=permissions.may_settle_flag(self.agent, case, *about)
            and not (flag.rule in SOMEONE_ELSE and flag.appeal),
        )

    def _with_whom(self, stay: Escalation) -> str:
        agent = self.rungs.people.get(stay.rung)
        return f"{agent.name}, {'the last rung' if stay.rung == LAST else 'the head'}" if agent else ""

    def _who_settles(self, case: Case, flags: Sequence[_Flag]) -> str:
        return "Your answer settles it." if self._appeal(case, flags) else "Another supervisor settles this one."

    def _acts(self, rank: int, case: Case, flags: Sequence[_Flag], settles: bool) -> Iterable[Act]:
        """The usual acts, the filled one first."""
        agent, answers_it = self.agent, self._appeal(case, flags)
        if answers_it:
            url = self._url("escalations:answer_appeal", case, answers_it)
            yield Act(f"Answer {case.customer.first_name}…", url, "filled")
        yield Act("Look", case.get_absolute_url(), "" if answers_it or rank > 1 else "filled", dialog=False)
        if permissions.may_note_to_owner(agent, case) and not case.owner.is_fallback:
            url = self._url("escalations:note", case)
            yield Act(f"Note to {case.owner.first_name}…", url, "word", "a", "note to the owner")
        if case.is_open and permissions.may_take_over(agent) and not permissions.owns(agent, case):
            yield Act("Take over…", self._url("cases:take_over", case), "word", "o", "take over")
        if (promise := self._to_move(case)) is not None:
            yield Act("Move date…", self._url("cases:new_date", case, promise.pk))
        if settles:
            newest = max(flag.pk for flag in flags)
            yield Act("Not needed…", self._url("escalations:not_needed", case, seen=newest))

    def _more(self, case: Case, flags: Sequence[_Flag]) -> Iterable[Act]:
        agent, answers_it = self.agent, self._appeal(case, flags)
        taken = any(flag.appeal_taken for flag in flags)
        if answers_it and not taken:
            url = self._url("escalations:take_appeal", case, answers_it)
            yield Act(f"I will answer {case.customer.first_name}…", url)
        if case.is_open and permissions.may_hand_over(agent, case):
            yield Act("Give to another…", self._url("cases:hand_over", case))
        if case.state == Case.State.UNCONFIRMED and permissions.may_close_unanswered(agent, case):
            yield Act("Close as no answer…", self._url("cases:close_unanswered", case))
        if not case.is_open and not case.is_put_aside and permissions.may_speak(agent, case):
            yield Act("Open it again…", self._url("cases:reopen", case))

    def _appeal(self, case: Case, flags: Sequence[_Flag]) -> int | None:
        """What the customer has asked for and this agent can answer."""
        for flag in flags:
            someone: Someone | None = self.someone.get(flag.appeal)
            if someone and permissions.may_answer_appeal(self.agent, case, someone):
                return flag.appeal
        return None

    def _to_move(self, case: Case) -> Promise | None:
        promise = case.next_promise
        if promise is None or not case.is_open or promise.is_broken(self.now) or promise.is_another_persons:
            return None
        return promise if permissions.may_speak(self.agent, case) else None

    def _url(self, name: str, case: Case, pk: int | None = None, **more) -> str:
        """The address of an act, on the case or on what hangs on it, with the way back."""
        query = "&".join([*(f"{key}={value}" for key, value in more.items()), self.ways_back[case.pk]])
        return f"{address_of(name, pk or case.pk)}?{query}"


def _ways_back(cases: Sequence[Case], leading_back: LeadingBack) -> dict[int, str]:
    """By case, the query of its acts: once one is done one goes on with the case behind it, with the last before it."""
    numbers = [case.number for case in cases]
    following = [*numbers[1:], *numbers[-2:-1]] if len(numbers) > 1 else [""]
    return {
        case.pk: leading_back(number, goes_on) for case, number, goes_on in zip(cases, numbers, following, strict=False)
    }


def _cut(evidence: str) -> str:
    # Cutting looks at every character; most need none.
    return evidence if len(evidence) <= EVIDENCE else Truncator(evidence).chars(EVIDENCE)


def _points_of(flags: Iterable[_Flag]) -> tuple[tuple[str, int, int], ...]:
    """What the points are made of, the heaviest first."""
    counted = Counter(flag.rule for flag in flags)
    known = [(BY_NAME.get(name), name, times) for name, times in counted.items()]
    told = [
        (rule.title if rule else name.replace("_", " "), times, times * (rule.weight if rule else 1))
        for rule, name, times in known
    ]
    return tuple(sorted(told, key=lambda one: -one[2]))


def _flags_of(cases: Iterable[int]) -> dict[int, list[_Flag]]:
    """By case, its standing flags and those of the cases that were joined into it: one query for all."""
    found: dict[int, list[_Flag]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_FLAGS, [list(cases)])
        for row in cursor.fetchall():
            found[row[0]].append(_Flag(*row))
    return found


# `OFFSET 0`: see `escalations.queue`.
_FLAGS = """
WITH RECURSIVE family AS (
    SELECT id AS root, id FROM unnest(%s::bigint[]) AS here (id)
     UNION ALL SELECT family.root, k.id FROM family
                CROSS JOIN LATERAL (SELECT k.id FROM cases_case k WHERE k.joined_into_id = family.id OFFSET 0) k
)
SELECT family.root, f.id, f.rule, f.became_true_at, f.raised_at, f.evidence, f.act_of_id,
       (SELECT e.owner_id FROM cases_entry e
         WHERE e.case_id = f.case_id AND e.owner_id IS NOT NULL AND e.at <= f.became_true_at
         ORDER BY e.id DESC LIMIT 1),
       a.id, a.taken_at IS NOT NULL
  FROM family
 CROSS JOIN LATERAL (SELECT f.* FROM escalations_flag f
                      WHERE f.case_id = family.id AND f.settled_at IS NULL OFFSET 0) f
  LEFT JOIN cases_appeal a ON f.rule = 'someone_else_asked' AND a.case_id = f.case_id AND a.answered_at IS NULL
 ORDER BY f.became_true_at, f.id
"""

_WITH_REASON = """
WITH RECURSIVE up AS (
    SELECT k.id, k.joined_into_id FROM escalations_flag f JOIN cases_case k ON k.id = f.case_id
     WHERE f.rule = %s AND f.settled_at IS NULL
     UNION SELECT k.id, k.joined_into_id FROM up JOIN cases_case k ON k.id = up.joined_into_id
) SELECT id FROM up WHERE joined_into_id IS NULL
"""
