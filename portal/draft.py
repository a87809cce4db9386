"""What somebody has typed into the intake form so far, kept in their session until it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

from django.contrib.sessions.backends.base import SessionBase
from django.forms import Form

from cases.verbs.opening import LONGEST_PROBLEM
from customers.identity import normalise
from customers.models import Address
from portal.forms import ReachForm, WishesForm, WordsForm

_DRAFT, _SENT = "portal.draft", "portal.sent"

# Characters of one field: what is a little too long is kept and can be shortened, a flood is not.
MOST_KEPT = 2 * LONGEST_PROBLEM

# The steps in order: the name of each one's address, and its form.
STEPS = {"intake": WordsForm, "wishes": WishesForm, "reach": ReachForm}


class Draft:
    """The draft of one session. The key that makes it count once is made with it and never leaves the session."""

    def __init__(self, session: SessionBase):
        self._session = session
        self._filled: dict[str, Form] = {}

    @property
    def typed(self) -> dict[str, str]:
        """Everything typed so far, by field."""
        return self._session.get(_DRAFT, {})

    @property
    def once(self) -> str:
        return self.typed["once"]

    def keep(self, step: str, form: Form) -> None:
        """Keep what a step's form holds, right or wrong: it is looked at again before it is sent."""
        self._filled[step] = form
        typed = {name: form.data.get(name, "")[:MOST_KEPT] for name in form.fields}
        self._session[_DRAFT] = {"once": secrets.token_hex(16), **self.typed, **typed}

    def first_unfinished(self, before: str) -> str | None:
        """The first step ahead of this one that is missing or wrong, by name; none if all is well."""
        for step in STEPS:
            if step == before:
                return None
            if not self._step(step).is_valid():
                return step
        return None

    def cleaned(self) -> dict[str, str]:
        """The values of all steps, which are right."""
        steps = [self._step(step) for step in STEPS]
        return {name: value for form in steps if form.is_valid() for name, value in form.cleaned_data.items()}

    def _step(self, step: str) -> Form:
        """A step with what was typed, looked at once."""
        if step not in self._filled:
            self._filled[step] = STEPS[step](self.typed)
        return self._filled[step]

    def sent_as(self, case_id: int, name: str) -> None:
        """It has been sent; what stays is which problem it became, and the name as it was typed."""
        self._session.pop(_DRAFT, None)
        self._session[_SENT] = {"case": case_id, "name": name}

    @property
    def sent(self) -> dict | None:
        """What was sent last from this session: ``case`` (id) and ``name`` (as typed)."""
        return self._session.get(_SENT)


def tells_of(kept: Mapping, cases: Collection[int], addresses: Collection[str]) -> bool:
    """Whether a session keeps something of a person: a problem of theirs that was sent from it, or a draft with one of
    their addresses. Whose a draft is that names no address yet, nobody can tell; it goes with its session.

    Args:
        kept: what the session holds.
        cases: ids of their problems.
        addresses: where they can be reached, normalised.
    """
    typed = kept.get(_DRAFT) or {}
    given = {normalise(kind, typed.get(kind, "")) for kind in (Address.Kind.MAIL, Address.Kind.PHONE)}
    return (kept.get(_SENT) or {}).get("case") in cases or not given.isdisjoint(addresses)
