"""Close over what stands in the way, open again."""

from __future__ import annotations

from cases.forms.fields import NextPromise, Reason


class Override(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = f"Why it is closed without {customer}’s yes"
        self.fields["reason"].help_text = "Every override is looked at by another supervisor."


class Reopening(Reason, NextPromise):
    field_order = ["reason"]

    def prepare(self, customer):
        self.fields["reason"].label = "Why it is open again"
        self.fields["next_words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"
        if not self.case.promises.owed().exists():
            for name in ("next_words", "next_due"):
                self.fields[name].required = True
            self.fields["next_due"].widget.is_required = True
            nothing = f"Nothing is promised to {customer} any more. Say what you promise next."
            self.fields["next_words"].error_messages["required"] = nothing
