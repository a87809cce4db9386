"""A no has a ground that the customer can read, and another person looks at it when asked (design rule 13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case, Notice, Promise, Refusal
from cases.models.timeline import Kind
from cases.verbs import answering, closing, ownership, promises, refusals
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, WEDNESDAY, everything, first_promise, fresh, kinds, latest_entry, pledge, proposed

pytestmark = pytest.mark.usefixtures("tuesday")
# Two business days after Tuesday, ten o'clock.
LOOK_BY = TUESDAY + timedelta(days=2)
NO = {
    "asked": "My money back",
    "kind": "not_entitled",
    "ground": "The offer ended on 3 March, and the order is of 5 March.",
    "read_before": "The offer of February and the order",
    "decider": "Wanda Weiss, Warranty",
}


@pytest.fixture
def refusal(case, cast) -> Refusal:
    return refusals.refuse(case, **NO, by=cast.nadia)


@pytest.fixture
def disputed(refusal, cast) -> Refusal:
    return refusals.ask_for_another_look(refusal, words="I ordered in February.", by=cast.carla)


# -- the no ------------------------------------------------------------------------------------------------------------


def test_the_customer_is_told_the_ground(refusal, case):
    message = case.messages.latest("pk")
    assert (message.body, message.is_from_customer) == (NO["ground"], False)
    assert case.entries.get(kind=Kind.REFUSED).message == message


@pytest.mark.parametrize(
    "ground",
    [
        "",
        "   ",
        "No.",
        "That is how we do it.",
        "That’s how we do it!",
        "Sorry, that's how we do it.",
        "Unfortunately, it is our policy.",
        "Because that is against the rules",
        "Company policy.",
        "We’ve always done it this way. Rules are rules!",
        "We don't do that, sorry",
        "Not possible, unfortunately",
        "You cannot",
    ],
)
def test_that_is_how_we_do_it_is_no_ground(case, cast, ground):
    before = everything()
    with pytest.raises(Refused) as refused:
        refusals.refuse(case, **{**NO, "ground": ground}, by=cast.nadia)
    assert (refused.value.code, refused.value.field) == ("ground_needed", "ground")
    assert everything() == before


@pytest.mark.parametrize(
    "ground",
    [
        "The warranty ended in 2024.",
        "Our policy for returns, section 4, names thirty days.",
        "Only the maker has this part.",
        "It is not possible because the disk was wiped on Monday.",
    ],
)
def test_what_can_be_checked_is_one(case, cast, ground):
    assert refusals.refuse(case, **{**NO, "ground": ground}, by=cast.nadia).ground == ground


@pytest.mark.parametrize(
    "field, value",
    [
        ("asked", " "),
        ("kind", "because"),
        ("read_before", ""),
        ("decider", " "),
        ("asked", "x" * 301),
        ("ground", "a b c " * 900),
    ],
)
def test_it_says_all_of_it(case, cast, field, value):
    before = everything()
    with pytest.raises(Refused) as refused:
        refusals.refuse(case, **{**NO, field: value}, by=cast.nadia)
    assert refused.value.field == field
    assert everything() == before


def test_what_is_over_is_not_refused_any_more(case, cast):
    closing.override(case, reason="A double.", by=cast.sam)
    with pytest.raises(Refused, match="closed"):
        refusals.refuse(case, **NO, by=cast.nadia)


# -- another look ------------------------------------------------------------------------------------------------------


def test_the_desk_promises_that_another_person_looks_within_two_business_days(disputed, case):
    promise = disputed.look_by
    assert (promise.due_at, promise.made_by, promise.case) == (LOOK_BY, "desk", case)
    assert fresh(case).latest_words == "I ordered in February."


def test_asking_again_while_it_stands_promises_nothing_twice(disputed, case, cast):
    before = everything()
    assert refusals.ask_for_another_look(disputed, by=cast.carla) == disputed
    assert everything() == before
    with pytest.raises(Conflict):
        refusals.ask_for_another_look(disputed, words="And one more thing.", by=cast.carla)


def test_each_no_is_disputed_by_itself(disputed, case, cast):
    other = refusals.refuse(case, **{**NO, "asked": "A new board"}, by=cast.nadia)
    refusals.ask_for_another_look(other, by=cast.carla)
    assert Refusal.objects.disputed().count() == 2


def test_asking_ends_the_reminders_and_leaves_the_proposal(refusal, case, cast):
    proposed(case, cast.nadia)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    assert fresh(case).state == Case.State.PROPOSED
    assert not case.reminders.filter(sent_at=None, waived_at=None).exists()


def test_what_was_over_goes_on_with_the_same_owner(refusal, case, cast):
    answering.say_yes(case, by=cast.carla)
    start = latest_entry()
    refusals.ask_for_another_look(refusal, by=cast.carla)
    case = fresh(case)
    assert (case.state, case.owner, case.yes_at) == (Case.State.OPEN, cast.nadia, None)
    assert kinds(case, start) == [Kind.REOPENED, Kind.PROMISE_MADE, Kind.ANOTHER_LOOK_ASKED]


@pytest.mark.parametrize("look, words", [("upheld", "The order is of 5 March."), ("changed", "You are right.")])
def test_a_second_supervisor_says_what_they_found_and_keeps_the_promise(disputed, case, cast, look, words):
    looked = refusals.look_again(disputed, look=look, words=words, by=cast.sam)
    assert (looked.look, looked.looker, looked.look_words, looked.looked_at) == (look, cast.sam, words, TUESDAY)
    assert fresh(disputed.look_by).state == Promise.State.KEPT
    assert case.messages.latest("pk").body == words
    assert not Refusal.objects.disputed().exists()


def test_what_the_promise_was_moved_to_is_kept_too(disputed, case, cast):
    moved = promises.move(disputed.look_by, pledge("look", 72), reason="Sam is ill.", by=cast.nadia)
    refusals.look_again(disputed, look="upheld", words="The order is of 5 March.", by=cast.sam)
    assert fresh(moved).state == Promise.State.KEPT


def test_a_late_look_answers_the_broken_promise(disputed, case, cast):
    with clock.at(LOOK_BY + timedelta(hours=1)):
        refusals.look_again(disputed, look="upheld", words="The order is of 5 March.", by=cast.sam)
    promise = fresh(disputed.look_by)
    assert promise.state == Promise.State.BROKEN and promise.answered_at


def test_the_last_promise_asks_for_the_next_one(disputed, case, cast):
    promises.keep(first_promise(case), said="We spoke.", by=cast.nadia)
    found = {"look": "changed", "words": "You are right."}
    with pytest.raises(Refused) as refused:
        refusals.look_again(disputed, **found, by=cast.sam)
    assert refused.value.code == "next_promise_needed"
    assert fresh(disputed).is_disputed
    refusals.look_again(disputed, **found, next_promise=pledge("send you the money"), by=cast.sam)
    assert fresh(case).next_promise.words == "send you the money"


def test_nobody_looks_at_their_own_no_or_case(case, cast):
    refusal = refusals.refuse(case, **NO, by=cast.sam)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    ownership.take_over(case, reason="Mine.", by=cast.sue)
    for agent in (cast.sam, cast.sue, cast.nadia):
        with pytest.raises(NotAllowed):
            refusals.look_again(refusal, look="upheld", words="It is right.", by=agent)


def test_only_what_was_asked_is_looked_at_and_only_once(refusal, cast):
    with pytest.raises(Refused, match="has not asked"):
        refusals.look_again(refusal, look="upheld", words="It is right.", by=cast.sam)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    refusals.look_again(refusal, look="upheld", words="It is right.", by=cast.sam)
    with pytest.raises(Conflict, match="Sam Sato has looked at this already"):
        refusals.look_again(refusal, look="changed", words="It is wrong.", by=cast.sue)
    with pytest.raises(Refused, match="looked at this already"):
        refusals.ask_for_another_look(refusal, by=cast.carla)


@pytest.mark.parametrize(
    "found", [{"look": "", "words": "Hm."}, {"look": "maybe", "words": "Hm."}, {"look": "upheld", "words": " "}]
)
def test_a_look_says_what_was_found(disputed, cast, found):
    before = everything()
    with pytest.raises(Refused):
        refusals.look_again(disputed, **found, by=cast.sam)
    assert everything() == before


def test_who_may_look_the_owner_and_who_said_no_are_told(case, cast):
    refusal = refusals.refuse(case, **NO, by=cast.sam)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    announce()
    told = set(Notice.objects.filter(entry__kind=Kind.ANOTHER_LOOK_ASKED).values_list("agent__name", flat=True))
    assert told == {"Sue Singh", "Nadia Novak"}
    with clock.at(WEDNESDAY):
        refusals.look_again(refusal, look="upheld", words="It is right.", by=cast.sue)
        announce()
    told = set(Notice.objects.filter(entry__kind=Kind.LOOKED_AGAIN).values_list("agent__name", flat=True))
    assert told == {"Sam Sato", "Nadia Novak"}
