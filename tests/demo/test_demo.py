import io
import os
import re
from collections import Counter
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TestCase

from cases.models import Case, Concession, Entry, Handover, Message, Promise, Subtask
from cases.rollup import roll_up
from cases.verbs import (
    agreeing,
    answering,
    complaints,
    concessions,
    conversation,
    promises,
    proposing,
    refusals,
    subtasks,
)
from customers.models import Customer
from escalations.models import Escalation, Flag
from escalations.sweep import sweep
from portal.links import case_behind, status_path
from staff import hours_in_words, mandates, origins
from staff.models import Agent, Company, Department, Topic
from staff.origins import Origin
from supportdesk import clock
from supportdesk.demo import making, people
from supportdesk.demo.stories import STORIES, everyday
from supportdesk.errors import NotAllowed

TUESDAY = datetime(2026, 3, 10, 13, 40, 20, tzinfo=UTC)
MOMENTS = {
    "a Tuesday afternoon": TUESDAY,
    "the first minute of a Monday": datetime(2026, 3, 9, 8, 0, 30, tzinfo=UTC),
    "the last minute of a Friday": datetime(2026, 3, 13, 15, 59, 59, tzinfo=UTC),
    "a Saturday night": datetime(2026, 3, 14, 23, 20, tzinfo=UTC),
    "the morning after the clocks went back": datetime(2026, 10, 26, 7, 30, tzinfo=UTC),
    "the first day of a year": datetime(2028, 1, 1, 0, 0, 1, tzinfo=UTC),
}
# What the stories leave for the supervisors, whatever the hour.
STANDS = {
    "closed_over_open_subtasks": 1,
    "closed_by_override": 1,
    "promise_broken": 3,
    "promise_at_risk": 6,
    "someone_else_asked": 1,
    "unanswered": 1,
    "customer_chased": 2,
    "refusal_disputed": 1,
    "subtask_late": 2,
    "subtask_not_seen": 3,
    "passed_around": 1,
    "owner_idle": 1,
}
SIGN_IN = ["admin", "hardware", "head", "ombudsperson", "owner", "supervisor", "warranty"]


def a_case(ref: str) -> Case:
    return Case.objects.get(origin=Origin.DEMO, origin_ref=ref)


def an_agent(who: str) -> Agent:
    return Agent.objects.get(email=f"{who}@desk.example")


def printed_by_demo(*arguments: str, password: str = "a-password-for-tests", port: str = "8123") -> str:
    out = io.StringIO()
    with mock.patch.dict(os.environ, {"DEMO_PASSWORD": password, "PORT": port}):
        call_command("demo", "--stories", *arguments, stdout=out)
    return out.getvalue()


def everything_told() -> list[tuple]:
    """What the demo says and when, without what is fresh in every database."""
    kinds = Entry.objects.order_by("pk").values_list("case__origin_ref", "kind", "at", "agent__name", "customer__name")
    words = Message.objects.order_by("pk").values_list("case__origin_ref", "body", "send_at", "delivery")
    pledges = Promise.objects.order_by("pk").values_list("case__origin_ref", "words", "due_at", "state", "ended_at")
    parts = Subtask.objects.order_by("pk").values_list("case__origin_ref", "ask", "state", "committed_at", "outcome")
    return [*kinds, *words, *pledges, *parts]


def told_anew(seed: int) -> list[tuple]:
    """Tell the demo in a transaction of its own and forget it again."""
    with transaction.atomic(), clock.at(TUESDAY):
        making.make_demo(seed=seed)
        told = everything_told()
        transaction.set_rollback(True)
    return told


@pytest.mark.django_db
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS)
def test_every_story_can_be_told_at_any_moment_and_lies_in_order_behind_it(now):
    with clock.at(now):
        assert making.make_demo(seed=1) == len(STORIES)
    assert set(STORIES) <= set(making.cases().values_list("origin_ref", flat=True))

    for case in making.cases():
        times = list(case.entries.order_by("pk").values_list("at", flat=True))
        assert times == sorted(times), case.origin_ref
        assert times[-1] <= now
        assert not case.is_open or case.next_step in ("promise", "reminder")
        assert case.next_step != "reminder" or case.next_due_at > now
    late = Promise.objects.owed().filter(due_at__lte=now, case__closed_at=None)
    assert [promise.case.origin_ref for promise in late] == ["free-upgrade"]


