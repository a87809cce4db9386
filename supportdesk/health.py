"""Whether the desk is fit to serve: asked by ``/readyz``, load balancers and ``manage.py up``."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

# A minute's sweep that is this late means that beat or the worker has stopped: red within two minutes.
SWEEP_TOO_OLD = 110
ENTRY_TOO_OLD = 180
MAIL_TOO_OLD = 900
WEBHOOK_TOO_OLD = 300


def readiness() -> dict:
    """The state of each part.

    Returns:
        ``ready`` (all is well: it serves, and what time does to cases is being done), ``serves`` (pages can be
        answered: database, broker and migrations are well), ``database``, ``broker``, ``migrations`` and ``sweep``
        (``ok`` or a sentence), ``last_sweep_age`` and ``oldest_unannounced_age`` (seconds; null: none),
        ``failing_steps`` of the sweep, ``given_up`` (reactions that nobody tries again), ``oldest_mail_age`` (seconds
        that a mail to staff waits; null: none), ``mails_given_up`` and ``mails_uncertain`` (of the last seven days),
        ``oldest_webhook_age`` (seconds since a webhook should have been told something; null: nothing is due),
        ``webhooks_failing`` (to which nothing has arrived since the last failure), ``warnings``.
    """
    parts = {"database": "ok", "broker": _broker(), "migrations": "ok"}
    found = {"last_sweep_age": None, "oldest_unannounced_age": None, "failing_steps": [], "given_up": 0}
    found |= {"oldest_mail_age": None, "mails_given_up": 0, "mails_uncertain": 0}
    found |= {"oldest_webhook_age": None, "webhooks_failing": 0}
    desk_age = None
    try:
        parts["migrations"] = _migrations()
        if parts["migrations"] == "ok":
            desk_age, found = _look()
    except DatabaseError as failure:
        parts["database"] = type(failure).__name__
        parts["migrations"] = "unknown"
    serves = all(state == "ok" for state in parts.values())
    sweep = _sweep(found["last_sweep_age"], desk_age)
    ready = serves and sweep == "ok"
    return {"ready": ready, "serves": serves, **parts, "sweep": sweep, **found, "warnings": _warnings(found)}


def _broker() -> str:
    try:
        Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping()
    except (RedisError, OSError) as failure:
        return type(failure).__name__
    return "ok"


def _migrations() -> str:
    waiting = migrations_waiting()
    return f"{waiting} waiting" if waiting else "ok"


def migrations_waiting() -> int:
    """How many changes of the tables this program has that its database has not."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _look() -> tuple[float | None, dict]:
    """How old the desk is, and what waits or fails."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT extract(epoch FROM statement_timestamp() - min(applied)) FROM django_migrations),"
            " (SELECT extract(epoch FROM statement_timestamp() - max(finished_at)) FROM escalations_lastsweep),"
            " (SELECT extract(epoch FROM statement_timestamp() - e.at) FROM cases_entry e"
            "   WHERE e.announced_at IS NULL ORDER BY e.id LIMIT 1),"
            " ARRAY(SELECT step FROM escalations_sweeptrouble ORDER BY since),"
            " (SELECT count(*) FROM supportdesk_failedreaction WHERE try_again_at IS NULL),"
            " (SELECT extract(epoch FROM statement_timestamp() - min(made_at)) FROM cases_digest"
            "   WHERE state IN ('pending', 'sending')),"
            " (SELECT count(*) FROM cases_digest WHERE state = 'given_up'"
            "     AND made_at > statement_timestamp() - interval '7 days'),"
            # One that is being handed over at this moment is uncertain too, until its lease ends.
            " (SELECT count(*) FROM cases_digest WHERE state = 'uncertain' AND try_at <= statement_timestamp()"
            "     AND made_at > statement_timestamp() - interval '7 days'),"
            # What is tried again later, and what is behind it, waits for its receiver, not for us.
            " (SELECT extract(epoch FROM statement_timestamp() - min(d.try_at)) FROM channels_delivery d"
            "   JOIN channels_webhook w ON w.id = d.webhook_id AND w.is_on AND w.failing_since IS NULL"
            "   WHERE d.state = 'pending' AND d.try_at <= statement_timestamp()),"
            " (SELECT count(*) FROM channels_webhook WHERE is_on AND failing_since IS NOT NULL)"
        )
        desk, sweep, entry, steps, given_up, mail, mails_given_up, mails_uncertain, *webhooks = cursor.fetchone()
    return _seconds(desk), {
        "last_sweep_age": _seconds(sweep),
        "oldest_unannounced_age": _seconds(entry),
        "failing_steps": steps,
        "given_up": given_up,
        "oldest_mail_age": _seconds(mail),
        "mails_given_up": mails_given_up,
        "mails_uncertain": mails_uncertain,
        "oldest_webhook_age": _seconds(webhooks[0]),
        "webhooks_failing": webhooks[1],
    }


def _sweep(age: float | None, desk_age: float | None) -> str:
    """A desk that was made a moment ago has not swept yet, and that is well."""
    waited = desk_age if age is None else age
    if waited is None or waited <= SWEEP_TOO_OLD:
        return "ok"
    return "never" if age is None else "too long ago"


def _warnings(found: dict) -> list[str]:
    warnings = []
    if (found["last_sweep_age"] or 0) > SWEEP_TOO_OLD:
        warnings.append("The last sweep is too long ago: is beat running, is a worker?")
    if (found["oldest_unannounced_age"] or 0) > ENTRY_TOO_OLD:
        warnings.append("Entries wait to be announced: is a worker running?")
    if found["failing_steps"]:
        warnings.append("Steps of the sweep fail, see the worker's log: " + ", ".join(found["failing_steps"]))
    if found["given_up"]:
        warnings.append(f"Reactions were given up, see the table of failed reactions: {found['given_up']}")
    if (found["oldest_mail_age"] or 0) > MAIL_TOO_OLD:
        warnings.append("Mails to staff wait: does the mail server answer? Why not stands at /admin/cases/digest/.")
    if found["mails_given_up"]:
        warnings.append(f"Mails to staff were refused, see /admin/cases/digest/: {found['mails_given_up']}")
    if found["mails_uncertain"]:
        warnings.append(f"Mails to staff of which nobody knows whether they went out: {found['mails_uncertain']}")
    if (found["oldest_webhook_age"] or 0) > WEBHOOK_TOO_OLD:
        warnings.append("Webhooks wait to be sent: is a worker running?")
    if found["webhooks_failing"]:
        warnings.append(f"Webhooks whose receivers do not answer, see /settings/webhooks/: {found['webhooks_failing']}")
    return warnings


def _seconds(value) -> float | None:
    return None if value is None else round(float(value), 1)
