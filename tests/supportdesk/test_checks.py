"""``check --deploy`` refuses what has no place on a real desk."""

from __future__ import annotations

import pytest

from supportdesk import checks
from supportdesk.embedded import addresses


def ids(found) -> list[str]:
    return [each.id for each in found]


def test_the_tests_own_setting_is_refused():
    assert ids(checks.the_timeline_is_guarded(None)) == ["supportdesk.E001"]


@pytest.mark.parametrize("name", ["CRASH_AT", "STOP_AT"])
def test_places_to_die_are_refused(monkeypatch, name):
    assert checks.nothing_dies_on_purpose(None) == []
    monkeypatch.setenv(name, "entry.claimed")
    assert ids(checks.nothing_dies_on_purpose(None)) == ["supportdesk.E002"]


def test_one_role_for_everything_is_warned_of(monkeypatch, settings):
    monkeypatch.delenv("MIGRATE_DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann@db.example/desk")
    settings.SERVING_ROLE = addresses.serving_role()
    assert ids(checks.who_serves_does_not_own(None)) == ["supportdesk.W001"]
    monkeypatch.setenv("MIGRATE_DATABASE_URL", "postgresql://olaf@db.example/desk")
    assert checks.who_serves_does_not_own(None) == []


def test_webhooks_to_addresses_of_the_house_are_warned_of(settings):
    settings.WEBHOOKS_TO_PRIVATE = False
    assert checks.webhooks_go_to_public_addresses_only(None) == []
    settings.WEBHOOKS_TO_PRIVATE = True
    assert ids(checks.webhooks_go_to_public_addresses_only(None)) == ["supportdesk.W003"]


def test_a_password_that_is_sent_without_encryption_is_warned_of(settings):
    assert checks.the_mail_servers_password_is_not_said_aloud(None) == []
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "smtp.example", "secret"
    assert ids(checks.the_mail_servers_password_is_not_said_aloud(None)) == ["supportdesk.W002"]
    settings.EMAIL_USE_TLS = True
    assert checks.the_mail_servers_password_is_not_said_aloud(None) == []
