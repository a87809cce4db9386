"""The Celery application. Rows are the truth; a task only says "look now"."""

import os

from celery import Celery
from celery.signals import worker_ready

from supportdesk import broker, watchdog
from supportdesk.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

app = Celery("supportdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["supportdesk"])
app.conf.beat_schedule = SCHEDULE

broker.mend()
worker_ready.connect(watchdog.watch)


@worker_ready.connect
def sweep_at_once(**_) -> None:
    """After a gap, what fell due in it is found by the first worker, not a minute later by the first beat."""
    app.send_task("supportdesk.sweep", retry=False, expires=60)
