"""Inside the desk: who visits which page, how many statements it takes, and what verbs and sweeps cost.

Runs in ``manage.py shell``; prints nothing, returns plain values.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta

from django.core import signing
from django.db import connection
from django.db.models import Count
from django.test import Client

from cases.models import Case, Handover
from cases.verbs import afterwards, ownership
from escalations.models import LastSweep
from escalations.sweep import EVERYTHING_EVERY, sweep_now
from portal import gate
from portal.links import status_path
from staff import access, origins
from staff.models import Agent
from staff.models.tokens import Scope
from supportdesk import clock, planner

FULL_PAGE = 60
BACKEND = "supportdesk.signin.StaffBackend"
WORDS = "It has come back since the last update, and I would like to know what you make of it. " * 7


def sweeps() -> dict:
    """The first sweep over everything that is due; then the minute's, and the one that looks at all that stands, both
    with nothing to find.

    Returns:
        ``all_due``: ``done`` (broken promises and flags), ``seconds``; ``idle`` and ``idle_whole``: ``work_ms``,
        ``statements``.
    """
    begun = time.perf_counter()
    swept = sweep_now()
    all_due = {"done": sum(swept.raised.values()), "seconds": round(time.perf_counter() - begun, 3)}
    sweep_now()  # what the first one wrote down is looked at once
    return {"all_due": all_due, "idle": _idle(), "idle_whole": _idle(all_looked_at=clock.now() - EVERYTHING_EVERY)}


def _idle(**mark) -> dict:
    """The cheapest of a dozen sweeps that find nothing.

    Args:
        **mark: what of the last sweep's mark is forgotten before each.
    """
    costs = []
    for _ in range(12):
        if mark:
            LastSweep.objects.update(**mark)
        with _statements() as spent:
            begun = time.process_time()
            again = sweep_now()
            own = time.process_time() - begun
        if any(again.raised.values()):
            raise AssertionError("The sweep was not idle.")
        costs.append(((sum(spent) + own) * 1000, len(spent)))
    work_ms, statements = min(costs)
    return {"work_ms": round(work_ms, 1), "statements": statements}


def pages() -> list[dict]:
    """The pages that are timed, with the cookie of who looks at them, and what they must show."""
    agent = _busy_agent()
    client = _signed_in(agent)
    cookie, case = _cookie(client), _case_of(agent)
    department = agent.department_id
    looks = {
        "my cases": ("/", "My cases"),
        "case page": (case.get_absolute_url(), case.customer.name),
        "queue": (f"/queue/{department}/", agent.department.name),
        "escalations": ("/escalations/", "Escalations"),
        "status page": (status_path(case), case.owner.first_name),
    }
    found = []
    for name, (path, shows) in looks.items():
        with _statements() as spent:
            page = client.get(path)
        if page.status_code != 200:
            raise AssertionError(f"{path} answers {page.status_code}.")
        figures = {"statements": len(spent), "bytes": len(page.content)}
        found.append({"name": name, "path": path, "shows": shows, "cookie": cookie, **figures})
    return found


def of_machines() -> list[dict]:
    """What a machine reads with a token of the busy agent: their cases, and one of them whole."""
    agent = _busy_agent()
    case, token = _case_of(agent), _token(agent)
    looks = {
        "list by API": ("/api/v1/cases?mine=true&limit=50", "next_due_at"),
        "case by API": (f"/api/v1/cases/{case.number}", case.customer.name),
    }
    client, found = Client(HTTP_HOST="localhost"), []
    for name, (path, shows) in looks.items():
        with _statements() as spent:
            told = client.get(path, headers={"Authorization": f"Bearer {token}"})
        if told.status_code != 200:
            raise AssertionError(f"{path} answers {told.status_code}.")
        figures = {"statements": len(spent), "bytes": len(told.content)}
        found.append({"name": name, "path": path, "shows": shows, "token": token, **figures})
    return found


def _token(agent: Agent) -> str:
    return access.make(agent, "for the measuring", Scope.WRITE, by=agent)[1]


def agent_and_case() -> list[str]:
    """Whose list and which thread the floor shows."""
    agent = _busy_agent()
    return [str(agent.pk), str(_case_of(agent).pk)]


def acts(alone: int, together: int) -> list[dict]:
    """Opening a case (the last step of the customer's form) and replying, as forms for the client to send.

    Args:
        alone, together: so many of each are sent one after the other, and by several people at once.

    Returns:
        ``name``, ``acts``, and ``statements``: of one such act without transaction control.
    """
    agent = _busy_agent()
    client = _signed_in(agent)
    cases = list(Case.objects.owned_by(agent).open().order_by("-pk").values_list("pk", flat=True)[: alone + together])
    # There may be fewer cases than replies: then several go to the same one.
    replies = [_reply(client, cases[number % len(cases)], number) for number in range(alone + together)]
    openings = [_opening(number) for number in range(alone + together)]
    return [
        {"name": "open by API", "acts": _openings_by_machine(agent, alone + together)},
        {"name": "open", "acts": openings, "statements": _statements_of(_opening(alone + together))},
        {"name": "reply", "acts": replies, "statements": _statements_of(_reply(client, cases[0], alone + together))},
    ]


def _opening(number: int) -> dict:
    """The last step of the customer's form, the steps before it done."""
    seen = signing.dumps((clock.now() - timedelta(minutes=1)).timestamp(), salt=gate._SALT)
    client = Client(HTTP_HOST="localhost")
    client.post("/help/", {"words": f"{number}: {WORDS}"})
    client.post("/help/wishes/", {"desired_outcome": "That it works again.", "wish_1": "A repair"})
    form = {"name": "Bench Customer", "mail": _new_mail(), gate.STAMP: seen}
    # Everybody from a network of their own: the form's limits are not what is measured.
    source = f"127.0.{1 + number // 250}.{1 + number % 250}"
    return {"path": "/help/reach/", "form": form, "cookie": _cookie(client), "source": source}


def _openings_by_machine(agent: Agent, many: int) -> list[dict]:
    here = {"path": "/api/v1/cases", "source": "127.0.0.1", "token": _token(agent)}
    told = ({"who": {"name": "Bench", "mail": _new_mail()}, "problem": f"{n}: {WORDS}"} for n in range(many))
    return [here | {"json": each} for each in told]


def _new_mail() -> str:
    return f"{time.time_ns()}@bench.invalid"


def _reply(client: Client, pk: int, number: int) -> dict:
    form = {
        "body": f"{number}: {WORDS}",
        "next_words": "write to you again",
        "next_due": f"{clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M}",
        "in_closed_hours": "on",
        "once": f"bench-{pk}-{time.time_ns()}"[:32],
    }
    return {"path": f"/cases/C-{pk}/message/", "form": form, "cookie": _cookie(client), "source": "127.0.0.1"}


def _statements_of(act: dict) -> int:
    """How many statements one act takes, done inside; beginning, ending and savepoints are no questions."""
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=act["source"], HTTP_COOKIE=act["cookie"])
    with _statements() as spent:
        answer = client.post(act["path"], act["form"])
    if answer.status_code not in (302, 303):
        raise AssertionError(f"It was refused: {answer.status_code}.")
    return len(spent)


