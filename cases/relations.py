"""How cases hang together: one problem told several times, and a second problem that was split off."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Subquery

from cases.models import Appeal, Case, Complaint, Concession, Joining, Participant, Refusal, Subtask

_RELATED = """
WITH RECURSIVE told AS (
    SELECT id FROM cases_case WHERE joined_into_id = %(case)s
     UNION ALL SELECT c.id FROM cases_case c JOIN told ON c.joined_into_id = told.id
)
SELECT id, true FROM told
 UNION ALL SELECT id, false FROM cases_case WHERE split_from_id = %(case)s
"""


@dataclass(frozen=True)
class Relations:
    """What belongs to a case beside itself.

    Attributes:
        told_as: ids of the case and of all that were joined into it.
        joined: these others, the first telling first; each with ``joined_at`` and with what hangs on it: ``has_…``.
        split_off: problems that were split off from it, the oldest first.
    """

    told_as: tuple[int, ...]
    joined: tuple[Case, ...] = ()
    split_off: tuple[Case, ...] = ()


def relations_of(case: Case) -> Relations:
    """Read them: one query for a case that stands alone, two for one that does not."""
    with connection.cursor() as cursor:
        cursor.execute(_RELATED, {"case": case.pk})
        related = dict(cursor.fetchall())
    if not related:
        return Relations((case.pk,))
    joined_at = Joining.objects.filter(case=OuterRef("pk"), undone_at=None).values("joined_at")
    found = (
        Case.objects.filter(pk__in=related)
        .select_related("customer", "owner")
        .annotate(joined_at=Subquery(joined_at), **_what_hangs_on_them())
        .order_by("opened_at", "pk")
    )
    joined = tuple(other for other in found if related[other.pk])
    return Relations(
        told_as=(case.pk, *(other.pk for other in joined)),
        joined=joined,
        split_off=tuple(other for other in found if not related[other.pk]),
    )


def _what_hangs_on_them() -> dict[str, Exists]:
    models = {"parts": Subtask, "complaints": Complaint, "refusals": Refusal, "participants": Participant}
    models |= {"concessions": Concession}
    here = {f"has_{name}": Exists(model.objects.filter(case=OuterRef("pk"))) for name, model in models.items()}
    return here | {"has_appeals": Exists(Appeal.objects.open().filter(case=OuterRef("pk")))}
