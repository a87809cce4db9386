"""Put aside what is no case, and take it back in."""

from __future__ import annotations

from cases import permissions
from cases.forms import aside as forms
from cases.verbs import aside
from cases.views.acts import Act


class PutAside(Act):
    form_class = forms.PutAside
    title = "Put {number} aside as no case?"
    lead = (
        "Nothing is flagged or broken while it lies aside. Whoever sent it reads that it was put aside, and one "
        "press opens it again. You can take it back in for 30 days."
    )
    submit = "Put it aside"
    said = "Put aside. It can be taken back in for 30 days."

    def may(self):
        return permissions.may_put_aside(self.request.user, self.case)

    def call(self, found):
        aside.put_aside(self.case, found["why"], by=self.request.user)


class TakeBackIn(Act):
    title = "Take {number} back in?"
    lead = "It is open again with {owner} as its owner, and {first} is promised that {owner} will be in touch."
    submit = "Take it back in"
    said = "{number} is a case again."

    def may(self):
        return permissions.may_put_aside(self.request.user, self.case)

    def call(self, found):
        aside.take_back_in(self.case, by=self.request.user)
