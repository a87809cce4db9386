"""Close what is agreed, and the visible ways round."""

from __future__ import annotations

from cases import permissions
from cases.forms import closing as forms
from cases.rollup import roll_up
from cases.verbs import closing, silence
from cases.views.acts import Act


class Close(Act):
    """Closes what the customer has agreed to; else says what stands in the way."""

    template_name = "cases/close.html"
    title = "Close {number}"
    submit = "Close it"
    said = "Closed, as {first} said."

    def call(self, found):
        closing.close(self.case, by=self.request.user)

    def get_context_data(self, **context):
        context.setdefault("hindrances", roll_up(self.case).hindrances)
        return super().get_context_data(may_override=permissions.may_close_unheard(self.request.user), **context)


class CloseUnanswered(Act):
    title = "Close as no answer?"
    lead = "{first} has not answered the reminders. It never counts as solved, and one “not yet” opens it again."
    submit = "Close as no answer"
    said = "Closed as no answer."

    def may(self):
        return permissions.may_close_unanswered(self.request.user, self.case)

    def call(self, found):
        silence.close_unanswered(self.case, by=self.request.user)


class Override(Act):
    form_class = forms.Override
    title = "Close without {first}’s yes"
    lead = "This raises a flag, whatever the reason is. Parts that are open stay with their departments."
    submit = "Close by override"
    said = "Closed by override. It has been flagged."

    def may(self):
        return permissions.may_close_unheard(self.request.user)

    def call(self, found):
        closing.override(self.case, reason=found["reason"], by=self.request.user)


class Reopen(Act):
    form_class = forms.Reopening
    title = "Open it again"
    lead = "{owner} stays the owner."
    submit = "Open again"
    said = "Open again."

    def call(self, found):
        closing.reopen(self.case, reason=found["reason"], next_promise=found["pledge"], by=self.request.user)
