"""Who of the staff may see a case."""

from __future__ import annotations

from cases.forms.fields import Reason


class Confidential(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = "Why not everybody may see it"
        self.fields["reason"].help_text = f"Whoever sees the case reads this. {customer} does not."


class OpenToStaff(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = "Why everybody may see it again"
