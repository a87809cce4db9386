"""The form of what is told of cases, for the API's description (``told`` makes it)."""

from __future__ import annotations

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    DictField,
    IntegerField,
    ListField,
    Serializer,
)

from cases.actors import ActorKind
from cases.models import Case, Handover, Message, Promise, Refusal, Resolution, Subtask
from cases.models.timeline import Kind
from staff.api.shapes import InTheWay, Named


def _text(**options):
    return CharField(allow_blank=True, **options)


def _instant(**options):
    return DateTimeField(allow_null=True, **options)


class CaseRow(Serializer):
    """One customer problem, from first contact to the customer’s answer that it is over."""

    number = CharField(help_text="For people to say: C-10427")
    subject = CharField()
    state = ChoiceField(Case.State.choices)
    outcome = ChoiceField(Case.Outcome.choices, allow_blank=True)
    priority = IntegerField(min_value=1, max_value=4)
    channel = ChoiceField(Case.Channel.choices)
    department = Named()
    owner = Named(help_text="The one agent who answers for it.")
    is_up_for_taking = BooleanField(help_text="No person owns it yet.")
    customer = Named()
    opened_at = DateTimeField()
    closed_at = _instant()
    next_step = ChoiceField(Case.NextStep.choices, allow_null=True)
    next_due_at = _instant(help_text="When that is due; with nothing promised, since when.")
    is_late = BooleanField(help_text="What comes next is past its time.")
    is_confidential = BooleanField()
    customer_wrote_at = DateTimeField()
    we_wrote_at = _instant()


class PromiseShape(Serializer):
    """Something said to the customer with a time."""

    id = IntegerField()
    kind = ChoiceField(Promise.Kind.choices)
    words = CharField()
    due_at = DateTimeField()
    made_at = DateTimeField()
    made_by = ChoiceField(ActorKind.choices)
    state = ChoiceField(Promise.State.choices, help_text="Broken from its due time on, whenever that was noticed.")
    is_owed = BooleanField(help_text="Open, or broken and not spoken about since.")
    ended_at = _instant()
    answered_at = _instant()
    subtask = IntegerField(allow_null=True, help_text="The department’s part on which it hangs.")
    replaces = IntegerField(allow_null=True)
    reason = _text()
    agreement = _text()


class SubtaskShape(Serializer):
    """One department’s part of a case. It never speaks to the customer."""

    id = IntegerField()
    department = Named()
    what = CharField()
    plain_words = _text(help_text="What the customer reads about it.")
    state = ChoiceField(Subtask.State.choices)
    agent = Named(allow_null=True)
    asked_at = DateTimeField()
    seen_at = _instant()
    committed_at = _instant(help_text="By when the department has said it will be done.")
    waiting_for = _text()
    later_at = _instant(help_text="A later date that waits for the owner’s answer.")
    later_reason = _text()
    after = IntegerField(allow_null=True)
    ended_at = _instant()
    outcome = _text()


class MessageShape(Serializer):
    """What went between us and the customer."""

    id = IntegerField()
    direction = ChoiceField(Message.Direction.choices)
    channel = ChoiceField(Message.Channel.choices)
    body = CharField()
    agent = Named(allow_null=True)
    written_at = DateTimeField()
    send_at = DateTimeField(help_text="From this instant the customer can read it.")
    delivery = ChoiceField(Message.Delivery.choices)


class NoteShape(Serializer):
    """Said inside. The customer never sees it."""

    id = IntegerField()
    body = CharField()
    agent = Named(allow_null=True)
    written_at = DateTimeField()


class HandoverShape(Serializer):
    """An offer of ownership. Until it is accepted nothing changes."""

    id = IntegerField()
    case = CharField()
    to = Named()
    brief = CharField()
    state = ChoiceField(Handover.State.choices)
    offered_at = DateTimeField()
    answered_at = _instant()
    reason = _text()

    def get_fields(self):
        # A word of Python's own cannot stand as an attribute.
        return {**super().get_fields(), "from": Named()}


class ComplaintShape(Serializer):
    """What went wrong in how we dealt with someone; it outlives the fault."""

    id = IntegerField()
    case = CharField()
    words = CharField()
    owner = Named()
    made_at = DateTimeField()
    due_at = DateTimeField()
    answer = _text()
    answered_at = _instant()


class RefusalShape(Serializer):
    """A no, with the ground it rests on."""

    id = IntegerField()
    case = CharField()
    asked = CharField()
    kind = ChoiceField(Refusal.Kind.choices)
    ground = CharField()
    read_before = CharField()
    decider = _text()
    said_at = DateTimeField()
    another_look_at = _instant()
    looked_at = _instant()
    look = ChoiceField(Refusal.Look.choices, allow_blank=True)
    look_words = _text()


class ResolutionShape(Serializer):
    """What we say has been done; only the customer says whether it is over."""

    id = IntegerField()
    kind = ChoiceField(Resolution.Kind.choices)
    words = CharField()
    proposed_at = DateTimeField()
    ended_at = _instant()
    answer = ChoiceField(Resolution.Answer.choices, allow_blank=True)


class EntryShape(Serializer):
    """One line of the timeline: who, when, what."""

    id = IntegerField()
    kind = ChoiceField(Kind.choices)
    at = DateTimeField()
    actor = ChoiceField(ActorKind.choices)
    agent = Named(allow_null=True)
    about = DictField(child=IntegerField())


class CaseWhole(CaseRow):
    """A case with its parts and promises, and what stands in the way of closing it."""

    problem = CharField(help_text="The customer’s own words, kept as given.")
    desired_outcome = _text()
    preferences = ListField(child=CharField(), help_text="Acceptable resolutions, the dearest first.")
    promises = PromiseShape(many=True, help_text="What is owed.")
    subtasks = SubtaskShape(many=True)
    resolution = ResolutionShape(allow_null=True, help_text="What is proposed and not answered yet.")
    in_the_way = InTheWay(many=True, help_text="Of closing it.")
