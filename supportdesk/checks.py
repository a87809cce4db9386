"""The desk's own system checks, run by ``manage.py check``."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from supportdesk.embedded import addresses


@register(Tags.security, deploy=True)
def the_timeline_is_guarded(app_configs, **kwargs):
    """The setting that lets the test runner empty the timeline has no place on a real desk."""
    options = str(settings.DATABASES["default"].get("OPTIONS", {}).get("options", ""))
    if "desk.test" in options:
        return [
            Error(
                "The database connection says desk.test: the timeline could be truncated.",
                hint="Take `-c desk.test=1` out of the connection's options.",
                id="supportdesk.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def nothing_dies_on_purpose(app_configs, **kwargs):
    """``CRASH_AT`` and ``STOP_AT`` are for experiments."""
    return [
        Error(f"{name} is set: processes would die or stop on purpose.", id="supportdesk.E002")
        for name in ("CRASH_AT", "STOP_AT")
        if os.environ.get(name)
    ]


@register(Tags.security, deploy=True)
def the_mail_servers_password_is_not_said_aloud(app_configs, **kwargs):
    """Without encryption everybody on the way to the mail server reads the password."""
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_HOST_PASSWORD and not encrypted and settings.EMAIL_HOST not in ("localhost", "127.0.0.1", "::1"):
        return [
            Warning(
                "The password of the mail server is sent without encryption.",
                hint="Set EMAIL_USE_TLS=1.",
                id="supportdesk.W002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def webhooks_go_to_public_addresses_only(app_configs, **kwargs):
    """With ``WEBHOOKS_TO_PRIVATE`` whoever administers the desk lets it ask any machine that it can reach."""
    if settings.WEBHOOKS_TO_PRIVATE:
        return [
            Warning(
                "Webhooks may go to addresses of the house, without encryption too.",
                hint="Take WEBHOOKS_TO_PRIVATE away, unless a receiver stands in your own network.",
                id="supportdesk.W003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def who_serves_does_not_own(app_configs, **kwargs):
    """With one role for everything, triggers alone guard the timeline, and their owner can take them away."""
    owner = addresses.database(settings.DATA_DIR, {**os.environ, addresses.AS_OWNER: "1"})["USER"]
    if owner == settings.SERVING_ROLE:
        return [
            Warning(
                f"The desk serves as “{owner}”, the owner of its tables.",
                hint="Name the owner in MIGRATE_DATABASE_URL and another role in DATABASE_URL, see docs/embedded.md.",
                id="supportdesk.W001",
            )
        ]
    return []
