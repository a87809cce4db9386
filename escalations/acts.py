"""What a supervisor does from the queue: a note to the owner, an answer as someone else, settling."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

from cases import permissions
from cases.models import Appeal
from cases.someone_else import someone_for
from cases.verbs import appeals, conversation
from cases.views.acts import Act, visible_case
from escalations import flags, forms
from escalations.models import Flag
from escalations.rules import BY_NAME, SOMEONE_ELSE
from supportdesk import clock


class QueueAct(Act):
    """An act of those who look after the desk."""

    def dispatch(self, request, *args, **kwargs):
        if not permissions.looks_after_the_desk(request.user):
            raise PermissionDenied("The escalation queue is the supervisors’.")
        return super().dispatch(request, *args, **kwargs)


class NoteToOwner(QueueAct):
    form_class = forms.NoteToOwner
    title = "A note to {owner} about {first}"
    lead = "{owner} is told at once. It stands inside the case; {first} never sees it."
    submit = "Write to {owner}"
    said = "{owner} has your note."

    def may(self):
        return permissions.may_note_to_owner(self.request.user, self.case)

    def call(self, found):
        conversation.note_to_owner(self.case, found["body"], once=found["once"], by=self.request.user)


class Settle(QueueAct):
    """One reason is settled, the others stay."""

    form_class = forms.Settling
    title = "Settle this reason"
    lead = "{owner} sees that you looked, and what you write."
    submit = "Settle it"
    said = "Settled."
    not_yours = flags.OWN
    flag: Flag

    def find(self, flag_pk: int):
        self.flag = Flag.objects.filter(pk=flag_pk).first()
        if self.flag is None:
            raise Http404
        return visible_case(self.request.user, self.flag.case_id)

    def may(self):
        return permissions.may_settle_flag(self.request.user, self.case, self.flag.act_of_id)

    def call(self, found):
        flags.settle(self.flag, reason=found["reason"], by=self.request.user)

    def get_context_data(self, **context):
        rule = BY_NAME.get(self.flag.rule)
        return super().get_context_data(about=[(rule.title if rule else self.flag.rule, self.flag.evidence)], **context)

    template_name = "escalations/settle.html"


class NotNeeded(QueueAct):
    """Nothing more is needed: every reason that this supervisor may settle, at once."""

    form_class = forms.NotNeeded
    template_name = "escalations/settle.html"
    title = "Nothing more is needed for {first}"
    lead = "{owner} reads what you write. It is kept with each reason, so that the rules can be set better."
    submit = "Not needed"
    not_yours = flags.OWN
    settled: flags.Settled

    def may(self):
        return permissions.looks_after_the_desk(self.request.user) and not permissions.owns(
            self.request.user, self.case
        )

    def get_initial(self):
        seen = self.request.GET.get("seen", "")
        return {"seen": seen if seen.isascii() and seen.isdigit() and len(seen) < 19 else None}

    def call(self, found):
        self.settled = flags.settle_all(self.case, reason=found["reason"], seen=found["seen"], by=self.request.user)

    @property
    def said(self):
        return _what_came_of(self.settled)

    def get_context_data(self, **context):
        standing = flags.flags_of(self.case).standing().order_by("became_true_at", "pk")
        about = [(BY_NAME[flag.rule].title, flag.evidence) for flag in standing if flag.rule in BY_NAME]
        return super().get_context_data(about=about, **context)


class AppealAct(QueueAct):
    """An act on what a customer has asked for."""

    template_name = "escalations/answer.html"
    appeal: Appeal

    def find(self, appeal_pk: int):
        about = ("promise", "taken_by_agent")
        self.appeal = Appeal.objects.select_related(*about).filter(pk=appeal_pk).first()
        if self.appeal is None:
            raise Http404
        return visible_case(self.request.user, self.appeal.case_id)

    def may(self):
        someone = someone_for(self.appeal, clock.now())
        return permissions.may_answer_appeal(self.request.user, self.case, someone)

    def get_context_data(self, **context):
        return super().get_context_data(appeal=self.appeal, **context)


class AnswerAppeal(AppealAct):
    form_class = forms.Answering
    title = "Answer {first} as someone else"
    lead = "{first} asked for a person who had no part in it, reads your name, and is asked whether it helped."
    submit = "Answer {first}"
    said = "{first} can read your answer now, and is asked whether it helped."

    def call(self, found):
        appeals.answer(self.appeal, found["words"], next_promise=found["pledge"], by=self.request.user)
        # The answer is what was asked for: nobody has to settle that as well.
        for flag in flags.flags_of(self.case).standing().filter(rule__in=SOMEONE_ELSE):
            if flags.may_settle(self.request.user, flag, self.case):
                flags.settle(flag, reason="Answered.", by=self.request.user)


class TakeAppeal(AppealAct):
    title = "Will you answer {first}?"
    lead = "{first} reads that it is you, and by when. Whoever is quicker may still answer first."
    submit = "I answer {first}"
    said = "{first} reads that you answer."

    def call(self, found):
        appeals.take(self.appeal, by=self.request.user)


def _what_came_of(settled: flags.Settled) -> str:
    """What a supervisor is told after settling everything: also what stays for another."""
    count = len(settled.done)
    said = "Settled." if count == 1 else f"Settled: {count} reasons." if count else "Nothing was left to settle."
    if settled.left:
        left = ", ".join(
            sorted({BY_NAME[flag.rule].title if flag.rule in BY_NAME else flag.rule for flag in settled.left})
        )
        said += f" Left for another supervisor, or raised since you looked: {left}."
    return said