def furnish() -> str:
    """Somebody can sign in, and owns a full page of cases whatever the size, with nothing to decide or to accept beside
    them: taken over where there are too few.

    Returns:
        their mail address.
    """
    agents = Agent.objects.filter(origin="load", owned_cases__closed_at=None)
    busiest = agents.annotate(open=Count("owned_cases")).order_by("-can_sign_in", "-open", "pk").first()
    Agent.objects.filter(pk=busiest.pk).update(can_sign_in=True, is_supervisor=True)
    agent = _busy_agent()
    mine = Case.objects.owned_by(agent).open().exclude(next_step=Case.NextStep.REMINDER)
    others = Case.objects.open().filter(origin="load", next_step=Case.NextStep.PROMISE).exclude(owner=agent)
    with origins.bringing_in(origins.Origin.LOAD):
        for case in others.order_by("pk")[: max(FULL_PAGE - mine.count(), 0)]:
            ownership.take_over(case, reason="for the measuring", by=agent)
        # What has to be decided beside the list stands above it, more of it the longer the desk has been there.
        for case in Case.objects.owned_by(agent).to_decide():
            afterwards.only_thanks(case, by=agent)
        for offer in Handover.objects.filter(to_agent=agent, state=Handover.State.OFFERED):
            ownership.give_back(offer, reason="for the measuring", by=agent)
    planner.learn()  # as PostgreSQL does by itself within a minute of so much being written
    return agent.email


def _busy_agent() -> Agent:
    return Agent.objects.get(origin="load", can_sign_in=True)


def _signed_in(agent: Agent) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(agent, backend=BACKEND)
    return client


def _cookie(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def _case_of(agent: Agent) -> Case:
    """One with a whole thread."""
    threads = Case.objects.owned_by(agent).open().annotate(said=Count("messages")).filter(said=4)
    return threads.select_related("customer", "owner").order_by("-pk").first()


@contextmanager
def _statements():
    """Seconds of each statement inside; savepoints are no questions."""
    spent: list[float] = []

    def timed(execute, sql, params, many, context):
        if sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT")):
            return execute(sql, params, many, context)
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - begun)

    with connection.execute_wrapper(timed):
        yield spent
