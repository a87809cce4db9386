"""The Celery application. Rows are the truth; a task only says "look now"."""

import os

from celery import Celery

from supportdesk.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

app = Celery("supportdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["supportdesk"])
app.conf.beat_schedule = SCHEDULE
