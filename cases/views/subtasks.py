"""Ask a department; see, accept, wait, finish, pass up, decline or drop a part; decide about a later date."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404
from django.utils.functional import cached_property

from cases import permissions
from cases.forecasting.record import Suggestion, suggest
from cases.forms import subtasks as forms
from cases.likeness import next_full_hour
from cases.models import Subtask
from cases.reading import endangered_by
from cases.sentences import asks_later, at, endangers
from cases.verbs import subtasks
from cases.views.acts import Act, visible_case
from cases.views.forecasting import need
from staff.businesstime import add_business_days
from staff.models import Department
from supportdesk import clock
from supportdesk.errors import Conflict


class Ask(Act):
    template_name = "cases/ask.html"
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
            after=found.get("after"),
            once=found["once"],
            by=self.request.user,
        )


class PartAct(Act):
    """An act on one sub-task."""

    subtask: Subtask

    def find(self, subtask_pk: int):
        parts = Subtask.objects.select_related("department__calendar", "department__second_line", "agent")
        self.subtask = parts.filter(pk=subtask_pk).first()
        if self.subtask is None:
            raise Http404
        return visible_case(self.request.user, self.subtask.case_id)

    def may(self):
        return permissions.may_work_on(self.request.user, self.subtask)

    def back(self):
        return f"{super().back()}#subtask-{self.subtask.pk}"

    def get_context_data(self, **context):
        return super().get_context_data(part=self.subtask, **context)


class See(PartAct):
    title = "Mark as seen?"
    submit = "We have seen it"
    said = "Marked as seen."

    def call(self, found):
        subtasks.see(self.subtask, by=self.request.user)


class DateAct(PartAct):
    """An act that says by when it is done."""

    @cached_property
    def is_late(self) -> bool:
        """The date that the department gave has passed: what is left is to ask the owner for a later one."""
        return self.subtask.is_late(clock.now()) and self.subtask.is_at_its_word

    @cached_property
    def suggestion(self) -> Suggestion:
        return suggest(self.subtask.department, clock.now(), second_line=self.subtask.follows_id is not None)

    def suggested(self) -> datetime | None:
        """By when it is done if it takes as long as its department's parts do; None where that has passed."""
        by = self.suggestion.from_(self.subtask.asked_at)
        return next_full_hour(by) if by and by > clock.now() else None

    def proposed(self) -> datetime:
        """The date that the department has given, where it is still ahead; else one that could be."""
        given = self.subtask.committed_at
        if given and given > clock.now():
            return given
        return self.suggested() or in_a_working_day(self.subtask.department)

    def get_context_data(self, **context):
        return super().get_context_data(is_late=self.is_late, **context)


class Accept(DateAct):
    """Take it on. Where its date has passed nobody can: the page says so, and leads to asking for a later one."""

    template_name = "cases/accept.html"
    form_class = forms.Accept
    title = "By when will it be done?"
    submit = "Take it on"
    said = "{owner} has been told the time."

    @property
    def lead(self):
        part = self.subtask
        if not part.has_a_date:
            return "{owner} plans with this."
        given = f"{part.department.name} has given {at(part.committed_at)}"
        if self.is_late:
            return (
                f"{given}, and that has passed. A later date is {{owner}}’s decision; by asking for it you take it on."
            )
        return f"{given}, and {{owner}} plans with it."

    def get_initial(self):
        return {"committed_at": self.proposed()}

    def get_context_data(self, **context):
        needs = need(self.suggestion) | {"by": self.suggested()}
        return super().get_context_data(needs=needs, **context)

    def call(self, found):
        subtasks.accept(self.subtask, committed_at=found["committed_at"], by=self.request.user)


class Give(PartAct):
    """Into other hands of the department that has it."""

    form_class = forms.Give
    title = "Who goes on with it?"
    submit = "Give it"

    def may(self):
        return permissions.may_give_part(self.request.user, self.subtask)

    @property
    def lead(self):
        has = f"{self.subtask.agent.name} has it. " if self.subtask.agent else ""
        return f"{has}It stays in work, by the date that {self.subtask.department.name} gave."

    @property
    def said(self):
        return "Given. They are told." if self.subtask.agent else f"{self.subtask.department.name} has it again."

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "part": self.subtask}

    def call(self, found):
        self.subtask = subtasks.give(self.subtask, found["to"], reason=found["reason"], by=self.request.user)


