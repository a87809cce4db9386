"""Say no with its ground, and look at a no once more."""

from __future__ import annotations

from django.http import Http404

from cases import permissions
from cases.forms import refusals as forms
from cases.models import Refusal
from cases.verbs import refusals
from cases.views.acts import Act, visible_case


class Refuse(Act):
    form_class = forms.Refusing
    title = "Say no to {first}"
    lead = "A no has a ground. {first} reads it, and may ask for another person’s look."
    submit = "Tell {first}"
    said = "{first} can read it now."

    def may(self):
        return permissions.may_refuse(self.request.user, self.case)

    def call(self, found):
        words = {name: found[name] for name in ("asked", "kind", "ground", "read_before", "decider")}
        refusals.refuse(self.case, **words, once=found["once"], by=self.request.user)


class LookAgain(Act):
    template_name = "cases/look_again.html"
    form_class = forms.LookAgain
    title = "Look again at what {first} was refused"
    submit = "Tell {first}"
    said = "{first} can read what you found."
    not_yours = "A supervisor looks again: neither who said no nor who owns the case."
    refusal: Refusal

    def find(self, refusal_pk: int):
        self.refusal = Refusal.objects.select_related("said_by_agent").filter(pk=refusal_pk).first()
        if self.refusal is None:
            raise Http404
        return visible_case(self.request.user, self.refusal.case_id)

    def may(self):
        return permissions.may_look_again(self.request.user, self.refusal, self.case)

    def call(self, found):
        refusals.look_again(
            self.refusal,
            look=found["look"],
            words=found["words"],
            next_promise=found["pledge"],
            by=self.request.user,
        )

    def get_context_data(self, **context):
        return super().get_context_data(refusal=self.refusal, **context)

    def back(self):
        return f"{super().back()}#refusal-{self.refusal.pk}"
