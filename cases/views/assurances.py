"""Take a live call about somebody else's case."""

from __future__ import annotations

from cases import permissions
from cases.forms import conversation as forms
from cases.verbs import assurances, promises
from cases.views.acts import Act


class TakeCall(Act):
    template_name = "cases/take_call.html"
    form_class = forms.Call
    title = "{first} is on the telephone"
    submit = "Make sure of it"
    said = "Written down. Make sure that {first} hears from the owner: it stands on your list until then."

    def may(self):
        return permissions.may_take_call(self.request.user)

    def require_may(self):
        super().require_may()
        assurances.require_not_theirs(self.case, by=self.request.user)

    def call(self, found):
        assurances.take_call(self.case, found["body"], once=found["once"], by=self.request.user)

    def get_context_data(self, **context):
        standing = promises.soon_in_touch(self.case)
        return super().get_context_data(
            in_touch_by=standing.due_at if standing else promises.first_answer_due(self.case), **context
        )
