"""What the API's acts on cases are told, read and bounded; whether it may be so the verbs say."""

from __future__ import annotations

from django.http import Http404
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.serializers import ChoiceField, ListField, Serializer

from cases.api.finding import cases_of
from cases.models import Attempt, Case, Concession, Message, Promise, Refusal, Resolution, Subtask
from cases.verbs.promises import Pledge
from customers.api import customers_of
from customers.models import Customer
from staff.api.fields import Id, Instant, Whole, Words, YesOrNo
from staff.models import Agent, Department, Topic


def _one_of(model, what: str):
    """Something that there is, by its id."""

    class One(Id):
        def run_validation(self, data=empty):
            pk = super().run_validation(data)
            found = pk if not isinstance(pk, int) else self.rows().filter(pk=pk).first()
            if found is None and pk is not None:
                raise serializers.ValidationError(f"There is no such {what}.", code="not_found")
            return found

        def rows(self):
            return model.objects.all()

    return One


OneAgent = _one_of(Agent, "agent")
OneDepartment = _one_of(Department, "department")
OneTopic = _one_of(Topic, "topic")


class OneCustomer(_one_of(Customer, "customer")):
    """Of those whom the token sees: an id that is tried tells nothing of anybody else."""

    def rows(self):
        return customers_of(self.context["request"])


class OtherCase(serializers.RegexField):
    """Another case that the token sees, by its number."""

    def __init__(self, **options):
        super().__init__(r"^[Cc]-[1-9][0-9]{0,17}\Z", **options)

    def run_validation(self, data=empty):
        number = super().run_validation(data)
        found = cases_of(self.context["request"]).filter(pk=int(number[2:])).first()
        if found is None:
            raise Http404  # as at its own address: whether there is one is not said
        return found


class OfThisCase(Id):
    """Something that hangs on the case which is acted on, by its id."""

    def __init__(self, model, **options):
        super().__init__(**options)
        self.model = model

    def run_validation(self, data=empty):
        pk = super().run_validation(data)
        if not isinstance(pk, int):
            return pk
        told_as = Case.objects.told_as(self.context["case"]).values("pk")
        row = self.model.objects.filter(pk=pk, case__in=told_as).first()
        if row is None:
            raise serializers.ValidationError("There is no such thing on this case.", code="not_found")
        return row


class PledgeRead(Serializer):
    """A promise about to be made: its words continue “Mia will …”."""

    words = Words(most=500)
    due_at = Instant()
    kind = ChoiceField(Promise.Kind.choices, default=Promise.Kind.UPDATE)
    subtask = OfThisCase(Subtask, required=False, allow_null=True, help_text="The part on which it hangs.")
    in_closed_hours = YesOrNo(default=False, help_text="Meant for a time at which nobody works.")

    def to_internal_value(self, data):
        found = super().to_internal_value(data)
        return Pledge(
            found["words"],
            found["due_at"],
            found["kind"],
            backed_by=found.get("subtask"),
            in_closed_hours=found["in_closed_hours"],
        )


class WithNext(Serializer):
    next_promise = PledgeRead(required=False, allow_null=True, help_text="Needed where nothing else is owed then.")


class NewCustomer(Serializer):
    """Known again by any of the addresses."""

    name = Words(most=120)
    mail = Words(most=254, required=False, allow_blank=True)
    phone = Words(most=40, required=False, allow_blank=True)


class Opening(Serializer):
    customer = OneCustomer(required=False, help_text="Somebody whom the desk knows; or who below.")
    who = NewCustomer(required=False)
    problem = Words()
    desired_outcome = Words(required=False, allow_blank=True, default="")
    preferences = ListField(child=Words(most=1000), required=False, max_length=20, default=list)
    subject = Words(most=500, required=False, allow_blank=True, default="")
    topic = OneTopic(required=False, allow_null=True, default=None)
    priority = Whole(min_value=1, max_value=4, default=3)
    channel = ChoiceField(Case.Channel.choices, default=Case.Channel.PORTAL)

    def validate(self, given):
        if ("customer" in given) == ("who" in given):
            raise serializers.ValidationError({"customer": "Say either “customer” or “who”."})
        return given


class Reason(Serializer):
    reason = Words()


class Body(Serializer):
    body = Words()


class Said(Serializer):
    said = Words()


class HandOver(Serializer):
    to = OneAgent()
    brief = Words()


