"""Say what has been done, or why it cannot be, and ask whether it is over."""

from __future__ import annotations

from django import forms

from cases.forms.fields import CaseForm, KeepsWord, Once, Promising, capital, long_text, short_text, time_to_promise
from cases.models import Resolution


class Proposing(CaseForm, Once, KeepsWord, Promising):
    """What only one kind of resolution, or only a met wish, needs is hidden by the style sheet until it does."""

    hangs = False
    field_order = [
        *("kind", "words", "another", "check_words", "check_due", "tried"),
        *("meets", "given_as", "why_none", "keeps"),
    ]
    kind = forms.ChoiceField(label="How does it end?", choices=capital(Resolution.Kind), widget=forms.RadioSelect)
    words = long_text("What has been done", most=5000)
    another = short_text("Who must do it", required=False)
    check_words = short_text("What you promise", required=False)
    check_due = time_to_promise("By when you ask", required=False)
    tried = long_text("What was tried", rows=3, required=False, most=5000)
    meets = forms.ModelChoiceField(None, label="Which wish does it meet?", required=False, empty_label="None of them")
    given_as = forms.ChoiceField(
        label="On what it rests",
        choices=[("", "Choose what it is"), *capital(Resolution.GivenAs)],
        required=False,
    )
    why_none = short_text("If none, why", required=False, most=1000)

    def prepare(self, customer):
        self.fields["kind"].initial = Resolution.Kind.SOLVED
        self.fields["words"].help_text = f"Or why it cannot be. {customer} reads it, and is asked whether it is over."
        self.fields["another"].help_text = f"By name, and how {customer} reaches them: you introduce them."
        self.fields["check_words"].initial = "ask you whether they have done it"
        self.fields["check_words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"
        self.fields["tried"].help_text = f"{customer} reads it."
        self.fields["given_as"].help_text = f"{customer} reads this too."
        wishes = self.case.preferences.all()
        self.fields["meets"].queryset = wishes
        if not wishes:
            del self.fields["meets"], self.fields["given_as"]
            self.fields["why_none"].label = "How it meets what was wanted"
            self.fields["why_none"].help_text = f"{customer} named no wishes."
            self.fields["why_none"].required = True
        self.offer(self.case.next_promise, self.case.owner.first_name)

    def clean(self):
        found = super().clean()
        words, due = found.get("check_words"), found.get("check_due")
        return {**found, "check_back": self.pledge(words, due)}
