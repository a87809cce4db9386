"""What entries are about is read once for each kind, and never again while the page is written."""

import pytest
from django.urls import reverse

from cases import reading
from cases.at_hand import put_at_hand
from cases.sentences import sentence
from cases.verbs import conversation, ownership, promises, subtasks
from tests.cast import WEDNESDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def told(cast, case):
    """A case on which people of three departments have been at work."""
    part = subtasks.ask(case, cast.hardware, "Look at the power supply", by=cast.nadia)
    subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
    conversation.note(case, "It is the same batch as in May.", by=cast.olga)
    subtasks.done(part, outcome="Replaced.", by=cast.olga)
    promise = promises.make(case, promises.Pledge("call you", WEDNESDAY), by=cast.nadia)
    promises.move(promise, promises.Pledge("call you", WEDNESDAY.replace(hour=15)), reason="the part", by=cast.nadia)
    ownership.hand_over(case, cast.ben, brief="The customer likes the telephone.", by=cast.nadia)
    return case


def test_every_sentence_is_written_without_asking_again(told, django_assert_num_queries):
    case = reading.case_for_page(told.owner, told.pk)
    entries = list(case.entries.order_by("pk"))
    for entry in entries:
        entry.case = case
    put_at_hand(entries, [case, case.customer])
    with django_assert_num_queries(0):
        said = [sentence(entry) for entry in entries]
    assert any("the part" in words for words in said)
    assert any("Ben" in words for words in said)
    assert any("Hardware is done" in words for words in said)


def test_what_is_known_is_not_read_again(told, django_assert_num_queries):
    case = reading.case_for_page(told.owner, told.pk)
    entries = list(case.entries.select_related("message", "note").order_by("pk"))
    hanging = reading.hanging_on(case, ())
    known = [*hanging.parts, *hanging.promises, *case.handovers.all()]
    notes = [row for entry in entries for row in (entry.message, entry.note)]
    with django_assert_num_queries(1):  # the people
        put_at_hand(entries, [case, case.customer, *known, *notes])


def test_the_page_of_a_case_is_where_its_address_leads(case):
    assert case.get_absolute_url() == reverse("cases:page", args=[case.pk])
