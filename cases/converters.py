"""How a case is named in addresses."""

from __future__ import annotations


class CaseNumber:
    """``C-10427`` in addresses, the id in Python."""

    regex = r"[Cc]-[1-9][0-9]{0,17}"

    def to_python(self, text: str) -> int:
        return int(text[2:])

    def to_url(self, pk: int) -> str:
        return f"C-{pk}"