class Write(WithNext):
    body = Words()
    send_at = Instant(required=False, allow_null=True, default=None)
    keeps = ListField(child=OfThisCase(Promise), required=False, max_length=50, default=list)


class Tried(Serializer):
    how = ChoiceField(Attempt.How.choices)
    promise = OfThisCase(Promise, required=False, allow_null=True, default=None)


class Ask(Serializer):
    department = OneDepartment()
    what = Words()
    plain_words = Words(most=1000, required=False, allow_blank=True, default="")
    after = OfThisCase(Subtask, required=False, allow_null=True, default=None)


class Accept(Serializer):
    committed_at = Instant()


class GivePart(Serializer):
    to = OneAgent(allow_null=True, required=False, default=None, help_text="Empty: whoever takes it on there.")
    reason = Words()


class WaitFor(Serializer):
    what_for = Words(most=1000)


class Later(Serializer):
    later_at = Instant()
    reason = Words()


class Granted(Serializer):
    later_at = Instant(help_text="The date that was asked for, as it was read.")


class NotGranted(Granted):
    reason = Words(required=False, allow_blank=True, default="")


class Outcome(Serializer):
    outcome = Words()


class TriedSo(Serializer):
    tried = Words()


class Keep(WithNext):
    said = Words(help_text="What was said when the customer was spoken to: that keeps it.")


class NewTime(Serializer):
    pledge = PledgeRead()
    reason = Words(required=False, allow_blank=True, default="")


class Moved(NewTime):
    reason = Words()


class Agreed(NewTime):
    agreement = Words(help_text="How the customer agreed.")


class MakeRight(WithNext):
    apology = Words()
    why = Words()
    doing = Words()


class Propose(Serializer):
    kind = ChoiceField(Resolution.Kind.choices)
    words = Words()
    meets = Whole(
        required=False, allow_null=True, min_value=1, max_value=4, help_text="Rank of the preference that it meets."
    )
    why_none = Words(required=False, allow_blank=True, default="")
    given_as = ChoiceField(Resolution.GivenAs.choices, required=False, allow_blank=True, default="")
    another = Words(most=1000, required=False, allow_blank=True, default="")
    check_back = PledgeRead(required=False, allow_null=True, default=None)
    tried = Words(required=False, allow_blank=True, default="")
    keeps = ListField(child=OfThisCase(Promise), required=False, max_length=50, default=list)

    def validate_meets(self, rank):
        if rank is None:
            return None
        wish = self.context["case"].preferences.filter(rank=rank).first()
        if wish is None:
            raise serializers.ValidationError("The customer has said no such preference.", code="not_found")
        return wish


class Reopen(WithNext):
    reason = Words()


class OnlyThanks(Serializer):
    read = OfThisCase(Message, required=False, allow_null=True, default=None, help_text="The newest message read.")


class Why(Serializer):
    why = ChoiceField(Case.NotACase.choices)


class EstimateRead(Serializer):
    over_by = Instant(required=False, allow_null=True, default=None)
    hangs_on = Words(most=1000, required=False, allow_blank=True, default="")
    tell_by = PledgeRead(required=False, allow_null=True, default=None)


class Into(Serializer):
    into = OtherCase(help_text="C-10427")


class SplitOff(Serializer):
    problem = Words()
    subject = Words(most=500, required=False, allow_blank=True, default="")
    message = OfThisCase(Message, required=False, allow_null=True, default=None)


class Refuse(Serializer):
    asked = Words(most=1000)
    kind = ChoiceField(Refusal.Kind.choices)
    ground = Words()
    read_before = Words(most=1000)
    decider = Words(most=500)


class Complain(Serializer):
    words = Words()
    about = ListField(child=OneAgent(), required=False, max_length=50, default=list)


class HandOn(Serializer):
    to = OneAgent()
    reason = Words()


class Answer(Serializer):
    words = Words()


class LookAgain(WithNext):
    look = ChoiceField([("upheld", "the no stands"), ("changed", "the no is taken back")])
    words = Words()


class Give(Serializer):
    kind = ChoiceField(Concession.Kind.choices)
    words = Words()
    why = Words()
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, required=False, allow_null=True, default=None, min_value=0
    )


class Decide(Serializer):
    granted = YesOrNo()
    answer = Words(required=False, allow_blank=True, default="")
