"""What a desk comes to: rows of each table, the timeline's digest, the state of its tables."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import connection

from cases import digest

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself.

    Attributes:
        made_at: the database's time, UTC, in ISO form.
        postgresql: the version of the server.
        migrations: ``app.name`` of each that had been applied, sorted.
        counts: rows by table.
        entries, timeline: how many entries there were, and their digest.
        sha256: of each other member of the archive, by name.
    """

    made_at: str
    postgresql: str
    migrations: list[str]
    counts: dict[str, int]
    entries: int
    timeline: str
    sha256: dict[str, str]
    format: int = FORMAT

    def as_values(self) -> dict:
        return asdict(self)

    @property
    def cases(self) -> int:
        return self.counts.get("cases_case", 0)


def read(sha256: dict[str, str]) -> Manifest:
    """What the present transaction sees of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
            " current_setting('server_version'),"
            " ARRAY(SELECT app || '.' || name FROM django_migrations ORDER BY 1)"
        )
        made_at, version, migrations = cursor.fetchone()
    timeline = digest.of_the_timeline()
    return Manifest(made_at, version, migrations, counts(), timeline.entries, timeline.sha256, sha256)


def counts() -> dict[str, int]:
    """Rows by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def differences(said: Manifest, found: Manifest) -> list[str]:
    """What a restored desk does not have as the archive says, in words; empty: they agree."""
    wrong = [
        f"{table}: {said.counts.get(table, 0)} rows in the archive, {found.counts.get(table, 0)} here"
        for table in sorted(said.counts | found.counts)
        if said.counts.get(table) != found.counts.get(table)
    ]
    if (said.entries, said.timeline) != (found.entries, found.timeline):
        wrong.append("the timeline's digest is another one")
    return wrong
