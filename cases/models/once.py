"""The key of the form that made a row, so that a form sent twice makes it once."""

from __future__ import annotations

from django.db import models

from supportdesk.statements import built_once


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


@built_once
def _made(kind: type[models.Model], once: str):
    return kind._default_manager.filter(once=once)


def sent_before(kind: type[models.Model], once: str, /, **same):
    """The row that this very form has made, and the key that a new row may keep.

    A form that went back, was written anew and sent again carries the old key with other words: that is a new row, and
    it goes without a key.

    Args:
        kind: what the form makes.
        once: the form's key; empty: no form.
        **same: what the row must say to be the same one.

    Returns:
        the row or None, and the key or None.
    """
    if not once:
        return None, None
    made = next(iter(_made(kind, once)), None)
    if made is None:
        return None, once
    is_same = all(getattr(made, name) == value for name, value in same.items())
    return (made if is_same else None), None
