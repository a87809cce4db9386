"""``manage.py demo``: people and problems to try the desk with."""

from __future__ import annotations

import os
import secrets

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.links import status_path
from staff.models import Agent
from supportdesk.demo import making, people
from supportdesk.demo.ordinary.making import HOW_MANY, make_ordinary
from supportdesk.embedded import addresses


class Command(BaseCommand):
    help = "Tell the demo's stories, as far as they are not told yet, and print who can sign in."

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--stories", action="store_true", help="only the stories, not the ordinary problems")
        which.add_argument("--ordinary", action="store_true", help="only the ordinary problems of the last sixty days")
        parser.add_argument("--if-empty", action="store_true", help="tell nothing if there is any demo case")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="for numbers in the stories (default 1)")

    def handle(self, *, if_empty, seed, stories, ordinary, **options):
        if not ordinary:
            self._stories(if_empty, seed)
        if not stories:
            self._ordinary(seed)
        elif making.ordinary().count() < HOW_MANY:
            self.stdout.write("\nSome two hundred ordinary problems follow in the background.")

    @transaction.atomic
    def _stories(self, if_empty: bool, seed: int) -> None:
        if not (if_empty and making.stories().exists()):
            _tell(seed)
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
        self.stdout.write(_who_can_sign_in(people.let_in(password), password))
        self.stdout.write(_links(making.stories().select_related("customer")))

    def _ordinary(self, seed: int) -> None:
        before = making.ordinary().count()
        try:
            for told in make_ordinary(seed=seed):
                if told % 50 == 0:
                    self.stderr.write(f"{told} of {HOW_MANY} ordinary problems.")
        except people.NotOurs as taken:
            raise CommandError(f"{taken} The demo was not made.", returncode=2) from taken
        if new := making.ordinary().count() - before:
            making.look_at_all_of_it()
            self.stdout.write(f"{new} ordinary problems of the last sixty days have been told.")


def _tell(seed: int) -> None:
    try:
        told = making.make_demo(seed=seed)
    except people.NotOurs as taken:
        raise CommandError(f"{taken} The demo was not made.", returncode=2) from taken
    if told:
        making.look_at_all_of_it()


def _who_can_sign_in(agents: list[Agent], password: str) -> str:
    what_for = {person.email: person.what_for for person in people.WHO_SIGN_IN}
    rows = [(agent.email, agent.name, what_for[agent.email]) for agent in agents]
    heading = f"Sign in at {addresses.web_address(settings.DATA_DIR)}/ with the password {password} as"
    return "\n".join([heading, "", *_aligned(rows)])


def _links(cases) -> str:
    desk = addresses.web_address(settings.DATA_DIR)
    rows = [(case.customer.name, case.subject, desk + status_path(case)) for case in cases]
    return "\n".join(["", "What the customers see, each by a link of their own", "", *_aligned(rows)])


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
