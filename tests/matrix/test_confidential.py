"""A confidential case is nowhere for whom it is not: by address, by fragment, by count, through what hangs on it (A44,
A45), and from the moment on at which somebody loses sight of it (A47)."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.verbs import confidentiality
from staff.models import Agent
from tests.cast import a_case
from tests.matrix import table
from tests.matrix.asking import Asker
from tests.matrix.bodies import body_for
from tests.matrix.routes import MISSING, Route, routes
from tests.matrix.scene import CONFIDENTIAL, FOREIGN, OWN, Scene
from tests.matrix.test_matrix_of_pages import agent
from tests.matrix.test_matrix_of_the_api import machine
from tests.pages import less_tokens, signed_in

ROUTES = list(routes())
HTMX = {"HX_Request": "true", "HX_Target": "case"}


def hidden_from(role: str, known: dict[str, str]) -> list[Route]:
    """Where the table says that a confidential case is not there for them."""

    def is_hidden(route: Route) -> bool:
        cells = table.KINDS[table.kind_of(route.name, "POST")].get(CONFIDENTIAL)
        return bool(cells) and cells[role] == "nil"

    return [route for route in ROUTES if route.name in known and is_hidden(route)]


@pytest.mark.parametrize("role", ["other", "administrator"])
def test_a44_asked_for_as_a_fragment_it_is_not_there_either(scene, role):
    asker = agent(scene, role)
    found = hidden_from(role, table.PAGES)
    assert len(found) > 50
    for route in found:
        for method in route.methods & {"GET", "POST"}:
            hidden = asker.ask(method, route.to(scene.rows[CONFIDENTIAL]), **HTMX)
            missing = asker.ask(method, route.to_nothing(), **HTMX)
            assert (hidden.status, hidden.text) == (404, missing.text), f"{method} {route.name}"
            assert hidden.written == 0


LISTS = [route for route in ROUTES if table.KNOWN.get(route.name) == "staff" and "GET" in route.methods]
# What is asked of a list beside all of it.
ASKED = {
    "cases:found": ("?which=open", "?which=late", "?which=asked"),
    "cases:customers": ("?q={number}", "?q=Carla"),
    "api:cases": ("?customer={customer}", "?state=open", "?limit=1", "?order=due"),
    "api:customers": ("?q=Carla", "?q={number}"),
}


def everything_listed(asker: Asker, scene: Scene, number: str) -> dict[str, str]:
    """Every list and search, as this asker reads it."""
    known = {"number": number, "customer": scene.rows[OWN]["customer"]}
    paths = [
        route.to(scene.rows[OWN]) + asked.format(**known)
        for route in LISTS
        if route.name.startswith("api:") == bool(asker.secret)
        for asked in ("", *ASKED.get(route.name, ()))
    ]
    return {path: asker.ask("GET", path).text for path in paths}


@pytest.mark.parametrize("by", ["page", "token"])
def test_a44_no_list_search_or_count_changes_by_one_that_they_do_not_see(scene, cast, by):
    asker = agent(scene, "other") if by == "page" else machine(scene, "other", "write")
    sees = agent(scene, "supervisor") if by == "page" else machine(scene, "supervisor", "write")
    number = f"C-{Case.objects.latest('pk').pk + 1}"
    where = "/cases/" if by == "page" else "/api/v1/cases"
    before, seen_before = everything_listed(asker, scene, number), sees.ask("GET", where).text
    hidden = a_case(cast.carla, "Somebody read it out.")
    confidentiality.make_confidential(hidden, reason="A colleague of ours.", by=hidden.owner)
    assert hidden.number == number and len(before) > 15
    assert everything_listed(asker, scene, number) == before
    assert sees.ask("GET", where).text != seen_before, "Whoever sees it finds it there."


NESTED = [route for route in ROUTES if route.name in table.API and {"case"} < set(route.names)]
BY_LINK = [route for route in ROUTES if {"link"} < set(route.names)]


@pytest.mark.parametrize("of", [CONFIDENTIAL, FOREIGN])
def test_a45_under_ones_own_number_there_is_nothing_of_another_case(scene, of):
    """The owner sees the confidential case: all the same its parts are none of the other one's."""
    asker = machine(scene, "owner", "write")
    assert len(NESTED) > 12
    for route in NESTED:
        rows = scene.rows[of] | {"case": scene.rows[OWN]["case"]}
        answer = asker.ask("POST", route.to(rows), body_for(route, rows))
        assert (answer.status, answer.written) == (404, 0), route.name


