"""The list of what was taken out, kept beside the database: a restored backup that is older must not bring it back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction

from cases import timeline
from cases.actors import DESK
from cases.models import Case
from cases.models.timeline import Kind
from customers.models import Customer
from staff.models import Agent
from supportdesk.models import Erasure
from supportdesk.privacy import taking, texts

_KEPT = ("pk", "what", "grounds", "at", "by_id", "case_id", "customer_id", "people", "spans")


def file() -> Path:
    """Where the list is kept, a line of JSON for each."""
    return settings.DATA_DIR / "erasures.jsonl"


def keep(erasure: Erasure) -> None:
    """Write it onto the list as soon as it is committed."""
    transaction.on_commit(lambda: _append(line_of(erasure)), robust=True)


def line_of(erasure: Erasure) -> str:
    """One erasure as a line."""
    facts = {name: getattr(erasure, name) for name in _KEPT}
    return json.dumps({**facts, "at": erasure.at.isoformat()}, sort_keys=True)


def lines() -> Iterator[str]:
    """The list as the database knows it, the oldest first."""
    for erasure in Erasure.objects.order_by("at", "pk").iterator():
        yield line_of(erasure)


def do_again(list_of_lines: Iterable[str]) -> int:
    """Take out once more what an older backup has brought back; how many erasures had anything to do.

    Args:
        list_of_lines: as ``lines`` gives them, the oldest first. Rows that the backup does not know are passed over.

    Raises:
        ValueError: a line is none of this list.
    """
    return sum(_do_again(_read(line)) for line in list_of_lines if line.strip())


# -- steps -------------------------------------------------------------------------------------------------------------


def _append(line: str) -> None:
    with file().open("a", encoding="utf-8") as listed:
        listed.write(line + "\n")
        listed.flush()
        os.fsync(listed.fileno())


def _read(line: str) -> dict:
    facts = json.loads(line)
    if not isinstance(facts, dict) or not facts.keys() >= set(_KEPT):
        raise ValueError("This is no line of a list of erasures.")
    return facts


@transaction.atomic
def _do_again(facts: dict) -> bool:
    done = _passage(facts) if facts["what"] == Erasure.What.PASSAGE else _person(facts)
    if done:
        about = {"case_id": facts["case_id"], "customer_id": facts["customer_id"]}
        by = Agent.objects.filter(pk=facts["by_id"]).first()
        kept = {name: facts[name] for name in ("what", "grounds", "at", "people", "spans")}
        Erasure.objects.create(**kept, **about, by=by)
    return done


def _passage(facts: dict) -> bool:
    done = False
    with texts.lifted():
        for span in facts["spans"]:
            name = span["column"]
            row = apps.get_model(span["table"])._default_manager.filter(pk=span["row"]).first()
            if row is not None and _came_back(getattr(row, name), span):
                most = row._meta.get_field(name).max_length
                setattr(row, name, taking.shortened(getattr(row, name), span["places"], most))
                row.save(update_fields=[name])
                done = True
    case = Case.objects.filter(pk=facts["case_id"]).first()
    if done and case:
        timeline.record(
            case, Kind.REDACTED, by=DESK, data={"what": "a passage, once more", "grounds": facts["grounds"]}
        )
    return done and case is not None


def _came_back(words: str, span: dict) -> bool:
    """The text is as it was before: as long, and with something else in the first place than what we put there."""
    start = span["places"][0][0]
    return len(words) == span["length"] and not words.startswith(taking.TAKEN_OUT, start)


def _person(facts: dict) -> bool:
    people = list(Customer.objects.filter(pk__in=facts["people"], erased_at=None))
    if not people:
        return False
    theirs = list(Case.objects.filter(customer__in=people).order_by("pk"))
    taking.take_everything_out(people, theirs)
    for case in theirs:
        timeline.record(case, Kind.ERASED, by=DESK, data={"grounds": facts["grounds"]})
    return True
