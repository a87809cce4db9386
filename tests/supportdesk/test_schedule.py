"""What runs by the clock: it is there, and it does what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from supportdesk import tasks
from supportdesk.celery import app
from supportdesk.queues import QUEUE_OF, QUEUES, chosen
from supportdesk.schedule import SCHEDULE


def test_every_task_that_is_called_by_the_clock_is_there():
    app.loader.import_default_modules()
    assert {line["task"] for line in SCHEDULE.values()} <= set(app.tasks)


def test_every_task_has_its_queue_and_no_other_has():
    app.loader.import_default_modules()
    assert set(QUEUE_OF) == {name for name in app.tasks if not name.startswith("celery.")}


def test_a_task_goes_into_its_queue():
    for task, queue in QUEUE_OF.items():
        assert app.amqp.router.route({}, task)["queue"].name == queue


def test_who_names_no_queue_takes_all_and_a_wrong_name_is_refused():
    assert chosen("") == QUEUES
    assert chosen("sweep, default") == ("sweep", "default")
    with pytest.raises(ValueError, match="no queue swep; there are default, sweep, mail-out"):
        chosen("swep,default")


@pytest.mark.django_db
def test_what_somebody_typed_and_did_not_send_goes_with_its_session():
    ended, going = SessionStore(), SessionStore()
    for session, until in ((ended, -timedelta(minutes=1)), (going, timedelta(minutes=1))):
        session["portal.draft"] = {"words": "It fails."}
        session.set_expiry(timezone.now() + until)
        session.create()
    tasks.forget_sessions()
    assert not ended.exists(ended.session_key)
    assert going.exists(going.session_key)
