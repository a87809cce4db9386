"""The staff's forms. They read what was typed; the rules stand in the verbs."""

from __future__ import annotations

import secrets

from django import forms

from cases.models import Case, Promise, Resolution
from cases.verbs.promises import Pledge
from staff.models import Agent, Department


def short_text(label: str, hint: str = "", most: int = 200, **options) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, max_length=most, error_messages=missing(label), **options)


def missing(label: str) -> dict[str, str]:
    """What is said beside a field that was left empty."""
    return {"required": f"Fill in “{label}”."}


def long_text(label: str, hint: str = "", rows: int = 4, most: int = 20_000, **options) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=hint, max_length=most, widget=area, error_messages=missing(label), **options
    )


def instant(label: str, hint: str = "", **options) -> forms.DateTimeField:
    """A date and time in the agent's zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=hint, widget=widget, error_messages=missing(label), **options)


def capital(choices: type) -> list[tuple[str, str]]:
    """Choices as they stand in a list of their own: each begins with a capital."""
    return [(value, label[:1].upper() + label[1:]) for value, label in choices.choices]


class KeepsWord(forms.Form):
    """Whether the form keeps the next promise, and which one that was when the page was read."""

    keeps = forms.BooleanField(required=False)
    promise = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def offer(self, promise: Promise | None, owner: str) -> None:
        """Offer to keep this promise; without one there is nothing to tick."""
        if promise is None:
            del self.fields["keeps"], self.fields["promise"]
            return
        self.fields["keeps"].label = f"This keeps what was promised: {owner} will {promise.words}"
        self.fields["promise"].initial = promise.pk
        self.promised = promise.pk

    def clean(self):
        found = super().clean()
        if found.get("keeps") and found.get("promise") not in (None, self.promised):
            self.add_error("keeps", "Something else is promised since you opened this page. Look at the case anew.")
        return found


class CaseForm(forms.Form):
    """A form about one case, used by one agent."""

    def __init__(self, *args, case: Case, agent: Agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.agent = case, agent
        self.prepare(case.customer.first_name)
        for bound in self:
            if str(bound.field.error_messages.get("required", "")).startswith("Fill in"):
                bound.field.error_messages.update(missing(bound.label))

    def prepare(self, customer: str) -> None:
        """Fit labels and choices to the case; ``customer`` is the first name."""


class Once(forms.Form):
    """Carries a random key, so that a form sent twice is done once."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = secrets.token_urlsafe(16)


class NextPromise(forms.Form):
    """What is promised next: words and time, both or neither."""

    next_words = short_text("Next promise", required=False)
    next_due = instant("By when", required=False)

    def clean(self):
        found = super().clean()
        words, due = found.get("next_words"), found.get("next_due")
        if words and not due and "next_due" not in self.errors:
            self.add_error("next_due", "Say by when.")
        if due and not words:
            self.add_error("next_words", "Say what you promise.")
        return {**found, "pledge": Pledge(words, due) if words and due else None}


class Nothing(CaseForm):
    """An act that needs only to be confirmed."""


class Reason(CaseForm):
    reason = long_text("Why", rows=3, most=2000)


# -- Ownership


class HandOver(CaseForm):
    to = forms.ModelChoiceField(
        Agent.objects.none(),
        label="To whom",
        empty_label="Choose a person",
        error_messages={"required": "Choose a person."},
    )
    brief = long_text("What they need to know", most=2000)

    def prepare(self, customer):
        people = Agent.objects.able_to_work().exclude(pk=self.case.owner_id)
        self.fields["to"].queryset = people.order_by("department__name", "name")
        self.fields["to"].label_from_instance = lambda agent: f"{agent.name}, {agent.department.name}"
        self.fields["brief"].help_text = f"Why, and what {customer} should not have to tell again."


