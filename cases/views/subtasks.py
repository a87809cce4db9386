"""Ask a department; see, accept, finish, decline or drop a part."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404

from cases import permissions
from cases.forms import subtasks as forms
from cases.models import Subtask
from cases.verbs import subtasks
from cases.views.acts import Act, visible_case
from staff.businesstime import add_business_days
from staff.models import Department
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
        self.subtask = Subtask.objects.select_related("department__calendar", "agent").filter(pk=subtask_pk).first()
        if self.subtask is None:
            raise Http404
        return visible_case(self.request.user, self.subtask.case_id)

    def may(self):
        return permissions.may_work_on(self.request.user, self.subtask)

    def back(self):
        return f"{super().back()}#subtask-{self.subtask.pk}"


class See(PartAct):
    title = "Mark as seen?"
    submit = "We have seen it"
    said = "Marked as seen."

    def call(self, found):
        subtasks.see(self.subtask, by=self.request.user)


class Accept(PartAct):
    """Take it on, or give another date for what is in work already."""

    form_class = forms.Accept
    lead = "{owner} plans with this."
    said = "{owner} has been told the time."

    @property
    def title(self):
        return "Give another date" if self.subtask.agent_id else "By when will it be done?"

    @property
    def submit(self):
        return "Tell {owner} the new date" if self.subtask.agent_id else "Take it on"

    def get_initial(self):
        return {"committed_at": self.subtask.committed_at or in_a_working_day(self.subtask.department)}

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

    def may(self):
        return permissions.may_speak(self.request.user, self.case)

    def call(self, found):
        subtasks.drop(self.subtask, reason=found["words"], by=self.request.user)


def in_a_working_day(department: Department) -> datetime:
    """What the form proposes: one working day on, at a full hour. Aware datetime, UTC."""
    due = add_business_days(clock.now(), 1, department.calendar.hours)
    return due.replace(minute=0, second=0, microsecond=0)
