"""Other people who take part: add, change, end."""

from __future__ import annotations

from django.http import Http404

from cases import permissions
from cases.forms import participants as forms
from cases.models import Participant
from cases.verbs import participants
from cases.views.acts import Act, visible_case
from customers.identity import recognise


class HostAct(Act):
    def may(self):
        return permissions.may_invite(self.request.user, self.case)

    def back(self):
        return f"{super().back()}#participants"


class Add(HostAct):
    form_class = forms.Add
    title = "Add a person to {first}’s case"
    lead = "They get a link of their own, and never see what is said inside."
    submit = "Add them"
    said = "Added. View their page to copy the link."

    def call(self, found):
        person = recognise(found["name"], mail=found["mail"], phone=found["phone"])
        about = {"relation": found["relation"], "sees": found["sees"], "speaks_for": found["speaks_for"]}
        participants.add(self.case, person, **about, by=self.request.user)


class ToldBy(Add):
    """Whoever told it on behalf of the customer takes part, and answers for them."""

    form_class = forms.Person
    title = "Who told us this for {first}?"
    lead = "They see everything that {first} sees, and answer for {first} until you change it."
    submit = "Add who told us"

    def call(self, found):
        super().call({**found, "sees": Participant.Sees.MESSAGES, "speaks_for": True})


class ParticipantAct(HostAct):
    """An act on one person who takes part."""

    participant: Participant

    def find(self, participant_pk: int):
        self.participant = Participant.objects.select_related("person").filter(pk=participant_pk).first()
        if self.participant is None:
            raise Http404
        return visible_case(self.request.user, self.participant.case_id)

    def words(self, pattern):
        return super().words(pattern.replace("{person}", self.participant.person.name))


class Change(ParticipantAct):
    form_class = forms.Change
    title = "What {person} sees and does"
    submit = "Change it"
    said = "Changed. The link stays the same."

    def get_initial(self):
        participant = self.participant
        return {
            "relation": participant.relation,
            "sees": participant.sees,
            "speaks_for": participant.speaks_for,
        }

    def call(self, found):
        participants.change(self.participant, **found, by=self.request.user)


class End(ParticipantAct):
    title = "{person} takes part no longer?"
    lead = "Their link is dead at once. What they have said stays."
    submit = "End it"
    said = "They take part no longer."

    def call(self, found):
        participants.end(self.participant, by=self.request.user)