class TakeOver(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = f"Why, in a sentence that {self.case.owner.first_name} will read"


class GiveBack(Reason):
    def prepare(self, customer):
        self.fields["reason"].help_text = f"{self.case.owner.first_name} reads it and can plan."


# -- Conversation


class Message(CaseForm, Once, NextPromise, KeepsWord):
    body = long_text("Your message", rows=5)

    def prepare(self, customer):
        self.offer(self.case.next_promise, self.case.owner.first_name)


class Note(CaseForm, Once):
    body = long_text("Inside note", rows=5)


# -- Promises


class Promising(CaseForm):
    words = short_text("What do you promise?")
    due_at = instant("By when?")
    kind = forms.ChoiceField(label="What kind", choices=capital(Promise.Kind), initial=Promise.Kind.UPDATE)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"

    def clean(self):
        found = super().clean()
        if {"words", "due_at", "kind"} <= found.keys():
            found["pledge"] = Pledge(found["words"], found["due_at"], found["kind"])
        return found


class Keeping(CaseForm, NextPromise):
    field_order = ["said"]
    said = long_text("What was said", rows=4)

    def prepare(self, customer):
        self.fields["said"].help_text = f"Saying it is what keeps it. {customer} can read this too."
        self.fields["next_words"].help_text = "Leave empty if something else is promised already."


class NewDate(CaseForm):
    due_at = instant("New time")
    words = short_text("What you promise")
    reason = short_text("Why it moves", required=False, most=500)
    agreement = short_text("How it was agreed", required=False, most=500)

    def prepare(self, customer):
        self.fields["reason"].help_text = f"{customer} reads it."
        self.fields["agreement"].label = f"{customer} agreed"
        self.fields[
            "agreement"
        ].help_text = "How: “on the telephone, at ten”. Leave empty if you only tell the new date."

    def clean(self):
        found = super().clean()
        if {"words", "due_at"} <= found.keys():
            found["pledge"] = Pledge(found["words"], found["due_at"])
        return found


# -- Sub-tasks


class Ask(CaseForm, Once):
    department = forms.ModelChoiceField(
        Department.objects.all(),
        label="Whom",
        empty_label="Choose a department",
        error_messages={"required": "Choose a department."},
    )
    what = long_text("What is needed", rows=3, most=2000)
    plain_words = short_text("In the customer’s words", required=False)

    def prepare(self, customer):
        self.fields["plain_words"].help_text = (
            f"What {customer} reads: “the workshop is looking at your board”. "
            "Empty: that the department is working on it."
        )


class Accept(CaseForm):
    committed_at = instant("Done by", "The owner plans with this, and promises the customer no earlier.")


class Done(CaseForm):
    words = long_text("What came of it", most=5000)

    def prepare(self, customer):
        self.fields["words"].help_text = f"{self.case.owner.first_name} reads it. {customer} does not."


class NotOurs(CaseForm):
    words = long_text("Why it is not yours", rows=3, most=2000)


class Drop(CaseForm):
    words = long_text("Why it is not needed any more", rows=3, most=2000)


# -- Closing


class Proposing(CaseForm, Once, KeepsWord):
    field_order = ["kind", "words", "meets", "why_none", "keeps"]
    kind = forms.ChoiceField(label="How does it end?", choices=capital(Resolution.Kind), widget=forms.RadioSelect)
    words = long_text("What has been done", most=5000)
    meets = forms.ModelChoiceField(None, label="Which wish does it meet?", required=False, empty_label="None of them")
    why_none = short_text("If none, why", required=False, most=1000)

    def prepare(self, customer):
        self.fields["kind"].initial = Resolution.Kind.SOLVED
        self.fields["words"].help_text = f"{customer} reads it, and is asked whether it is over."
        wishes = self.case.preferences.all()
        self.fields["meets"].queryset = wishes
        if not wishes:
            del self.fields["meets"]
            self.fields["why_none"].label = "How it meets what was wanted"
            self.fields["why_none"].help_text = f"{customer} named no wishes."
            self.fields["why_none"].required = True
        self.offer(self.case.next_promise, self.case.owner.first_name)


class Override(Reason):
    def prepare(self, customer):
        self.fields["reason"].label = f"Why it is closed without {customer}’s yes"
        self.fields["reason"].help_text = "Every override is looked at by another supervisor."


class Reopening(Reason, NextPromise):
    field_order = ["reason"]

    def prepare(self, customer):
        self.fields["reason"].label = "Why it is open again"
        self.fields["next_words"].help_text = f"{customer} reads it after “{self.agent.first_name} will …”"
