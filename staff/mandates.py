"""Saying what an owner of a department may give a customer without asking anybody, and who decides beyond it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import transaction

from staff.administrators import require_administrator
from staff.models import Agent, Department, Mandate
from staff.naming import require_able_to_work
from supportdesk.errors import Refused

MOST = Decimal("99999999.99")  # as the columns hold it
_CENT = Decimal("0.01")


@transaction.atomic
def set_mandate(
    department: Department,
    *,
    refund_up_to: Decimal,
    courtesy_up_to: Decimal,
    replacement: bool,
    decider: Agent | None,
    by: Agent,
) -> Mandate:
    """Say what owners of a department decide alone. It holds for what is decided from now on.

    Args:
        refund_up_to, courtesy_up_to: in ``settings.CURRENCY``; 0: nothing.
        replacement: whether they may send one.
        decider: who decides beyond it; None: nobody does.

    Raises:
        NotAllowed: the actor is no administrator.
        Refused: an amount that cannot be, or a decider who cannot sign in.
    """
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    require_administrator(by)
    mandate = Mandate.objects.filter(department=department).first()
    said = {
        "refund_up_to": refund_up_to,
        "courtesy_up_to": courtesy_up_to,
        "replacement": replacement,
        "decider": decider,
    }
    if mandate is not None and all(getattr(mandate, name) == value for name, value in said.items()):
        return mandate
    for name in ("refund_up_to", "courtesy_up_to"):
        _require_amount(said[name], name)
    require_able_to_work(decider, "decider", "could not decide")
    if mandate is None:
        return Mandate.objects.create(department=department, **said)
    for name, value in said.items():
        setattr(mandate, name, value)
    mandate.save(update_fields=said.keys())
    return mandate


def in_words(mandate: Mandate | None) -> str:
    """What owners decide alone: ``refunds up to EUR 50, replacements``; ``nothing``."""
    if mandate is None:
        return "nothing"
    alone = []
    if mandate.refund_up_to:
        alone.append(f"refunds up to {money(mandate.refund_up_to)}")
    if mandate.courtesy_up_to:
        alone.append(f"courtesies up to {money(mandate.courtesy_up_to)}")
    if mandate.replacement:
        alone.append("replacements")
    return ", ".join(alone) or "nothing"


def money(amount: Decimal) -> str:
    """``EUR 50``, ``EUR 1,250.50``"""
    return f"{settings.CURRENCY} {amount:,.2f}".removesuffix(".00")


# -- steps -------------------------------------------------------------------------------------------------------------


def _require_amount(amount: Decimal, field: str) -> None:
    if not amount.is_finite():
        raise Refused("no_amount", "Give an amount, such as 50 or 49.90.", field=field)
    if amount < 0:
        raise Refused("negative_amount", "An amount cannot be negative. Write 0 where nothing is given.", field=field)
    if amount > MOST:
        raise Refused("too_much", f"Give at most {MOST:,}.", field=field)
    if amount != amount.quantize(_CENT):
        raise Refused("no_amount", "Give at most two places behind the point, such as 49.90.", field=field)
