"""The customer's answers to a proposal: they count only for the proposal that was on the page when they were given."""

from __future__ import annotations

from django.db import transaction

from cases.models import Case, Resolution
from cases.verbs import answering
from cases.verbs.locking import lock
from customers.models import Customer
from portal.reading import standing_resolution
from supportdesk.errors import Conflict


@transaction.atomic
def yes(case: Case, *, by: Customer, about: int | None, words: str = "") -> Case:
    """Say yes to what was on the page.

    Args:
        by: the customer, or who speaks for them.
        about: id of the resolution that stood on the page; none if none did.

    Raises:
        Conflict: something else is proposed now, or it was ended without the customer.
    """
    case = lock(case)
    _require_same_proposal(case, about)
    _require_not_over(case)
    if not case.is_ended_by_customer:
        _require_not_taken_back(case, about)
    return answering.say_yes(case, by=by, words=words)


@transaction.atomic
def not_yet(case: Case, *, by: Customer, about: int | None, words: str = "", once: str = "") -> Case:
    """Say not yet to what was on the page; arguments and errors as ``yes``, except that an end never hinders."""
    case = lock(case)
    _require_same_proposal(case, about)
    return answering.say_not_yet(case, by=by, words=words, once=once)


@transaction.atomic
def understand(case: Case, *, by: Customer, about: int | None, words: str = "") -> Case:
    """Understand what was on the page; arguments and errors as ``yes``."""
    case = lock(case)
    _require_same_proposal(case, about)
    _require_not_over(case)
    if not _answered_so(case, about, Resolution.Answer.UNDERSTOOD):
        _require_not_taken_back(case, about)
    return answering.understand(case, by=by, words=words)


@transaction.atomic
def do_not_accept(case: Case, *, by: Customer, about: int | None, words: str = "", once: str = "") -> Case:
    """Not accept what was on the page; arguments and errors as ``yes``, except that an end never hinders."""
    case = lock(case)
    _require_same_proposal(case, about)
    if not case.is_open:
        return answering.say_not_yet(case, by=by, words=words, once=once)
    if not _answered_so(case, about, Resolution.Answer.NOT_ACCEPTED):
        _require_not_taken_back(case, about)
    return answering.do_not_accept(case, by=by, words=words, once=once)


@transaction.atomic
def withdraw(case: Case, *, by: Customer, about: int | None, words: str = "") -> Case:
    """Say that it is no longer needed; arguments and errors as ``yes``: what is newly proposed is read first."""
    case = lock(case)
    _require_same_proposal(case, about)
    _require_not_over(case)
    return answering.withdraw(case, by=by, words=words)


def _require_not_over(case: Case) -> None:
    """What was ended without the customer is read first: their word must not seem to have counted."""
    if not case.is_open and not case.is_ended_by_customer:
        raise Conflict("over_already", "This was ended in the meantime.")


def _require_not_taken_back(case: Case, about: int | None) -> None:
    if about is not None and case.is_open and standing_resolution(case) is None:
        raise Conflict("taken_back", "What was proposed has been taken back since this page was opened.")


def _answered_so(case: Case, about: int | None, answer: str) -> bool:
    """The very proposal has this very answer already: the form was sent twice."""
    return about is not None and case.resolutions.filter(pk=about, answer=answer).exists()


def _require_same_proposal(case: Case, about: int | None) -> None:
    standing = standing_resolution(case)
    # With nothing standing the verb itself knows whether this has been said already.
    if standing is not None and standing.pk != about:
        raise Conflict("proposed_anew", "Something new has been proposed since this page was opened.")
