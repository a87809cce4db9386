"""Every page and every act on one × whoever asks × whatever it is about: as the table says, and no row is written by
what is not allowed or only looks."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.matrix import table
from tests.matrix.asking import SIGN_IN, Answer, Asker
from tests.matrix.routes import routes
from tests.matrix.scene import FOREIGN, OWN, Scene
from tests.matrix.walking import Walk, where_it_matters
from tests.pages import signed_in

PAGES = [route for route in routes() if route.name in table.PAGES]
BY_LINK = [route for route in routes() if route.name in table.BY_LINK_OR_OPEN]
OF_THE_ADMIN = [route for route in routes() if route.name in table.ADMIN_SITE]
# Who has signed in and is no administrator is told so at the one, and goes nowhere by the other.
IN_AND_OUT = {"admin:login", "admin:logout"}
A_SEAL_THAT_IS_NONE = "A" * 22


def agent(scene: Scene, role: str) -> Asker:
    return Asker(role, session=signed_in(scene.agents[role]).cookies["session"].value)


@pytest.mark.parametrize("role", table.ROLES)
def test_staff_at_every_page(scene, role):
    walk = Walk(scene, agent(scene, role), table.KINDS, lambda cells, route, method: cells[role])
    assert walk.surprises(where_it_matters(PAGES, role)) == []


@pytest.mark.parametrize("role", ["stranger", "customer"])
def test_whoever_has_not_signed_in_is_asked_to_at_every_page(scene, role):
    """A customer has a session too, once they have begun to write; it opens nothing."""
    asker = Asker(role, session=has_begun_to_write() if role == "customer" else "")
    assert Walk(scene, asker, {kind: table.ONCE for kind in table.KINDS}, lambda *about: SIGN_IN).surprises(PAGES) == []


def has_begun_to_write() -> str:
    browser = Client()
    browser.post("/help/", {"words": "It smokes."})
    return browser.cookies["session"].value


@pytest.mark.parametrize("role", [*table.ASKERS_BY_LINK, "supervisor"])
def test_whoever_has_a_link_at_every_page_of_customers(scene, role):
    asker = agent(scene, role) if role in table.ROLES else Asker(role)
    column = role if role in table.ASKERS_BY_LINK else "stranger"
    rows = {thing: row | {"link": link_of(scene, column, thing)} for thing, row in scene.rows.items()}
    known = Scene(scene.agents, scene.cases, rows)
    walk = Walk(known, asker, table.KINDS_BY_LINK, lambda cells, route, method: cells[column])
    assert walk.surprises(BY_LINK) == []


def link_of(scene: Scene, role: str, thing: str) -> str:
    """The link with which they try this thing: their own where it is theirs, else its key under the seal they have."""
    link, mine = scene.rows[thing]["link"], scene.rows[OWN if role == "customer" else FOREIGN]["link"]
    key, seal = link.split(".")
    if role == "stranger":
        return f"{key}.{A_SEAL_THAT_IS_NONE}"
    is_theirs = (thing == FOREIGN) == (role == "other customer")
    return link if is_theirs else f"{key}.{mine.split('.')[1]}"


@pytest.mark.parametrize("role", ["stranger", *table.ROLES])
def test_the_admin_is_the_administrators_alone(scene, role):
    asker = Asker(role) if role == "stranger" else agent(scene, role)
    found = []
    for route in OF_THE_ADMIN:
        for method in ("GET", "POST"):
            answer = asker.ask(method, route.to(scene.rows[OWN]))
            if not _is_as_it_should_be(answer, role, route.name):
                found.append(f"{method} {route.name}: {answer.status}")
    assert found == []


def _is_as_it_should_be(answer: Answer, role: str, name: str) -> bool:
    if role == "administrator":
        return answer.status < 500 and not answer.is_sign_in
    turned_away = answer.is_sign_in or (name in IN_AND_OUT and answer.status in (302, 403))
    return turned_away and not answer.written
