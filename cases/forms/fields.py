"""Fields and forms that several acts share."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cases import promising
from cases.models import Case, Concession, Promise, Subtask
from cases.sentences import at
from cases.verbs import backing
from cases.verbs.promises import Pledge
from staff.models import Agent
from supportdesk import clock
from supportdesk.errors import Refused
from supportdesk.statements import built_once

_LOCAL = "%Y-%m-%dT%H:%M"


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
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL)
    return forms.DateTimeField(label=label, help_text=hint, widget=widget, error_messages=missing(label), **options)


class TimeToPromise(forms.DateTimeInput):
    """Plain times to choose from, and beside them one's own. Without a script both stand there.

    What is sent as ``due_plain`` is the chosen instant itself, so that "tomorrow" is the day that was read; ``due`` is
    one's own time, and counts where nothing plain is chosen.
    """

    OWN = "own"

    def __init__(self):
        super().__init__(attrs={"type": "datetime-local"}, format=_LOCAL)
        self.times: list[tuple[datetime, str]] = []
        self.hint = ""

    def value_from_datadict(self, data, files, name):
        plain = data.get(f"{name}_plain", "")
        return plain if plain not in ("", self.OWN) else super().value_from_datadict(data, files, name)

    def value_omitted_from_data(self, data, files, name):
        return f"{name}_plain" not in data and super().value_omitted_from_data(data, files, name)

    def id_for_label(self, id_):
        return f"{id_}_plain" if id_ else id_

    def render(self, name, value, attrs=None, renderer=None):
        attrs = self.build_attrs(self.attrs, attrs)
        instant = _instant(value)
        chosen = next((due_at for due_at, _ in self.times if due_at == instant), None)
        shown = {
            "name": name,
            "id": attrs.get("id", f"id_{name}"),
            "times": [(due_at.isoformat(), words, due_at == chosen) for due_at, words in self.times],
            "is_empty": not value,
            "is_own": bool(value) and chosen is None,
            "own": "" if chosen else f"{timezone.localtime(instant):{_LOCAL}}" if instant else value or "",
            "hint": self.hint,
            "required": self.is_required,
            "attrs": {key: said for key, said in attrs.items() if key.startswith("aria-")},
        }
        return render_to_string("components/time_to_promise.html", shown)


def _instant(value) -> datetime | None:
    """What a form holds of a time, typed or chosen, as an instant; none where it is none."""
    if isinstance(value, str):
        try:
            value = parse_datetime(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return timezone.make_aware(value) if timezone.is_naive(value) else value
    except (ValueError, OverflowError):
        return None


def time_to_promise(label: str, hint: str = "", **options) -> forms.DateTimeField:
    """When something is promised for: the one field for it behind every door."""
    messages = {"required": "Choose a time."}
    return forms.DateTimeField(label=label, help_text=hint, widget=TimeToPromise(), error_messages=messages, **options)


def capital(choices: type) -> list[tuple[str, str]]:
    """Choices as they stand in a list of their own: each begins with a capital."""
    return [(value, label[:1].upper() + label[1:]) for value, label in choices.choices]


class KeepsWord(forms.Form):
    """Whether the form keeps the next promise, and which one that was when the page was read."""

    keeps = forms.BooleanField(required=False)
    promise = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def offer(self, promise: Promise | None, owner: str) -> None:
        """Offer to keep this promise; without one, or with one that another person keeps, there is nothing to tick."""
        if promise is None or promise.is_another_persons:
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


@dataclass(frozen=True)
class Behind:
    """What a promise on a case can hang on: parts of departments and decisions, that are open."""

    parts: tuple[Subtask, ...] = ()
    decisions: tuple[Concession, ...] = ()

    def choices(self) -> list[tuple[str, str]]:
        named = [(f"part-{part.pk}", f"{part.department.name}, {_date_of(part)}") for part in self.parts]
        named += [
            (f"decision-{one.pk}", f"{one.decider.name}, who decides by {at(one.due_at)}") for one in self.decisions
        ]
        return [("", "Nothing"), *named] if named else []

    def dates(self) -> list[tuple[str, datetime]]:
        """Whom one waits for, and until when."""
        dated = [(part.department.name, part.committed_at) for part in self.parts if part.has_a_date]
        return dated + [(one.decider.name, one.due_at) for one in self.decisions]

    def chosen(self, value: str) -> dict[str, Subtask | Concession | None]:
        kind, _, pk = value.partition("-")
        part = next((part for part in self.parts if kind == "part" and str(part.pk) == pk), None)
        decision = next((one for one in self.decisions if kind == "decision" and str(one.pk) == pk), None)
        return {"backed_by": part, "backed_by_concession": decision}


def behind(parts: Iterable[Subtask], concessions: Iterable[Concession]) -> Behind:
    """The open ones among these."""
    return Behind(
        tuple(part for part in parts if part.is_open), tuple(one for one in concessions if one.decided_at is None)
    )


def _date_of(part: Subtask) -> str:
    return f"accepted for {at(part.committed_at)}" if part.has_a_date else "no date yet"


class Promising(forms.Form):
    """What a form needs that promises something, beside words and time: on what it hangs, and the answer to what the
    desk asks back. The words and the time carry the names that the form gives them.

    Attributes:
        hangs: whether it can hang on a department's part or a decision.
        instead: what can be promised in place of what was refused, each a button: its label and its value.
    """

    hangs = True
    instead: tuple[tuple[str, str], ...] = ()

    backed_by = forms.ChoiceField(
        label="It hangs on",
        required=False,
        error_messages={"invalid_choice": "What it was to hang on has ended. Look at the case anew."},
    )
    in_closed_hours = forms.BooleanField(label="Promise it all the same", required=False, widget=forms.HiddenInput)

    def pledge(self, words: str | None, due_at: datetime | None, kind: str = Promise.Kind.UPDATE) -> Pledge | None:
        """The promise that was typed, or that was pressed in its place; none without words or time."""
        offered = _offered(self.data.get("instead", ""))
        if offered is not None:
            due_at, words = offered[0], offered[1] or words
        if not words or not due_at:
            return None
        hangs_on = {} if offered and offered[1] else self.behind.chosen(self.cleaned_data.get("backed_by", ""))
        return Pledge(words, due_at, kind, in_closed_hours=self.cleaned_data.get("in_closed_hours", False), **hangs_on)

    def take_refusal(self, refusal: Refused) -> None:
        """Offer what can be promised instead; what is asked back can be answered."""
        self.instead = tuple((_as_button(offer, self.agent), _as_value(offer)) for offer in refusal.offers)
        if refusal.code == "closed_hours":
            self.fields["in_closed_hours"].widget = forms.CheckboxInput()


IN_TOUCH, AT = "in-touch", "at"


def _as_button(offer, agent: Agent) -> str:
    when = at(offer.due_at)
    return f"Promise instead: I will be in touch by {when}" if offer.words else f"Promise it by {when} instead"


def _as_value(offer) -> str:
    return f"{IN_TOUCH if offer.words else AT}@{offer.due_at.isoformat()}"


def _offered(value: str) -> tuple[datetime, str] | None:
    """What was pressed: a time, and words where they change."""
    how, _, when = value.partition("@")
    due_at = _instant(when) if how in (IN_TOUCH, AT) else None
    return None if due_at is None else (due_at, backing.IN_TOUCH if how == IN_TOUCH else "")


class CaseForm(forms.Form):
    """A form about one case, used by one agent.

    Args:
        hangs_on: what can stand behind a promise on this case, where that has been read already.
    """

    def __init__(self, *args, case: Case, agent: Agent, hangs_on: Behind | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.agent = case, agent
        self.prepare(case.customer.first_name)
        if isinstance(self, Promising):
            self._offer_what_can_be_promised(hangs_on)
        for bound in self:
            if str(bound.field.error_messages.get("required", "")).startswith("Fill in"):
                bound.field.error_messages.update(missing(bound.label))

    def prepare(self, customer: str) -> None:
        """Fit labels and choices to the case; ``customer`` is the first name."""

    def _offer_what_can_be_promised(self, hangs_on: Behind | None) -> None:
        times = [name for name, field in self.fields.items() if isinstance(field.widget, TimeToPromise)]
        self.behind = hangs_on or _behind_now(self.case)
        self.fields["backed_by"].choices = self.behind.choices()
        if not self.hangs or not self.behind.choices():
            self.behind = Behind()
            del self.fields["backed_by"]
        for name in times:
            self.fields[name].widget.times = self._plain_times()
            self.fields[name].widget.hint = self._other_clock()
            _put_after(self.fields, name, ("in_closed_hours", "backed_by"))

    def _plain_times(self) -> list[tuple[datetime, str]]:
        """The plain times that can be promised now, and the first one after each date that something can hang on."""
        now, zone = clock.now(), timezone.get_current_timezone()
        hours = self.case.owner.department.calendar.hours
        found = [(one.due_at, promising.plainly(one, now, zone)) for one in promising.choices(now, hours)]
        for name, date in self.behind.dates():
            due_at = promising.after(date, now, hours)
            found.append((due_at, f"After {name}, {at(due_at)}"))
        theirs = promising.zone_named(self.case.customer.zone)
        # Each time once, under the last of its names: the department's says more than the day's.
        once = dict(found)
        return [(due_at, self._also_there(words, due_at, zone, theirs)) for due_at, words in once.items()]

    def _also_there(self, words: str, due_at: datetime, zone, theirs) -> str:
        there = promising.on_their_clock(due_at, zone, theirs)
        return f"{words}, for {self.case.customer.first_name} {there}" if there else words

    def _other_clock(self) -> str:
        """How far the customer's clock is from the reader's, for a time of one's own: "For Jo it is 6 h earlier."."""
        theirs = promising.zone_named(self.case.customer.zone)
        if theirs is None:
            return ""
        now = clock.now()
        here, there = (now.astimezone(zone).utcoffset() for zone in (timezone.get_current_timezone(), theirs))
        minutes = abs(there - here).seconds // 60
        if not minutes:
            return ""
        apart = f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
        return f"For {self.case.customer.first_name} it is {apart} {'later' if there > here else 'earlier'} than that."


