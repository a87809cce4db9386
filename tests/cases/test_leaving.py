"""Leaving: only with nothing left in one's hands; and offering what somebody owns on their behalf."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cases.leaving import still_theirs
from cases.models import Case, Handover, Notice
from cases.verbs import complaints, concessions, leaving, ownership, subtasks
from staff import absences, company, departments, mandates, signing_in
from staff.models import Absence
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, a_case, an_agent, at_once, everything, fresh
from tests.pages import said, signed_in

THURSDAY = datetime(2026, 3, 12, 9, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)
NOTHING_ALONE = {"refund_up_to": Decimal(0), "courtesy_up_to": Decimal(0), "replacement": False}

pytestmark = pytest.mark.usefixtures("tuesday")


def handed_over(case, to, *, by):
    return ownership.accept(ownership.hand_over(case, to, brief="Yours.", by=by), by=to)


def why_not(agent, cast) -> list[str]:
    """The codes of what stands in the way."""
    before = everything()
    with pytest.raises(Refused) as refused:
        leaving.leave(agent, by=cast.sam)
    assert everything() == before and fresh(agent).is_active
    return [hindrance.code for hindrance in refused.value.hindrances]


class TestLeaving:
    def test_with_nothing_left_ends_everything(self, cast):
        nadia, link = signed_in(cast.nadia), signing_in.issue(cast.nadia)
        gone = leaving.leave(cast.nadia, by=cast.sam)
        assert (gone.is_active, gone.can_sign_in, gone.left_at) == (False, False, TUESDAY)
        assert nadia.get("/").status_code == 302 and signing_in.usable(link) is None

    def test_twice_changes_nothing(self, cast):
        leaving.leave(cast.nadia, by=cast.sam)
        with clock.at(THURSDAY):
            assert leaving.leave(cast.nadia, by=cast.sam).left_at == TUESDAY

    def test_ends_an_absence_and_calls_off_the_next(self, cast):
        running = absences.announce(cast.nadia, TUESDAY, THURSDAY, cast.ben, by=cast.nadia)
        ahead = absences.announce(cast.nadia, MONDAY, None, cast.ben, by=cast.sam)
        with clock.at(TUESDAY.replace(hour=12)):
            leaving.leave(cast.nadia, by=cast.sam)
        assert fresh(running).ends_at.hour == 12 and fresh(ahead).is_called_off

    def test_is_for_supervisors_and_administrators(self, cast):
        for stranger in (cast.ben, cast.nadia, cast.carla):
            with pytest.raises(NotAllowed):
                leaving.leave(cast.nadia, by=stranger)
        leaving.leave(cast.nadia, by=an_agent("Ada Adams", cast.support, is_admin=True))

    def test_is_not_for_nobody(self, cast):
        with pytest.raises(Refused, match="This is nobody"):
            leaving.leave(cast.nobody, by=cast.sam)

    def test_can_be_taken_back(self, cast):
        leaving.leave(cast.nadia, by=cast.sam)
        back = absences.sign_on(cast.nadia, by=cast.sam)
        assert back.is_active and back.can_sign_in and back.left_at is None


class TestIsRefused:
    def test_while_open_cases_are_theirs(self, case, cast):
        assert why_not(cast.nadia, cast) == ["open_case"]
        handed_over(case, cast.ben, by=cast.nadia)
        leaving.leave(cast.nadia, by=cast.sam)

    def test_while_what_was_offered_is_not_accepted(self, case, cast):
        ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
        with pytest.raises(Refused) as refused:
            leaving.leave(cast.nadia, by=cast.sam)
        assert refused.value.hindrances[0].sentence == f"{case.number} is offered to Ben Becker, not accepted yet."

    def test_while_a_complaint_waits_for_their_answer(self, case, cast):
        complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
        owner = complaint.owner
        assert why_not(owner, cast) == ["open_complaint"]
        complaints.hand_on(complaint, cast.sue if owner == cast.sam else cast.sam, reason="I leave.", by=owner)
        leaving.leave(owner, by=cast.sue)

    def test_while_an_offer_waits_for_their_answer(self, case, cast):
        offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
        assert why_not(cast.ben, cast) == ["open_offer"]
        ownership.hand_over(case, cast.olga, brief="Ben leaves.", by=cast.sam)
        assert fresh(offer).state == Handover.State.OVERTAKEN
        leaving.leave(cast.ben, by=cast.sam)

    def test_while_somebody_relies_on_them(self, cast):
        absence = absences.announce(cast.nadia, THURSDAY, MONDAY, cast.ben, by=cast.nadia)
        assert why_not(cast.ben, cast) == ["stands_in"]
        absences.change(absence, cover=cast.olga, by=cast.sam)
        leaving.leave(cast.ben, by=cast.sam)

    def test_while_an_owner_waits_for_their_decision(self, case, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        mandates.set_mandate(cast.support, **NOTHING_ALONE, decider=cast.ben, by=ada)
        asked = concessions.give(case, "courtesy", words="A month.", why="Late.", amount=Decimal(10), by=cast.nadia)
        mandates.set_mandate(cast.support, **NOTHING_ALONE, decider=cast.sam, by=ada)
        assert why_not(cast.ben, cast) == ["open_decision"]
        shown = said(signed_in(cast.sam).get(f"/people/{cast.ben.pk}/leaving/"))
        assert f"{case.number} asked by Nadia Novak Ben says yes or no by Wed 10:00, or somebody" in shown
        concessions.decide(asked, granted=True, by=cast.ben)
        leaving.leave(cast.ben, by=cast.sam)

    def test_until_another_decides(self, case, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        mandates.set_mandate(cast.support, **NOTHING_ALONE, decider=cast.ben, by=ada)
        asked = concessions.give(case, "courtesy", words="A month.", why="Late.", amount=Decimal(10), by=cast.nadia)
        mandates.set_mandate(cast.support, **NOTHING_ALONE, decider=cast.sue, by=ada)
        page = f"/people/{cast.ben.pk}/leaving/"
        typed = {"to": cast.sue.pk, "reason": "Ben leaves."}
        assert signed_in(cast.sam).post(f"/concessions/{asked.pk}/pass-on/?leaving={cast.ben.pk}", typed).url == page
        assert fresh(asked).decider == cast.sue
        leaving.leave(cast.ben, by=cast.sam)

    def test_while_they_lead_decide_or_stand_above_the_supervisors(self, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        departments.set_lines(cast.hardware, lead=cast.ben, second_line=None, by=ada)
        mandates.set_mandate(cast.support, **NOTHING_ALONE, decider=cast.ben, by=ada)
        company.name_rungs(head=cast.sue, ombudsperson=cast.ben, contact="At the gate.", by=ada)
        assert why_not(cast.ben, cast) == ["role"] * 3 and why_not(cast.sue, cast) == ["role"]
        departments.set_lines(cast.hardware, lead=cast.olga, second_line=None, by=ada)
        mandates.set_mandate(cast.support, **NOTHING_ALONE, decider=None, by=ada)
        company.name_rungs(head=cast.sam, ombudsperson=cast.olga, contact="At the gate.", by=ada)
        leaving.leave(cast.ben, by=ada)
        leaving.leave(cast.sue, by=ada)

    def test_while_a_part_is_in_their_hands(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
        otto = an_agent("Otto Orban", cast.hardware)
        subtasks.accept(part, committed_at=THURSDAY, by=cast.olga)
        assert why_not(cast.olga, cast) == ["open_part"]
        page = f"/people/{cast.olga.pk}/leaving/"
        sam = signed_in(cast.sam)
        assert "Carla Conti Test the board Hardware said Thu 09:00: the date stays" in said(sam.get(page))
        given = sam.post(f"/subtasks/{part.pk}/give/?leaving={cast.olga.pk}", {"to": otto.pk, "reason": "She leaves."})
        assert given.url == page and fresh(part).agent == otto
        leaving.leave(cast.olga, by=cast.sam)

    def test_until_a_part_is_back_in_its_department(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
        subtasks.accept(part, committed_at=THURSDAY, by=cast.olga)
        signed_in(cast.sam).post(f"/subtasks/{part.pk}/give/", {"to": "", "reason": "She leaves."})
        assert fresh(part).agent is None
        leaving.leave(cast.olga, by=cast.sam)

    def test_until_all_parts_are_given_to_a_colleague_at_once(self, case, cast):
        otto = an_agent("Otto Orban", cast.hardware)
        parts = [subtasks.ask(case, cast.hardware, what, by=cast.nadia) for what in ("Test it", "Mend it")]
        for part in parts:
            subtasks.accept(part, committed_at=THURSDAY, by=cast.olga)
        page, all_of_them = (
            f"/people/{cast.olga.pk}/{name}" for name in ("leaving/", f"give-parts/{cast.hardware.pk}/")
        )
        sam = signed_in(cast.sam)
        assert all_of_them in sam.get(page).content.decode()
        unsaid = sam.post(all_of_them, {"to": otto.pk, "reason": ""})
        assert unsaid.status_code == 422 and said(unsaid).startswith("Error: Olga Orlova leaves")
        assert unsaid.context["parts_forms"][0].errors.keys() == {"reason"}
        abroad = sam.post(all_of_them, {"to": cast.ben.pk, "reason": "She leaves."})
        assert abroad.context["parts_forms"][0].errors.keys() == {"to"}
        given = sam.post(all_of_them, {"to": otto.pk, "reason": "She leaves."}, follow=True)
        assert "2 parts are given to Otto Orban. The dates stay." in said(given)
        assert {(part.agent, part.committed_at) for part in map(fresh, parts)} == {(otto, THURSDAY)}
        leaving.leave(cast.olga, by=cast.sam)

    def test_until_all_parts_are_back_in_their_department(self, case, cast):
        for what in ("Test it", "Mend it"):
            subtasks.accept(subtasks.ask(case, cast.hardware, what, by=cast.nadia), committed_at=THURSDAY, by=cast.olga)
        all_of_them = f"/people/{cast.olga.pk}/give-parts/{cast.hardware.pk}/"
        typed = {"to": "", "reason": "She leaves."}
        given = signed_in(cast.sam).post(all_of_them, typed, follow=True)
        assert "2 parts are given to Hardware. The dates stay." in said(given)
        assert "Nothing is given to Hardware." in said(signed_in(cast.sam).post(all_of_them, typed, follow=True))

    def test_and_only_a_supervisor_gives_the_parts_of_another_department(self, case, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        for what in ("Test it", "Mend it"):
            subtasks.accept(subtasks.ask(case, cast.hardware, what, by=cast.nadia), committed_at=THURSDAY, by=cast.olga)
        all_of_them = f"/people/{cast.olga.pk}/give-parts/{cast.hardware.pk}/"
        assert all_of_them not in signed_in(ada).get(f"/people/{cast.olga.pk}/leaving/").content.decode()
        before = everything()
        for stranger in (ada, cast.ben):
            assert signed_in(stranger).post(all_of_them, {"to": "", "reason": "Go."}).status_code == 403
        assert everything() == before

    def test_for_a_role_with_the_way_to_where_it_is_changed(self, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        departments.set_lines(cast.hardware, lead=cast.ben, second_line=None, by=ada)
        company.name_rungs(head=cast.sue, ombudsperson=cast.ben, contact="At the gate.", by=ada)
        page, hardware = f"/people/{cast.ben.pk}/leaving/", f"/hours/departments/{cast.hardware.pk}/"
        shown = signed_in(ada).get(page)
        assert "Hardware Name somebody else who leads Hardware" in said(shown)
        assert "The company Name somebody else as the last rung, whose name customers read" in said(shown)
        assert (
            f'href="{hardware}lines/?leaving={cast.ben.pk}"' in shown.content.decode()
            and f'href="/hours/company/?leaving={cast.ben.pk}"' in shown.content.decode()
        )
        supervisors = signed_in(cast.sam).get(page)
        assert "who leads Hardware: an administrator does" in said(supervisors)
        assert f'href="{hardware}"' in supervisors.content.decode()
        assert signed_in(cast.sam).post(page).status_code == 422

    def test_and_every_act_that_was_begun_there_leads_back(self, case, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        departments.set_lines(cast.hardware, lead=cast.ben, second_line=None, by=ada)
        page, hardware = f"/people/{cast.ben.pk}/leaving/", f"/hours/departments/{cast.hardware.pk}/lines/"
        client = signed_in(ada)
        begun = f"{hardware}?leaving={cast.ben.pk}"
        assert begun in client.get(page).content.decode()
        form = client.get(begun)
        assert f'<a class="button" href="{page}" data-close>' in form.content.decode() and "Ben Becker leaves" in said(
            form
        )
        assert client.post(begun, {"lead": cast.olga.pk, "second_line": ""}).url == page
        in_a_dialog = client.post(begun, {"lead": "", "second_line": ""}, headers={"X-Dialog": "1"})
        assert in_a_dialog.headers["X-Go-On"] == page

    @pytest.mark.parametrize("leaving_of", ["", "0", "x", "999999", "-1", "//evil.example", "9" * 40])
    def test_but_nothing_else_is_led_to(self, case, cast, leaving_of):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        hardware = f"/hours/departments/{cast.hardware.pk}/"
        changed = signed_in(ada).post(f"{hardware}lines/?leaving={leaving_of}", {"lead": cast.olga.pk})
        assert changed.url == hardware

    def test_but_not_by_what_is_closed(self, case, cast):
        from cases.verbs import closing

        closing.override(case, reason="A double.", by=cast.sam)
        assert not still_theirs(cast.nadia, TUESDAY)


class TestOfferingOnTheOwnersBehalf:
    def test_keeps_the_owner_as_the_one_who_gives(self, case, cast):
        offer = ownership.hand_over(case, cast.ben, brief="Nadia leaves.", by=cast.sam)
        assert (offer.from_agent, offer.to_agent) == (cast.nadia, cast.ben)
        assert fresh(case).owner == cast.nadia and case.entries.latest("pk").agent == cast.sam

    @pytest.mark.parametrize("answer", ["accept", "give_back"])
    def test_tells_owner_and_supervisor_the_answer(self, case, cast, answer):
        offer = ownership.hand_over(case, cast.ben, brief="Nadia leaves.", by=cast.sam)
        announce()
        told = Notice.objects.values_list("agent__name", flat=True)
        assert sorted(told) == ["Ben Becker", "Nadia Novak"]
        Notice.objects.all().delete()
        if answer == "accept":
            ownership.accept(offer, by=cast.ben)
        else:
            ownership.give_back(offer, reason="I am full.", by=cast.ben)
        announce()
        assert sorted(Notice.objects.values_list("agent__name", flat=True)) == ["Nadia Novak", "Sam Sato"]

    def test_of_what_nobody_owns_yet_finds_it_an_owner(self, cast):
        from tests.cast import SUNDAY

        with clock.at(SUNDAY):
            case = a_case(cast.carla)
        assert handed_over(case, cast.ben, by=cast.sam).owner == cast.ben

    def test_is_refused_to_everybody_else(self, case, cast):
        for stranger in (cast.ben, cast.olga):
            with pytest.raises(NotAllowed, match="or a supervisor"):
                ownership.hand_over(case, cast.wanda, brief="Yours.", by=stranger)

    def test_nobody_accepts_who_was_turned_off_meanwhile(self, case, cast):
        offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
        absences.sign_off(cast.ben, by=cast.sam)
        with pytest.raises(Refused, match="cannot sign in any more"):
            ownership.accept(offer, by=cast.ben)
        assert fresh(case).owner == cast.nadia


@pytest.mark.django_db(transaction=True)
def test_nobody_leaves_with_what_they_are_given_at_that_moment(cast, tuesday):
    case = a_case(cast.carla)
    for _ in range(10):
        case.refresh_from_db()
        giver, taker = case.owner, cast.ben if case.owner == cast.nadia else cast.nadia
        offer = ownership.hand_over(case, taker, brief="Yours.", by=giver)
        Handover.objects.exclude(pk=offer.pk).filter(state="offered").update(state="overtaken", answered_at=TUESDAY)
        results = at_once(lambda: ownership.accept(offer, by=taker), lambda: leaving.leave(taker, by=cast.sam))  # noqa: B023
        assert all(not isinstance(r, Exception) or isinstance(r, Refused | Conflict) for r in results), results
        assert not Case.objects.open().filter(owner__is_active=False).exists()
        absences.sign_on(fresh(taker), by=cast.sam)
        Absence.objects.all().delete()
