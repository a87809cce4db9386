"""Say what has been done, or why it cannot be, and ask whether it is over."""

from __future__ import annotations

from cases.forms import proposing as forms
from cases.verbs import proposing
from cases.views.acts import Act


class Propose(Act):
    template_name = "cases/propose.html"
    form_class = forms.Proposing
    title = "Ask {first} whether it is over"
    lead = "Only {first} ends it. A reminder goes out in two business days."
    submit = "Ask {first}"
    said = "{first} has been asked."

    def call(self, found):
        kept = [self.case.next_promise] if found.get("keeps") else []
        proposing.propose(
            self.case,
            kind=found["kind"],
            words=found["words"],
            meets=found.get("meets"),
            why_none=found["why_none"],
            given_as=found.get("given_as", ""),
            another=found["another"],
            check_back=found["check_back"],
            tried=found["tried"],
            keeps=kept,
            once=found["once"],
            by=self.request.user,
        )
