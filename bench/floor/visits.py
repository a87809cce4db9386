"""The floor's side of ``bench.visits``: cookie and paths for the client, and its verbs without the network.

python -m bench.floor.visits AGENT CASE ROUNDS
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from statistics import median

import django

WORDS = "It has come back since the last update, and I would like to know what you make of it. " * 7


def visits(agent_pk: int, ticket_pk: int, rounds: int) -> dict:
    """``targets`` for the client, and ``verbs``: milliseconds of each, and of the one statement that sweeps."""
    from django.db import connection
    from django.test import Client

    from bench.floor.models import Agent, Ticket
    from bench.floor.views import SWEEP

    client = Client(HTTP_HOST="localhost")
    client.force_login(Agent.objects.get(pk=agent_pk))
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    ticket = Ticket.objects.select_related("customer").get(pk=ticket_pk)
    name = ticket.customer.name
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(SWEEP)
        swept = cursor.rowcount
    sweep = {"done": swept, "seconds": round(time.perf_counter() - begun, 4)}
    create = (lambda: client.post("/create/", {"customer": ticket.customer_id, "body": WORDS}) for _ in range(rounds))
    reply = (lambda: client.post(f"/tickets/{ticket_pk}/reply/", {"body": WORDS}) for _ in range(rounds))
    return {
        "targets": [
            {"name": "floor list", "path": "/", "shows": "Tickets", "cookie": cookie},
            {"name": "floor ticket", "path": f"/tickets/{ticket_pk}/", "shows": name, "cookie": cookie},
        ],
        "verbs": {"create": _p50(create), "reply": _p50(reply), "sweep": sweep},
    }


def _p50(acts: Iterable[Callable]) -> float:
    times = []
    for act in acts:
        begun = time.perf_counter()
        answer = act()
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 302:
            raise AssertionError(f"The floor answers {answer.status_code}.")
    return round(median(times), 2)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.floor.settings"
    django.setup()
    print(json.dumps(visits(*(int(number) for number in sys.argv[1:]))))
