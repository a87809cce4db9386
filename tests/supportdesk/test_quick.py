"""Rows that are made quickly are rows like any other."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case

pytestmark = pytest.mark.django_db


def test_what_was_not_read_is_asked_for_when_it_is_wanted(case):
    few = Case.objects.only("subject").get(pk=case.pk)
    assert few.get_deferred_fields() >= {"owner_id", "problem"}
    with CaptureQueriesContext(connection) as asked:
        assert (few.subject, few.owner_id) == (case.subject, case.owner_id)
    assert len(asked) == 1


def test_it_is_there_already_and_changes_like_any_other(case):
    read = Case.objects.select_related("customer").get(pk=case.pk)
    assert (read._state.adding, read._state.db, read.customer) == (False, "default", case.customer)
    read.subject = "Another word for it"
    read.save(update_fields=["subject"])
    case.refresh_from_db(fields=["subject"])
    assert case.subject == "Another word for it"


def test_another_owner_takes_the_place_of_the_one_that_was_read(case, cast):
    read = Case.objects.select_related("owner").get(pk=case.pk)
    read.owner_id = cast.ben.pk
    assert read.owner == cast.ben
