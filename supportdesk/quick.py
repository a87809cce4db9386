"""Rows that are made quickly out of what the database has answered."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models.base import ModelState


class Quick(models.Model):
    """For a model of many columns of which a list reads a few.

    Django asks for each column of the model whether it was read, and calls ``__init__``: for a list of fifty that is a
    tenth of the page. Here what was read is put into the row as it is, and what was not is asked for when it is wanted,
    as ever. Neither ``__init__`` nor its signals run: no model of ours has anything to do there.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str, field_names: Sequence[str], values: Sequence):
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = state = ModelState()
        state.adding, state.db = False, db
        return row
