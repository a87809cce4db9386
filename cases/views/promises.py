"""Promise, keep, give a new date; and write down that nobody was there."""

from __future__ import annotations

from django.http import Http404
from django.utils.text import capfirst

from cases import permissions, promising
from cases.forms import conversation as spoken
from cases.forms import promises as forms
from cases.models import Promise, Subtask
from cases.verbs import agreeing, amends, conversation, promises
from cases.views.acts import Act, visible_case
from supportdesk import clock


class Make(Act):
    template_name = "cases/promise.html"
    form_class = forms.Make
    title = "Promise {first} something"
    submit = "Promise it"
    said = "Promised. {first} sees it on the status page."

    def call(self, found):
        promises.make(self.case, found["pledge"], by=self.request.user)


class PromiseAct(Act):
    """An act on one promise."""

    promise: Promise

    def find(self, promise_pk: int):
        self.promise = Promise.objects.filter(pk=promise_pk).first()
        if self.promise is None:
            raise Http404
        return visible_case(self.request.user, self.promise.case_id)

    def get_context_data(self, **context):
        return super().get_context_data(promise=self.promise, **context)


class Keep(PromiseAct):
    template_name = "cases/keep.html"
    form_class = forms.Keeping
    title = "You spoke with {first}"
    lead = "Write down what was said, and what comes next."
    submit = "Kept it"
    said = "Written down. {first} can read it."

    def call(self, found):
        promises.keep(self.promise, said=found["said"], next_promise=found["pledge"], by=self.request.user)


class Attempt(PromiseAct):
    form_class = spoken.Tried
    title = "You could not reach {first}"
    lead = "What you promised stays promised: trying does not keep it."
    submit = "Write it down"
    said = "Written down. What you promised still stands."

    def call(self, found):
        conversation.attempt(self.case, found["how"], promise=self.promise, once=found["once"], by=self.request.user)


class MakeRight(PromiseAct):
    template_name = "cases/make_right.html"
    form_class = forms.MakeRight
    title = "Make it right"
    lead = "A person answers for this, in their own words. It goes to {first} as one message."
    submit = "Send it to {first}"
    said = "{first} can read it now."

    def may(self):
        return permissions.may_make_right(self.request.user, self.case)

    def call(self, found):
        told = {name: found[name] for name in ("apology", "why", "doing")}
        amends.make(self.promise, **told, next_promise=found["pledge"], by=self.request.user)


class NewDate(PromiseAct):
    template_name = "cases/promise.html"
    form_class = forms.NewDate
    title = "A new time for what you promised"
    lead = "Both times stay where {first} can see them."
    submit = "Give the new time"
    said = "{first} sees the new time and why."

    def get_initial(self):
        drafted = self._drafted(self.request.GET.get("after", ""))
        return {"words": self.promise.words, "due_at": self.promise.due_at, "backed_by": self._backed_by(), **drafted}

    def _drafted(self, after: str) -> dict:
        """What can be told when a department's date has moved: ``?after=`` names its part, else it is the one that the
        promise hangs on. Ready to be edited."""
        part = self._part(after) or self._later_than_promised()
        date = part and (part.later_at or part.committed_at)
        if not date:
            return {}
        due_at = promising.after(date, clock.now(), self.case.owner.department.calendar.hours)
        reason = capfirst(f"{part.department.name_for_customers} needs longer than it had said.")
        return {"due_at": due_at, "reason": reason, "backed_by": f"part-{part.pk}"}

    def _part(self, pk: str) -> Subtask | None:
        known = pk.isascii() and pk.isdigit() and len(pk) < 19
        parts = self.case.subtasks.open().select_related("department")
        return parts.filter(pk=int(pk)).first() if known else None

    def _later_than_promised(self) -> Subtask | None:
        part = self.promise.backed_by
        late = part and part.is_open and part.committed_at and part.committed_at > self.promise.due_at
        return part if late else None

    def _backed_by(self) -> str:
        if self.promise.backed_by_id:
            return f"part-{self.promise.backed_by_id}"
        return f"decision-{self.promise.backed_by_concession_id}" if self.promise.backed_by_concession_id else ""

    def call(self, found):
        told = {"reason": found["reason"], "by": self.request.user}
        if found["agreement"].strip():
            promises.renegotiate(self.promise, found["pledge"], agreement=found["agreement"], **told)
        else:
            promises.move(self.promise, found["pledge"], **told)


class TheyAgreed(PromiseAct):
    form_class = forms.TheyAgreed
    title = "{first} agreed to the new time"
    lead = "For when {first} told you so. On the status page {first} can still say otherwise."
    submit = "Write it down"
    said = "Written down. {first} can read it."

    def call(self, found):
        told = {name: found[name] for name in ("how", "words", "once")}
        agreeing.hear(self.promise, **told, by=self.request.user)
