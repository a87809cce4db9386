"""The world that the matrix walks through: who asks, and three cases with everything that can hang on one.

Nadia owns her own case and a confidential one; Otto, in another department, owns the foreign one. Olga's department is
asked for a part of the own case, and Ben is offered it; Wanda has nothing to do with any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cases.models import Case, Handover
from cases.verbs import (
    appeals,
    complaints,
    concessions,
    confidentiality,
    joining,
    ownership,
    promises,
    refusals,
    subtasks,
)
from channels.models import Delivery
from channels.webhooks import verbs as webhooks
from customers import identity, merging
from customers.models import Customer
from escalations import flags
from escalations.rules import BY_NAME
from portal.links import status_path
from staff import absences, access
from staff.models import Absence, Agent, Department, Mandate, Topic
from staff.models.tokens import Scope
from supportdesk import clock
from supportdesk.announce import announce
from tests.cast import TUESDAY, WEDNESDAY, Cast, a_case, an_agent, first_promise, fresh, takes_part

OWN, FOREIGN, CONFIDENTIAL = THINGS = ("own", "foreign", "confidential")
NEXT_WEEK = TUESDAY + timedelta(days=7)


@dataclass(frozen=True)
class Scene:
    """Everybody who asks by their role, and the rows that addresses name, by thing.

    Attributes:
        agents: by role.
        cases: by thing.
        rows: by thing, and by what an address calls it, the id of the row.
    """

    agents: dict[str, Agent]
    cases: dict[str, Case]
    rows: dict[str, dict[str, int | str]]


def build(cast: Cast) -> Scene:
    """Everything, as it stands on Wednesday at ten: each case's first promise was broken on Tuesday."""
    agents, elsewhere = _people(cast)
    shared = _what_everybody_shares(cast, agents, elsewhere)
    with clock.at(TUESDAY):
        cases = _cases(cast, elsewhere)
        _surround(cases[OWN], cast.hardware, to=cast.ben)
        _surround(cases[FOREIGN], elsewhere["lab"], to=elsewhere["lena"])
        _surround(cases[CONFIDENTIAL], elsewhere["lab"], to=cast.sue)
        confidentiality.make_confidential(cases[CONFIDENTIAL], reason="It is about a colleague.", by=cast.nadia)
        away = _absences(cast, elsewhere)
        announce()
    cases = {thing: fresh(case) for thing, case in cases.items()}
    with clock.at(WEDNESDAY):
        promises.break_due(clock.now())
        flags.raise_all(BY_NAME["promise_broken"], clock.now())
        joined = {thing: _joined_into(case) for thing, case in cases.items()}
        rows = {thing: shared[thing] | _rows(cases[thing], joined[thing], away[thing]) for thing in THINGS}
    return Scene(agents, cases, rows)


# -- who ---------------------------------------------------------------------------------------------------------------


def _people(cast: Cast) -> tuple[dict[str, Agent], dict]:
    """Who asks, by role, and those who are only asked."""
    hours = cast.support.calendar
    repairs, lab, billing = (
        Department.objects.create(name=name, calendar=hours) for name in ("Repairs", "Lab", "Billing")
    )
    elsewhere = {
        "otto": an_agent("Otto Ohm", repairs),
        "lena": an_agent("Lena Lund", lab),
        "lab": lab,
        "broken": Topic.objects.create(name="Something is broken", department=repairs),
        "measured": Topic.objects.create(name="Something was measured", department=lab),
    }
    for department in (cast.support, repairs):
        Mandate.objects.create(department=department, decider=cast.sam)
    agents = {
        "specialist": cast.olga,
        "offered": cast.ben,
        "owner": cast.nadia,
        "other": cast.wanda,
        "supervisor": cast.sam,
        "administrator": an_agent("Paula Petit", billing, is_admin=True),
    }
    return agents, elsewhere


# -- what --------------------------------------------------------------------------------------------------------------


def _cases(cast: Cast, elsewhere: dict) -> dict[str, Case]:
    cases = {
        OWN: a_case(cast.carla),
        FOREIGN: a_case(cast.mallory, "It smokes.", topic=elsewhere["broken"]),
        CONFIDENTIAL: a_case(cast.carla, "It was read out."),
    }
    assert [case.owner.first_name for case in cases.values()] == ["Nadia", "Otto", "Nadia"]
    return cases


