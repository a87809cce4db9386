"""Tokens and whoever asks with them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.test import Client

from staff import access
from staff.models import Agent
from staff.models.tokens import Scope


@dataclass
class Machine:
    """Asks the API with one token; what is sent is JSON."""

    secret: str
    client: Client

    def get(self, path: str, **headers):
        return self._ask("GET", path, None, headers)

    def post(self, path: str, body=None, **headers):
        return self._ask("POST", path, body, headers)

    def put(self, path: str, body=None, **headers):
        return self._ask("PUT", path, body, headers)

    def _ask(self, method: str, path: str, body, headers: dict):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret:
            told["Authorization"] = f"Bearer {self.secret}"
        data = body if isinstance(body, bytes | str) else b"" if body is None else json.dumps(body)
        path = path if path.startswith("/api") or path.startswith("http") else f"/api/v1/{path}"
        return self.client.generic(method, path, data, content_type="application/json", headers=told)


def machine(agent: Agent, scope: str = Scope.WRITE, **limits) -> Machine:
    """Whoever acts as this agent."""
    _, secret = access.make(agent, "for the tests", scope, by=limits.pop("by", agent), **limits)
    return Machine(secret, Client())


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    """The tests live in one minute: none is limited by what another one has asked."""
    cache.clear()


@pytest.fixture
def nadia(cast) -> Machine:
    return machine(cast.nadia)


@pytest.fixture
def stranger() -> Machine:
    return Machine("", Client())
