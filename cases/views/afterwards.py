"""Decide about what a customer wrote after the closing."""

from __future__ import annotations

from cases.forms import afterwards as forms
from cases.verbs import afterwards
from cases.views.acts import Act


class OnlyThanks(Act):
    form_class = forms.OnlyThanks
    title = "Only thanks?"
    lead = "{number} stays over, and counts as it did. If {first} wants anything at all, open it again instead."
    submit = "Only thanks: it stays over"
    said = "Read as only thanks. It stays over."

    def call(self, found):
        afterwards.only_thanks(self.case, read=found["read"], by=self.request.user)
