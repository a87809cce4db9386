"""What holds at every address, whatever it is for: generated from the URL configuration. The numbers are those of the
table of attacks."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from staff.models import Agent
from tests.matrix import table
from tests.matrix.asking import Asker, rows_written
from tests.matrix.bodies import body_for
from tests.matrix.routes import Route, routes
from tests.matrix.scene import OWN, Scene
from tests.matrix.test_matrix_of_pages import agent
from tests.matrix.test_matrix_of_the_api import machine
from tests.matrix.walking import LOOKS

ROUTES = list(routes())
# Machines come with a token in a header, which no other site can make a browser send; and where nothing is, nothing is
# changed.
WITHOUT_A_MARK = {*table.API, "schema", "api_docs", "api_problems", r"^[\s\S]*\Z"}
OF_PEOPLE = [route for route in ROUTES if route.name not in WITHOUT_A_MARK]
OF_OURS = [route for route in ROUTES if route.methods and not route.name.startswith(("admin:", "account_"))]
FROM_ELSEWHERE = [
    {},
    {"HX_Request": "true"},
    {"Origin": "https://evil.example"},
    {"HX_Request": "true", "Origin": "https://evil.example", "X_CSRFToken": "x" * 64},
]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
NOBODYS_METHODS = ("DELETE", "PROPFIND")
LOCKED_OUT = "frame-ancestors 'none'"


@pytest.fixture
def mighty(scene) -> Scene:
    """The supervisor administers the desk too: nothing is refused for want of a right."""
    Agent.objects.filter(pk=scene.agents["supervisor"].pk).update(is_admin=True)
    scene.agents["supervisor"].refresh_from_db()
    return scene


def at_every(scene: Scene, found: Iterable[Route]):
    """Each address about the own case, and what is there."""
    rows = scene.rows[OWN]
    return ((route, route.to(rows), rows) for route in found)


class TestA49FormsFromElsewhere:
    """No form is taken that is not the desk's own, with htmx or without."""

    @pytest.mark.parametrize("told", FROM_ELSEWHERE, ids=["plain", "htmx", "origin", "all"])
    def test_a49_nothing_is_sent_to_any_page_from_another_site(self, mighty, told):
        asker, before = agent(mighty, "supervisor"), rows_written()
        strict = Asker(asker.role, session=asker.session, strict=True)
        for route, path, _ in at_every(mighty, OF_PEOPLE):
            for method in UNSAFE if len(told) > 2 else ["POST"]:
                answer = strict.ask(method, path, "reason=x&body=x&words=x", **told)
                assert answer.status == 403, f"{method} {route.name}"
        assert rows_written() == before

    def test_a49_a_session_alone_does_nothing_at_an_address_of_machines(self, mighty):
        """They ask for no mark, so a session must not count: without a token nobody is let in."""
        asker = agent(mighty, "supervisor")
        for route, path, rows in at_every(mighty, [route for route in ROUTES if route.name in table.API]):
            for method in route.methods:
                answer = asker.ask(method, path, body_for(route, rows))
                assert (answer.status, answer.written) == (401, 0), f"{method} {route.name}"


class TestA50Looking:
    """Looking changes nothing: of all tables no row, of sessions neither. Put aside is only that a token keeps when it
    was last used, which ``machine`` has written before."""

    @pytest.mark.parametrize("method", LOOKS)
    def test_a50_no_page_writes_a_row_when_it_is_looked_at(self, mighty, method):
        asker = agent(mighty, "supervisor")
        wrote = {
            route.name: answer.written
            for route, path, _ in at_every(mighty, ROUTES)
            if (answer := asker.ask(method, path)).written
        }
        assert wrote == {}

    @pytest.mark.parametrize("method", LOOKS)
    def test_a50_no_address_of_machines_writes_a_row_when_it_is_read(self, mighty, method):
        asker = machine(mighty, "supervisor", "admin")
        for route, path, _ in at_every(mighty, [route for route in ROUTES if route.name in table.API]):
            assert asker.ask(method, path).written == 0, route.name

    @pytest.mark.parametrize("method", LOOKS)
    def test_a50_a_link_writes_no_row_when_it_is_opened(self, scene, method):
        for route, path, _ in at_every(scene, [route for route in ROUTES if "link" in route.names]):
            assert Asker("customer").ask(method, path).written == 0, route.name

    def test_a_method_that_no_view_has_does_nothing(self, mighty):
        asker = agent(mighty, "supervisor")
        for route, path, _ in at_every(
            mighty, [route for route in ROUTES if route.methods and not route.name.startswith(("admin:", "account_"))]
        ):
            for method in NOBODYS_METHODS:
                answer = asker.ask(method, path)
                assert answer.status in ({401} if route.name in table.API else {403, 405}), f"{method} {route.name}"
                assert answer.written == 0 and LOCKED_OUT in policy(answer)


