"""What tests of pages share: somebody signed in, and what a page says."""

from __future__ import annotations

import html
import re

from django.test import Client

BACKEND = "supportdesk.signin.StaffBackend"


def signed_in(agent, **options) -> Client:
    """A browser in which this agent has signed in."""
    client = Client(**options)
    client.force_login(agent, backend=BACKEND)
    return client


def said(response) -> str:
    """What a person reads on the page, in one line."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def less_tokens(response) -> str:
    """The page without what differs from answer to answer."""
    return re.sub(r'nonce="[^"]*"|value="[^"]{20,}"|"X-CSRFToken": "[^"]*"', "", response.content.decode())
