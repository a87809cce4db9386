"""The customer's browser, and how a page reads to a person."""

from __future__ import annotations

import html
import re

import pytest
from django.core.cache import cache
from django.test import Client

from portal.links import status_path


@pytest.fixture(autouse=True)
def no_counts_from_before(db):
    cache.clear()


@pytest.fixture
def browser() -> Client:
    """A customer's browser that checks tokens against forged forms as a real one's server does."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(case) -> str:
    """The path of Carla's page."""
    return status_path(case)


def words(response) -> str:
    """What a person reads: title and body, without marks, each stretch of white space as one space."""
    text = re.sub(r"<(svg|style)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def press(browser: Client, path: str, **typed):
    """Open the page, fill in its form as a browser does (hidden fields and token included), and send it."""
    page = browser.get(path)
    assert page.status_code == 200, f"{path} answered {page.status_code}"
    return browser.post(path, hidden_fields(page) | typed)


def hidden_fields(page) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", page.content.decode()):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden":
            found[attributes["name"]] = html.unescape(attributes.get("value", ""))
    return found