@pytest.mark.django_db
def test_the_same_seed_tells_the_same_and_another_seed_other_numbers():
    first = told_anew(seed=7)
    assert first == told_anew(seed=7)
    other = told_anew(seed=8)
    assert len(other) == len(first) and other != first


@pytest.mark.django_db
def test_an_interruption_leaves_nothing_behind(monkeypatch):
    def pulled_the_plug(stage):
        assert Case.objects.get().origin_ref == "name-on-licence"
        raise KeyboardInterrupt

    stories = {"name-on-licence": everyday.name_on_the_licence, "never-ends": pulled_the_plug}
    monkeypatch.setattr(making, "STORIES", stories)
    with pytest.raises(KeyboardInterrupt):
        making.make_demo(seed=1)
    assert not Case.objects.exists() and not Customer.objects.exists() and not Topic.objects.exists()
    assert list(Agent.objects.values_list("name", flat=True)) == ["Nobody yet"]


@pytest.mark.django_db
def test_an_address_of_somebody_else_stops_the_demo():
    support = Department.objects.get(is_default=True)
    Agent.objects.create(email="owner@desk.example", name="Olive Ost", department=support, password="!")
    with pytest.raises(CommandError, match="owner@desk.example belongs to Olive Ost") as refusal:
        printed_by_demo()
    assert refusal.value.returncode == 2
    assert not Case.objects.exists() and Agent.objects.count() == 2
    assert Agent.objects.get(email="owner@desk.example").password == "!"


