"""Tokens for machines: made on a page, shown once, listed without their secret, and revoked; and service accounts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from staff import access
from staff.models import AccessToken, Agent
from staff.models.tokens import Scope
from supportdesk import clock
from supportdesk.errors import Refused
from tests.cast import TUESDAY, fresh
from tests.pages import said, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

TOKENS, SERVICES = "/settings/tokens/", "/settings/tokens/services/"
SHOP = {"name": "The shop", "scope": "write", "until": "90"}


@pytest.fixture
def ada(cast) -> Agent:
    """Sam, who administers too."""
    Agent.objects.filter(pk=cast.sam.pk).update(is_admin=True)
    return fresh(cast.sam)


@pytest.fixture
def shop(cast, ada) -> Agent:
    return access.add_service_account("The shop’s site", cast.support, by=ada)


def shown(response) -> str:
    """The secret on a page."""
    return re.search(r"desk_[\w-]{43}", response.content.decode())[0]


def asks(secret: str) -> int:
    """What the API answers to whoever comes with it."""
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code


class TestMaking:
    def test_shows_the_secret_once_and_it_lets_in(self, cast):
        nadia = signed_in(cast.nadia)
        made = nadia.post(TOKENS, SHOP)
        assert made.status_code == 201
        assert made["Cache-Control"] == "no-store"
        secret = shown(made)
        assert asks(secret) == 200
        token = AccessToken.objects.get()
        assert (token.agent, token.scope, token.expires_at) == (cast.nadia, "write", TUESDAY + timedelta(days=90))
        page = nadia.get(TOKENS).content.decode()
        assert token.start in page
        assert secret not in page

    def test_is_for_a_field_that_can_be_selected_without_a_script(self, cast):
        made = signed_in(cast.nadia).post(TOKENS, SHOP).content.decode()
        assert re.search(r'<input id="secret" type="text" readonly [^>]*value="desk_[\w-]{43}"', made)
        assert re.search(r"<button [^>]*data-copy=\"secret\" hidden>", made)

    def test_leaves_the_secret_in_no_session_and_no_row(self, cast):
        nadia = signed_in(cast.nadia)
        secret = shown(nadia.post(TOKENS, SHOP))
        assert not any(secret in str(session.get_decoded()) for session in Session.objects.all())
        assert secret not in str(list(AccessToken.objects.values()))
        assert secret not in "".join(f"{name}{morsel.value}" for name, morsel in nadia.cookies.items())

    def test_sent_again_by_a_reload_makes_no_second_one(self, cast):
        nadia = signed_in(cast.nadia)
        nadia.post(TOKENS, SHOP)
        again = nadia.post(TOKENS, SHOP)
        assert again.status_code == 422
        assert "There is a token “The shop” already" in said(again)
        assert AccessToken.objects.count() == 1

    @pytest.mark.parametrize(
        "until, ends",
        [
            ("30", TUESDAY + timedelta(days=30)),
            ("365", TUESDAY + timedelta(days=365)),
            ("never", None),
            ("own", datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC)),
        ],
    )
    def test_holds_as_long_as_was_chosen(self, cast, until, ends):
        signed_in(cast.nadia).post(TOKENS, {**SHOP, "until": until, "expires_at": "2026-05-01"})
        assert AccessToken.objects.get().expires_at == ends

    def test_limits_it_to_departments(self, cast):
        made = signed_in(cast.nadia).post(TOKENS, {**SHOP, "departments": [cast.hardware.pk, cast.warranty.pk]})
        assert AccessToken.objects.get().departments == [cast.hardware.pk, cast.warranty.pk]
        assert "only Hardware, Warranty" in said(made)

    @pytest.mark.parametrize(
        "wrong, field, says",
        [
            ({"name": " "}, "name", "Say what the token is for."),
            ({"name": "x" * 81}, "name", "at most 80"),
            ({"scope": "root"}, "scope", "Choose what it may do."),
            ({"scope": "admin"}, "scope", "Choose what it may do."),
            ({"departments": ["999999"]}, "departments", "Choose departments from this list."),
            ({"departments": ["x"]}, "departments", "Choose departments from this list."),
            ({"until": ""}, "until", "Say how long it holds."),
            ({"until": "own"}, "expires_at", "Write its last day"),
            ({"until": "own", "expires_at": "soon"}, "expires_at", "Write a date."),
            ({"until": "own", "expires_at": "2026-03-09"}, "expires_at", "A token ends in the future"),
            ({"until": "own", "expires_at": "2031-01-01"}, "expires_at", "within three years"),
            ({"until": "own", "expires_at": "9999-12-31"}, "expires_at", "within three years"),
        ],
    )
    def test_says_what_is_wrong_beside_its_field(self, cast, wrong, field, says):
        refused = signed_in(cast.nadia).post(TOKENS, {**SHOP, **wrong})
        assert refused.status_code == 422
        assert says in str(refused.context["form"].errors[field])
        assert says in said(refused)
        assert not AccessToken.objects.exists()

    def test_only_an_administrator_gives_one_that_administers(self, cast, ada):
        assert "change how the desk works" not in said(signed_in(cast.nadia).get(TOKENS))
        assert signed_in(ada).post(TOKENS, {**SHOP, "scope": "admin"}).status_code == 201


class TestTheList:
    def test_says_what_will_be_here(self, cast):
        assert "No token yet." in said(signed_in(cast.nadia).get(TOKENS))

    def test_tells_everything_but_the_secret(self, cast):
        token, secret = access.make(
            cast.nadia, "Reports", Scope.READ, by=cast.nadia, departments=[cast.hardware],
            expires_at=TUESDAY + timedelta(days=20),
        )  # fmt: skip
        never = said(signed_in(cast.nadia).get(TOKENS))
        for told in (
            "Reports",
            token.start,
            "Read, only Hardware",
            "Made 10 March 2026",
            "never used",
            "30 March 2026",
        ):
            assert told in never
        assert asks(secret) == 200
        with clock.at(TUESDAY + timedelta(days=2)):
            assert "last used 2 days ago" in said(signed_in(cast.nadia).get(TOKENS))

    def test_shows_nobody_elses(self, cast, ada):
        access.make(cast.ben, "Ben’s own", Scope.READ, by=cast.ben)
        assert "Ben’s own" not in said(signed_in(ada).get(TOKENS))

    def test_keeps_what_ended_apart(self, cast):
        soon, _ = access.make(cast.nadia, "Soon", "read", by=cast.nadia, expires_at=TUESDAY + timedelta(hours=1))
        gone, _ = access.make(cast.nadia, "Gone", "read", by=cast.nadia)
        access.revoke(gone, by=cast.nadia)
        with clock.at(TUESDAY + timedelta(hours=2)):
            page = signed_in(cast.nadia).get(TOKENS)
        assert [row.token for row in page.context["ended"]] == [gone, soon]
        assert page.context["standing"] == []
        assert "revoked 10 March 2026 by Nadia Novak" in said(page)
        assert "ended 10 March 2026" in said(page)

    def test_is_reached_from_the_settings_and_the_menu(self, cast):
        page = signed_in(cast.nadia).get("/settings/notices/").content.decode()
        assert page.count(f'href="{TOKENS}"') == 2

    @pytest.mark.parametrize("path", [TOKENS, SERVICES, "service"])
    def test_stays_within_twelve_queries(self, cast, ada, shop, path, django_assert_max_num_queries):
        for agent in (ada, shop):
            for number in range(12):
                token, _ = access.make(agent, f"Token {number}", "read", by=ada, departments=[cast.support])
                if number % 2:
                    access.revoke(token, by=ada)
        browser = signed_in(ada)
        path = f"{SERVICES}{shop.pk}/" if path == "service" else path
        with django_assert_max_num_queries(12):
            assert browser.get(path).status_code == 200


class TestRevoking:
    @pytest.fixture
    def token(self, cast):
        return access.make(cast.nadia, "Old laptop", Scope.WRITE, by=cast.nadia)

    def test_is_asked_first_and_holds_at_once(self, cast, token):
        row, secret = token
        nadia, path = signed_in(cast.nadia), f"{TOKENS}{row.pk}/revoke/"
        assert "Revoke “Old laptop”?" in said(nadia.get(path))
        assert asks(secret) == 200
        assert nadia.post(path, follow=True).status_code == 200
        assert asks(secret) == 401
        assert (fresh(row).revoked_at, fresh(row).revoked_by) == (TUESDAY, cast.nadia)

    def test_twice_changes_nothing(self, cast, token):
        path = f"{TOKENS}{token[0].pk}/revoke/"
        nadia = signed_in(cast.nadia)
        nadia.post(path)
        with clock.at(TUESDAY + timedelta(hours=1)):
            nadia.post(path)
        assert fresh(token[0]).revoked_at == TUESDAY

    def test_goes_on_from_a_dialog(self, cast, token):
        answer = signed_in(cast.nadia).post(f"{TOKENS}{token[0].pk}/revoke/", headers={"X-Dialog": "1"})
        assert (answer.status_code, answer["X-Go-On"]) == (204, TOKENS)

    def test_is_not_for_others(self, cast, ada, token):
        for other in (cast.ben, ada):
            assert signed_in(other).post(f"{TOKENS}{token[0].pk}/revoke/").status_code == 404
        assert fresh(token[0]).revoked_at is None


class TestServiceAccounts:
    def test_are_made_by_administrators_and_come_in_under_their_name(self, cast, ada, case):
        admin = signed_in(ada)
        made = admin.post(SERVICES, {"name": "The shop’s site", "department": cast.support.pk}, follow=True)
        shop = Agent.objects.get(is_service=True)
        assert made.redirect_chain[-1][0] == f"{SERVICES}{shop.pk}/"
        assert (shop.department, shop.is_admin, shop.can_sign_in) == (cast.support, False, False)
        secret = shown(admin.post(f"{SERVICES}{shop.pk}/", SHOP))
        headers = {"Authorization": f"Bearer {secret}"}
        path = f"/api/v1/cases/{case.number}/notes"
        note = {"body": "The order was paid twice."}
        assert Client().post(path, note, "application/json", headers=headers).status_code == 201
        page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
        assert "The order was paid twice." in page
        assert "The shop’s site" in page

    def test_administer_if_they_were_made_so(self, cast, ada):
        told = {"name": "Terraform", "department": cast.support.pk, "administers": "on"}
        signed_in(ada).post(SERVICES, told)
        terraform = Agent.objects.get(is_service=True)
        assert terraform.is_admin
        made = signed_in(ada).post(f"{SERVICES}{terraform.pk}/", {**SHOP, "scope": "admin"})
        assert made.status_code == 201

    def test_get_no_token_beyond_what_they_are(self, ada, shop):
        assert signed_in(ada).post(f"{SERVICES}{shop.pk}/", {**SHOP, "scope": "admin"}).status_code == 422

    def test_stand_in_a_list_with_how_many_tokens_they_have(self, ada, shop):
        admin = signed_in(ada)
        assert "The shop’s site Support No token" in said(admin.get(SERVICES))
        access.make(shop, "a", "read", by=ada)
        token, _ = access.make(shop, "b", "read", by=ada)
        assert "2 tokens" in said(admin.get(SERVICES))
        answer = admin.post(f"{TOKENS}{token.pk}/revoke/")
        assert answer.url == f"{SERVICES}{shop.pk}/"
        assert "1 token" in said(admin.get(SERVICES))

    @pytest.mark.parametrize(
        "wrong, says",
        [
            ({"name": ""}, "Give it a name"),
            ({"name": "the SHOP’s site"}, "There is a service account “the SHOP’s site” already."),
            ({"department": ""}, "Choose a department."),
            ({"department": "99999"}, "Choose a department from this list."),
        ],
    )
    def test_say_what_is_wrong_beside_its_field(self, cast, ada, shop, wrong, says):
        refused = signed_in(ada).post(SERVICES, {"name": "Monitor", "department": cast.support.pk, **wrong})
        assert refused.status_code == 422
        assert says in str(refused.context["form"].errors[next(iter(wrong))])
        assert Agent.objects.filter(is_service=True).count() == 1

    def test_are_for_administrators_alone(self, cast, ada, shop):
        token, _ = access.make(shop, "a", "read", by=ada)
        nadia = signed_in(cast.nadia)
        assert nadia.get(SERVICES).status_code == 403
        assert nadia.post(SERVICES, {"name": "Mine", "department": cast.support.pk}).status_code == 403
        assert nadia.get(f"{SERVICES}{shop.pk}/").status_code == 403
        assert nadia.post(f"{SERVICES}{shop.pk}/", SHOP).status_code == 403
        assert nadia.post(f"{TOKENS}{token.pk}/revoke/").status_code == 404
        assert "service accounts" not in said(nadia.get(TOKENS))
        assert Agent.objects.filter(is_service=True).count() == AccessToken.objects.usable(TUESDAY).count() == 1

    def test_are_switched_off_with_all_their_tokens_after_a_question(self, ada, shop):
        secrets = [access.make(shop, name, "write", by=ada)[1] for name in ("a", "b")]
        admin, path = signed_in(ada), f"{SERVICES}{shop.pk}/"
        assert "Switch The shop’s site off?" in said(admin.get(f"{path}off/"))
        assert [asks(secret) for secret in secrets] == [200, 200]
        page = said(admin.post(f"{path}off/", follow=True))
        assert "It is switched off and acts no more." in page and "Make a token" not in page
        assert [asks(secret) for secret in secrets] == [401, 401]
        assert not AccessToken.objects.exclude(revoked_at=TUESDAY, revoked_by=ada).exists()
        assert "Switched off" in said(admin.get(SERVICES))
        assert admin.post(path, SHOP).status_code == 422, "Nor is it given a new one."

    def test_act_again_by_a_new_token_once_they_are_switched_on(self, ada, shop):
        _, old = access.make(shop, "a", "write", by=ada)
        admin, path = signed_in(ada), f"{SERVICES}{shop.pk}/"
        for _ in range(2):
            assert admin.post(f"{path}off/").status_code == 302
        assert "Switch The shop’s site on again?" in said(admin.get(f"{path}on/"))
        for _ in range(2):
            assert admin.post(f"{path}on/").status_code == 302
        assert asks(old) == 401
        assert asks(shown(admin.post(path, SHOP))) == 200

    @pytest.mark.parametrize("way", ["off", "on"])
    def test_are_switched_by_administrators_alone_and_no_person_is(self, cast, ada, shop, way):
        assert signed_in(cast.nadia).post(f"{SERVICES}{shop.pk}/{way}/").status_code == 403
        assert signed_in(ada).post(f"{SERVICES}{cast.nadia.pk}/{way}/").status_code == 404
        with pytest.raises(Refused, match="no service account"):
            access.switch_off(cast.nadia, by=ada)
        assert fresh(shop).is_active and fresh(cast.nadia).is_active

    def test_no_person_is_one(self, cast, ada):
        assert signed_in(ada).get(f"{SERVICES}{cast.nadia.pk}/").status_code == 404
