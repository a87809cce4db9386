"""How this desk wants its rules: on or off, with which numbers, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from escalations.models import RuleSetting
from escalations.rules.rule import ROLES, Rule


@dataclass(frozen=True)
class Wish:
    """One rule as this desk wants it.

    Attributes:
        numbers: its thresholds by name.
        tells: who is told, of ``ROLES``.
    """

    rule: Rule
    is_on: bool
    numbers: Mapping[str, float]
    tells: tuple[str, ...]

    @property
    def patience(self) -> timedelta:
        """How much business time it waits."""
        return timedelta(hours=self.numbers[self.rule.patience]) if self.rule.patience else timedelta()

    @property
    def sentence(self) -> str:
        """The whole sentence: "When a department has not looked at its part for 4 business hours, tell the owner."."""
        told = [ROLES[role] for role in ROLES if role in self.tells] or ["nobody"]
        whom = " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
        return f"When {self.rule.said(self.numbers)}, tell {whom}."


def as_wished(rules) -> dict[str, Wish]:
    """These rules by name, in one query."""
    kept = {setting.rule: setting for setting in RuleSetting.objects.all()}
    return {rule.name: wish_for(rule, kept.get(rule.name)) for rule in rules}


def wish_for(rule: Rule, setting: RuleSetting | None) -> Wish:
    """The rule as this row says; what the row leaves open, or the rule no longer knows, is as the rule has it."""
    if setting is None:
        return Wish(rule, True, rule.defaults, rule.tells)
    kept = {name: value for name, value in setting.numbers.items() if name in rule.defaults}
    return Wish(rule, setting.is_on, {**rule.defaults, **kept}, tuple(role for role in ROLES if role in setting.tells))


def tells(name: str) -> tuple[str, ...]:
    """Who is told when this rule raises a flag, of ``ROLES``; nobody of a rule that is no longer there."""
    from escalations.rules import BY_NAME

    rule = BY_NAME.get(name)
    return wish_for(rule, RuleSetting.objects.filter(rule=name).first()).tells if rule else ()
