"""Every address of the desk: which of them a stranger may open, and what every answer carries."""

from __future__ import annotations

import logging
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from escalations.sweep import sweep_now
from supportdesk.logs import NoKeys
from tests.pages import signed_in

pytestmark = pytest.mark.django_db

# What somebody sees who is not signed in. Health is answered before any address is looked up.
OPEN_TO_ALL = {
    "accounts/login/",
    "accounts/logout/",  # leads back to sign-in
    "accounts/signup/",  # says that it is closed
    "accounts/inactive/",
    "admin/login/",  # leads to sign-in
    "sign-in/<str:token>/",
    "help/",
    "help/wishes/",
    "help/reach/",
    "help/sent/",
    "help/c/<str:token>/",
    "help/c/<str:token>/add/",
    "help/c/<str:token>/yes/",
    "help/c/<str:token>/not-yet/",
    "help/c/<str:token>/complaint/",
    "help/c/<str:token>/another-look/<int:refusal_pk>/",
    "help/c/<str:token>/new-time/<int:promise_pk>/",
    "help/c/<str:token>/someone-else/",
    "help/c/<str:token>/helped/",
    "help/c/<str:token>/did-not-help/",
    "help/c/<str:token>/understand/",
    "help/c/<str:token>/do-not-accept/",
    "help/c/<str:token>/withdraw/",
    "help/^.*/$",
    "api/schema/",
    "api/docs/",
    "api/docs/problems",
    r"api/^[\s\S]*\Z",  # says as problem+json that there is no such address
}
# These ask for a token instead of a session.
OF_MACHINES = "api/v1/"


