"""A desk with something of everything, and requests that are aimed at what is there.

What is made up by chance meets a real number hardly ever, and would try nothing but that there is no such thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from schemathesis import Case as Asking
from schemathesis.core.parameters import ParameterLocation

from cases.models import Case, Complaint, Concession, Handover, Message, Promise, Refusal, Subtask
from cases.verbs import complaints, conversation, ownership
from customers.models import Address, Customer
from escalations.models import Flag
from staff import access
from staff.models import Agent, Calendar, Department, Topic
from staff.models.tokens import Scope
from supportdesk import clock
from supportdesk.demo import making

# What stands in an address before an id.
MODELS = {
    "addresses": Address,
    "agents": Agent,
    "calendars": Calendar,
    "complaints": Complaint,
    "concessions": Concession,
    "customers": Customer,
    "departments": Department,
    "flags": Flag,
    "handovers": Handover,
    "messages": Message,
    "promises": Promise,
    "refusals": Refusal,
    "subtasks": Subtask,
    "topics": Topic,
}
# What is sent and names something that there is: anywhere, or on the case that is acted on.
ANYWHERE = {"department": "departments", "topic": "topics", "to": "agents", "about": "agents"}
ANYWHERE |= {"customer": "customers", "merged": "customers"}
ON_THE_CASE = {"promise": "promises", "keeps": "promises", "subtask": "subtasks", "after": "subtasks"}
ON_THE_CASE |= {"message": "messages", "read": "messages"}
MOSTLY = st.sampled_from([True] * 9 + [False])
FIELDS = ("id", "number", "name", "id,name", "number,owner,state", "id,state")
AFTER = ("~0", "~1", "~9", "2026-03-01T00:00:00+00:00~1")


def instants(now: datetime):
    """Those that can be promised, more often than any others."""
    near = st.integers(1, 40 * 24).map(lambda hours: now + timedelta(hours=hours))
    any_other = st.datetimes(timezones=st.just(UTC))
    return st.one_of(near, near, near, any_other).map(datetime.isoformat)


@dataclass(frozen=True)
class Desk:
    """What there is.

    Attributes:
        ids: by the name in the address.
        cases: of what hangs on something, that: its case, its customer.
        near: by case those who have to do with it.
        secrets: tokens by agent and scope.
        limited: one that is limited to departments.
    """

    ids: dict[str, list[int]]
    cases: dict[str, dict[int, int]]
    near: dict[int, list[int]]
    secrets: dict[tuple[int, str], str]
    limited: str


def a_desk_with_something_of_everything() -> Desk:
    """The demo's stories, and what none of them tells; a token of each scope for everybody who works here."""
    making.make_demo(seed=1)
    making.look_at_all_of_it()
    _what_no_story_tells()
    Agent.objects.filter(is_fallback=False).update(can_sign_in=True)  # who does not is let in by no token
    ada = Agent.objects.filter(is_admin=True).first()
    secrets = {
        (agent.pk, scope): access.make(agent, scope, scope, by=agent)[1]
        for agent in Agent.objects.filter(is_fallback=False)
        for scope in (Scope.READ, Scope.WRITE, Scope.ADMIN)
        if agent.is_admin or scope != Scope.ADMIN
    }
    limited = access.make(ada, "limited", Scope.WRITE, by=ada, departments=Department.objects.all()[:2])[1]
    return Desk(
        ids={name: list(model.objects.order_by("pk").values_list("pk", flat=True)) for name, model in MODELS.items()},
        cases={
            name: dict(model.objects.values_list("pk", "case")) for name, model in MODELS.items() if _is_of_case(model)
        }
        | {"addresses": dict(Address.objects.values_list("pk", "customer"))},
        near={case.pk: list(_near(case)) for case in Case.objects.order_by("pk")},
        secrets=secrets,
        limited=limited,
    )


def _is_of_case(model) -> bool:
    return any(column.name == "case" for column in model._meta.fields)


def _near(case: Case) -> Iterator[int]:
    """Its owner, more than once, those who have a part in it, and who judges."""
    yield from [case.owner_id] * 3
    yield from Agent.objects.filter(department__in=case.subtasks.values("department")).values_list("pk", flat=True)
    yield from case.handovers.values_list("to_agent", flat=True)
    yield from Complaint.objects.filter(case=case).values_list("owner", flat=True)
    yield from Agent.objects.filter(is_supervisor=True).values_list("pk", flat=True)


