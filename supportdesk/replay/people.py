"""Whom and what the log names: its teams, its people and its callers, each made once and never able to sign in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from django.contrib.auth.hashers import make_password
from django.db import transaction

from customers.identity import recognise
from customers.models import Customer
from staff import origins
from staff.models import Agent, Calendar, Department
from staff.origins import Origin

_CALENDAR = "Replayed log, Monday to Friday 9 to 17 UTC"
_PLAIN = re.compile(r"[A-Z][a-z]+ \d+", re.ASCII)


def address_of(name: str, origin: Origin) -> str:
    """A mail address that leads nowhere, another one for every other name and log."""
    domain = f"{_short(origin)}.invalid"
    if _PLAIN.fullmatch(name):
        return f"{name.lower().replace(' ', '-')}@{domain}"
    return f"{sha256(name.encode()).hexdigest()[:24]}@{domain}"


class People:
    """Finds or makes the rows behind the names of one kind of log, and remembers them for the run."""

    def __init__(self, origin: Origin):
        self._origin = origin
        self._departments: dict[str | None, Department] = {}
        self._agents: dict[str, Agent] = {}
        self._customers: dict[str, Customer] = {}
        self._calendar: Calendar | None = None

    def department(self, team: str | None) -> Department:
        """The department that this team is; no team: the desk's default."""
        if team not in self._departments:
            self._departments[team] = self._made(team) if team else Department.objects.get(is_default=True)
        return self._departments[team]

    def agent(self, person: str) -> Agent:
        """The agent who this person is; ``hire`` has made them."""
        if person not in self._agents:
            self._agents[person] = Agent.objects.get(email=address_of(person, self._origin))
        return self._agents[person]

    @transaction.atomic
    def hire(self, teams: Iterable[str], people: Iterable[tuple[str, str | None]]) -> None:
        """Make the departments and agents who are not there yet, before several processes ask for them.

        Args:
            people: names, each with the team in which the log first shows them.
        """
        for team in teams:
            self.department(team)
        known = set(Agent.objects.filter(origin=self._origin).values_list("email", flat=True))
        for person, team in people:
            email = address_of(person, self._origin)
            if email not in known:
                Agent.objects.create(
                    name=person,
                    email=email,
                    department=self.department(team),
                    can_sign_in=False,
                    password=make_password(None),
                )

    def customer(self, caller: str | None, number: str) -> Customer:
        """The customer who this caller is. Unknown callers are strangers to each other: one for each case."""
        if caller is None:
            return recognise("Unknown caller", mail=address_of(f"caller of {number}", self._origin))
        if caller not in self._customers:
            self._customers[caller] = recognise(caller, mail=address_of(caller, self._origin))
        return self._customers[caller]

    def _made(self, team: str) -> Department:
        ours = Department.objects.filter(origin=self._origin)
        # A department of the living desk, or of another log, may have the same name.
        names = (team, f"{team} ({_short(self._origin)})")
        known = ours.filter(name__in=names).first()
        if known:
            return known
        name = names[Department.objects.filter(name=team).exists()]
        return Department.objects.create(name=name, calendar=self._hours())

    def _hours(self) -> Calendar:
        if self._calendar is None:
            self._calendar, _new = Calendar.objects.get_or_create(name=_CALENDAR, defaults={"zone": "UTC"})
        return self._calendar


def _short(origin: Origin) -> str:
    """``uci`` for ``replay:uci``."""
    return origin.value.removeprefix(origins.REPLAYED)
