"""Everything that runs by the clock. Two beats at once are harmless: each of these changes nothing the second time."""

from datetime import timedelta

# A task that waited longer than this is stale: the next one is on its way.
_EVERY_MINUTE = {"schedule": timedelta(minutes=1), "options": {"expires": 55}}

SCHEDULE = {
    "what time does to cases": {"task": "supportdesk.sweep", **_EVERY_MINUTE},
    "what a lost bell left behind": {"task": "supportdesk.announce", **_EVERY_MINUTE},
}
