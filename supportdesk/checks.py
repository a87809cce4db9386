"""The desk's own system checks, run by ``manage.py check``."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import Error, Tags, register


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
