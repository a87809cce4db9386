"""What the desk may do in the database while it serves: all that verbs need, and nothing to what is written once.

Two roles: the *owner* has the tables and migrates, the *serving role* is what web, worker, beat and commands work as.
Only the standard library: the embedded stack gives these rights before Django is there.
"""

from __future__ import annotations

# Of these the serving role may change the named columns alone.
ONLY_COLUMNS = {"cases_entry": ("announced_at",)}
# These it reads.
ONLY_READ = ("django_migrations",)

# ``GIVING_RIGHTS`` of supportdesk/advisory.py: two at once would stumble over each other in the catalogue.
_LOCK = 7_301_007

# What a `pgtrigger.Protect` keeps from being deleted: asked of the database, so that no list can forget a table.
_NEVER_DELETED = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'public'::regnamespace AND p.prosrc LIKE '%%Cannot delete rows%%'
"""


def give(cursor, role: str, owner: str) -> None:
    """Give the serving role what it needs on every table of today, and by default on those of tomorrow.

    To be called in a transaction, so that nobody ever sees more rights than meant.

    Args:
        cursor: of the owner or of a superuser.
        role: the serving role; it exists.
        owner: whose coming tables it will need.
    """
    serving = _quoted(role)
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {serving}")
    cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {serving}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {serving}")
    coming = f"ALTER DEFAULT PRIVILEGES FOR ROLE {_quoted(owner)} IN SCHEMA public GRANT"
    cursor.execute(f"{coming} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {serving}")
    cursor.execute(f"{coming} USAGE, SELECT ON SEQUENCES TO {serving}")
    cursor.execute(_NEVER_DELETED, [])
    for (table,) in cursor.fetchall():
        cursor.execute(f"REVOKE DELETE ON {_quoted(table)} FROM {serving}")
    for table, columns in ONLY_COLUMNS.items():
        if _exists(cursor, table):
            cursor.execute(f"REVOKE UPDATE ON {_quoted(table)} FROM {serving}")
            cursor.execute(f"GRANT UPDATE ({', '.join(map(_quoted, columns))}) ON {_quoted(table)} TO {serving}")
    for table in ONLY_READ:
        if _exists(cursor, table):
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {_quoted(table)} FROM {serving}")


def _exists(cursor, table: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"])
    return cursor.fetchone()[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
