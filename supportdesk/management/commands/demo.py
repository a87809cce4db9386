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
from supportdesk.embedded import addresses


class Command(BaseCommand):
    help = "Tell the demo's stories, as far as they are not told yet, and print who can sign in."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="tell nothing if there is any demo case")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="for numbers in the stories (default 1)")

    @transaction.atomic
    def handle(self, *, if_empty, seed, **options):
        if not (if_empty and making.cases().exists()):
            _tell(seed)
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
        self.stdout.write(_who_can_sign_in(people.let_in(password), password))
        self.stdout.write(_links(making.cases().select_related("customer")))


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
