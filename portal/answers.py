"""The customer's answers to a proposal: they count only for the proposal that was on the page when they were given."""

from __future__ import annotations

from django.db import transaction

from cases.models import Case
from cases.verbs import closing
from cases.verbs.locking import lock
from portal.reading import standing_resolution
from supportdesk.errors import Conflict


@transaction.atomic
def yes(case: Case, *, about: int | None, words: str = "") -> Case:
    """Say yes to what was on the page.

    Args:
        about: id of the resolution that stood on the page; none if none did.

    Raises:
        Conflict: something else is proposed now, or it was ended without the customer.
    """
    case = lock(case)
    _require_same_proposal(case, about)
    if not case.is_open and case.yes_at is None:
        raise Conflict("over_already", "This was ended in the meantime.")
    if about is not None and case.is_open and case.yes_at is None and standing_resolution(case) is None:
        raise Conflict("taken_back", "What was proposed has been taken back since this page was opened.")
    return closing.say_yes(case, by=case.customer, words=words)


@transaction.atomic
def not_yet(case: Case, *, about: int | None, words: str = "", once: str = "") -> Case:
    """Say not yet to what was on the page; arguments and errors as ``yes``, except that an end never hinders."""
    case = lock(case)
    _require_same_proposal(case, about)
    return closing.say_not_yet(case, by=case.customer, words=words, once=once)


def _require_same_proposal(case: Case, about: int | None) -> None:
    standing = standing_resolution(case)
    # With nothing standing the verb itself knows whether this has been said already.
    if standing is not None and standing.pk != about:
        raise Conflict("proposed_anew", "Something new has been proposed since this page was opened.")