class OtherDate(DateAct):
    """An earlier date is given, a later one asked for."""

    form_class = forms.OtherDate
    is_later = False

    @property
    def title(self):
        return "Ask for a later date" if self.is_late else "Another date"

    @property
    def lead(self):
        part = self.subtask
        whose = "you" if part.agent_id == self.request.user.pk else part.department.name
        passed = f", {at(part.committed_at)}, which has passed" if self.is_late else ""
        return f"{{owner}} plans with the date {whose} gave{passed}, and may have promised it to {{first}}."

    @property
    def submit(self):
        return "Ask {owner}" if self.is_late else "Tell {owner}"

    @property
    def said(self):
        if self.is_late:
            return "{owner} has been asked."
        return "{owner} has been asked. Until then your date stands." if self.is_later else "{owner} has been told."

    def get_initial(self):
        part = self.subtask
        kept = part.later_at or (None if self.is_late else part.committed_at)
        return {"committed_at": kept or self.proposed(), "reason": part.later_reason}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "only_later": self.is_late}

    def call(self, found):
        date = found["committed_at"]
        self.is_later = self.subtask.has_a_date and date > self.subtask.committed_at
        if self.is_later:
            subtasks.ask_later(self.subtask, date, found["reason"], by=self.request.user)
        else:
            subtasks.accept(self.subtask, committed_at=date, by=self.request.user)


class Wait(PartAct):
    form_class = forms.Wait
    title = "Waiting"
    lead = "{owner} reads what for. Your date stays."
    submit = "Tell {owner} it waits"
    said = "{owner} has been told what it waits for."

    def call(self, found):
        subtasks.wait(self.subtask, found["what_for"], by=self.request.user)


class GoOn(PartAct):
    title = "Go on with it?"
    lead = "What it waited for has come. Your date is the same."
    submit = "Go on"
    said = "It is in work again."

    def call(self, found):
        subtasks.go_on(self.subtask, by=self.request.user)


class AboutLaterDate(PartAct):
    """The owner's answer to a later date that was asked for."""

    template_name = "cases/later.html"

    def may(self):
        return permissions.may_speak(self.request.user, self.case)

    def get(self, request, *args, **kwargs):
        self.require_may()
        if self.subtask.later_at is None:
            raise Conflict("not_asked_any_more", f"{self.subtask.department.name} asks for no later date any more.")
        return super().get(request, *args, **kwargs)

    def get_initial(self):
        # With the zone written out: an hour that comes twice stays the one that was asked for.
        return {"asked": self.subtask.later_at and self.subtask.later_at.isoformat()}

    def get_context_data(self, **context):
        part = self.subtask
        if part.later_at:
            endangered = endangered_by(part, self.case.promises.owed().order_by("due_at"), self.case.next_promise)
            context |= {"asks": asks_later(part), "warns": endangers(part, endangered)}
        return super().get_context_data(**context)


class GrantLater(AboutLaterDate):
    form_class = forms.DateAsked
    title = "Accept the later date?"
    submit = "Accept the later date"
    said = "Accepted. The department has been told."

    def call(self, found):
        subtasks.grant_later(self.subtask, found["asked"], by=self.request.user)


class RefuseLater(AboutLaterDate):
    form_class = forms.RefuseLater
    title = "Keep the date as it was given?"
    submit = "Keep the date"
    said = "The date stays. The department has been told."

    def call(self, found):
        subtasks.refuse_later(self.subtask, found["asked"], reason=found["reason"], by=self.request.user)


class Done(PartAct):
    template_name = "cases/done.html"
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


class CouldNotReproduce(PartAct):
    form_class = forms.NotReproduced
    title = "We could not reproduce it"
    submit = "Ask the second line"
    said = "The second line has been asked, with what you tried."

    @property
    def lead(self):
        above = self.subtask.department.second_line
        return f"{above.name} is asked the same, and begins with what you tried." if above else ""

    def call(self, found):
        subtasks.could_not_reproduce(self.subtask, found["tried"], by=self.request.user)


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
