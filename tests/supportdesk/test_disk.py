"""Commits that need not wait for the disk."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from supportdesk import disk

pytestmark = pytest.mark.django_db(transaction=True)


def waits() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def a_server_that_waits():
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    yield
    disk.be_strict()


def test_a_patient_transaction_waits_for_no_disk_and_what_comes_after_it_does():
    with disk.patient_transaction():
        assert waits() == "off"
    assert waits() == "on"


def test_inside_another_transaction_it_waits_as_that_one_does():
    with transaction.atomic(), disk.patient_transaction():
        assert waits() == "on"