@pytest.mark.parametrize("of", [CONFIDENTIAL, FOREIGN])
def test_a45_nor_behind_ones_own_link(scene, of):
    for route in BY_LINK:
        for method in ("GET", "POST"):
            mine = scene.rows[of] | {"link": scene.rows[OWN]["link"]}
            answer = Asker("customer").ask(method, route.to(mine), "answer=yes&words=x")
            assert (answer.status, answer.written) == (404, 0), route.name
            nothing = route.to(mine | {name: MISSING for name in route.names if name != "link"})
            assert answer.text == Asker("customer").ask(method, nothing, "answer=yes&words=x").text


NAMING_ANOTHER = {
    "cases:join": "into=C-{case}&number=C-{case}",
    "cases:ask": "department={department}&what=Look.&after={subtask}",
    "cases:promise": "words=call&due_at=2026-03-12T10:00&backed_by=part-{subtask}",
    "cases:new_date": "words=call&due_at=2026-03-12T10:00&reason=x&backed_by=decision-{concession}",
    "cases:split_off": "problem=Another.&message={promise}",
    "cases:add_participant": "participant={participant}",
}


@pytest.mark.parametrize("name", NAMING_ANOTHER)
def test_a45_a_form_that_names_what_hangs_on_one_is_told_as_if_it_named_nothing(scene, name):
    """Otto, who owns the foreign case, tries by it what he could learn of the confidential one."""
    path = next(route for route in ROUTES if route.name == name).to(scene.rows[FOREIGN])
    otto = Asker("otto", session=_session_of("Otto Ohm"))
    hidden = otto.ask("POST", path, NAMING_ANOTHER[name].format(**scene.rows[CONFIDENTIAL]))
    nothing = dict.fromkeys(scene.rows[OWN], MISSING) | {"department": scene.rows[OWN]["department"]}
    missing = otto.ask("POST", path, NAMING_ANOTHER[name].format(**nothing))
    assert (hidden.status, hidden.written) == (missing.status, missing.written) == (422, 0)
    assert "It was read out" not in hidden.text


def _session_of(name: str) -> str:
    return signed_in(Agent.objects.get(name=name)).cookies["session"].value


class TestA47WhatIsOpenWhenItIsTakenAway:
    def test_a47_every_act_on_the_open_page_finds_nothing_at_once(self, scene, cast):
        wanda, case = signed_in(cast.wanda), scene.cases[OWN]
        assert wanda.get(case.get_absolute_url()).status_code == 200
        confidentiality.make_confidential(case, reason="A colleague of ours.", by=cast.nadia)
        asker = agent(scene, "other")
        for route in hidden_from("other", table.PAGES):
            method = "POST" if "POST" in route.methods else "GET"
            answer = asker.ask(method, route.to(scene.rows[OWN]), "body=x&reason=x&words=x")
            assert (answer.status, answer.written) == (404, 0), route.name
        assert less_tokens(wanda.get(case.get_absolute_url())) == less_tokens(wanda.get("/cases/C-999999999/"))

    def test_a47_a_supervisor_who_is_none_any_more_overrides_nothing(self, scene, cast):
        sam, case = signed_in(cast.sam), scene.cases[OWN]
        assert sam.get(f"{case.get_absolute_url()}override/").status_code == 200
        Agent.objects.filter(pk=cast.sam.pk).update(is_supervisor=False)
        asker = Asker("supervisor", session=sam.cookies["session"].value)
        answer = asker.ask("POST", f"{case.get_absolute_url()}override/", "reason=I want it over.")
        assert (answer.status, answer.written) == (403, 0)

    def test_a47_whoever_is_turned_off_is_asked_to_sign_in(self, scene, cast):
        wanda, case = signed_in(cast.wanda), scene.cases[OWN]
        assert wanda.get(case.get_absolute_url()).status_code == 200
        Agent.objects.filter(pk=cast.wanda.pk).update(can_sign_in=False)
        asker = Asker("other", session=wanda.cookies["session"].value)
        answer = asker.ask("POST", f"{case.get_absolute_url()}note/", "body=x&once=y")
        assert answer.is_sign_in and answer.written == 0
