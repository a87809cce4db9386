"""Take, hand over, accept, give back, take over."""

from __future__ import annotations

from django.http import Http404

from cases import permissions
from cases.forms import ownership as forms
from cases.models import Handover
from cases.verbs import ownership
from cases.views.acts import Act, visible_case


class Take(Act):
    title = "Take {first}’s case?"
    lead = "You answer for it from now on, until {first} says that it is over."
    submit = "Take it"
    said = "{first}’s case is yours."

    def may(self):
        return permissions.may_take(self.request.user, self.case)

    def call(self, found):
        ownership.take(self.case, by=self.request.user)


class HandOver(Act):
    form_class = forms.HandOver
    title = "Hand over {first}’s case"
    lead = "It stays with {owner} until the offer is accepted. A new offer takes the place of one not answered."
    submit = "Offer it"
    said = "Offered. It stays with {owner} until it is accepted."

    def may(self):
        return permissions.may_hand_over(self.request.user, self.case)

    def call(self, found):
        ownership.hand_over(self.case, found["to"], brief=found["brief"], by=self.request.user)


class TakeOver(Act):
    form_class = forms.TakeOver
    title = "Take over {first}’s case from {owner}?"
    lead = "You become the owner at once. {first} reads your name, and {owner} reads why."
    submit = "Take over and tell {first}"
    said = "You own {first}’s case now."

    def may(self):
        return permissions.may_take_over(self.request.user)

    def call(self, found):
        ownership.take_over(self.case, reason=found["reason"], by=self.request.user)


class OfferAct(Act):
    """An act on an offered handover."""

    handover: Handover

    def find(self, handover_pk: int):
        self.handover = Handover.objects.select_related("from_agent", "to_agent").filter(pk=handover_pk).first()
        if self.handover is None:
            raise Http404
        return visible_case(self.request.user, self.handover.case_id)

    def may(self):
        return permissions.may_answer_handover(self.request.user, self.handover)


class Accept(OfferAct):
    title = "Accept {first}’s case?"
    lead = "You own it from now on."
    submit = "Accept"
    said = "{first}’s case is yours."

    def call(self, found):
        ownership.accept(self.handover, by=self.request.user)


class GiveBack(OfferAct):
    form_class = forms.GiveBack
    title = "Give {first}’s case back to {owner}"
    submit = "Give back"
    said = "Given back. {owner} has been told why."

    def call(self, found):
        ownership.give_back(self.handover, reason=found["reason"], by=self.request.user)

    def back(self):
        return "/"
