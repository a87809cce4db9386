"""Acts that are not one's own, sent as forms that are whole (A46), and facts that no form asks for (A48)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from cases.models import Case
from staff.models import Agent
from tests.matrix import table
from tests.matrix.routes import routes
from tests.matrix.scene import FOREIGN, OWN, Scene
from tests.matrix.test_matrix_of_pages import agent

ROUTES = {route.name: route for route in routes()}
OF_SUPERVISORS = [name for name, kind in table.PAGES.items() if kind in ("supervise", "the desk")]
OF_ADMINISTRATORS = [
    name
    for name, kind in table.PAGES.items()
    if kind.endswith(("administer", "redact")) and "POST" in ROUTES[name].methods
]
WORDS = "It was agreed on the telephone."
# What the forms of the desk ask for, by name, all in one.
IN_WORDS = (
    *("reason", "body", "words", "said", "brief", "what", "why", "answer", "problem", "apology", "doing", "asked"),
    *("ground", "read_before", "decider", "relation", "what_for", "tried"),
)
CHOSEN = {"granted": "yes", "look": "upheld", "how": "no_answer", "kind": "solved", "sees": "status", "by_mail": "yes"}
TIMES = dict.fromkeys(("next_due", "committed_at", "due_at"), "2026-03-12T10:00")
WHO = {"name": "Mallory", "mail": "mallory@home.example", "subject": "A"}
REST = {"once": "a-key-of-a-form", "next_words": "call", "grounds": "mistake", "up_to": 1}
WHOLE = dict.fromkeys(IN_WORDS, "It was agreed on the telephone.") | CHOSEN | TIMES | WHO | REST
# What none of them asks for.
RIGHTS = dict.fromkeys(("is_admin", "is_supervisor", "is_staff", "is_superuser", "can_sign_in", "is_active"), "on")
WHOSE = ("owner", "owner_id", "agent", "by", "customer", "customer_id", "department_id", "id", "pk")
SINCE = dict.fromkeys(("closed_at", "opened_at", "created_at", "confidential_since"), "2020-01-01")
STATE = {"state": "closed", "outcome": "confirmed", "is_confidential": "on", "origin": "demo", "link_version": 9}


def slipped_in(scene: Scene) -> str:
    """A whole form, and everything that whoever sends it would like to have set."""
    return urlencode(WHOLE | RIGHTS | dict.fromkeys(WHOSE, scene.agents["other"].pk) | SINCE | STATE)


@pytest.mark.parametrize("role", ["specialist", "offered", "owner", "other", "administrator"])
def test_a46_no_whole_form_makes_a_supervisor(scene, role):
    asker = agent(scene, role)
    for name in OF_SUPERVISORS:
        answer = asker.ask(
            "POST", ROUTES[name].to(scene.rows[OWN]), urlencode(WHOLE | {"to": scene.agents["supervisor"].pk})
        )
        assert (answer.status, answer.written) == (403, 0), name


@pytest.mark.parametrize("role", ["specialist", "owner", "other", "supervisor"])
def test_a46_nor_an_administrator(scene, role):
    asker = agent(scene, role)
    for name in OF_ADMINISTRATORS:
        answer = asker.ask("POST", ROUTES[name].to(scene.rows[OWN]), urlencode(WHOLE))
        assert (answer.status, answer.written) == (403, 0), name


def test_a46_the_same_forms_are_whole_enough_for_whoever_may(scene):
    """Else the two above would show nothing."""
    asker = agent(scene, "supervisor")
    written = {
        name: asker.ask("POST", ROUTES[name].to(scene.rows[OWN]), urlencode(WHOLE)).written for name in OF_SUPERVISORS
    }
    assert sum(count > 0 for count in written.values()) >= len(written) / 2, written


def facts() -> tuple[list, list]:
    """What no form of the owner's changes: who somebody is, and whose a case is and since when."""
    people = ("pk", "is_admin", "is_supervisor", "is_active", "can_sign_in", "department", "is_fallback", "origin")
    cases = ("pk", "owner", "customer", "opened_at", "origin", "key", "problem", "department", "link_version")
    return (
        list(Agent.objects.order_by("pk").values_list(*people)),
        list(Case.objects.filter(origin="live").order_by("pk").values_list(*cases)),
    )


@pytest.mark.parametrize("role", ["owner", "other"])
def test_a48_what_no_form_asks_for_is_passed_over(scene, role):
    asker, before = agent(scene, role), facts()
    known = {row[0] for row in before[1]}
    done = 0
    for name in table.PAGES:
        answer = asker.ask("POST", ROUTES[name].to(scene.rows[OWN]), slipped_in(scene), look=facts)
        people, cases = answer.looked
        assert (people, [row for row in cases if row[0] in known]) == before, name
        done += answer.written > 0
    assert done >= 5, "Something was done, so something could have slipped in."


def test_a48_nor_does_whoever_writes_to_the_desk_choose_more_than_they_are_asked(scene):
    for rows in (scene.rows[OWN], scene.rows[FOREIGN]):
        for name in (name for name, kind in table.BY_LINK_OR_OPEN.items() if kind == "link"):
            asker, before = agent(scene, "other"), facts()
            answer = asker.ask("POST", ROUTES[name].to(rows), slipped_in(scene), look=facts)
            assert answer.looked == before, name