def can_stand_behind() -> dict[str, Exists]:
    """What cases are annotated with where few promises hang on anything: then a form asks only for what there is."""
    parts = Subtask.objects.open().filter(case=OuterRef("pk"))
    undecided = Concession.objects.undecided().filter(case=OuterRef("pk"))
    return {"has_open_parts": Exists(parts), "has_undecided": Exists(undecided)}


def _behind_now(case: Case) -> Behind:
    return Behind(
        tuple(_open_parts(case.pk)) if getattr(case, "has_open_parts", True) else (),
        tuple(_undecided(case.pk)) if getattr(case, "has_undecided", True) else (),
    )


@built_once
def _open_parts(case: int):
    return Subtask.objects.open().filter(case=case).select_related("department").order_by("pk")


@built_once
def _undecided(case: int):
    return Concession.objects.undecided().filter(case=case).select_related("decider").order_by("pk")


def _put_after(fields: dict, name: str, others: Iterable[str]) -> None:
    """Move fields behind another one."""
    moved = {other: fields.pop(other) for other in others if other in fields}
    behind_it = list(fields)[list(fields).index(name) + 1 :]
    fields |= moved
    for later in behind_it:
        fields[later] = fields.pop(later)


class Once(forms.Form):
    """Carries a random key, so that a form sent twice is done once."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = new_key()


def new_key() -> str:
    """A random key for a form."""
    return secrets.token_urlsafe(16)


class NextPromise(Promising):
    """What is promised next: words and time, both or neither."""

    next_words = short_text("Next promise", required=False)
    next_due = time_to_promise("By when", required=False)

    def clean(self):
        found = super().clean()
        words, due = found.get("next_words"), found.get("next_due")
        if words and not due and "next_due" not in self.errors:
            self.add_error("next_due", "Say by when.")
        if due and not words:
            self.add_error("next_words", "Say what you promise.")
        return {**found, "pledge": self.pledge(words, due)}


class Nothing(CaseForm):
    """An act that needs only to be confirmed."""


class Reason(CaseForm):
    reason = long_text("Why", rows=3, most=2000)
