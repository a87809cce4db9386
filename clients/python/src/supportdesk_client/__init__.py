"""Work on a Supportdesk from Python."""

from supportdesk_client.client import Client, Read, instant, pledge
from supportdesk_client.problems import DeskError, FieldTrouble, InTheWay, Offer, Problem, Unreachable
from supportdesk_client.webhooks import NotFromTheDesk, heard

__all__ = [
    "Client",
    "DeskError",
    "FieldTrouble",
    "InTheWay",
    "NotFromTheDesk",
    "Offer",
    "Problem",
    "Read",
    "Unreachable",
    "heard",
    "instant",
    "pledge",
]
__version__ = "0.1.0"
