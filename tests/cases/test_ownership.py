"""Ownership: never none, never two; it changes hands only by acceptance or by a supervisor."""

from __future__ import annotations

import pytest

from cases.actors import LOG
from cases.models import Handover
from cases.models.timeline import Kind
from cases.verbs import closing, ownership
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import SUNDAY, TUESDAY, a_case, as_at_commit, everything, fresh, kinds, latest_entry

BRIEF = "Carla sent the receipt twice; do not ask again."


@pytest.fixture
def offer(cast, case) -> Handover:
    return ownership.hand_over(case, cast.ben, brief=BRIEF, by=cast.nadia)


@pytest.fixture
def unowned(cast, tuesday):
    with clock.at(SUNDAY):
        return a_case(cast.carla)


def test_who_takes_a_case_owns_it_from_now(cast, unowned):
    ownership.take(unowned, by=cast.olga)
    assert (fresh(unowned).owner, fresh(unowned).owned_since) == (cast.olga, TUESDAY)
    as_at_commit()


def test_a_case_that_is_owned_cannot_be_taken_and_the_answer_names_the_owner(cast, case):
    with pytest.raises(Conflict, match="Nadia Novak owns this case already"):
        ownership.take(case, by=cast.ben)
    assert fresh(case).owner == cast.nadia


def test_not_even_a_supervisor_takes_what_is_owned(cast, case):
    with pytest.raises(Conflict):
        ownership.take(case, by=cast.sam)


@pytest.mark.parametrize("unable", [{"is_active": False}, {"can_sign_in": False}], ids=["gone", "locked out"])
def test_who_cannot_work_cannot_take(cast, unowned, unable):
    for fact, value in unable.items():
        setattr(cast.ben, fact, value)
    with pytest.raises(NotAllowed):
        ownership.take(unowned, by=cast.ben)
    assert fresh(unowned).owner == cast.nobody


def test_a_closed_case_cannot_be_taken(cast, unowned):
    closing.override(unowned, reason="A test.", by=cast.sam)
    with pytest.raises(Refused) as refused:
        ownership.take(unowned, by=cast.ben)
    assert refused.value.code == "case_closed"


def test_an_offer_changes_nothing_until_it_is_accepted(cast, case, offer):
    assert fresh(case).owner == cast.nadia
    ownership.accept(offer, by=cast.ben)
    assert fresh(case).owner == cast.ben
    as_at_commit()


def test_the_receiver_reads_the_brief_and_who_offered(cast, offer):
    assert (offer.brief, offer.from_agent, offer.to_agent) == (BRIEF, cast.nadia, cast.ben)


@pytest.mark.parametrize("brief", ["", "  \n"])
def test_a_hand_over_without_a_brief_is_refused(cast, case, brief):
    with pytest.raises(Refused) as refused:
        ownership.hand_over(case, cast.ben, brief=brief, by=cast.nadia)
    assert (refused.value.code, refused.value.field) == ("brief_needed", "brief")


@pytest.mark.parametrize(
    "to, unable, code",
    [
        pytest.param("nadia", {}, "owns_it_already", id="the owner herself"),
        pytest.param("ben", {"is_active": False}, "cannot_own", id="one who has left"),
        pytest.param("ben", {"can_sign_in": False}, "cannot_own", id="one who cannot sign in"),
        pytest.param("nobody", {}, "cannot_own", id="the fallback owner"),
    ],
)
def test_a_case_is_offered_only_to_who_could_own_it(cast, case, to, unable, code):
    receiver = getattr(cast, to)
    for fact, value in unable.items():
        setattr(receiver, fact, value)
    with pytest.raises(Refused) as refused:
        ownership.hand_over(case, receiver, brief=BRIEF, by=cast.nadia)
    assert refused.value.code == code
    assert not Handover.objects.exists()


def test_a_new_offer_overtakes_the_one_before(cast, case, offer):
    ownership.hand_over(case, cast.olga, brief=BRIEF, by=cast.nadia)
    assert fresh(offer).state == Handover.State.OVERTAKEN
    with pytest.raises(Conflict, match="no longer stands"):
        ownership.accept(offer, by=cast.ben)
    assert fresh(case).owner == cast.nadia


def test_given_back_leaves_the_owner_and_says_why(cast, case, offer):
    ownership.give_back(offer, reason="I am away from Monday.", by=cast.ben)
    assert (fresh(offer).state, fresh(offer).reason) == (Handover.State.GIVEN_BACK, "I am away from Monday.")
    assert fresh(case).owner == cast.nadia


def test_giving_back_without_a_reason_is_refused(cast, offer):
    with pytest.raises(Refused) as refused:
        ownership.give_back(offer, reason=" ", by=cast.ben)
    assert refused.value.code == "reason_needed"


def test_what_was_given_back_cannot_be_accepted_after_all(cast, offer):
    ownership.give_back(offer, reason="Away.", by=cast.ben)
    with pytest.raises(Conflict):
        ownership.accept(offer, by=cast.ben)


def test_a_supervisor_takes_over_at_once_and_overtakes_the_offer(cast, case, offer):
    ownership.take_over(case, reason="Carla asked for me.", by=cast.sam)
    entry = case.entries.latest("pk")
    assert fresh(case).owner == cast.sam
    assert fresh(offer).state == Handover.State.OVERTAKEN
    assert (entry.kind, entry.data["from"], entry.note.body) == (
        Kind.TAKEN_OVER,
        cast.nadia.pk,
        "Carla asked for me.",
    )


@pytest.mark.parametrize("reason", ["", "  "])
def test_taking_over_without_a_reason_is_refused(cast, case, reason):
    with pytest.raises(Refused) as refused:
        ownership.take_over(case, reason=reason, by=cast.sam)
    assert refused.value.code == "reason_needed"


def test_a_closed_case_changes_no_hands(cast, case, offer):
    closing.override(case, reason="A double.", by=cast.sue)
    before = everything()
    with pytest.raises(Conflict):
        ownership.accept(offer, by=cast.ben)
    with pytest.raises(Refused):
        ownership.hand_over(case, cast.olga, brief=BRIEF, by=cast.nadia)
    with pytest.raises(Refused):
        ownership.take_over(case, reason="Mine.", by=cast.sam)
    assert everything() == before


def test_the_owner_stays_through_every_closing_and_opening(cast, case):
    start = latest_entry()
    closing.override(case, reason="A double.", by=cast.sam)
    closing.reopen(case, reason="It was none.", by=cast.nadia)
    assert fresh(case).owner == cast.nadia
    assert not case.entries.filter(pk__gt=start).exclude(owner=None).exists()
    assert kinds(case, start) == [Kind.CLOSED, Kind.REOPENED]


def test_a_replayed_log_owns_nothing(cast, case):
    with pytest.raises(NotAllowed):
        ownership.take_over(case, reason="So it was.", by=LOG)
