"""Write down a complaint, take it, hand it on, answer it."""

from __future__ import annotations

from django.http import Http404

from cases import permissions
from cases.forms import complaints as forms
from cases.involvement import involved_in
from cases.models import Complaint
from cases.verbs import complaints
from cases.views.acts import Act, visible_case


class Complain(Act):
    form_class = forms.Complaining
    title = "{first} complains about how we dealt with this"
    lead = "A supervisor whom it is not about answers it. The problem itself goes on as it does."
    submit = "Write it down"
    said = "Written down. {first} reads who answers, and by when."

    def may(self):
        return permissions.may_complain(self.request.user, self.case)

    def call(self, found):
        complaints.complain(
            self.case, found["words"], about=found.get("about", ()), once=found["once"], by=self.request.user
        )


class ComplaintAct(Act):
    """An act on one complaint."""

    template_name = "cases/complaint_act.html"
    not_yours = "A supervisor whom this complaint is not about does this."
    complaint: Complaint
    involved: set[int]

    def find(self, complaint_pk: int):
        self.complaint = Complaint.objects.select_related("owner").filter(pk=complaint_pk).first()
        if self.complaint is None:
            raise Http404
        self.involved = involved_in(self.complaint)
        return visible_case(self.request.user, self.complaint.case_id)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "complaint": self.complaint, "involved": self.involved}

    def get_context_data(self, **context):
        return super().get_context_data(complaint=self.complaint, **context)

    def back(self):
        return f"{super().back()}#complaint-{self.complaint.pk}"


class Take(ComplaintAct):
    form_class = forms.Taking
    title = "Take {first}’s complaint?"
    lead = "You answer it from now on."
    submit = "Take it"
    said = "You answer {first}’s complaint."

    def may(self):
        return permissions.may_judge(self.request.user, self.involved)

    def call(self, found):
        complaints.take(self.complaint, by=self.request.user)


class HandOn(ComplaintAct):
    form_class = forms.HandOn
    title = "Hand {first}’s complaint on"
    lead = "Its date stays: it has been promised."
    submit = "Hand it on"
    said = "Handed on."

    def may(self):
        return permissions.may_hand_on_complaint(self.request.user, self.complaint, self.involved)

    def call(self, found):
        complaints.hand_on(self.complaint, found["to"], reason=found["reason"], by=self.request.user)


class Answer(ComplaintAct):
    form_class = forms.Answering
    title = "Answer {first}’s complaint"
    submit = "Answer {first}"
    said = "{first} can read your answer now."

    def may(self):
        return permissions.may_answer_complaint(self.request.user, self.complaint, self.involved)

    def call(self, found):
        complaints.answer(self.complaint, found["words"], by=self.request.user)
