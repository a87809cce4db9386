"""Whether the desk is fit to serve: asked by ``/readyz``, load balancers and ``manage.py up``."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

# A minute's sweep that is this late means that beat or the worker has stopped.
SWEEP_TOO_OLD = 180
ENTRY_TOO_OLD = 180


def readiness() -> dict:
    """The state of each part.

    Returns:
        ``ready`` (web can serve: database, broker and migrations are well), ``database``, ``broker``, ``migrations``
        (``ok`` or a sentence), ``last_sweep_age`` and ``oldest_unannounced_age`` (seconds; null: none), ``warnings``.
    """
    report = {"database": "ok", "broker": _broker(), "migrations": "ok"}
    ages = {"last_sweep_age": None, "oldest_unannounced_age": None}
    try:
        report["migrations"] = _migrations()
        if report["migrations"] == "ok":
            ages = _ages()
    except DatabaseError as failure:
        report["database"] = type(failure).__name__
        report["migrations"] = "unknown"
    ready = all(state == "ok" for state in report.values())
    return {"ready": ready, **report, **ages, "warnings": _warnings(ages)}


def _broker() -> str:
    try:
        Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1).ping()
    except (RedisError, OSError) as failure:
        return type(failure).__name__
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} waiting" if waiting else "ok"


def _ages() -> dict:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT extract(epoch FROM statement_timestamp() - max(finished_at)) FROM escalations_lastsweep),"
            " (SELECT extract(epoch FROM statement_timestamp() - e.at) FROM cases_entry e"
            "   WHERE e.announced_at IS NULL ORDER BY e.id LIMIT 1)"
        )
        sweep, entry = cursor.fetchone()
    return {"last_sweep_age": _seconds(sweep), "oldest_unannounced_age": _seconds(entry)}


def _warnings(ages: dict) -> list[str]:
    warnings = []
    if (ages["last_sweep_age"] or 0) > SWEEP_TOO_OLD:
        warnings.append("The last sweep is too long ago: is beat running, is a worker?")
    if (ages["oldest_unannounced_age"] or 0) > ENTRY_TOO_OLD:
        warnings.append("Entries wait to be announced: is a worker running?")
    return warnings


def _seconds(value) -> float | None:
    return None if value is None else round(float(value), 1)
