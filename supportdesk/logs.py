"""What stands in the logs: never a link that lets somebody in, and never what people wrote."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator

import psycopg2
from django.db import Error as DatabaseError

from supportdesk.errors import kind_of

_KEYS = re.compile(r"(/sign-in/|/help/c/|\bdesk_(?=[\w-]{43}))[^/\s\"'?&]+")


class NoKeys(logging.Filter):
    """Masks the keys of one-time and customers' links, and machines' tokens, in whatever is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        masked = _KEYS.sub(r"\1…", said)
        if masked != said:
            record.msg, record.args = masked, ()
        return True


class NoWords(logging.Filter):
    """Says of what the database refused the kind of error and where in the program it was.

    PostgreSQL tells of a row that it refuses with every word in it. Those would outlive their being taken out.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        failure = record.exc_info[1] if record.exc_info else None
        refused = [one for one in _behind(failure) if isinstance(one, DatabaseError | psycopg2.Error)]
        if refused:
            record.msg, record.args = _without(record.getMessage(), refused), ()
            told = "".join(traceback.format_exception(failure)).rstrip()
            record.exc_info, record.exc_text = None, _without(told, refused)
        return True


def _without(said: str, refused: list[BaseException]) -> str:
    """What was said, with the kind of each error in place of its words."""
    for failure in refused:
        said = said.replace(repr(failure), kind_of(failure))
        first, *more = [line for line in str(failure).splitlines() if line.strip()] or [""]
        said = said.replace(first, kind_of(failure)) if first else said
        for line in more:
            said = said.replace(line, "")
    return re.sub(r"\n\s*(?=\n)", "", said)


def _behind(failure: BaseException | None) -> Iterator[BaseException]:
    """An error and every one that it came from."""
    waiting, seen = [failure], set()
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
