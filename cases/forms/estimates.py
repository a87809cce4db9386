"""When it will be over."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, Once, Promising, instant, short_text, time_to_promise
from cases.likeness import LikeIt


class Estimating(CaseForm, Once, Promising):
    """A date and what it rests on, or by when we will know."""

    hangs = False
    field_order = ["over_by", "from_like_it", "hangs_on", "tell_due", "tell_words"]
    over_by = instant("When do you expect it to be over?", required=False)
    from_like_it = forms.BooleanField(required=False)
    hangs_on = short_text("On whom or what it hangs", required=False)
    tell_words = short_text("What you will tell", required=False)
    tell_due = time_to_promise("If you do not know yet, by when will you?", required=False)

    def __init__(self, *args, like_it: LikeIt, **kwargs):
        self.like_it = like_it
        super().__init__(*args, **kwargs)

    def prepare(self, customer):
        self.fields[
            "hangs_on"
        ].help_text = f"{customer} reads it after “It hangs on …”: “the workshop, which has the board”."
        self.fields["tell_words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"
        self.fields["tell_words"].initial = "tell you when it will be over"
        over_by = self.fields["over_by"]
        if not self.like_it.count:
            del self.fields["from_like_it"]
            over_by.help_text = "Too few like it have ended to say how long they take. An estimate, not a promise."
        else:
            self.fields["from_like_it"].label = f"It rests on {self.like_it.count} like it"
            if self.like_it.over_by:
                over_by.initial = self.like_it.over_by
                self.fields["from_like_it"].initial = True
                over_by.help_text = (
                    f"Half of {self.like_it.count} like it were over in this time. An estimate, not a promise."
                )
            else:
                over_by.help_text = f"This one has taken longer already than half of {self.like_it.count} like it."

    def clean(self):
        found = super().clean()
        words, due = found.get("tell_words"), found.get("tell_due")
        if due and found.get("over_by"):
            self.add_error("tell_due", "Say when it is over, or by when you will know: empty one of the two.")
        if due and not words:
            self.add_error("tell_words", "Say what you will tell.")
        like_it = self.like_it.count if found.get("from_like_it") and found.get("over_by") else None
        return {**found, "tell_by": self.pledge(words, due), "like_it": like_it}
