"""The last page says what it has to say, whatever else is missing."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from supportdesk import broken


@pytest.fixture
def nothing_gathered(settings, tmp_path):
    """The style sheets were never gathered, so that no page can name them."""
    settings.STATIC_ROOT = tmp_path
    manifest = {"BACKEND": "supportdesk.static_files.KnownByHeart"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    settings.DEBUG = False


def test_something_broke():
    page = broken.page(RequestFactory().get("/"))
    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()


def test_it_says_so_where_not_even_its_page_can_be_drawn(nothing_gathered, caplog):
    page = broken.page(RequestFactory().get("/"))
    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()
    assert "500.html cannot be drawn" in caplog.text
