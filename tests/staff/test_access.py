"""Tokens end with whoever they are of; and machines are nowhere among the people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from cases.forms.complaints import Complaining
from cases.forms.hours import _Choices
from cases.forms.people import Somebody
from cases.verbs import conversation, leaving
from staff import absences, access
from staff.models import AccessToken, Agent
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from tests.cast import TUESDAY, fresh
from tests.pages import said, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def ada(cast) -> Agent:
    """Sue, who administers too."""
    Agent.objects.filter(pk=cast.sue.pk).update(is_admin=True)
    return fresh(cast.sue)


@pytest.fixture
def robot(cast, ada) -> Agent:
    return access.add_service_account("Robot", cast.support, by=ada, administers=True)


def status_with(secret: str) -> int:
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code


class TestEnding:
    @pytest.fixture
    def bens(self, cast):
        token, secret = access.make(cast.ben, "Ben’s script", "write", by=cast.ben)
        assert status_with(secret) == 200
        return token, secret

    def test_sign_off_revokes_every_token_and_it_is_refused_at_once(self, cast, bens):
        absences.sign_off(cast.ben, by=cast.sam)
        assert status_with(bens[1]) == 401
        assert (fresh(bens[0]).revoked_at, fresh(bens[0]).revoked_by) == (TUESDAY, cast.sam)

    def test_it_is_refused_still_when_they_are_let_in_again(self, cast, bens):
        absences.sign_off(cast.ben, by=cast.sam)
        absences.sign_on(cast.ben, by=cast.sam)
        assert status_with(bens[1]) == 401

    def test_leaving_revokes_them_too(self, cast, bens):
        leaving.leave(cast.ben, by=cast.sam)
        assert status_with(bens[1]) == 401
        assert fresh(bens[0]).revoked_by == cast.sam

    @pytest.mark.parametrize("fact", ["is_active", "can_sign_in"])
    def test_whoever_is_not_let_in_comes_in_by_no_token(self, cast, bens, fact):
        Agent.objects.filter(pk=cast.ben.pk).update(**{fact: False})
        assert status_with(bens[1]) == 401

    def test_service_accounts_stay_when_who_made_them_goes(self, cast, ada, robot):
        _, secret = access.make(robot, "Deploys", "read", by=ada)
        absences.sign_off(ada, by=cast.sam)
        assert status_with(secret) == 200

    def test_a_token_is_over_when_its_time_is(self, cast):
        _, secret = access.make(cast.ben, "Short", "read", by=cast.ben, expires_at=TUESDAY + timedelta(hours=1))
        with clock.at(TUESDAY + timedelta(hours=1)):
            assert status_with(secret) == 401

    def test_nobody_makes_one_for_somebody_else(self, cast, ada):
        with pytest.raises(NotAllowed):
            access.make(cast.ben, "Mine", "read", by=ada)
        assert not AccessToken.objects.exists()

    def test_nobody_but_its_own_and_administrators_revoke_one(self, cast, ada, bens):
        with pytest.raises(NotAllowed):
            access.revoke(bens[0], by=cast.nadia)
        access.revoke(bens[0], by=ada)
        assert status_with(bens[1]) == 401


class TestMachinesAreNoPeople:
    """Wherever somebody is chosen."""

    @pytest.mark.parametrize("which", ["all", "away", "off", "left"])
    def test_not_on_the_people_page(self, cast, robot, which):
        assert "Robot" not in said(signed_in(cast.sam).get(f"/people/?which={which}"))

    @pytest.mark.parametrize("act", ["sign-off", "sign-on", "leaving"])
    def test_not_signed_off_let_in_or_seen_off(self, cast, robot, act):
        assert signed_in(cast.sam).post(f"/people/{robot.pk}/{act}/").status_code == 404

    def test_not_signed_in_by_any_door(self, cast, robot):
        with pytest.raises(Refused) as refused:
            absences.sign_on(robot, by=cast.sam)
        assert refused.value.code == "cannot_sign_in"

    def test_not_who_stands_in_or_takes_a_case(self, cast, robot):
        field = Somebody("To whom")
        field.offer(but=cast.nadia.pk)
        assert str(cast.ben.pk) in field.people
        assert str(robot.pk) not in field.people

    @pytest.mark.parametrize("act", ["hand-over"])
    def test_not_on_the_page_of_handing_over(self, cast, case, robot, act):
        assert "Robot" not in said(signed_in(cast.nadia).get(f"{case.get_absolute_url()}{act}/"))

    def test_not_among_leads_and_deciders(self, cast, ada, robot):
        admin = signed_in(ada)
        for path in (f"/hours/departments/{cast.support.pk}/", "/hours/company/"):
            page = admin.get(path)
            assert page.status_code == 200
            assert "Robot" not in said(page)

    def test_not_among_them_even_if_it_was_named(self, cast, robot):
        class Lead(_Choices):
            from django import forms

            lead = forms.ModelChoiceField(None)

        form = Lead()
        form.offer_people("lead", robot)
        assert robot not in form.fields["lead"].queryset

    def test_not_whom_a_complaint_is_about(self, cast, case, robot):
        conversation.note(case, "Paid twice.", by=robot)
        conversation.note(case, "I look into it.", by=cast.nadia)
        form = Complaining(case=case, agent=cast.nadia)
        assert list(form.fields["about"].queryset) == [cast.nadia]

    def test_not_who_answers_one(self, cast, robot):
        assert robot not in Agent.objects.able_to_work()

    def test_not_among_the_people_of_the_admin(self, ada, robot):
        admin = signed_in(ada)
        assert "Robot" not in said(admin.get("/admin/staff/agent/"))
        assert "Robot" not in said(admin.get(f"/admin/staff/department/{ada.department_id}/change/"))

    def test_not_who_owns_what_comes_in(self, cast, robot, case):
        assert case.owner == cast.nadia
        Agent.objects.people().update(can_sign_in=False)
        from tests.cast import a_case

        assert a_case(cast.mallory).owner.is_fallback

    @pytest.mark.parametrize("field", ["to"])
    def test_not_handed_a_case_through_the_api(self, cast, case, robot, field):
        _, secret = access.make(cast.nadia, "Script", "write", by=cast.nadia)
        answer = Client().post(
            f"/api/v1/cases/{case.number}/hand-over",
            {"to": robot.pk, "brief": "Yours."},
            "application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 422
