"""Promise, keep, give a new date; and write down that nobody was there."""

from __future__ import annotations

from django.http import Http404

from cases.forms import conversation as spoken
from cases.forms import promises as forms
from cases.models import Promise
from cases.verbs import conversation, promises
from cases.views.acts import Act, visible_case


class Make(Act):
    form_class = forms.Promising
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


class NewDate(PromiseAct):
    form_class = forms.NewDate
    title = "A new time for what you promised"
    lead = "Both times stay where {first} can see them."
    submit = "Give the new time"
    said = "{first} sees the new time and why."

    def get_initial(self):
        return {"words": self.promise.words, "due_at": self.promise.due_at}

    def call(self, found):
        told = {"reason": found["reason"], "by": self.request.user}
        if found["agreement"].strip():
            promises.renegotiate(self.promise, found["pledge"], agreement=found["agreement"], **told)
        else:
            promises.move(self.promise, found["pledge"], **told)
