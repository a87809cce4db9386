"""``manage.py migrate``: Django's own, and afterwards the serving role gets its rights on what is new."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections, transaction

from supportdesk import rights


class Command(migrate.Command):
    def handle(self, *args, **options) -> None:
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            _give_rights(options["database"])


def _give_rights(alias: str) -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [settings.SERVING_ROLE])
        owner, exists = cursor.fetchone()
        if not exists:
            raise CommandError(
                f"The role “{settings.SERVING_ROLE}”, as which DATABASE_URL serves, does not exist in this server."
            )
        if owner != settings.SERVING_ROLE:
            rights.give(cursor, settings.SERVING_ROLE, owner)
