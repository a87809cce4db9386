"""The supervisors' two lists beside the queue: what nobody answered, and what was put aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Attempt, Case
from cases.verbs import aside, conversation, ownership, proposing, subtasks
from escalations.sweep import sweep
from escalations.unconfirmed import is_called_first
from supportdesk import clock
from tests.cast import SILENCE, TUESDAY, a_case, everything, first_promise, fresh, kinds, proposed
from tests.pages import said, signed_in

UNCONFIRMED = "/escalations/unconfirmed/"
NOT_CASES = "/escalations/not-cases/"
LATER = SILENCE + timedelta(hours=1)


@pytest.fixture
def silent(cast, tuesday):
    """Makes a case that nobody answered: reminded three times, and unconfirmed when the fixture's time has come."""

    def one(customer, *, called=None, problem="The upgrade fails.") -> Case:
        case = a_case(customer, problem=problem)
        while called is not None and is_called_first(case) != called:
            case.key = Case().key  # Opening cases until one fits would fill the agents, and give one to a supervisor.
        case.save(update_fields=["key"])
        proposing.propose(
            case, kind="solved", words="Done.", why_none="x", keeps=[first_promise(case)], by=fresh(case).owner
        )
        return case

    return one


def ticks(response) -> dict[int, bool]:
    return {row.case.pk: row.ticked for row in response.context["rows"]}


@pytest.mark.parametrize("path", [UNCONFIRMED, NOT_CASES])
def test_is_the_supervisors_alone(cast, tuesday, path):
    assert signed_in(cast.nadia).get(path).status_code == 403
    assert signed_in(cast.nadia).post(path).status_code in (403, 405)
    assert signed_in(cast.sam).get(path).status_code == 200


@pytest.mark.parametrize("path", [UNCONFIRMED, NOT_CASES])
def test_the_queue_leads_there(cast, tuesday, path):
    assert f'href="{path}"' in signed_in(cast.sam).get("/escalations/").content.decode()


class TestWhatNobodyAnswered:
    def test_stands_there_with_everything_that_was_tried(self, silent, cast):
        case = silent(cast.carla)
        owner = fresh(case).owner
        with clock.at(TUESDAY + timedelta(days=3)):
            Attempt.objects.create(case=case, how="voice_mail", at=clock.now(), agent=owner)
            conversation.write_to_customer(case, "Did it arrive?", by=owner)
        sweep(SILENCE)
        with clock.at(LATER):
            response = signed_in(cast.sam).get(UNCONFIRMED)
        tried = [each.words for each in response.context["rows"][0].tries]
        assert tried == [
            "We wrote: “Done.”",
            "Reminder 1 on the status page",
            f"{owner.name} tried to call: voice mail",
            "We wrote: “Did it arrive?”",
            "Reminder 2 on the status page",
            "Reminder 3 on the status page",
        ]
        assert "No answer since today 10:00" in said(response)

    def test_is_closed_in_one_go_each_with_its_result(self, silent, cast):
        one, two = silent(cast.carla), silent(cast.mallory)
        sweep(SILENCE)
        with clock.at(LATER):
            response = signed_in(cast.sam).post(UNCONFIRMED, {"case": [one.pk, two.pk]})
        assert {fresh(each).outcome for each in (one, two)} == {"no_answer"}
        assert [bool(result.why_not) for result in response.context["results"]] == [False, False]
        assert "Everybody has answered, or is still being reminded." in said(response)

    def test_what_is_refused_says_why_and_stays_ticked_and_hinders_no_other(self, silent, cast):
        one, two = silent(cast.carla), silent(cast.mallory)
        sweep(SILENCE)
        with clock.at(LATER):
            subtasks.ask(one, cast.hardware, "Test the board", by=cast.sue)
            response = signed_in(cast.sam).post(UNCONFIRMED, {"case": [one.pk, two.pk]})
        assert (fresh(one).state, fresh(two).outcome) == ("unconfirmed", "no_answer")
        assert "Hardware has not finished (not seen yet): Test the board" in said(response)
        assert ticks(response) == {one.pk: True}

    def test_twice_in_one_go_changes_nothing_more(self, silent, cast):
        case = silent(cast.carla)
        sweep(SILENCE)
        with clock.at(LATER):
            signed_in(cast.sam).post(UNCONFIRMED, {"case": [case.pk]})
            once = everything()
            signed_in(cast.sam).post(UNCONFIRMED, {"case": [case.pk]})
        assert everything() == once
        assert kinds(case).count("closed") == 1

    @pytest.mark.parametrize("typed", [[], ["x"], ["9" * 30], ["-1"]])
    def test_nothing_ticked_is_said(self, silent, cast, typed):
        silent(cast.carla)
        sweep(SILENCE)
        response = signed_in(cast.sam).post(UNCONFIRMED, {"case": typed})
        assert response.status_code == 422
        assert "Tick the cases first" in said(response)

    def test_of_ones_own_nobody_closes_any(self, silent, cast):
        case = silent(cast.carla, called=False)
        ownership.take_over(case, reason="Mine.", by=cast.sam)
        sweep(SILENCE)
        with clock.at(LATER):
            sams = signed_in(cast.sam)
            page = sams.get(UNCONFIRMED, {"tick": "all"})
            assert ticks(page) == {case.pk: False}
            assert "Yours: another supervisor closes it." in said(page)
            response = sams.post(UNCONFIRMED, {"case": [case.pk]})
            assert "nobody closes their own case as no answer" in said(response)
            assert sams.post(reverse("cases:close_unanswered", args=[case.pk])).status_code == 403
            assert fresh(case).state == "unconfirmed"
            signed_in(cast.sue).post(UNCONFIRMED, {"case": [case.pk]})
        assert fresh(case).outcome == "no_answer"

    def test_a_tenth_is_called_first_and_not_ticked_with_all(self, silent, cast):
        called, other = silent(cast.carla, called=True), silent(cast.mallory, called=False)
        sweep(SILENCE)
        with clock.at(LATER):
            page = signed_in(cast.sam).get(UNCONFIRMED, {"tick": "all"})
            assert ticks(page) == {called.pk: False, other.pk: True}
            assert said(page).count("Call this one first") == 1
            assert set(ticks(signed_in(cast.sam).get(UNCONFIRMED)).values()) == {False}

    def test_the_tenth_is_by_chance_and_steady(self):
        chosen = [is_called_first(Case(key=f"key-{number}")) for number in range(2000)]
        assert 140 < sum(chosen) < 260
        assert chosen == [is_called_first(Case(key=f"key-{number}")) for number in range(2000)]

    def test_takes_twelve_queries_at_most_and_goes_on_page_by_page(self, silent, cast, django_assert_max_num_queries):
        for number in range(53):
            silent(cast.carla if number % 2 else cast.mallory, problem=f"Problem {number}")
        sweep(SILENCE)
        sam = signed_in(cast.sam)
        with clock.at(LATER):
            with django_assert_max_num_queries(12):
                first = sam.get(UNCONFIRMED)
            second = sam.get(UNCONFIRMED, {"after": first.context["after"]})
        shown = [row.case.pk for page in (first, second) for row in page.context["rows"]]
        assert len(shown) == len(set(shown)) == 53


