"""The key of the form that made a row, so that a form sent twice makes it once."""

from __future__ import annotations

from django.db import models


class OnceField(models.CharField):
    """Random key that the form carried; null when no form made the row."""

    def __init__(self, **options):
        options.update(max_length=32, null=True, unique=True, editable=False)
        super().__init__(**options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        for fixed in ("max_length", "null", "unique", "editable"):
            options.pop(fixed, None)
        return name, path, args, options