def addresses(patterns=None, before: str = ""):
    """Every pattern with its view, from the whole configuration."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def test_a_stranger_sees_only_this_list():
    open_to_all = {path for path, view in addresses() if not getattr(view, "login_required", True)}
    assert {path for path in open_to_all if not path.startswith(OF_MACHINES)} == OPEN_TO_ALL


def of_machines() -> list[str]:
    """Every address of the API, with something in the place of what it is about."""
    paths = (path for path, _ in addresses() if path.startswith(OF_MACHINES))
    return ["/" + re.sub(r"<case:\w+>", "C-1", re.sub(r"<int:\w+>", "1", path)) for path in paths]


def test_machines_have_many_addresses():
    assert len(of_machines()) > 60


@pytest.mark.parametrize("authorization", [None, "Bearer desk_nobody"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_machines_are_told_so_and_led_nowhere(client, settings, method, authorization):
    settings.API_A_MINUTE_UNKNOWN = 10_000
    headers = {"Authorization": authorization} if authorization else {}
    for path in of_machines():
        answer = client.generic(method, path, "{}", "application/json", headers=headers)
        assert answer.status_code == 401, path
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == 'Bearer realm="desk"'
        assert answer.json()["status"] == 401


@pytest.mark.parametrize("authorization", ["Basic bmFkaWE6eA==", "Bearer", "Bearer a b", "Bearer é", "desk_nobody"])
def test_a_header_that_is_none_is_refused_in_words(client, settings, authorization):
    settings.API_A_MINUTE_UNKNOWN = 10_000
    answer = client.put("/api/v1/me", "{}", "application/json", headers={"Authorization": authorization})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_a_session_is_no_token(cast):
    nadia = signed_in(cast.nadia)
    assert {nadia.get(path).status_code for path in of_machines()} <= {401, 429}


@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing", "/api/v2/cases", "/api/v1/cases/C-1/yes"])
def test_an_address_of_the_api_that_is_none_says_so(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    ["/", "/queue/", "/escalations/", "/cases/C-10401/", "/styleguide/", "/help/view/C-10401/", "/notices/"]
    + ["/escalations/complaints/", "/escalations/refusals/", "/complaints/1/answer/", "/refusals/1/look/"]
    + ["/settings/tokens/", "/settings/tokens/services/", "/settings/tokens/1/revoke/"]
    + ["/settings/tokens/services/1/", "/settings/tokens/services/1/off/", "/settings/tokens/services/1/on/"]
    + ["/hours/", "/hours/company/", "/hours/calendars/1/", "/hours/departments/1/", "/settings/notices/"]
    + ["/settings/webhooks/", "/settings/webhooks/add/", "/settings/webhooks/1/", "/settings/webhooks/1/again/"]
    + ["/escalations/last/", "/escalations/C-10401/note/", "/escalations/C-10401/not-needed/"]
    + ["/escalations/1/settle/", "/escalations/appeals/1/answer/", "/escalations/appeals/1/take/"],
)
def test_everything_else_asks_to_sign_in(path, client):
    response = client.get(path)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/?next=")


def test_the_admin_has_no_sign_in_of_its_own(client, cast):
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/login/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    assert signed_in(cast.sam).get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("path", ["/", "/help/", "/accounts/login/", "/cases/C-99999/", "/nowhere", "/escalations/"])
def test_every_answer_carries_the_strict_policy(path, cast, tuesday):
    policy = signed_in(cast.nadia).get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'strict-dynamic'" in policy
    assert "unsafe" not in policy


def test_only_the_admin_may_run_scripts_of_our_own_host_without_a_nonce(cast):
    cast.sam.is_admin = True
    cast.sam.save(update_fields=["is_admin"])
    admin = signed_in(cast.sam).get("/admin/")
    assert admin.status_code == 200
    assert "script-src 'self'" in admin["Content-Security-Policy"]
    assert "script-src 'self'" not in signed_in(cast.sam).get("/")["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["calendar", "department", "topic", "agent"])
def test_an_administrator_keeps_departments_topics_and_hours_there(cast, name):
    cast.sam.is_admin = True
    cast.sam.save(update_fields=["is_admin"])
    admin = signed_in(cast.sam)
    assert admin.get(f"/admin/staff/{name}/").status_code == 200
    first = admin.get(f"/admin/staff/{name}/").context["cl"].result_list
    for row in list(first)[:1]:
        assert admin.get(f"/admin/staff/{name}/{row.pk}/change/").status_code == 200


def test_hours_that_cannot_be_are_refused_beside_their_day(cast):
    cast.sam.is_admin = True
    cast.sam.save(update_fields=["is_admin"])
    hours = {"name": "Nights", "zone": "Europe/Berlin", "monday": "9 to 5", "closed_days": ""}
    response = signed_in(cast.sam).post("/admin/staff/calendar/add/", hours)
    assert "monday" in response.context["adminform"].form.errors


def test_a_form_from_elsewhere_is_refused(cast, case):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.nadia, backend="supportdesk.signin.StaffBackend")
    for headers in ({}, {"HX-Request": "true"}, {"Origin": "https://evil.example"}):
        response = strict.post(f"/cases/{case.number}/note/", {"body": "x", "once": "y"}, headers=headers)
        assert response.status_code == 403
    assert not case.notes.exists()


def test_whoever_is_turned_off_is_out_at_the_next_request(cast, case):
    nadia = signed_in(cast.nadia)
    assert nadia.get("/").status_code == 200
    cast.nadia.can_sign_in = False
    cast.nadia.save(update_fields=["can_sign_in"])
    assert nadia.get("/").status_code == 302


class TestHealth:
    def test_livez_needs_nothing(self, client):
        assert client.get("/livez").status_code == 200

    def test_readyz_names_each_part(self, client):
        sweep_now()
        report = client.get("/readyz").json()
        assert report["ready"] is True
        assert {report[part] for part in ("database", "broker", "migrations", "sweep")} == {"ok"}
        assert {"last_sweep_age", "oldest_unannounced_age"} <= report.keys()

    def test_readyz_says_when_nobody_listens(self, client, settings):
        settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["broker"] != "ok"


def test_nobody_is_anybody(rf):
    """The shell is for staff alone."""
    from supportdesk.shell import around_every_page

    request = rf.get("/")
    request.user = AnonymousUser()
    assert "shell" not in around_every_page(request)


@pytest.mark.parametrize("cookie", ["\x00aaaa", "a" * 500, "x y", "é"])
def test_a_session_cookie_that_none_could_be_is_a_stranger(client, cookie):
    client.cookies["session"] = cookie
    assert client.get("/help/").status_code == 200
    assert client.get("/").status_code == 302


def test_no_log_holds_a_key(caplog):
    record = logging.LogRecord(
        "x", logging.INFO, "", 0, "Gone: %s", ("/sign-in/abc-DEF_1/ /help/c/k3y.m4c/yes/",), None
    )
    assert NoKeys().filter(record)
    assert record.getMessage() == "Gone: /sign-in/…/ /help/c/…/yes/"


TOKEN = "desk_" + "A1b2-C3d4_" * 4 + "xyz"


def logged(message: str, *args, failure: BaseException | None = None) -> str:
    """What the console would show of it."""
    info = (type(failure), failure, None) if failure else None
    record = logging.LogRecord("x", logging.INFO, "", 0, message, args, info)
    assert NoKeys().filter(record)
    return logging.Formatter("%(message)s").format(record)


def test_no_log_holds_a_token():
    assert logged("Asked: %s", {"Authorization": f"Bearer {TOKEN}"}) == "Asked: {'Authorization': 'Bearer desk_…'}"
    assert logged(f"GET /api/v1/me?token={TOKEN}&x=1") == "GET /api/v1/me?token=desk_…&x=1"
    told = logged("It broke", failure=ValueError(f"not {TOKEN}."))
    assert TOKEN[:20] not in told
    assert "ValueError: not desk_…." in told


def test_a_name_of_ours_that_begins_like_a_token_stays_readable():
    assert logged("%s on desk_test", "desk_owner") == "desk_owner on desk_test"
