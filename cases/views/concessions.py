"""Give something, and decide about what goes beyond the mandate."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404
from django.utils.functional import cached_property

from cases import permissions, reading
from cases.forms import concessions as forms
from cases.models import Case, Concession
from cases.sentences import at, given
from cases.verbs import concessions
from cases.views.acts import Act, visible_case
from staff.administrators import is_administrator
from staff.models import Agent, Company
from supportdesk.errors import Conflict


class Give(Act):
    template_name = "cases/give.html"
    form_class = forms.Giving
    title = "Give {first} something"
    submit = "Give it, or ask for it"
    made: Concession

    def may(self):
        return permissions.may_give(self.request.user, self.case)

    @property
    def said(self):
        if self.made.granted:
            return "Given. {first} knows of it once you write it."
        return f"{self.made.decider.name} has been asked. A promise can hang on the answer."

    def call(self, found):
        self.made = concessions.give(
            self.case,
            found["kind"],
            amount=found["amount"],
            words=found["words"],
            why=found["why"],
            once=found["once"],
            by=self.request.user,
        )

    def get_context_data(self, **context):
        decider = concessions.decider_of(self.case, self.request.user)
        alone = _in_words(concessions.limits_of(self.case))
        return super().get_context_data(alone=alone, decider=decider, before=_before(self.case), **context)


class DecisionAct(Act):
    """An act on what somebody was asked to decide."""

    concession: Concession

    def find(self, concession_pk: int):
        asked = Concession.objects.select_related("asked_by_agent", "decider", "case")
        self.concession = asked.filter(pk=concession_pk).first()
        if self.concession is None:
            raise Http404
        return visible_case(self.request.user, self.concession.case_id)

    def get_context_data(self, **context):
        before = [what for what in _before(self.case) if what[0].pk != self.concession.pk]
        return super().get_context_data(asked=self.concession, what=given(self.concession), before=before, **context)


class Decide(DecisionAct):
    template_name = "cases/decide.html"
    form_class = forms.Deciding
    title = "Your decision"
    submit = "Tell {owner}"
    said = "{owner} has been told."

    def may(self):
        head = Company.objects.the().head_id
        return permissions.may_decide(self.request.user, self.concession, self.case, head)

    def call(self, found):
        concessions.decide(self.concession, granted=found["granted"], answer=found["answer"], by=self.request.user)


class PassOn(DecisionAct):
    template_name = "cases/pass_on.html"
    form_class = forms.PassOn
    title = "Let somebody else decide"
    submit = "Ask them"

    @property
    def said(self):
        return f"{self.concession.decider.name} has been asked, and decides by {at(self.concession.due_at)}."

    def may(self):
        return permissions.may_pass_on(self.request.user, self.concession, self.case)

    @cached_property
    def others(self) -> list[Agent]:
        return concessions.deciders_beside(self.concession, self.case)

    def get(self, request, *args, **kwargs):
        if self.concession.decided_at is not None:
            raise Conflict("decided_already", "This has been decided already. Look at the case anew.")
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "others": self.others}

    def get_context_data(self, **context):
        nobody_else = "" if self.others else concessions.NOBODY_ELSE
        names = is_administrator(self.request.user)
        return super().get_context_data(nobody_else=nobody_else, may_name=names, **context)

    def call(self, found):
        self.concession = concessions.pass_on(
            self.concession, found["to"], reason=found["reason"], by=self.request.user
        )


def _before(case: Case) -> list[tuple[Concession, str]]:
    """What was given or asked for before, each in words."""
    told_as = list(Case.objects.told_as(case).values_list("pk", flat=True))
    return [(one, given(one)) for one in reading.concessions_of(told_as)]


def _in_words(limits: concessions.Limits) -> str:
    """What can be given without asking: "a refund up to 50.00 EUR, a replacement"; empty: nothing."""
    amounts = (("a refund", limits.refund), ("a courtesy", limits.courtesy))
    said = [f"{what} up to {most:,.2f} {settings.CURRENCY}" for what, most in amounts if most]
    return ", ".join([*said, *(["a replacement"] if limits.replacement else [])])
