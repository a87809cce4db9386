"""A rule as a sentence with fields in it."""

from __future__ import annotations

from django import forms

from escalations.rules import ROLES, Number, Wish
from escalations.wishing import sensible
from supportdesk.errors import Refused


class NumberField(forms.CharField):
    """A threshold; what is no sensible number is refused with the range that is."""

    def __init__(self, number: Number):
        look = {"inputmode": "decimal", "autocomplete": "off", "size": 5, "class": "input", "aria-label": number.label}
        widget = forms.TextInput(attrs=look)
        super().__init__(label=number.label, required=False, max_length=20, widget=widget)
        self.number = number

    def clean(self, value):
        try:
            return sensible(self.number, value)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence, code=refusal.code) from refusal


class Wished(forms.Form):
    """How a rule is wished for.

    Args:
        wish: as it is now.
    """

    tells = forms.MultipleChoiceField(
        label="Tell",
        required=False,
        choices=[(role, words[:1].upper() + words[1:]) for role, words in ROLES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="Nobody ticked: it stands in the queue all the same.",
    )
    is_on = forms.BooleanField(label="On: look for it", required=False)

    def __init__(self, data=None, *, wish: Wish):
        super().__init__(data, initial={"tells": list(wish.tells), "is_on": wish.is_on})
        self.wish = wish
        for number in wish.rule.numbers:
            self.fields[number.name] = NumberField(number)
            self.fields[number.name].initial = f"{wish.numbers[number.name]:g}"

    def sentence(self) -> list[tuple[str, forms.BoundField | None]]:
        """The condition in order: words, each with the field that follows them."""
        return [(words, self[number.name] if number else None) for words, number in self.wish.rule.parts()]

    def bound_numbers(self) -> list[forms.BoundField]:
        return [self[number.name] for number in self.wish.rule.numbers]

    def as_wished(self) -> Wish:
        """What the valid form says."""
        found = self.cleaned_data
        numbers = {number.name: found[number.name] for number in self.wish.rule.numbers}
        told = tuple(role for role in ROLES if role in found["tells"])
        return Wish(self.wish.rule, found["is_on"], numbers, told)