def _what_no_story_tells() -> None:
    first, second, third = Case.objects.open().filter(owner__can_sign_in=True).order_by("pk")[:3]
    ownership.hand_over(first, _another(first), brief="Knows the provider.", by=first.owner)
    complaints.complain(second, "Nobody called me back.", by=second.owner)
    conversation.customer_writes(third, "Is there any news?", by=third.customer)


def _another(case: Case) -> Agent:
    return Agent.objects.filter(can_sign_in=True, is_fallback=False).exclude(pk=case.owner_id).first()


def aimed(desk: Desk, asking: Asking, draw: Callable) -> Asking:
    """The request with a token, and with most of what it names being there; what is wrong on purpose stays so."""
    case = _aim_address(desk, asking, draw)
    _aim_headers(asking, draw)
    if isinstance(asking.query, dict) and not _is_wrong(asking, ParameterLocation.QUERY):
        _aim_query(asking, draw)
    if isinstance(asking.body, dict) and not _is_wrong(asking, ParameterLocation.BODY):
        asking.body = {name: _meant(desk, name, value, case, draw) for name, value in asking.body.items()}
    asking.headers["Authorization"] = f"Bearer {_token(desk, case, draw)}"
    return asking


def _is_wrong(asking: Asking, where: ParameterLocation) -> bool:
    return asking.meta is not None and asking.meta.is_negative_at(where)


def _aim_address(desk: Desk, asking: Asking, draw: Callable) -> int | None:
    """Name in the address what there is, nine times out of ten; the case that it is about, if it is about one."""
    names = re.findall(r"(\w+)/{(\w+)}", asking.path)
    if not names or _is_wrong(asking, ParameterLocation.PATH) or not draw(MOSTLY):
        return None
    things, name = names[-1]
    if things == "cases":
        case = draw(st.sampled_from(list(desk.near)))
        asking.path_parameters["number"] = f"C-{case}"
        return case
    pk = draw(st.sampled_from(desk.ids[things]))
    asking.path_parameters[name] = pk
    if things == "addresses":
        asking.path_parameters["id"] = desk.cases[things][pk]
        return None
    case = desk.cases.get(things, {}).get(pk)
    if "number" in asking.path_parameters:
        asking.path_parameters["number"] = f"C-{case}"
    return case


def _aim_headers(asking: Asking, draw: Callable) -> None:
    """A version that nobody has read is refused before anything else is asked: not every time."""
    if "If-Match" in asking.headers and draw(MOSTLY):
        asking.headers["If-Match"] = "*"


def _aim_query(asking: Asking, draw: Callable) -> None:
    for name, meant in (("fields", st.sampled_from(FIELDS)), ("after", st.sampled_from(AFTER))):
        if name in asking.query and draw(MOSTLY):
            asking.query[name] = draw(meant)
    if "since" in asking.query and draw(MOSTLY):
        asking.query["since"] = draw(instants(clock.now()))


def _meant(desk: Desk, name: str, value, case: int | None, draw: Callable):
    """A member of what is sent, naming what there is."""
    if isinstance(value, dict):
        return {inner: _meant(desk, inner, one, case, draw) for inner, one in value.items()}
    if isinstance(value, list):
        return [_meant(desk, name, one, case, draw) for one in value]
    known = _known(desk, name, case)
    return draw(st.sampled_from(known)) if value is not None and known and draw(MOSTLY) else value


def _known(desk: Desk, name: str, case: int | None) -> list:
    if name == "into":
        return [f"C-{pk}" for pk in desk.near]
    if name in ANYWHERE:
        return desk.ids[ANYWHERE[name]]
    things = ON_THE_CASE.get(name, "")
    return [pk for pk, of in desk.cases.get(things, {}).items() if of == case]


def _token(desk: Desk, case: int | None, draw: Callable) -> str:
    """Of those who have to do with the case more often than of anybody else; some see less, and one has none."""
    who = draw(st.sampled_from(desk.near[case])) if case in desk.near and draw(MOSTLY) else None
    near = [secret for (agent, scope), secret in desk.secrets.items() if agent == who and scope != Scope.READ]
    return draw(st.sampled_from(near or [*desk.secrets.values(), desk.limited, "desk_nobody"]))
