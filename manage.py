#!/usr/bin/env python
"""The command line: ``manage.py up`` starts the desk, ``manage.py help`` lists the rest."""

import os
import sys

from supportdesk.embedded.commands import with_database


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")
    from django.core.management import execute_from_command_line

    with with_database(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
