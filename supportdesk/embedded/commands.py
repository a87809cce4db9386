"""The embedded database around one ``manage.py`` command: there for as long as the command runs, if it needs it."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from supportdesk.embedded import addresses
from supportdesk.embedded.errors import CannotStart

# These read or write nothing of the desk's; ``up`` looks after the servers itself.
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "startapp",
    "startproject",
    "up",
    "version",
}
# These change tables, so they work as the tables' owner; everything else works as the serving role.
AS_OWNER = {"flush", "migrate", "pgtrigger", "restore"}
# These keep something in their session from one transaction to the next: a lock, a setting, pg_dump's search path.
# Through a pool it would be left behind in a session that others are given.
IN_ONE_SESSION = {"backup", "replay", "replay_complaints", "replay_questions"}
# PostgreSQL's codes for a table, a column, or a cursor over one that the database does not know.
_NOT_THERE = {"42P01", "42703", "34000"}
ONLY_TALK = {"-h", "--help", "--version"}


@contextmanager
def with_database(arguments: Sequence[str]) -> Iterator[None]:
    """Run one command inside. Starts the embedded server first if nobody else has, and stops it if nobody else stays.

    Args:
        arguments: the command line, the program's name first.

    Raises:
        SystemExit: code 2 after one sentence, if the server cannot be started, an address cannot be read, or the
            command needs tables that nobody has made yet.
    """
    if len(arguments) > 1 and arguments[1] in AS_OWNER:
        os.environ[addresses.AS_OWNER] = "1"  # read by the settings, which are not there yet
    if len(arguments) > 1 and arguments[1] in IN_ONE_SESSION:
        os.environ[addresses.ONE_SESSION] = "1"
    try:
        if needs_embedded_database(arguments):
            with _entered(), _in_words_without_tables():
                yield
        else:
            _without_complaint_about_the_database()
            with _in_words_without_tables():
                yield
    except (CannotStart, addresses.AddressError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


def needs_embedded_database(arguments: Sequence[str]) -> bool:
    """Does this command line need a database, with none named in the environment?"""
    command = arguments[1] if len(arguments) > 1 else "help"
    if os.environ.get("DATABASE_URL") or ONLY_TALK & set(arguments):
        return False
    return command not in WITHOUT_DATABASE and not command.startswith("-")


@contextmanager
def _entered() -> Iterator[None]:
    # Imported late: commands without a database must not wait for the driver.
    from supportdesk.embedded.sharing import SharedDatabase

    shared = SharedDatabase(addresses.data_dir(os.environ), say=_say)
    shared.enter()
    try:
        yield
    finally:
        shared.leave()


@contextmanager
def _in_words_without_tables() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        codes = {getattr(told, "pgcode", None) for told in (error, error.__cause__)}
        if not codes & _NOT_THERE or not _migrations_wait():
            raise
        raise CannotStart(
            "The tables of this database are not there yet, or older than this program.\n"
            "Bring them up to date with “manage.py migrate”, then say this again; “manage.py up” does it by itself."
        ) from None


def _migrations_wait() -> bool:
    from supportdesk.health import migrations_waiting

    return migrations_waiting() > 0


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _without_complaint_about_the_database() -> None:
    # makemigrations asks the database whether its history is consistent and warns when nobody answers; it may.
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
