"""Join into another case, take out again."""

from __future__ import annotations

import re

from django import forms

from cases.forms.fields import CaseForm, short_text
from cases.models import Case
from customers.identity import rows_of

MOST_OTHERS = 20


class Join(CaseForm):
    into = forms.ModelChoiceField(
        None,
        label="Into which case?",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Say into which case."},
    )
    number = short_text("Or its number", required=False, most=24)

    def prepare(self, customer):
        others = (
            Case.objects.visible_to(self.agent)
            .open()
            .filter(customer__in=rows_of(self.case.customer))
            .exclude(pk=self.case.pk)
            .select_related("owner")
        )
        newest = others.order_by("-opened_at", "-pk")
        self.others = list(newest[:MOST_OTHERS])
        self.fields["into"].queryset = others
        self.fields["into"].choices = [(case.pk, _named(case)) for case in self.others]
        # One of the two is enough.
        self.fields["into"].required = not self.data.get("number", "").strip()
        self.fields["number"].help_text = "Such as C-10428."
        if not self.others:
            del self.fields["into"]
            self.fields["number"].label = "Into which case?"
            self.fields["number"].required = True
            self.fields["number"].help_text = f"{customer} has no other open case here. Type a number, such as C-10428."

    def clean(self):
        found = super().clean()
        chosen, typed = found.get("into"), found.get("number", "").strip()
        if chosen and typed:
            self.add_error("number", "Choose a case or type a number, not both.")
        elif typed:
            found["into"] = self._by_number(typed)
        return found

    def _by_number(self, typed: str) -> Case | None:
        """The case to which a number leads that somebody typed."""
        number = re.fullmatch(r"(?:[Cc]-?)?([1-9][0-9]{0,17})", typed)
        case = Case.objects.visible_to(self.agent).behind(int(number[1])).first() if number else None
        if case is None:
            self.add_error("number", "There is no case with this number.")
        return case


def _named(case: Case) -> str:
    owner = "nobody owns it yet" if case.owner.is_fallback else case.owner.name
    return f"{case.number}, {case.subject} ({owner})"
