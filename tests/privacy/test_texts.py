"""The list of places where people's words stand is whole."""

from __future__ import annotations

import io
import logging
import logging.config

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, JSONField, TextField

from cases.models import Promise
from escalations.models import SweepTrouble
from escalations.sweep import sweep_now
from supportdesk.privacy.texts import TEXTS

OURS = ("cases", "escalations", "channels", "portal", "supportdesk")

# Columns that hold a choice, a key or a name of ours: nothing that a person wrote.
NOBODYS_WORDS = {
    "cases.Case": {
        "key",
        "channel",
        "state",
        "closed_by",
        "outcome",
        "not_a_case",
        "next_step",
        "once",
        "origin",
        "origin_ref",
    },
    "cases.Message": {"direction", "channel", "delivery", "once"},
    "cases.Note": {"once"},
    "cases.Promise": {"kind", "made_by", "state"},
    "cases.Subtask": {"state", "once"},
    "cases.Handover": {"state"},
    "cases.Resolution": {"kind", "given_as", "answer"},
    "cases.Attempt": {"how", "once"},
    "cases.Assurance": {"once"},
    "cases.Estimate": {"once"},
    "cases.Complaint": {"once"},
    "cases.Refusal": {"kind", "look", "once"},
    "cases.Participant": {"sees"},
    "cases.Notice": {"reaction", "why"},
    # The desk's own words about itself.
    "cases.Matter": {"title", "words", "path"},
    "cases.Digest": {"message_id", "state", "error"},
    "cases.Concession": {"kind", "once"},
    "cases.Appeal": {"once"},
    "escalations.RuleSetting": {"rule", "numbers", "tells"},
    "escalations.RuleChange": {"rule", "numbers", "tells"},
    # Plain values for a sentence, never texts that a person wrote: `cases.timeline.record` says so, a test beside it.
    "cases.Entry": {"kind", "actor", "data"},
    "escalations.Flag": {"rule", "settled"},
    # The kind of an error, never what it said: a test below.
    "escalations.SweepTrouble": {"step", "error"},
    # An administrator's name for a program and its address; nothing of these hangs on a case.
    "channels.Webhook": {"name", "url", "kinds", "secret", "old_secret", "off_why"},
    # Our own words for why it did not arrive, never what the receiver said.
    "channels.Delivery": {"state", "reason"},
    "channels.DeliveryAttempt": {"outcome", "reason"},
    "supportdesk.FailedReaction": {"reaction"},
    "supportdesk.Erasure": {"what", "grounds", "people", "spans"},
}


def columns_with_words():
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                if isinstance(field, CharField | TextField | JSONField):
                    yield model._meta.label, field.name


def test_every_column_of_words_is_either_erased_or_nobodys_words():
    listed = {(texts.model._meta.label, name) for texts in TEXTS for name in texts.fields}
    harmless = {(label, name) for label, names in NOBODYS_WORDS.items() for name in names}
    assert not listed & harmless
    assert set(columns_with_words()) - harmless == listed


@pytest.fixture
def failing(case, monkeypatch):
    """A step of the sweep that the database refuses for a row full of words."""
    Promise.objects.filter(case=case).update(words="canary-4711\ncanary-4712")

    def refused_by_the_database(now, **scope):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE cases_promise SET state = 'nonsense'")

    monkeypatch.setattr("escalations.sweep.silence.remind_due", refused_by_the_database)
    return refused_by_the_database


@pytest.mark.django_db
def test_of_a_step_of_the_sweep_that_fails_on_a_row_nothing_is_kept_but_the_kind_of_error(failing, tuesday):
    with pytest.raises(IntegrityError, match="canary-4711"):  # PostgreSQL tells the whole row
        failing(tuesday)
    swept = sweep_now()
    trouble = SweepTrouble.objects.get()
    assert swept.failed == {"remind": trouble.error}
    assert trouble.error.startswith("IntegrityError 23514 ")


@pytest.mark.django_db
def test_nor_does_the_log_tell_a_word_of_the_row(failing, settings):
    logging.config.dictConfig({**settings.LOGGING, "root": {}})
    written = io.StringIO()
    handler = logging._handlers["console"]
    handler.setStream(written)
    log = logging.getLogger("escalations.sweep")
    log.addHandler(handler)
    try:
        sweep_now()
        failing_task(log, failing)
    finally:
        log.removeHandler(handler)
    assert "canary" not in written.getvalue()
    assert written.getvalue().count("IntegrityError 23514 ") >= 2
    assert "refused_by_the_database" in written.getvalue(), "Where it was is told."
    assert "canary" not in (settings.TEST_SERVERS / "postgres.log").read_text(), "The server's own log."


def failing_task(log, step) -> None:
    """As Celery tells of a task: the error stands in the line itself, too."""
    try:
        step(None)
    except IntegrityError as failure:
        log.error("Task raised unexpected: %(exc)s", {"exc": repr(failure)}, exc_info=True)
