"""When somebody is there, who leads and who decides."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.db.models import Q

from cases.forms.fields import short_text
from staff import hours_in_words, places
from staff.mandates import MOST
from staff.models import Agent, Department
from staff.models.calendars import WEEKDAYS
from supportdesk.errors import Refused

LONGEST_LIST = 20_000  # characters of own days


def _typed(label: str, most: int = 120, required: bool = False, **attributes) -> forms.CharField:
    """Words that ``hours_in_words`` reads: it says what is wrong with them, the field only that they are too many."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attributes})
    missing = {"required": "Name the time zone by continent and city, such as Europe/Berlin."}
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, error_messages=missing)


def _days(label: str, hint: str) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    return forms.CharField(label=label, help_text=hint, max_length=LONGEST_LIST, required=False, widget=area)


class Hours(forms.Form):
    """A calendar's hours in words. What is read from them is ``hours``."""

    zone = _typed("Time zone", most=60, required=True, list="zones")
    monday = _typed("Monday")
    tuesday = _typed("Tuesday")
    wednesday = _typed("Wednesday")
    thursday = _typed("Thursday")
    friday = _typed("Friday")
    saturday = _typed("Saturday")
    sunday = _typed("Sunday")
    country = forms.CharField(label="Public holidays of", max_length=60, required=False, widget=forms.Select)
    subdivision = _typed("Part of that country", most=60, list="parts")
    closed_days = _days("Own closed days", "One a line, such as 2026-12-24, or 2026-12-24 to 2027-01-01.")
    open_days = _days(
        "Own open days", "One a line with its hours, such as 2026-12-19 10:00-14:00. They win over week and holidays."
    )
    read_as = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", "No public holidays"), *places.countries()]
        self.fields["country"].widget.choices = choices

    def clean(self):
        found = super().clean()
        try:
            found["hours"] = hours_in_words.read(found)
        except Refused as refused:
            for field, sentence in [(each.anchor, each.sentence) for each in refused.hindrances] or [
                ("", str(refused))
            ]:
                if field not in self.errors:  # what is wrong with a field is said once
                    self.add_error(field or None, sentence)
        return found

    def week(self):
        """The fields of the seven days."""
        return [self[day] for day in WEEKDAYS]


class _Choices(forms.Form):
    """A form that offers people and departments."""

    def offer_people(self, field: str, chosen: Agent | None, *, supervisors: bool | None = None) -> None:
        """Those who can sign in, and who is named already.

        Args:
            supervisors: only those who supervise, or only those who do not.
        """
        able = Q(is_active=True, can_sign_in=True)
        if supervisors is not None:
            able &= Q(is_supervisor=supervisors)
        people = Agent.objects.people().filter(able | Q(pk=chosen and chosen.pk))
        self.fields[field].queryset = people
        self.fields[field].label_from_instance = lambda agent: f"{agent.name}, {agent.department.name}"


def _chosen(label: str, hint: str, nobody: str) -> forms.ModelChoiceField:
    gone = {"invalid_choice": "Choose somebody from this list."}
    return forms.ModelChoiceField(
        None, label=label, help_text=hint, required=False, empty_label=nobody, error_messages=gone
    )


class Nothing(forms.Form):
    """An act that needs only to be confirmed."""

    def __init__(self, *args, thing, **kwargs):
        super().__init__(*args, **kwargs)


class Lines(_Choices):
    lead = _chosen("Who leads it", "Is told when the department is late.", "Nobody")
    second_line = _chosen("Who stands behind it", "Takes over what the department cannot reproduce.", "No department")

    def __init__(self, *args, thing: Department, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_people("lead", thing.lead)
        self.fields["second_line"].queryset = Department.objects.exclude(pk=thing.pk)


def _amount(label: str, hint: str) -> forms.DecimalField:
    wrong = {
        "required": "Give an amount; write 0 where nothing is given.",
        "invalid": "Give an amount, such as 50 or 49.90.",
        "max_decimal_places": "Give at most two places behind the point, such as 49.90.",
        "max_digits": f"Give at most {MOST:,}.",
        "max_whole_digits": f"Give at most {MOST:,}.",
    }
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, help_text=hint, max_digits=10, decimal_places=2, error_messages=wrong, widget=widget
    )


class Mandate(_Choices):
    refund_up_to = _amount("Refund up to", "Of what the customer has paid.")
    courtesy_up_to = _amount("Courtesy up to", "What is not owed: a voucher, a free month.")
    replacement = forms.BooleanField(label="May send a replacement", required=False)
    decider = _chosen("Who decides what goes beyond", "Is asked by the owner, and says by when.", "Nobody")

    def __init__(self, *args, thing: Department, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("refund_up_to", "courtesy_up_to"):
            self.fields[name].label += f", {settings.CURRENCY}"
        mandate = getattr(thing, "mandate", None)
        self.offer_people("decider", mandate and mandate.decider)


class Rungs(_Choices):
    head = _chosen("The head", "Looks at what the supervisors have left unanswered. A supervisor.", "Nobody")
    ombudsperson = _chosen("The last rung", "Outside the queue; supervises nobody. Customers read this name.", "Nobody")
    contact = short_text("How customers reach the last rung", "An address, or a telephone number.", required=False)

    def __init__(self, *args, thing, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_people("head", thing.head, supervisors=True)
        self.offer_people("ombudsperson", thing.ombudsperson, supervisors=False)