class TheDemo(TestCase):
    """The demo as a newcomer finds it on a Tuesday afternoon."""

    @classmethod
    def setUpTestData(cls):
        with clock.at(TUESDAY):
            making.make_demo(seed=1)

    def setUp(self):
        self.enterContext(clock.at(TUESDAY))

    def test_everything_says_that_it_is_demo(self):
        assert not Case.objects.exclude(origin=Origin.DEMO).exists()
        assert not Customer.objects.exclude(origin=Origin.DEMO).exists()
        assert [a.name for a in Agent.objects.exclude(origin=Origin.DEMO)] == ["Nobody yet"]
        assert [d.name for d in Department.objects.exclude(origin=Origin.DEMO)] == ["Support"]

    def test_every_entry_is_born_announced(self):
        assert Entry.objects.count() > 100
        assert not Entry.objects.unannounced().exists()

    def test_every_address_leads_nowhere_except_of_those_who_sign_in(self):
        sign_in = Agent.objects.filter(can_sign_in=True).order_by("email")
        assert [agent.email for agent in sign_in] == [f"{who}@desk.example" for who in SIGN_IN]
        others = Agent.objects.filter(can_sign_in=False)
        assert others.count() == 9 and all(agent.email.endswith(".invalid") for agent in others)
        mails = [a.value for c in Customer.objects.all() for a in c.addresses.filter(kind="mail")]
        assert len(mails) == len(STORIES) and all(mail.endswith("@customer.invalid") for mail in mails)

    def test_the_free_upgrade_stands_where_somebody_has_to_act(self):
        case = a_case("free-upgrade")
        found = roll_up(case)
        assert case.state == Case.State.OPEN and case.owner.email == "owner@desk.example"
        assert found.parts == {"Offers": {"done": 1}, "Licensing": {"done": 1}, "Warranty": {"in_work": 1}}
        assert case.preferences.count() == 4 and case.desired_outcome
        in_order = case.promises.filter(carried_from=None).order_by("pk")
        assert list(in_order.values_list("state", flat=True)) == ["kept", "broken", "open", "open"]
        assert case.promises.get(state="broken").answered_at and case.next_promise.is_broken(TUESDAY)
        assert case.next_promise.words == "call you with both codes"
        look = case.refusals.disputed().get().look_by
        assert look.state == "open" and look.due_at > TUESDAY
        assert case.latest_words == "This is the third time that I am the one who calls." and case.has_new_words

    def test_one_broken_promise_is_made_right_and_one_not_yet(self):
        broken = Promise.objects.filter(case__closed_at=None).due(TUESDAY) | Promise.objects.filter(
            case__closed_at=None, state="broken"
        )
        made = {promise.words: hasattr(promise, "amends") for promise in broken}
        assert made == {
            "call you with what the offer says and why the code is refused": True,
            "call you with both codes": False,
        }

    def test_what_hangs_on_a_department_names_its_part_and_is_no_earlier(self):
        hanging = Promise.objects.exclude(backed_by=None).select_related("backed_by__department")
        assert {promise.backed_by.department.name for promise in hanging} == {"Hardware", "Warranty"}
        assert all(promise.due_at >= promise.backed_by.committed_at for promise in hanging)
        georg = a_case("screen-goes-dark").next_promise
        assert georg.backed_by.later_at > georg.due_at, "The later date that Ben asks for endangers it."

    def test_mia_has_given_something_and_sam_is_asked_for_more(self):
        granted = Concession.objects.get(granted=True)
        assert granted.case == a_case("charged-twice") and granted.asked_by_agent == granted.decider
        asked = Concession.objects.undecided().get()
        assert asked.case == a_case("working-on-it") and asked.due_at > TUESDAY
        assert concessions.decide(asked, granted=True, by=an_agent("supervisor")).granted

    def test_priya_is_asked_whether_the_new_time_is_all_right(self):
        moved = a_case("flickering-screen").next_promise
        assert moved.asks_to_agree
        agreeing.agree(moved, by=moved.case.customer)
        moved.replaces.refresh_from_db()
        assert moved.replaces.state == "renegotiated"

    def test_the_second_number_for_the_free_upgrade_leads_to_the_first(self):
        second = a_case("free-upgrade-again")
        assert second.joined_into == a_case("free-upgrade") and not second.promises.exists()
        assert case_behind(status_path(second).split("/")[-2]) == a_case("free-upgrade")
        assert second not in making.stories()

    def test_the_dead_computer_has_had_four_departments_and_waits_for_two(self):
        case = a_case("dead-computer")
        found = roll_up(case)
        assert case.state == Case.State.OPEN and case.owner.email == "owner@desk.example"
        assert found.parts == {
            "Software": {"done": 1},
            "Hardware": {"done": 1, "asked": 1},
            "Parts": {"done": 1},
            "Warranty": {"in_work": 1},
        }
        assert list(case.promises.order_by("pk").values_list("state", flat=True)) == [
            "kept",
            "kept",
            "renegotiated",
            "open",
        ]
        warranty = case.subtasks.get(department__name="Warranty")
        assert TUESDAY < warranty.committed_at < case.next_promise.due_at

    def test_the_second_line_finds_something_new_and_something_in_work(self):
        ada = an_agent("admin")
        parts = Subtask.objects.of_department(ada.department).open()
        assert parts.get(state="asked").case == a_case("vanished-files")
        assert parts.get(agent=ada, committed_at__gt=TUESDAY).case == a_case("working-on-it")

    def test_both_specialists_find_something_new_something_in_work_and_something_late(self):
        for who in ("hardware", "warranty"):
            agent = an_agent(who)
            parts = Subtask.objects.of_department(agent.department).open()
            assert parts.filter(state="asked").exists(), who
            assert parts.filter(agent=agent, committed_at__gt=TUESDAY).exists(), who
            assert parts.filter(agent=agent).late(TUESDAY).count() == 1, who

    def test_the_owner_finds_late_soon_waiting_and_offered(self):
        mia = an_agent("owner")
        mine = Case.objects.owned_by(mia).open().by_next_due()
        assert mine.first() == a_case("free-upgrade")
        assert [case.origin_ref for case in mine.waiting_for_customer()] == ["charged-twice"]
        assert [offer.case.origin_ref for offer in mia.handovers_to_answer.filter(state=Handover.State.OFFERED)] == [
            "screen-goes-dark"
        ]
        assert [case.origin_ref for case in Case.objects.up_for_taking()] == ["offline-maps"]

    def test_three_cases_are_over_in_three_ways(self):
        closed = Case.objects.exclude(closed_at=None).order_by("origin_ref")
        assert [(case.origin_ref, case.outcome) for case in closed] == [
            ("dock-without-power", "override"),
            ("free-upgrade-again", "joined"),
            ("name-on-licence", "confirmed"),
        ]

    def test_one_sweep_raises_every_flag_and_a_second_none(self):
        swept = sweep(TUESDAY)
        assert {rule: raised for rule, raised in swept.raised.items() if raised} == STANDS
        assert not any(sweep(TUESDAY).raised.values())
        sam = an_agent("supervisor")
        assert not Flag.objects.filter(act_of=sam).exists() and not Flag.objects.filter(case__owner=sam).exists()

    def test_the_free_upgrade_can_be_played_to_the_customers_yes(self):
        case, mia, ines = a_case("free-upgrade"), an_agent("owner"), an_agent("warranty")
        subtasks.done(case.subtasks.open().get(), outcome="Both codes are released.", by=ines)
        then = promises.Pledge("ask whether both are in", datetime(2026, 3, 11, 10, tzinfo=UTC))
        promises.keep(case.next_promise, said="Read him both codes; both went in.", next_promise=then, by=mia)
        wish = case.preferences.get(rank=3)
        proposing.propose(case, kind="solved", words="Both licences are upgraded.", meets=wish, given_as="owed", by=mia)
        case = answering.say_yes(case, by=case.customer, words="Yes. Both work.")
        assert case.outcome == Case.Outcome.CONFIRMED

    def test_the_dead_computer_can_be_played_to_the_customers_yes(self):
        case, mia = a_case("dead-computer"), an_agent("owner")
        for who in ("hardware", "warranty"):
            agent = an_agent(who)
            part = case.subtasks.open().get(department=agent.department)
            subtasks.done(part, outcome="Done as asked.", by=agent)
        owed = list(case.promises.owed())
        wish = case.preferences.get(rank=2)
        proposing.propose(
            case,
            kind="solved",
            words="It is on its way, your files on it.",
            meets=wish,
            given_as="owed",
            keeps=owed,
            by=mia,
        )
        case = answering.say_not_yet(case, by=case.customer, words="It has not come.")
        assert case.state == Case.State.OPEN and case.owner == mia
        conversation.write_to_customer(case, "It is at the door today.", by=mia)
        case = answering.say_yes(case, by=case.customer)
        assert case.outcome == Case.Outcome.CONFIRMED

    def test_sam_looks_again_at_the_no_and_takes_it_back(self):
        case, sam = a_case("free-upgrade"), an_agent("supervisor")
        refusal = case.refusals.get()
        with pytest.raises(NotAllowed):
            refusals.look_again(refusal, look="changed", words="It was not on the list.", by=case.owner)
        looked = refusals.look_again(refusal, look="changed", words="The page counts. Both upgrades are free.", by=sam)
        assert (looked.look, looked.looker) == ("changed", sam) and not case.refusals.disputed().exists()
        looked.look_by.refresh_from_db()
        assert looked.look_by.state == "kept"
        assert a_case("free-upgrade").next_promise.words == "call you with both codes"

    def test_the_needless_reinstall_can_be_played_to_the_customers_yes_and_sam_answers_the_complaint(self):
        case, mia, sam = a_case("calendar-sync"), an_agent("owner"), an_agent("supervisor")
        owed = list(case.promises.owed())
        wish = case.preferences.get(rank=1)
        told = {"kind": "solved", "words": "Rename one device, then wait a minute.", "meets": wish}
        proposing.propose(case, **told, given_as="owed", keeps=owed, by=mia)
        case = answering.say_yes(case, by=case.customer, words="It syncs.")
        assert case.outcome == Case.Outcome.CONFIRMED

        # How he was treated is not over with it.
        complaint = case.complaints.get()
        assert complaint.owner == sam and complaint.answered_at is None and complaint.due_at > TUESDAY
        with pytest.raises(NotAllowed):
            complaints.answer(complaint, "We are sorry.", by=mia)
        answered = complaints.answer(complaint, "I read it. “Erase first” is off that list as of today.", by=sam)
        assert answered.answered_at == TUESDAY and not case.complaints.open().exists()

    def test_bens_word_ends_when_mia_writes_and_five_days_can_be_played_to_the_customers_yes(self):
        case, mia, ben, ada = (a_case("working-on-it"), *map(an_agent, ("owner", "hardware", "admin")))
        made_sure = case.assurances.standing().get()
        assert made_sure.agent == ben and made_sure.promise.is_owed
        then = promises.Pledge("tell you that it is installed", datetime(2026, 3, 11, 14, tzinfo=UTC))
        conversation.write_to_customer(
            case, "Ada installs it tomorrow.", keeps=[made_sure.promise], next_promise=then, by=mia
        )
        assert not ben.assurances.standing().exists()

        subtasks.done(case.subtasks.open().get(), outcome="Out of test, and installed.", by=ada)
        wish = case.preferences.get(rank=1)
        owed = list(case.promises.owed())
        proposing.propose(case, kind="solved", words="They go out.", meets=wish, given_as="owed", keeps=owed, by=mia)
        assert answering.say_yes(case, by=case.customer).outcome == Case.Outcome.CONFIRMED

    def test_the_second_line_finishes_and_more_data_can_be_played_to_the_customers_yes(self):
        case, mia, ada = a_case("vanished-files"), an_agent("owner"), an_agent("admin")
        part = case.subtasks.open().get()
        assert part.follows.state == "not_reproduced" and part.department == ada.department
        subtasks.done(
            part, outcome="The writer trusts a disk that is still waking up. All files are in its log.", by=ada
        )
        assert not roll_up(case).open_parts
        wish = case.preferences.get(rank=1)
        owed = list(case.promises.owed())
        told = {"kind": "solved", "words": "Your files are back.", "meets": wish}
        proposing.propose(case, **told, given_as="put_right", keeps=owed, by=mia)
        assert answering.say_yes(case, by=case.customer).outcome == Case.Outcome.CONFIRMED

    def test_what_was_split_off_from_more_data_can_be_played_to_the_customers_yes(self):
        case, mia = a_case("vanished-files").split_cases.get(), an_agent("owner")
        assert case.owner == mia and case.problem == "my invoice still has my old street"
        assert case.next_promise.due_at > TUESDAY
        owed = list(case.promises.owed())
        told = {"kind": "solved", "words": "The new invoice is on this page.", "why_none": "No wish was told."}
        proposing.propose(case, **told, keeps=owed, by=mia)
        assert answering.say_yes(case, by=case.customer).outcome == Case.Outcome.CONFIRMED
        assert a_case("vanished-files").is_open

    def test_departments_have_hours_and_leads_and_the_desk_its_rungs(self):
        hours = {
            department.name: hours_in_words.week(department.calendar.hours) for department in Department.objects.all()
        }
        assert hours["Support"] == "Monday to Friday 09:00–17:00"
        assert hours["Parts"] == "Monday to Friday 07:30–12:00, 12:30–16:00; Saturday 09:00–12:00"
        assert not Department.objects.filter(lead=None).exists()
        assert all(department.lead.can_sign_in for department in Department.objects.all())
        mandate = Department.objects.get(is_default=True).mandate
        assert mandates.in_words(mandate) == "refunds up to EUR 100, courtesies up to EUR 40"
        assert mandate.decider == an_agent("supervisor")
        company = Company.objects.the()
        assert (company.head, company.ombudsperson) == (an_agent("head"), an_agent("ombudsperson"))
        assert company.head.is_supervisor and not company.ombudsperson.is_supervisor and company.ombudsperson_contact

    def test_a_second_telling_tells_nothing(self):
        before = everything_told()
        assert making.make_demo(seed=2) == 0
        assert everything_told() == before

    def test_a_story_that_is_new_is_told_beside_the_old_ones(self):
        before = set(Case.objects.all())
        with mock.patch.dict(STORIES, {"one-more": everyday.flickering_screen}):
            assert making.make_demo(seed=1) == 1
        assert set(Case.objects.all()) == before | {a_case("one-more")}

    def test_if_empty_changes_nothing_and_still_says_who_can_sign_in(self):
        before = everything_told()
        printed = printed_by_demo("--if-empty")
        assert everything_told() == before
        assert "owner@desk.example" in printed and "a-password-for-tests" in printed

    def test_the_seven_sign_in_with_the_password_that_was_printed_and_nobody_else_does(self):
        printed_by_demo("--if-empty")
        for agent in Agent.objects.all():
            let_in = authenticate(None, email=agent.email, password="a-password-for-tests")
            assert (let_in == agent) == agent.can_sign_in, agent.email

    def test_another_password_takes_the_place_of_the_first_and_the_same_one_ends_no_session(self):
        printed_by_demo("--if-empty")
        first = an_agent("owner").password
        printed_by_demo("--if-empty")
        assert an_agent("owner").password == first
        printed_by_demo("--if-empty", password="another-one-instead")
        assert an_agent("owner").check_password("another-one-instead")
        assert not an_agent("owner").check_password("a-password-for-tests")

    def test_without_a_password_a_random_one_is_made_and_printed(self):
        printed = [printed_by_demo("--if-empty", password="") for _ in range(2)]
        first, second = (re.search(r"with the password (\S+) as", text)[1] for text in printed)
        assert first != second and len(second) >= 16
        assert an_agent("admin").check_password(second)

    def test_every_link_that_is_printed_leads_to_its_case(self):
        tokens = re.findall(r"http://127\.0\.0\.1:8123/help/c/(\S+)/$", printed_by_demo("--if-empty"), re.MULTILINE)
        assert [case_behind(token) for token in tokens] == list(making.cases().filter(joined_into=None))
        assert {case_behind(token).origin_ref for token in tokens} >= set(STORIES)


