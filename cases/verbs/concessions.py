"""Concessions: what we give a customer. Within the mandate of the owner's department at once, beyond it as a named
person decides, by a time on which a promise can hang."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from cases import permissions, timeline
from cases.actors import Actor
from cases.models import Case, Concession
from cases.models.once import sent_before
from cases.models.timeline import Kind
from cases.verbs import conversation
from cases.verbs.locking import lock, lock_with
from staff import absences
from staff.businesstime import add_business_days
from staff.models import Absence, Agent, Company, Mandate
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

NOBODY_ELSE = (
    "There is nobody else who could decide it. An administrator has to name somebody: in the department’s mandate, as"
    " its lead, or as the company’s head."
)
LONGEST = {"words": 300, "why": 2000}
MOST = Decimal("99999999.99")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Limits:
    """What may still be given on a case without asking, beyond what was given before.

    Attributes:
        refund, courtesy: amounts in ``settings.CURRENCY``.
        replacement: whether one may be sent.
    """

    refund: Decimal
    courtesy: Decimal
    replacement: bool

    def allow(self, kind: str, amount: Decimal | None) -> bool:
        if kind == Concession.Kind.REPLACEMENT:
            return self.replacement
        return amount <= (self.refund if kind == Concession.Kind.REFUND else self.courtesy)


@transaction.atomic
def give(case: Case, kind: str, *, words: str, why: str, by: Actor, amount: Decimal | None = None, once: str = ""):
    """Give the customer something: at once within the mandate, else the one who decides is asked, in this same act.

    Args:
        kind: one of ``Concession.Kind``.
        amount: in ``settings.CURRENCY``; none for a replacement.
        words: what it is; the customer hears it from the owner.
        why: why the customer should have it.
        once: key of the form; the same key gives once.

    Returns:
        the concession, granted or asked for.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Refused: closed, something is missing or too much, or there is nobody who could decide.
    """
    case = lock(case)
    permissions.require(
        permissions.may_give(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can give something.",
    )
    texts = {"words": words.strip(), "why": why.strip()}
    twin, once = sent_before(Concession, once, case_id=case.pk, kind=kind, amount=amount, **texts)
    if twin is not None:
        return twin
    _require_possible(case, kind, amount, texts)
    asked = {"kind": kind, "amount": amount, **texts, "once": once, "asked_by_agent": by, "asked_at": clock.now()}
    if limits_of(case).allow(kind, amount):
        given = _write(case, asked, decider=by, due_at=clock.now(), decided_at=clock.now(), granted=True)
        timeline.record(case, Kind.CONCESSION_GRANTED, by=by, concession=given)
        return given
    decider = decider_of(case, by)
    if decider is None:
        raise _nobody_decides(case)
    given = _write(case, asked, decider=decider, due_at=_decided_by(decider))
    timeline.record(
        case, Kind.CONCESSION_ASKED, by=by, concession=given, data={"decider": decider.name, "to": given.due_at}
    )
    return given


@transaction.atomic
def decide(concession: Concession, *, granted: bool, by: Actor, answer: str = "") -> Concession:
    """Say yes or no to what goes beyond the mandate.

    Args:
        answer: what the decider says to it; a no needs it.

    Raises:
        NotAllowed: anybody but who was asked and the head of the company; never who asked, nor the owner.
        Conflict: it has been decided otherwise.
        Refused: a no without words.
    """
    case, concession = lock_with(concession)
    company = Company.objects.the()
    permissions.require(
        permissions.may_decide(by, concession, case, company.head_id),
        "not_yours_to_decide",
        _who_decides(concession, case, company, by),
    )
    if concession.decided_at is not None:
        if (concession.granted, concession.answer) != (granted, answer.strip()):
            raise Conflict("decided_already", "This has been decided already. Look at the case anew.")
        return concession
    if not granted and not answer.strip():
        raise Refused("answer_needed", f"Say why not: {concession.asked_by_agent.first_name} reads it.", field="answer")
    concession.granted, concession.answer = granted, answer.strip()
    concession.decider, concession.decided_at = by, clock.now()
    concession.save(update_fields=["granted", "answer", "decider", "decided_at"])
    kind = Kind.CONCESSION_GRANTED if granted else Kind.CONCESSION_DECLINED
    timeline.record(case, kind, by=by, concession=concession)
    return concession


@transaction.atomic
def pass_on(concession: Concession, to: Agent, *, reason: str, by: Actor) -> Concession:
    """Let another named person decide, as where who was asked is away or leaves. Their time begins now.

    Args:
        to: one of ``deciders_beside``.
        reason: kept as an inside note; they begin with it.

    Raises:
        NotAllowed: the actor neither speaks for the case nor was asked.
        Conflict: it has been decided.
        Refused: somebody who does not decide here, or no reason.
    """
    case, concession = lock_with(concession)
    permissions.require(
        permissions.may_pass_on(by, concession, case),
        "not_yours_to_pass_on",
        f"Only {concession.decider.name}, or who speaks with {case.customer.first_name}, lets somebody else decide.",
    )
    if concession.decider_id == to.pk and concession.decided_at is None:
        return concession
    if concession.decided_at is not None:
        raise Conflict("decided_already", "This has been decided already. Look at the case anew.")
    # Locked, so that nobody leaves with what they are asked at that moment.
    to = absences.lock(to)
    _require_decides_here(to, concession, case)
    if not reason.strip():
        raise Refused("reason_needed", f"Say why: {to.first_name} begins with it.", field="reason")
    before = concession.decider
    concession.decider, concession.due_at = to, _decided_by(to)
    concession.save(update_fields=["decider", "due_at"])
    note = conversation.jot(case, reason, by=by)
    data = {"from": before.name, "had": before.pk, "decider": to.name, "to": concession.due_at}
    timeline.record(case, Kind.CONCESSION_PASSED_ON, by=by, concession=concession, note=note, data=data)
    return concession


# -- what the mandate says, for pages too ------------------------------------------------------------------------------


def limits_of(case: Case) -> Limits:
    """What the owner's department may still give on this case by itself. No mandate is nothing.

    What was granted before counts, by whoever, on this case, on those joined into it, and on what was split off from it
    or it from: in small pieces it is not less.
    """
    mandate = Mandate.objects.filter(department=case.owner.department_id).first()
    if mandate is None:
        return Limits(Decimal(0), Decimal(0), False)
    given = dict(_granted(case).order_by().values_list("kind").annotate(Sum("amount")))
    refund, courtesy = (given.get(kind) or Decimal(0) for kind in (Concession.Kind.REFUND, Concession.Kind.COURTESY))
    return Limits(
        refund=max(mandate.refund_up_to - refund, Decimal(0)),
        courtesy=max(mandate.courtesy_up_to - courtesy, Decimal(0)),
        replacement=mandate.replacement and Concession.Kind.REPLACEMENT not in given,
    )


def decider_of(case: Case, by: Actor) -> Agent | None:
    """Who decides what goes beyond the mandate: the first of the named people who is here, else the first one."""
    named = _who_could(case, by)
    away = set(Absence.objects.at(clock.now()).filter(agent__in=named).values_list("agent", flat=True)) if named else ()
    return next((agent for agent in named if agent.pk not in away), named[0] if named else None)


def deciders_beside(concession: Concession, case: Case) -> list[Agent]:
    """Who else could decide it than who was asked."""
    named = _who_could(case, concession.asked_by_agent)
    return [agent for agent in named if agent.pk != concession.decider_id]


# -- steps -------------------------------------------------------------------------------------------------------------


def _granted(case: Case):
    told_as = Case.objects.told_as(case).values("pk")
    related = Q(case__in=told_as) | Q(case__split_from__in=told_as)
    if case.split_from_id is not None:
        related |= Q(case=case.split_from_id)
    return Concession.objects.filter(related, granted=True)


def _who_could(case: Case, by: Actor) -> list[Agent]:
    """Who is named in the mandate, who leads the department, the head of the company, in this order; never who asks,
    nor the owner, nor anybody who cannot look at it."""
    department = case.owner.department
    mandate = Mandate.objects.select_related("decider__department__calendar").filter(department=department).first()
    named = [mandate.decider if mandate else None, department.lead, Company.objects.the().head]
    return list(dict.fromkeys(agent for agent in named if agent and _could_decide(agent, case, by)))


def _require_decides_here(to: Agent, concession: Concession, case: Case) -> None:
    others = deciders_beside(concession, case)
    if to in others:
        return
    if others:
        names = " or ".join(agent.name for agent in others)
        raise Refused("does_not_decide", f"{to.name} does not decide here: ask {names}.", field="to")
    raise Refused("nobody_decides", NOBODY_ELSE, field="to")


def _could_decide(agent: Agent, case: Case, by: Actor) -> bool:
    is_free = agent.pk not in (getattr(by, "pk", None), case.owner_id)
    return is_free and agent.is_active and agent.can_sign_in and permissions.may_see(agent, case)


def _decided_by(decider: Agent):
    hours = decider.department.calendar.hours
    return add_business_days(clock.now(), settings.DECISIONS_WITHIN_BUSINESS_DAYS, hours)


def _write(case: Case, asked: dict, **decision) -> Concession:
    return Concession.objects.create(case=case, **asked, **decision)


def _require_possible(case: Case, kind: str, amount: Decimal | None, texts: dict[str, str]) -> None:
    if not case.is_open:
        raise Refused("case_closed", "This problem is closed. Reopen it to give something.")
    if kind not in Concession.Kind.values:
        raise Refused("kind_needed", "Say what kind it is.", field="kind")
    _require_amount(kind, amount)
    if not texts["words"]:
        raise Refused("words_needed", "Say what it is.", field="words")
    if not texts["why"]:
        raise Refused("why_needed", f"Say why {case.customer.first_name} should have it.", field="why")
    for field, most in LONGEST.items():
        if len(texts[field]) > most:
            raise Refused("words_too_long", f"Say it in at most {most:,} characters.", field=field)


def _require_amount(kind: str, amount: Decimal | None) -> None:
    if kind == Concession.Kind.REPLACEMENT:
        if amount is not None:
            raise Refused("no_amount", "A replacement has no amount: leave it empty.", field="amount")
        return
    if amount is None or amount <= 0:
        raise Refused("amount_needed", f"Say how much, in {settings.CURRENCY}, more than nothing.", field="amount")
    if amount > MOST:
        raise Refused("amount_too_large", "This is more than can be written down here.", field="amount")
    if amount != amount.quantize(CENT):
        raise Refused("amount_too_fine", "Give it with two decimals at most.", field="amount")


def _nobody_decides(case: Case) -> Refused:
    return Refused(
        "nobody_decides",
        f"This is beyond what {case.owner.department.name} may give, and there is nobody free to decide it. An"
        " administrator has to name who decides: in the department’s mandate, as its lead, or as the company’s head.",
        field="kind",
    )


def _who_decides(concession: Concession, case: Case, company: Company, by: Actor) -> str:
    if getattr(by, "pk", None) in (concession.asked_by_agent_id, case.owner_id) and isinstance(by, Agent):
        return "Nobody decides what they have asked for themselves, nor about a case of their own."
    head = f" or {company.head.name}" if company.head_id and company.head_id != concession.decider_id else ""
    return f"Only {concession.decider.name}{head} decides this."
