"""What is sent: one object in JSON, as UTF-8, and nothing in it that no row could keep."""

from __future__ import annotations

import json

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request


class OneObject(BaseParser):
    """Stricter than JSON is where two readers could read two things: no member twice, no NaN, no half characters."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> dict:
        try:
            # JSON that is exchanged is UTF-8, whatever a charset says (RFC 8259, section 8.1).
            text = stream.read().decode()
            sent = json.loads(text, object_pairs_hook=_members, parse_constant=_no_number)
            if "\\u" in text:
                _require_characters(sent)
        except UnicodeDecodeError as wrong:
            raise ParseError("This is not UTF-8.") from wrong
        except RecursionError as wrong:
            raise ParseError("This is nested too deeply.") from wrong
        except ValueError as wrong:
            raise ParseError(f"This is not JSON: {wrong}"[:200]) from wrong
        if not isinstance(sent, dict):
            raise ParseError("Send one object: {…}.")
        return sent


class AlwaysJSON(BaseContentNegotiation):
    """There is one form of every answer, whatever is asked for (RFC 9110, section 12.4.1 allows it)."""

    def select_parser(self, request: Request, parsers):
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


def _members(pairs: list[tuple[str, object]]) -> dict:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands there twice")
    return members


def _no_number(name: str):
    raise ValueError(f"{name} is no number")


def _require_characters(sent: object) -> None:
    """PostgreSQL keeps no NUL, and nothing can be written with one half of a character."""
    said = json.dumps(sent, ensure_ascii=False)
    if "\\u0000" in said.replace("\\\\", ""):
        raise ParseError("The character NUL can stand nowhere.")
    if any("\ud800" <= sign <= "\udfff" for sign in said):
        raise ParseError("There is one half of a character (a lone surrogate).")