def _surround(case: Case, department: Department, *, to: Agent) -> None:
    """Hang on a case everything that can: a part, an offer, a participant, a complaint, a no, something asked for."""
    owner, customer, sam = case.owner, case.customer, Agent.objects.get(name="Sam Sato")
    subtasks.ask(case, department, "Look at it.", by=owner)
    ownership.hand_over(case, to, brief="She minds it.", by=owner)
    takes_part(case, identity.recognise(f"Dora {case.pk}", mail=f"dora{case.pk}@home.example"), by=owner)
    complaint = complaints.complain(case, "Nobody listened.", by=customer)
    if complaint.owner != sam:
        complaints.hand_on(complaint, sam, reason="He answers.", by=complaint.owner)
    told = {"asked": "A new one", "ground": "It was opened by you.", "read_before": "Everything"}
    refusals.refuse(case, kind="not_entitled", **told, decider="Wanda", by=owner)
    concessions.give(case, "replacement", words="A new one", why="It is broken.", by=owner)
    appeals.ask(case, "Somebody else, please.", by=customer)


def _joined_into(case: Case) -> Case:
    """A second case of the same customer, joined into this one a moment ago."""
    told_twice, sam = a_case(case.customer, "I told you twice."), Agent.objects.get(name="Sam Sato")
    if case.is_confidential:
        confidentiality.make_confidential(told_twice, reason="As the other one.", by=sam)
    joining.join(told_twice, case, by=sam)
    return told_twice


def _absences(cast: Cast, elsewhere: dict) -> dict[str, Absence]:
    """Nadia is away next week, and Otto too; Ben and Lena stand in."""
    nadias, ottos = (
        absences.announce(agent, NEXT_WEEK, NEXT_WEEK + timedelta(days=3), cover, by=agent)
        for agent, cover in ((cast.nadia, cast.ben), (elsewhere["otto"], elsewhere["lena"]))
    )
    return {OWN: nadias, FOREIGN: ottos, CONFIDENTIAL: nadias}


# -- as addresses call it ----------------------------------------------------------------------------------------------


def _what_everybody_shares(cast: Cast, agents: dict[str, Agent], elsewhere: dict) -> dict[str, dict]:
    """Rows of the desk itself; where they belong to somebody, those of the owner and those of nobody."""
    paula = agents["administrator"]
    with clock.at(TUESDAY):
        service = access.add_service_account("Ledger", cast.support, by=paula)
        of_service, _ = access.make(service, "books", Scope.READ, by=paula)
        of_nadia, _ = access.make(cast.nadia, "mine", Scope.READ, by=cast.nadia)
        hook = webhooks.add("Ledger", "http://127.0.0.1:9/", kinds=None, by=paula)
        fay = identity.recognise("Fay First", mail="fay@home.example")
        fays = a_case(fay, "So that the webhook has heard of something.", topic=elsewhere["measured"])
        announce()
        merged = merging.merge(cast.mallory, _twin_of(cast.mallory), by=cast.wanda)
    shared = {
        "calendar": cast.support.calendar_id,
        "department": cast.support.pk,
        "topic": elsewhere["broken"].pk,
        "agent": elsewhere["otto"].pk,
        "merging": merged.pk,
        "service": service.pk,
        "webhook": hook.pk,
        "delivery": Delivery.objects.earliest("pk").pk,
        "rule": "promise_broken",
        "screen": "case",
        "sign_in": "of-nobody",
        "digest": 1,
        "content_type_id": 1,
        # Beside what it is about an act may name somebody, or another case that everybody sees.
        "another_agent": cast.ben.pk,
        "another_customer": fay.pk,
        "another_case": fays.pk,
    }
    return {OWN: shared | {"token": of_nadia.pk}, FOREIGN: shared | {"token": of_service.pk}, CONFIDENTIAL: shared}


def _twin_of(customer: Customer) -> Customer:
    return identity.recognise(customer.name, mail=f"twin-of-{customer.pk}@home.example")


def _rows(case: Case, joined: Case, away: Absence) -> dict[str, int | str]:
    return {
        "case": case.pk,
        "joined": joined.pk,
        "absence": away.pk,
        "promise": first_promise(case).pk,
        "subtask": case.subtasks.get().pk,
        "handover": case.handovers.get(state=Handover.State.OFFERED).pk,
        "participant": case.participants.get().pk,
        "complaint": case.complaints.get().pk,
        "refusal": case.refusals.get().pk,
        "concession": case.concessions.get().pk,
        "appeal": case.appeals.get().pk,
        "flag": case.flags.earliest("pk").pk,
        "customer": case.customer_id,
        "address": case.customer.addresses.earliest("pk").pk,
        "link": status_path(case).split("/")[3],
    }
