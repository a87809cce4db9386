"""Real logs for judging: cases as rows and changes, straight from the file. No database is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

# The readers stand among models, so the settings are needed; their secret and data are not.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")
os.environ.setdefault("SECRET_KEY", "of no use beyond this process")

import django

django.setup()

from supportdesk.replay import bpi2013, bpi2014, helpdesk, uci  # noqa: E402
from supportdesk.replay.reading import Malformed, Record, read  # noqa: E402
from supportdesk.replay.rows import Change, Format, Row, changes  # noqa: E402
from supportdesk.replay.sorting import sorted_on_disk  # noqa: E402

FORMATS = {log.name: log for log in (uci.LOG, bpi2013.LOG, bpi2014.LOG, helpdesk.LOG)}
CORPORA = Path(__file__).resolve().parent.parent.parent / "shared/corpora"


def the_log() -> Path | None:
    """The log of ServiceNow incidents, where it lies beside the project."""
    return next(iter(sorted((CORPORA / "log-uci-incident").glob("*.csv*"))), None)


def cases(path: Path, log: Format) -> Iterator[tuple[Sequence[Row], list[Change]]]:
    """Every case of a log: its rows in order, and what each of them changes, as the replay takes them."""
    with sorted_on_disk() as found:
        found.add(row for source in log.sources(path) for row in _rows(source))
        found.sort()
        for _, rows in found.in_order(0, found.cases()):
            yield rows, list(changes(rows, log))


def _rows(source) -> Iterator[Row]:
    for record in read(source.path, source.needed):
        if isinstance(record, Record):
            try:
                yield from source.rows_from(record.line, record.cells)
            except Malformed:
                continue
