"""The four kinds of resolution, each with its own two answers; and the customer who no longer needs it (section 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Resolution
from cases.models.timeline import Kind
from cases.verbs import answering, closing, conversation, promises, proposing, subtasks
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from tests.cast import (
    REMINDERS,
    TUESDAY,
    WEDNESDAY,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
)

IN_A_WEEK = TUESDAY + timedelta(days=7)
DUE = TUESDAY + timedelta(hours=4)


def a_no(case, by, **facts):
    facts = {"words": "It cannot be mended.", "tried": "Two new boards.", "why_none": "None can be had.", **facts}
    return proposing.propose(case, kind="cannot", by=by, **facts)


def an_introduction(case, by, **facts):
    asks = promises.Pledge("ask you whether Ada’s Repairs has done it", IN_A_WEEK)
    facts = {"words": "It is theirs.", "another": "Ada’s Repairs, 0123", "check_back": asks, "why_none": "x", **facts}
    return proposing.propose(case, kind="another", by=by, **facts)


@pytest.fixture
def part(cast, case):
    return subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)


# -- what each kind says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts, code, field",
    [
        ({"kind": "cannot"}, "tried_needed", "tried"),
        ({"kind": "another", "check_back": "later"}, "another_needed", "another"),
        ({"kind": "another", "another": "x" * 201, "check_back": "later"}, "words_too_long", "another"),
        ({"kind": "another", "another": "The maker"}, "check_back_needed", "check_due"),
        ({"kind": "another", "another": "The maker", "check_back": "past"}, "due_in_the_past", "check_due"),
        ({"kind": "solved", "meets": True}, "given_as_needed", "given_as"),
        ({"kind": "solved", "meets": True, "given_as": "magic"}, "given_as_needed", "given_as"),
    ],
)
def test_a_proposal_says_what_its_kind_asks_for(cast, case, facts, code, field):
    before = everything()
    dates = {"later": IN_A_WEEK, "past": TUESDAY}
    if facts.get("check_back"):
        facts = {**facts, "check_back": promises.Pledge("ask you", dates[facts["check_back"]])}
    if facts.get("meets"):
        facts = {**facts, "meets": case.preferences.first()}
    with pytest.raises(Refused) as refused:
        proposing.propose(case, words="So it is.", why_none="None.", by=cast.nadia, **facts)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert everything() == before


@pytest.mark.parametrize("given_as", Resolution.GivenAs.values)
def test_a_met_wish_says_on_what_it_rests(cast, case, given_as):
    wish = case.preferences.last()
    made = proposing.propose(case, kind="solved", words="Paid.", meets=wish, given_as=given_as, by=cast.nadia)
    assert (fresh(made).given_as, fresh(made).meets) == (given_as, wish)


def test_what_another_kind_would_say_is_not_kept(cast, case):
    made = proposing.propose(
        case, kind="solved", words="Done.", why_none="x", given_as="owed", another="A", tried="B", by=cast.nadia
    )
    made = fresh(made)
    assert (made.given_as, made.another, made.tried, made.check_back) == ("", "", "", None)


def test_our_date_to_ask_is_a_promise_and_the_next_one_beside_the_reminders(cast, case):
    made = an_introduction(case, cast.nadia, keeps=[first_promise(case)])
    case = fresh(case)
    assert (case.next_promise, case.next_due_at) == (made.check_back, IN_A_WEEK)
    assert made.check_back.words == "ask you whether Ada’s Repairs has done it"
    assert tuple(made.reminders.values_list("due_at", flat=True)) == REMINDERS


def test_an_introduction_made_twice_is_made_once(cast, case):
    assert an_introduction(case, cast.nadia) == an_introduction(case, cast.nadia)
    assert case.promises.count() == 2


# -- we cannot ---------------------------------------------------------------------------------------------------------


def test_to_understand_what_we_cannot_do_ends_it_apart_from_solved(cast, case):
    a_no(case, cast.nadia)
    answering.understand(case, words="A pity.", by=cast.carla)
    case = fresh(case)
    assert (case.state, case.outcome, case.closed_by, case.yes_at) == ("closed", "understood", "customer", TUESDAY)
    assert case.resolutions.get().answer == Resolution.Answer.UNDERSTOOD
    assert first_promise(case).state == "moot"
    assert case.latest_words == "A pity."


def test_understanding_waits_for_open_parts_as_a_yes_does(cast, case, part):
    a_no(case, cast.nadia)
    answering.understand(case, by=cast.carla)
    assert (fresh(case).state, fresh(case).next_promise.words) == ("open", "be in touch with you")
    with clock.at(WEDNESDAY):
        subtasks.drop(part, reason="No use.", by=cast.nadia)
    assert (fresh(case).outcome, fresh(case).closed_at) == (Case.Outcome.UNDERSTOOD, WEDNESDAY)


def test_a_yes_to_what_we_cannot_do_is_never_counted_as_solved(cast, case):
    a_no(case, cast.nadia)
    before = everything()
    with pytest.raises(Refused) as refused:
        answering.say_yes(case, by=cast.carla)
    assert refused.value.code == "understand_instead"
    assert everything() == before


def test_a_later_yes_is_a_yes_of_its_own(cast, case, part):
    a_no(case, cast.nadia)
    answering.understand(case, by=cast.carla)
    with clock.at(TUESDAY + timedelta(hours=1)):
        answering.say_not_yet(case, by=cast.carla)
        proposed(case, cast.nadia)
        answering.say_yes(case, by=cast.carla)
        subtasks.done(part, outcome="It works.", by=cast.olga)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


# -- another must do it ------------------------------------------------------------------------------------------------


def test_to_understand_who_must_do_it_ends_nothing_but_the_reminders(cast, case):
    made = an_introduction(case, cast.nadia, keeps=[first_promise(case)])
    start = latest_entry()
    answering.understand(case, by=cast.carla)
    case = fresh(case)
    assert (case.state, case.yes_at, case.next_promise) == (Case.State.OPEN, None, made.check_back)
    assert not case.reminders.filter(waived_at=None).exists()
    assert kinds(case, start) == [Kind.CUSTOMER_UNDERSTOOD]
    assert fresh(made).answer == Resolution.Answer.UNDERSTOOD


def test_on_our_date_the_owner_asks_and_it_is_over_when_the_customer_says_so(cast, case):
    made = an_introduction(case, cast.nadia, keeps=[first_promise(case)])
    answering.understand(case, by=cast.carla)
    with clock.at(IN_A_WEEK - timedelta(hours=1)):
        proposed_again = proposing.propose(
            case, kind="solved", words="Ada says it is done.", why_none="x", keeps=[made.check_back], by=cast.nadia
        )
        assert fresh(made.check_back).state == "kept"
        answering.say_yes(case, by=cast.carla)
    assert (fresh(case).outcome, fresh(proposed_again).answer) == ("confirmed", "yes")


def test_when_our_date_was_kept_before_they_understood_the_desk_promises(cast, case):
    made = an_introduction(case, cast.nadia, keeps=[first_promise(case)])
    promises.keep(made.check_back, said="Not yet.", by=cast.nadia)
    answering.understand(case, by=cast.carla)
    assert fresh(case).next_promise.due_at == DUE


# -- not accepted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [a_no, an_introduction])
def test_what_is_not_accepted_is_open_again_and_heard_of_soon(cast, case, kind):
    made = kind(case, cast.nadia, keeps=[first_promise(case)])
    answering.do_not_accept(case, words="It can be mended.", by=cast.carla)
    case = fresh(case)
    assert (case.state, case.owner, fresh(made).answer) == ("open", cast.nadia, Resolution.Answer.NOT_ACCEPTED)
    assert (case.next_promise.due_at, case.next_promise.made_by) == (DUE, "desk"), "Also where we ask in a week."


@pytest.mark.parametrize("verb", [answering.understand, answering.do_not_accept])
def test_only_what_puts_nothing_right_is_understood_or_not_accepted(cast, case, verb):
    for given in (lambda: None, lambda: proposed(case, cast.nadia)):
        given()
        before = everything()
        with pytest.raises(Refused) as refused:
            verb(case, by=cast.carla)
        assert refused.value.code == "nothing_to_understand"
        assert everything() == before


def test_other_words_after_not_accepting_are_not_swallowed(cast, case):
    a_no(case, cast.nadia)
    answering.do_not_accept(case, words="It can.", once="k", by=cast.carla)
    answering.do_not_accept(case, words="It can.", once="k", by=cast.carla)
    with pytest.raises(Refused):
        answering.do_not_accept(case, words="And soon.", once="k", by=cast.carla)
    assert kinds(case).count(Kind.CUSTOMER_DID_NOT_ACCEPT) == 1


def test_not_yet_is_heard_whatever_was_proposed(cast, case):
    a_no(case, cast.nadia)
    answering.say_not_yet(case, by=cast.carla)
    assert fresh(case).state == Case.State.OPEN


# -- withdrawn ---------------------------------------------------------------------------------------------------------


def test_who_no_longer_needs_it_ends_it_apart_from_solved(cast, case):
    ahead = promises.make(case, pledge(hours=48), by=cast.nadia)
    proposed(case, cast.nadia)
    answering.withdraw(case, words="I bought another.", by=cast.carla)
    case = fresh(case)
    assert (case.outcome, case.closed_by, case.withdrawn_at, case.yes_at) == ("withdrawn", "customer", TUESDAY, None)
    assert (fresh(ahead).state, case.resolutions.get().answer) == ("moot", "")


def test_a_withdrawal_leaves_broken_what_was_broken(cast, case):
    with clock.at(WEDNESDAY):
        answering.withdraw(case, by=cast.carla)
    assert first_promise(case).state == "broken"


@pytest.mark.parametrize("ending", ["done", "drop"])
def test_a_withdrawal_waits_for_the_parts_that_are_open(cast, case, part, ending):
    answering.withdraw(case, by=cast.carla)
    case = fresh(case)
    assert (case.state, case.withdrawn_at, case.next_promise.words) == ("open", TUESDAY, "be in touch with you")
    with pytest.raises(Refused) as refused:
        closing.close(case, by=cast.nadia)
    assert [hindrance.code for hindrance in refused.value.hindrances] == ["open_subtask"]
    with pytest.raises(Refused) as refused:
        proposed(case, cast.nadia)
    assert refused.value.code == "withdrawn_already"
    if ending == "done":
        subtasks.done(part, outcome="Fine.", by=cast.olga)
    else:
        subtasks.drop(part, reason="Withdrawn.", by=cast.nadia)
    assert (fresh(case).outcome, fresh(case).closed_by) == ("withdrawn", "customer")


@pytest.mark.parametrize("how", ["not yet", "writing"])
def test_a_withdrawal_that_waits_is_taken_back(cast, case, part, how):
    answering.withdraw(case, by=cast.carla)
    if how == "not yet":
        answering.say_not_yet(case, by=cast.carla)
    else:
        conversation.customer_writes(case, "No, please go on.", by=cast.carla)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    assert (fresh(case).state, fresh(case).withdrawn_at) == ("open", None)


def test_what_was_withdrawn_is_opened_again_by_not_yet(cast, case):
    answering.withdraw(case, by=cast.carla)
    answering.say_not_yet(case, by=cast.carla)
    assert (fresh(case).state, fresh(case).withdrawn_at, fresh(case).outcome) == ("open", None, "")


@pytest.mark.parametrize("who", ["nadia", "sam", "nobody", "mallory", LOG], ids=str)
@pytest.mark.parametrize("verb", [answering.understand, answering.do_not_accept, answering.withdraw])
def test_nobody_says_it_for_the_customer(cast, case, verb, who):
    a_no(case, cast.nadia)
    before = everything()
    with pytest.raises(NotAllowed) as refused:
        verb(case, by=who if who is LOG else getattr(cast, who))
    assert refused.value.code == "customer_only"
    assert everything() == before
