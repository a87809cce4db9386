"""When it will be over."""

from __future__ import annotations

from cases.forms import estimates as forms
from cases.likeness import like_it
from cases.verbs import estimates
from cases.views.acts import Act


class Estimate(Act):
    form_class = forms.Estimating
    title = "When will it be over?"
    lead = "{first} reads it beside what is promised next, and that it is an estimate. What was said before stays."
    submit = "Tell {first}"
    said = "{first} can read it now."

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "like_it": like_it(self.case)}

    def call(self, found):
        estimates.estimate(
            self.case,
            over_by=found["over_by"],
            like_it=found["like_it"],
            hangs_on=found["hangs_on"],
            tell_by=found["tell_by"],
            once=found["once"],
            by=self.request.user,
        )
