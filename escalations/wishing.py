"""Changing how this desk wants a rule: what was wished for, by whom and when stays on record."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from django.db import transaction

from cases import permissions
from cases.actors import Actor
from escalations.models import RuleChange, RuleSetting
from escalations.rules import ROLES, Number, Rule, Wish, wish_for
from supportdesk import clock
from supportdesk.advisory import Alone, one_at_a_time
from supportdesk.errors import Conflict, Refused


@transaction.atomic
def wish(
    rule: Rule,
    *,
    is_on: bool,
    numbers: Mapping[str, float],
    tells: Collection[str],
    by: Actor,
    as_read: int | None = None,
) -> Wish:
    """Want a rule like this from now on. Flags that stand go on standing; wished for already, nothing changes.

    Args:
        numbers: its thresholds by name, all of them.
        tells: who is told, of ``ROLES``; nobody is possible.
        as_read: id of the last change that was known, 0 if there was none; None: it does not matter.

    Raises:
        NotAllowed: neither a supervisor nor an administrator.
        Conflict: somebody has changed it since it was read.
        Refused: a number out of its sensible range, or somebody unknown is to be told.
    """
    one_at_a_time(Alone.CHANGING_RULES)
    permissions.require(
        permissions.may_keep_rules(by),
        "supervisors_only",
        "Only supervisors and administrators say which flags rise, and who is told.",
    )
    before = wish_for(rule, RuleSetting.objects.filter(rule=rule.name).first())
    kept = {number.name: sensible(number, numbers.get(number.name)) for number in rule.numbers}
    if unknown := set(tells) - ROLES.keys():
        raise Refused("unknown_role", f"Nobody here is “{min(unknown)}”.", field="tells")
    after = Wish(rule, bool(is_on), kept, tuple(role for role in ROLES if role in tells))
    if after == before:
        return before
    _require_as_read(rule, as_read)
    facts = {"is_on": after.is_on, "numbers": kept, "tells": list(after.tells)}
    now = clock.now()
    RuleSetting.objects.update_or_create(rule=rule.name, defaults={**facts, "changed_at": now, "changed_by": by})
    RuleChange.objects.create(rule=rule.name, at=now, by=by, **facts)
    return after


def last_change(rule: Rule) -> int:
    """Its id; 0 where nobody has changed anything yet."""
    return RuleChange.objects.filter(rule=rule.name).order_by("-pk").values_list("pk", flat=True).first() or 0


def sensible(number: Number, value: object) -> float:
    """The value as a number within the sensible range.

    Raises:
        Refused: it is none, says which range.
    """
    try:
        found = float(str(value).strip().replace(",", "."))
    except ValueError:
        found = math.nan
    if not number.least <= found <= number.most:
        raise Refused("out_of_range", f"Choose a number from {number.range}.", field=number.name)
    if (found / number.step) % 1:
        steps = "whole numbers" if number.step == 1 else f"steps of {number.step:g}"
        raise Refused("out_of_step", f"Choose a number in {steps}, from {number.range}.", field=number.name)
    return int(found) if found == int(found) else found


def _require_as_read(rule: Rule, as_read: int | None) -> None:
    if as_read is None or as_read == last_change(rule):
        return
    newest = RuleChange.objects.filter(rule=rule.name).select_related("by").latest("pk")
    raise Conflict("changed_meanwhile", f"{newest.by.name} has changed this since you opened it. Look at it anew.")
