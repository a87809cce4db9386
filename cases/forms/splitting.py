"""Split off a second problem."""

from __future__ import annotations

from django import forms
from django.utils import dateformat, timezone

from cases.forms.fields import CaseForm, Once, long_text, short_text
from cases.models import Case, Message

MOST_MESSAGES = 30


class SplitOff(CaseForm, Once):
    field_order = ["message", "problem", "subject"]
    message = forms.ModelChoiceField(
        None,
        label="Which message?",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the message in which it stands."},
    )
    problem = long_text("The words about the second problem", rows=4, required=False)
    subject = short_text("The second problem in one line", required=False, most=120)

    def prepare(self, customer):
        theirs = Message.objects.filter(
            case__in=Case.objects.told_as(self.case).values("pk"), direction=Message.Direction.IN
        )
        newest = list(theirs.order_by("-written_at", "-pk")[:MOST_MESSAGES])
        self.fields["message"].queryset = theirs
        self.fields["message"].choices = [(said.pk, _when_and_what(said)) for said in newest]
        if len(newest) == 1:
            self.fields["message"].initial = newest[0].pk
        self.fields["problem"].help_text = f"Copied from {customer}’s message as they stand. Empty: the whole message."
        self.fields["subject"].help_text = "Empty: how it begins."

    def clean(self):
        found = super().clean()
        if found.get("message") and not found.get("problem", "").strip():
            found["problem"] = found["message"].body
        return found


def _when_and_what(message: Message) -> str:
    return f"{dateformat.format(timezone.localtime(message.written_at), 'D j M, H:i')}: {message.body}"
