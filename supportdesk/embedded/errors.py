"""What stops the embedded stack from starting."""

from __future__ import annotations


class CannotStart(Exception):
    """Something of the machine stands in the way. The text is one sentence for the person who typed the command."""
