"""Absences, signing off and leaving: who, when, and into whose hands."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.db.models import Exists, OuterRef, Q, Subquery

from cases.forms.fields import Once, instant, long_text
from cases.sentences import until
from staff.models import Absence, Agent, Department
from supportdesk import clock

EVERYBODY = Q()


class Somebody(forms.ChoiceField):
    """A person who can sign in, chosen by name; the agent, or None where nobody was chosen."""

    def __init__(self, label: str, hint: str = "", empty: str = "Choose a person", **options):
        missing = {"required": "Choose a person.", "invalid_choice": "Choose a person from the list."}
        super().__init__(label=label, help_text=hint, error_messages=missing, **options)
        self.empty = empty
        self.people: dict[str, Agent] = {}

    def offer(self, *, but: int | None, among: Q = EVERYBODY) -> None:
        """Everybody who can sign in, by department, in one query; whoever is away now is said to be.

        Args:
            but: id of the one person who cannot be meant.
            among: the people who can, where not everybody can.
        """
        now = clock.now()
        away = Absence.objects.at(now).filter(agent=OuterRef("pk"))
        found = Agent.objects.able_to_work().filter(among).exclude(pk=but).order_by("department__name", "name")
        found = found.annotate(is_away=Exists(away), away_until=Subquery(away.values("ends_at")[:1]))
        self.people = {str(agent.pk): agent for agent in found}
        named = [(pk, _named(agent, now)) for pk, agent in self.people.items()]
        self.choices = [("", self.empty), *named]

    def prepare_value(self, value):
        return value.pk if isinstance(value, Agent) else value

    def clean(self, value) -> Agent | None:
        return self.people.get(super().clean(value))


def _named(agent: Agent, now: datetime) -> str:
    gone = f", away {until(agent.away_until, now)}" if agent.is_away else ""
    return f"{agent.name}, {agent.department.name}{gone}"


class Times(forms.Form):
    """When somebody is away, and who stands in. For oneself all of it is needed; of others it may stay open."""

    LEFT_OPEN = {
        "starts_at": "Empty: from now on.",
        "ends_at": "Empty: nobody knows yet.",
        "cover": "Empty: nobody, and each case is flagged.",
    }

    starts_at = instant("From")
    ends_at = instant("Until", "It can be moved later.")
    cover = Somebody("Who stands in", "Keeps and speaks for you meanwhile.")

    def __init__(self, *args, agent: Agent, by: Agent, **kwargs):
        super().__init__(*args, **kwargs)
        if by.pk != agent.pk:
            for name, hint in self.LEFT_OPEN.items():
                self.fields[name].required, self.fields[name].help_text = False, hint
            self.fields["cover"].empty = "Nobody"
        self.fields["cover"].offer(but=agent.pk)


class Announce(Once, Times):
    """The same, to be announced once."""


class Change(Times):
    """Other times or another cover; what has begun keeps its beginning."""

    def __init__(self, *args, absence: Absence, **kwargs):
        super().__init__(*args, **kwargs)
        if absence.starts_at <= clock.now():
            del self.fields["starts_at"]


class Nothing(forms.Form):
    """An act on a person that needs only to be confirmed."""

    def __init__(self, *args, agent: Agent, by: Agent, **kwargs):
        super().__init__(*args, **kwargs)


class SignOff(forms.Form):
    cover = Somebody(
        "Who stands in", "Empty: whoever stands in already, else nobody.", empty="Nobody else", required=False
    )

    def __init__(self, *args, agent: Agent, by: Agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cover"].offer(but=agent.pk)


class OfferAll(forms.Form):
    """Several cases to one person, with what they need to know."""

    to = Somebody("To whom")
    brief = long_text("What they need to know", "Why, and what no customer should have to tell again.", most=2000)

    def __init__(self, *args, agent: Agent, by: Agent, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(but=agent.pk)


class GiveParts(forms.Form):
    """Every part that somebody has of one department, into other hands there."""

    to = Somebody("To whom", required=False)
    reason = long_text(
        "Why, and how far they are", "An inside note in each: whoever has it then begins with it.", most=2000
    )

    def __init__(self, *args, agent: Agent, department: Department, **kwargs):
        self.department = department
        super().__init__(*args, auto_id=f"parts_{department.pk}_%s", **kwargs)
        self.fields["to"].empty = f"Whoever takes them on in {department.name}"
        self.fields["to"].offer(but=agent.pk, among=Q(department=department))
