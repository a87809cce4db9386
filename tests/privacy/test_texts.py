"""The list of places where people's words stand is whole."""

from __future__ import annotations

from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from supportdesk.privacy.texts import TEXTS

OURS = ("cases", "escalations", "portal", "supportdesk")

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
    "cases.Notice": {"reaction"},
    # Plain values for a sentence, never texts that a person wrote: `cases.timeline.record` says so, a test beside it.
    "cases.Entry": {"kind", "actor", "data"},
    "escalations.Flag": {"rule", "settled"},
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
