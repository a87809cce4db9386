"""``manage.py up``: the whole desk on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import sys

from django.core.management import get_commands
from django.core.management.base import BaseCommand

from supportdesk.embedded.desk import Desk
from supportdesk.embedded.wishes import wishes_from


class Command(BaseCommand):
    help = "Start the database, the queue, the web, the worker and the clock, and watch over them until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args, **options) -> None:
        wishes = wishes_from(os.environ, demo_exists="demo" in get_commands())
        sys.exit(Desk(wishes, self._say).run())

    def _say(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            # Whoever read the output has gone; the desk still has to end in order.
            return
