"""Who acts. Every verb takes ``by=``: an agent, a customer, or one of the two actors that are no person."""

from __future__ import annotations

from enum import Enum

from django.db import models

from customers.models import Customer
from staff.models import Agent


class System(Enum):
    """Actors that are no person."""

    DESK = "desk"  # the desk itself: what happens by rule or by the clock
    LOG = "log"  # a replayed log: does what its people did, as their supervisor would be allowed to


DESK = System.DESK
LOG = System.LOG

Actor = Agent | Customer | System


class ActorKind(models.TextChoices):
    AGENT = "agent", "agent"
    CUSTOMER = "customer", "customer"
    DESK = "desk", "the desk"
    LOG = "log", "the log"


def kind_of(by: Actor) -> ActorKind:
    """Which kind of actor this is.

    Raises:
        TypeError: it is none; a verb was called without saying who acts.
    """
    if isinstance(by, Agent):
        return ActorKind.AGENT
    if isinstance(by, Customer):
        return ActorKind.CUSTOMER
    if isinstance(by, System):
        return ActorKind(by.value)
    raise TypeError(f"{by!r} cannot act.")


def agent_or_none(by: Actor) -> Agent | None:
    """The agent who acts, if a person of the staff does."""
    return by if isinstance(by, Agent) else None