class TestWhatWasPutAside:
    def test_stands_there_with_who_why_and_the_way_back(self, case, cast):
        aside.put_aside(case, "spam", by=cast.nadia)
        sam = signed_in(cast.sam)
        text = said(sam.get(NOT_CASES))
        assert "Carla Conti" in text and "Spam" in text and "Nadia Novak" in text
        assert "Take it back in… until Thu 9 Apr" in text
        sam.post(reverse("cases:take_back_in", args=[case.pk]))
        assert fresh(case).is_open
        assert "Nothing was put aside." in said(sam.get(NOT_CASES))

    def test_has_no_way_back_after_thirty_days(self, case, cast):
        aside.put_aside(case, "test", by=cast.nadia)
        with clock.at(TUESDAY + timedelta(days=30)):
            assert "Too long ago to take back in." in said(signed_in(cast.sam).get(NOT_CASES))

    def test_shows_the_latest_first_page_by_page(self, cast, tuesday, django_assert_max_num_queries):
        for number in range(53):
            with clock.at(TUESDAY + timedelta(minutes=number // 2)):
                aside.put_aside(a_case(cast.mallory, problem=f"Buy {number}!"), "spam", by=cast.sam)
        sam = signed_in(cast.sam)
        with django_assert_max_num_queries(12):
            first = sam.get(NOT_CASES)
        second = sam.get(NOT_CASES, {"after": first.context["after"]})
        shown = [row.case for page in (first, second) for row in page.context["rows"]]
        assert len({case.pk for case in shown}) == len(shown) == 53
        assert shown == sorted(shown, key=lambda case: (-case.closed_at.timestamp(), case.pk))


def test_looking_at_either_changes_nothing(silent, cast):
    silent(cast.carla)
    aside.put_aside(a_case(cast.mallory), "spam", by=cast.sam)
    proposed(a_case(cast.mallory), cast.sam)
    sweep(SILENCE)
    before = everything()
    for path in (UNCONFIRMED, f"{UNCONFIRMED}?tick=all", NOT_CASES):
        assert signed_in(cast.sam).get(path).status_code == 200
        assert signed_in(cast.sam).head(path).status_code == 200
    assert everything() == before
