"""Every address of the API × whoever asks with whatever token × whatever it is about: as the table says, and no row is
written by what is not allowed or only reads."""

from __future__ import annotations

import pytest

from staff import access
from staff.models.tokens import Scope
from tests.matrix import table
from tests.matrix.asking import NO, SIGN_IN, Asker
from tests.matrix.routes import Route, routes
from tests.matrix.scene import OWN, Scene
from tests.matrix.walking import LOOKS, Walk, where_it_matters

API = [route for route in routes() if route.name in table.API]
# What a scope reaches beside reading.
REACHES = {Scope.READ: (), Scope.WRITE: (Scope.WRITE,), Scope.ADMIN: (Scope.WRITE, Scope.ADMIN)}
# Each scope with who could do most by it; and whoever acts.
TOKENS = [("supervisor", Scope.READ), *((role, Scope.WRITE) for role in table.ROLES), ("administrator", Scope.ADMIN)]


def machine(scene: Scene, role: str, scope: str) -> Asker:
    _, secret = access.make(scene.agents[role], "of the matrix", scope, by=scene.agents[role])
    access.note_use(access.recognise(secret))  # which is kept once in some minutes: not in the middle of this
    return Asker(role, secret=secret, scope=scope)


@pytest.mark.parametrize(("role", "scope"), TOKENS)
def test_every_token_at_every_address(scene, role, scope):
    asker = machine(scene, role, scope)

    def word(cells: dict[str, str], route: Route, method: str) -> str:
        return cells[role] if _reaches(scope, route.name, method) else NO

    assert Walk(scene, asker, table.KINDS, word).surprises(where_it_matters(API, role)) == []


def _reaches(scope: str, name: str, method: str) -> bool:
    needed = Scope.ADMIN if table.kind_of(name, method) == "administer" else Scope.WRITE
    return method in LOOKS or needed in REACHES[scope]


@pytest.mark.parametrize("role", ["stranger", "customer"])
def test_whoever_has_no_token_is_asked_for_one_everywhere(scene, role):
    asker = Asker(role, secret=scene.rows[OWN]["link"] if role == "customer" else "")
    assert Walk(scene, asker, {kind: table.ONCE for kind in table.KINDS}, lambda *about: SIGN_IN).surprises(API) == []