class TestA51Frames:
    """No answer may stand in a frame of somebody else."""

    @pytest.mark.parametrize(("role", "method"), [("stranger", "GET"), ("supervisor", "GET"), ("other", "POST")])
    def test_a51_no_answer_of_any_address_may_be_framed(self, mighty, role, method):
        asker = Asker(role) if role == "stranger" else agent(mighty, role)
        for route, path, _ in at_every(mighty, ROUTES):
            answer = asker.ask(method, path)
            assert LOCKED_OUT in policy(answer), f"{method} {route.name}: {answer.status}"
            assert answer.response["X-Frame-Options"] == "DENY", f"{method} {route.name}: {answer.status}"

    def test_a51_nor_an_answer_of_the_api(self, mighty):
        asker = machine(mighty, "supervisor", "admin")
        for route, path, rows in at_every(mighty, [route for route in ROUTES if route.name in table.API]):
            for method in route.methods - {"HEAD"}:
                assert LOCKED_OUT in policy(asker.ask(method, path, body_for(route, rows))), route.name

    @pytest.mark.parametrize("path", ["/livez", "/readyz", "/nowhere", "/cases", "/static/nothing.css", "/api/nothing"])
    def test_a51_nor_what_stands_beside_the_addresses(self, scene, path):
        assert LOCKED_OUT in policy(Asker("stranger").ask("GET", path))

    @pytest.mark.parametrize("path", ["/cases/", "/help/", "/api/v1/me"])
    def test_a51_nor_what_is_said_when_something_breaks(self, scene, path, monkeypatch):
        """Where it breaks is arranged; all that answers is real."""

        def breaks(*args, **kwargs):
            raise RuntimeError("It broke.")

        asker = machine(scene, "owner", "read") if "api" in path else agent(scene, "owner")
        for broken in ("cases.lists.found", "portal.views.intake._step", "staff.access.recognise"):
            monkeypatch.setattr(broken, breaks)
        answer = asker.ask("GET", path)
        assert answer.status == 500
        assert LOCKED_OUT in policy(answer)

    def test_a51_nor_what_no_host_of_ours_was_asked(self, scene):
        answer = Asker("stranger").ask("GET", "/", Host="evil.example")
        assert (answer.status, LOCKED_OUT in policy(answer)) == (400, True)


def policy(answer) -> str:
    return answer.response.headers.get("Content-Security-Policy", "")


class TestA53Hosts:
    """Asked under another name than its own the desk says nothing."""

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "evil:80:80"])
    def test_a53_no_address_answers_under_another_name(self, scene, host):
        asker = agent(scene, "owner")
        for route, path, _ in at_every(scene, ROUTES):
            for method in ("GET", "POST"):
                answer = asker.ask(method, path, Host=host)
                assert (answer.status, answer.written) == (400, 0), f"{method} {route.name}"
                assert "evil" not in answer.response.content.decode(), route.name

    def test_a53_nor_does_it_believe_who_says_under_which_name_it_was_asked(self, scene):
        told = {"X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example", "X_Host": "evil.example"}
        for route, path, _ in at_every(scene, ROUTES):
            answer = Asker("stranger").ask("GET", path, **told)
            assert "evil.example" not in answer.response.content.decode(), route.name
            assert "evil.example" not in answer.response.headers.get("Location", ""), route.name
        page = agent(scene, "owner").ask("GET", f"/help/view/taking-part/{scene.rows[OWN]['participant']}/", **told)
        shown = page.response.content.decode()
        assert "http://testserver/help/c/" in shown, "The link that is handed on names the desk's own host."
        assert "evil.example" not in shown
