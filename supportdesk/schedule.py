"""Everything that runs by the clock. Two beats at once are harmless: each of these changes nothing the second time."""

import os
from datetime import timedelta

EVERY = timedelta(seconds=int(os.environ.get("BEAT_SECONDS", 60)))
# A task that waited until the next one is due is stale.
_EVERY_MINUTE = {"schedule": EVERY, "options": {"expires": EVERY.total_seconds()}}

SCHEDULE = {
    "what time does to cases": {"task": "supportdesk.sweep", **_EVERY_MINUTE},
    "what nobody looked at, by mail": {"task": "supportdesk.tell", **_EVERY_MINUTE},
    "what other programs heard long ago": {"task": "supportdesk.forget_deliveries", "schedule": timedelta(hours=1)},
    "what other programs want to hear": {"task": "supportdesk.deliver", **_EVERY_MINUTE},
    "what a lost bell left behind": {"task": "supportdesk.announce", **_EVERY_MINUTE},
    "mails in files, after thirty days": {"task": "supportdesk.forget_mail_files", "schedule": timedelta(hours=1)},
    "sessions that have ended": {"task": "supportdesk.forget_sessions", "schedule": timedelta(hours=1)},
    "what was done once, a day ago": {"task": "supportdesk.forget_done_once", "schedule": timedelta(hours=1)},
}
