"""A real Chromium for the tests that need one. A missing browser is said aloud, and fails in CI."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright's own loop runs in this thread, beside Django's plain calls.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium():
    """Where the browser is; without one the test fails in CI and is skipped, saying so, elsewhere."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path:
        return path
    sentence = "No Chromium on this machine: install one, or say where it is with CHROMIUM=path."
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_window(browser: Browser, live_server):
    """Opens a window of its own: one person, not yet signed in. Fails the test for an error on any page's console."""
    windows, errors = [], []

    def open_one(**options) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **options)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        # A refused form is an answer of 4xx, which the browser also writes to its console.
        page.on(
            "console",
            lambda line: errors.append(line.text) if line.type == "error" and "status of 4" not in line.text else None,
        )
        windows.append(context)
        return page

    yield open_one
    for window in windows:
        window.close()
    assert errors == []
