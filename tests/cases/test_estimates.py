"""When it will be over: an estimate says what it rests on, breaks nothing, and is not a promise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from cases.likeness import LikeIt, like_it
from cases.models import Promise
from cases.models.timeline import Kind
from cases.verbs import answering, closing, estimates
from cases.verbs.promises import Pledge
from escalations.models import Flag
from escalations.sweep import sweep
from supportdesk import clock
from supportdesk.errors import Refused
from tests.cast import TUESDAY, WEDNESDAY, a_case, everything, fresh, kinds, latest_entry

pytestmark = pytest.mark.usefixtures("tuesday")
AN_HOUR = timedelta(hours=1)
KNOWN_BY = Pledge("tell you when it will be over", WEDNESDAY)


def ended_after(cast, *hours):
    """Cases of Support, opened on Tuesday at nine, that ended with the customer's yes after so many hours."""
    for took in hours:
        with clock.at(TUESDAY - AN_HOUR):
            case = a_case(cast.mallory)
        with clock.at(TUESDAY - AN_HOUR + timedelta(hours=took)):
            answering.say_yes(case, by=cast.mallory)


def test_an_estimate_that_passes_breaks_nothing(case, cast):
    estimates.estimate(case, over_by=TUESDAY + AN_HOUR, by=cast.nadia)
    start = latest_entry()
    sweep(TUESDAY + 1.5 * AN_HOUR)
    assert kinds(case, start) == []
    assert not Flag.objects.exists()


def test_not_known_yet_is_a_promise_to_tell_by_a_time(case, cast):
    start = latest_entry()
    made = estimates.estimate(case, tell_by=KNOWN_BY, hangs_on="the maker", by=cast.nadia)
    assert kinds(case, start) == [Kind.PROMISE_MADE, Kind.ESTIMATED]
    assert (made.tell_by.words, made.tell_by.due_at) == (KNOWN_BY.words, WEDNESDAY)
    sweep(WEDNESDAY)
    assert fresh(made.tell_by).state == Promise.State.BROKEN


@pytest.mark.parametrize(
    "said, code",
    [
        ({}, "date_or_when_known"),
        ({"over_by": WEDNESDAY, "tell_by": KNOWN_BY}, "date_or_when_known"),
        ({"over_by": TUESDAY}, "date_in_the_past"),
        ({"over_by": TUESDAY + timedelta(days=400)}, "date_too_far"),
        ({"tell_by": Pledge("tell you", TUESDAY)}, "due_in_the_past"),
        ({"over_by": WEDNESDAY, "hangs_on": "x" * 201}, "words_too_long"),
    ],
)
def test_it_says_one_thing_that_can_be(case, cast, said, code):
    before = everything()
    with pytest.raises(Refused) as refused:
        estimates.estimate(case, **said, by=cast.nadia)
    assert refused.value.code == code
    assert everything() == before


def test_what_is_over_is_not_estimated(case, cast):
    closing.override(case, reason="A double.", by=cast.sam)
    with pytest.raises(Refused, match="closed"):
        estimates.estimate(case, over_by=WEDNESDAY, by=cast.nadia)


def test_a_form_sent_again_with_another_time_to_tell_is_a_new_estimate(case, cast):
    first = estimates.estimate(case, tell_by=KNOWN_BY, once="k", by=cast.nadia)
    assert estimates.estimate(case, tell_by=KNOWN_BY, once="k", by=cast.nadia) == first
    later = Pledge("tell you when it will be over", WEDNESDAY + AN_HOUR)
    assert estimates.estimate(case, tell_by=later, once="k", by=cast.nadia) != first


class TestThoseLikeIt:
    def test_fewer_than_five_are_too_few_to_say(self, case, cast):
        ended_after(cast, 1, 2, 3, 4)
        assert like_it(case) == LikeIt()

    def test_half_of_them_took_this_long_in_business_time(self, case, cast):
        ended_after(cast, 1, 2, 5, 7, 26)
        # The last one took eight hours and two: the night between counts for nothing.
        assert like_it(case) == LikeIt(5, TUESDAY + 5 * AN_HOUR)

    def test_a_case_that_has_taken_longer_gets_no_date(self, case, cast):
        ended_after(cast, 1, 1, 1, 2, 2)
        with clock.at(TUESDAY + 3 * AN_HOUR):
            assert like_it(case) == LikeIt(5, None)

    def test_other_departments_and_what_the_customer_did_not_end_say_nothing(self, case, cast):
        ended_after(cast, 1, 2, 3, 4)
        closing.override(a_case(cast.mallory), reason="A double.", by=cast.sam)
        with clock.at(TUESDAY - AN_HOUR):
            elsewhere = a_case(cast.mallory)
        type(elsewhere).objects.filter(pk=elsewhere.pk).update(department=cast.hardware)
        answering.say_yes(elsewhere, by=cast.mallory)
        assert like_it(case) == LikeIt()

    def test_only_the_last_fifty_are_asked_in_one_bounded_query(self, case, cast, settings, django_assert_num_queries):
        settings.ESTIMATE_FROM_LAST = 6
        ended_after(cast, 7, 7, 7, 1, 1, 2, 2, 3, 3)
        case = type(case).objects.select_related("department__calendar").get(pk=case.pk)
        with django_assert_num_queries(1) as asked:
            assert like_it(case).count == 6
        assert "LIMIT 6" in asked.captured_queries[0]["sql"]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + asked.captured_queries[0]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "confirmed_cases" in plan and "Sort" not in plan
