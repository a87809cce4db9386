"""The floor's side of ``bench.visits``: cookie, paths and forms for the client, and the one statement that sweeps.

python -m bench.floor.visits AGENT CASE ACTS DUE
"""

from __future__ import annotations

import json
import os
import sys
import time

import django

# As many as the desk's sweep found, so that both do the same number of things.
MAKE_DUE = """
UPDATE floor_ticket SET closed_at = NULL, state = 'open', due_at = now() - interval '1 minute'
 WHERE id IN (SELECT id FROM floor_ticket ORDER BY id LIMIT %(due)s)
"""
MARK = "UPDATE floor_ticket SET state = 'late' WHERE closed_at IS NULL AND due_at <= now() AND state <> 'late'"
# The least of a sweep that can say since when: each is marked, and a line of it stands in the ticket's history.
SWEEP = f"""
WITH late AS ({MARK} RETURNING id)
INSERT INTO floor_line (ticket_id, at, words) SELECT id, now(), 'late' FROM late
"""
WORDS = "It has come back since the last update, and I would like to know what you make of it. " * 7


def visits(agent_pk: int, ticket_pk: int, acts: int, due: int) -> dict:
    """What the client visits and sends, and what sweeping in one statement costs.

    Args:
        acts: how many forms of each kind.
        due: so many tickets are made due before the sweep.

    Returns:
        ``targets`` and ``acts`` for the client; ``sweep``: see ``_swept``.
    """
    from django.test import Client

    from bench.floor.models import Agent, Ticket

    client = Client(HTTP_HOST="localhost")
    client.force_login(Agent.objects.get(pk=agent_pk))
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    ticket = Ticket.objects.select_related("customer").get(pk=ticket_pk)
    who = {"cookie": cookie, "source": "127.0.0.1"}
    create = {"path": "/create/", "form": {"customer": ticket.customer_id, "body": WORDS}, **who}
    reply = {"path": f"/tickets/{ticket_pk}/reply/", "form": {"body": WORDS}, **who}
    return {
        "targets": [
            {"name": "floor list", "path": "/", "shows": "Tickets", "cookie": cookie},
            {"name": "floor ticket", "path": f"/tickets/{ticket_pk}/", "shows": ticket.customer.name, "cookie": cookie},
            {"name": "floor list JSON", "path": "/cases/", "shows": "next_due_at", "cookie": cookie},
            {"name": "floor case JSON", "path": f"/cases/{ticket_pk}/", "shows": "promise", "cookie": cookie},
        ],
        "acts": [{"name": "floor create", "acts": [create] * acts}, {"name": "floor reply", "acts": [reply] * acts}],
        "sweep": _swept(due),
    }


def _swept(due: int) -> dict:
    """One statement over so many tickets that are due, and as many as there are that are not; the best of three.

    Returns:
        ``done``, ``seconds``; ``marked_in``: seconds of a statement that marks them and writes nothing down.
    """
    return {**_best_of_three(SWEEP, due), "marked_in": _best_of_three(MARK, due)["seconds"]}


def _best_of_three(statement: str, due: int) -> dict:
    from django.db import connection

    found = []
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(MAKE_DUE, {"due": due})
            begun = time.perf_counter()
            cursor.execute(statement)
            found.append({"done": cursor.rowcount, "seconds": round(time.perf_counter() - begun, 4)})
    return min(found, key=lambda each: each["seconds"])


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.floor.settings"
    django.setup()
    print(json.dumps(visits(*(int(number) for number in sys.argv[1:]))))