@pytest.mark.django_db
def test_a_desk_with_people_of_its_own_names_who_decides_itself():
    support = Department.objects.get(is_default=True)
    Agent.objects.create(email="olive@desk.example", name="Olive Ost", department=support, password="!")
    with origins.bringing_in(Origin.DEMO):
        people.bring_in()
    support.refresh_from_db()
    assert support.lead is None and not hasattr(support, "mandate")
    assert Company.objects.the().ombudsperson is None


@pytest.mark.django_db
def test_the_command_sweeps_what_it_told_from_its_beginning():
    printed_by_demo()
    assert Counter(Flag.objects.standing().values_list("rule", flat=True)) == STANDS


@pytest.mark.django_db
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS)
def test_the_queue_looks_like_a_real_day(now):
    with clock.at(now):
        making.make_demo(seed=1)
        making.look_at_all_of_it()
    stays = list(Escalation.objects.standing().in_order().values_list("rung", "points", "case__origin_ref"))
    assert 8 <= len(stays) <= 16
    assert stays == sorted(stays, key=lambda stay: (-stay[0], -stay[1], stays.index(stay)))
    by_story = {story: (rung, points) for rung, points, story in stays}
    # A customer who gave up on us stands highest; one who asked for someone else waits for a supervisor.
    assert stays[0][2] == "dock-without-power" and stays[0][0] == Escalation.Rung.LAST
    assert by_story["two-answers"][0] == Escalation.Rung.SUPERVISORS
    assert a_case("two-answers").appeals.open().exists()
    # What slipped days ago has stood there since a minute after it did.
    assert Escalation.objects.standing().get(case__origin_ref="free-upgrade").raised_at < now
