"""Split off a second problem."""

from __future__ import annotations

from cases.forms import splitting as forms
from cases.verbs import splitting
from cases.views.acts import Act


class SplitOff(Act):
    form_class = forms.SplitOff
    title = "Split off a second problem"
    lead = "It gets a number, an owner and a promise of its own, in {first}’s words. This case stays as it is."
    submit = "Split it off"
    said = "This is the second problem. Each of the two shows the other."

    def call(self, found):
        self.case = splitting.split_off(
            self.case,
            found["problem"],
            subject=found["subject"],
            message=found["message"],
            once=found["once"],
            by=self.request.user,
        )
