"""A real desk to talk to: the one that the desk's own tests start, with their people."""

from __future__ import annotations

import pytest

# What the desk's tests do around each of theirs is done around these too.
from tests import conftest as desks
from tests.conftest import django_db_setup, pytest_runtest_teardown  # noqa: F401


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Asked for alone, these tests start the servers themselves."""
    if not config.pluginmanager.hasplugin("tests.cast"):
        config.pluginmanager.import_plugin("tests.cast")
    config.clients_own_servers = not hasattr(config, "desk_servers")
    if config.clients_own_servers:
        desks.pytest_configure(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if getattr(config, "clients_own_servers", False):
        desks.pytest_unconfigure(config)


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    """None is limited by what another test has asked in the same minute."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def cast(transactional_db):
    from tests.cast import assemble

    return assemble()


@pytest.fixture
def token(cast) -> str:
    """Nadia's, to read and write."""
    from staff import access

    return access.make(cast.nadia, "The client’s tests", "write", by=cast.nadia)[1]


@pytest.fixture
def waited() -> list[float]:
    """How long the client would have slept, each time."""
    return []


@pytest.fixture
def desk(live_server, token, waited):
    from supportdesk_client import Client

    return Client(live_server.url, token, timeout=20, wait=waited.append)
