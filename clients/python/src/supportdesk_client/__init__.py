"""Work on a Supportdesk from Python."""

from supportdesk_client.client import Client, Read, instant, pledge
from supportdesk_client.problems import DeskError, FieldTrouble, InTheWay, Offer, Problem, Unreachable

__all__ = [
    "Client",
    "DeskError",
    "FieldTrouble",
    "InTheWay",
    "Offer",
    "Problem",
    "Read",
    "Unreachable",
    "instant",
    "pledge",
]
__version__ = "0.1.0"
