"""What PostgreSQL's planner knows of the tables."""

from __future__ import annotations

from django.db import connection


def learn() -> None:
    """The planner learns what there is now, for whoever has just written very much: until it has, it reckons with
    empty tables, and asks for each of a thousand rows what it could ask once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT desk_analyse()")
