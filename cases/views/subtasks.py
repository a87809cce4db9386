"""Ask a department; see, accept, finish, decline or drop a part."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404

from cases import forms
from cases.models import Subtask
from cases.verbs import subtasks
from cases.views.acts import Act, visible_case
from supportdesk import clock


class Ask(Act):
    form_class = forms.Ask
    title = "Ask a department"
    lead = "You stay the owner, and the only one who speaks with {first}."
    submit = "Ask"
    said = "Asked."

    def call(self, found):
        subtasks.ask(
            self.case,
            found["department"],
            found["what"],
            plain_words=found["plain_words"],
            once=found["once"],
            by=self.request.user,
        )


class PartAct(Act):
    """An act on one sub-task."""

    subtask: Subtask

    def find(self, subtask_pk: int):
        self.subtask = Subtask.objects.select_related("department", "agent").filter(pk=subtask_pk).first()
        if self.subtask is None:
            raise Http404
        return visible_case(self.request.user, self.subtask.case_id)

    def back(self):
        return f"{super().back()}#subtask-{self.subtask.pk}"


class See(PartAct):
    title = "Mark as seen?"
    submit = "We have seen it"
    said = "Marked as seen."

    def call(self, found):
        subtasks.see(self.subtask, by=self.request.user)


class Accept(PartAct):
    form_class = forms.Accept
    title = "By when will it be done?"
    lead = "{owner} plans with this."
    submit = "Take it on"
    said = "{owner} has been told the time."

    def get_initial(self):
        return {"committed_at": self.subtask.committed_at or in_a_day()}

    def call(self, found):
        subtasks.accept(self.subtask, committed_at=found["committed_at"], by=self.request.user)


class Done(PartAct):
    form_class = forms.Done
    title = "Done"
    submit = "Tell {owner} it is done"
    said = "{owner} has been told."

    def call(self, found):
        subtasks.done(self.subtask, outcome=found["words"], by=self.request.user)


class NotOurs(PartAct):
    form_class = forms.NotOurs
    title = "This is not ours"
    lead = "It goes back to {owner}, not on to another department."
    submit = "Give it back to {owner}"
    said = "{owner} has been told why."

    def call(self, found):
        subtasks.not_ours(self.subtask, reason=found["words"], by=self.request.user)


class Drop(PartAct):
    form_class = forms.Drop
    title = "Drop this part"
    submit = "Drop it"
    said = "Dropped."

    def call(self, found):
        subtasks.drop(self.subtask, reason=found["words"], by=self.request.user)


def in_a_day():
    """What the form proposes: this time tomorrow, on the hour."""
    return (clock.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
