"""``manage.py add_agent``: let somebody in, by a link that works once."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from staff import signing_in
from staff.models import Agent, Department
from supportdesk.embedded import addresses


class Command(BaseCommand):
    help = "Add an agent, or find the one there is, and print a link that signs them in once."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--department", required=True, metavar="D", help="name of the department")
        parser.add_argument("--name", default="", metavar="N", help="of a new agent; none: made from the address")
        role = parser.add_mutually_exclusive_group()
        role.add_argument("--supervisor", action="store_true")
        role.add_argument("--admin", action="store_true")

    @transaction.atomic
    def handle(self, *, email, department, name, supervisor, admin, **options):
        email = _address(email)
        agent, new = Agent.objects.get_or_create(
            email=email, defaults={"name": name.strip() or name_from(email), "department": _department(department)}
        )
        if new:
            _without_password(agent)
        _require_able_to_sign_in(agent)
        _give_role(agent, supervisor=supervisor, admin=admin)
        self.stdout.write(_who(agent, new))
        minutes = int(signing_in.LIFETIME.total_seconds() // 60)
        self.stdout.write(f"This link signs them in once, within {minutes} minutes:")
        self.stdout.write(f"{addresses.web_address(settings.DATA_DIR)}/sign-in/{signing_in.issue(agent)}/")


def name_from(email: str) -> str:
    """A name out of an address: ``nadia.klein@desk.example`` is Nadia Klein."""
    before = email.partition("@")[0].partition("+")[0]
    return " ".join(word.capitalize() for word in re.split(r"[._\-\d]+", before) if word) or email


def _address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"“{email}” is not a mail address.", returncode=2) from None
    return email


def _department(name: str) -> Department:
    department = Department.objects.filter(name__iexact=name.strip()).first()
    if department is None:
        there_are = ", ".join(Department.objects.values_list("name", flat=True))
        raise CommandError(f"There is no department “{name}”. There are: {there_are}.", returncode=2)
    return department


def _without_password(agent: Agent) -> None:
    agent.set_unusable_password()
    agent.save(update_fields=["password"])


def _require_able_to_sign_in(agent: Agent) -> None:
    if not (agent.is_active and agent.can_sign_in):
        raise CommandError(f"{agent.name} ({agent.email}) is there already, but is not let in.", returncode=2)


def _give_role(agent: Agent, *, supervisor: bool, admin: bool) -> None:
    """What was given is added; a role is never taken away by leaving a flag out."""
    given = [role for role, asked in (("is_supervisor", supervisor), ("is_admin", admin)) if asked]
    for role in given:
        setattr(agent, role, True)
    if given:
        agent.save(update_fields=given)


def _who(agent: Agent, new: bool) -> str:
    roles = [word for word, has in (("supervisor", agent.is_supervisor), ("administrator", agent.is_admin)) if has]
    who = ", ".join([f"{agent.name} ({agent.email})", agent.department.name, *roles])
    return f"Added: {who}." if new else f"Was there already: {who}. Nothing else was changed; here is a new link."
