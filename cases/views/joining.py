"""Join a case into another, and take it out again."""

from __future__ import annotations

from django.http import Http404

from cases import permissions, reading
from cases.forms import joining as forms
from cases.models import Case, Message
from cases.verbs import joining
from cases.views.acts import Act, visible_case
from customers.identity import rows_of


class Join(Act):
    template_name = "cases/join.html"
    form_class = forms.Join
    title = "Join {number} into another case"
    lead = "For what is one problem, told more than once."
    submit = "Join them"
    said = "Joined. Both numbers lead here."

    def may(self):
        """Also whoever owns another case of this customer: it may be the one that goes on."""
        agent = self.request.user
        if permissions.may_speak(agent, self.case):
            return True
        return Case.objects.open().owned_by(agent).filter(customer__in=rows_of(self.case.customer)).exists()

    def call(self, found):
        self.case = joining.join(self.case, found["into"], by=self.request.user)

    def get_context_data(self, **context):
        owed, open_parts = self.case.promises.owed(), self.case.subtasks.open().select_related("department")
        here = reading.participants_of(Case.objects.told_as(self.case).values("pk"))
        context["participants"] = [participant for participant in here if participant.ended_at is None]
        return super().get_context_data(owed=owed.order_by("due_at", "pk"), open_parts=open_parts, **context)


class Undo(Act):
    """Takes out what was joined: the one act whose address names the joined case itself."""

    template_name = "cases/undo_joining.html"
    title = "Take {number} out again?"
    lead = "It opens again with {owner} as its owner, and takes with it what came from it and has not ended."
    submit = "Take it out"
    said = "{number} is a case of its own again."

    def find(self, pk: int):
        self.survivor = visible_case(self.request.user, pk)
        joined = Case.objects.visible_to(self.request.user).select_related("customer", "owner").filter(pk=pk).first()
        if joined is None or not joined.joinings.exists():
            raise Http404
        return joined

    def may(self):
        return permissions.may_join(self.request.user, self.case, self.survivor)

    def call(self, found):
        self.case = joining.undo(self.case, by=self.request.user)

    def get_context_data(self, **context):
        written = _written_while_joined(self.case, self.survivor)
        return super().get_context_data(survivor=self.survivor, written=written, **context)

    def back(self):
        return (self.survivor if self.case.joined_into_id else self.case).get_absolute_url()


def _written_while_joined(joined: Case, survivor: Case) -> int:
    """How many messages went between us and the customer since the two were joined; they stay where they are."""
    joining_of = joined.joinings.latest("pk")
    elsewhere = Case.objects.told_as(survivor).exclude(pk__in=Case.objects.told_as(joined).values("pk"))
    return Message.objects.filter(case__in=elsewhere.values("pk"), written_at__gte=joining_of.joined_at).count()
