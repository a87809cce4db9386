from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from cases.models import Case
from cases.verbs import closing, opening
from customers.identity import recognise
from portal.links import LIVES_AFTER_CLOSING, case_behind, status_path
from staff.models import Agent, Department
from supportdesk import clock

TUESDAY = datetime(2026, 3, 10, 10, tzinfo=UTC)


@pytest.fixture
def carla(db):
    return recognise("Carla Conti", mail="carla@home.example")


@pytest.fixture
def case(carla):
    with clock.at(TUESDAY):
        return opening.open_case(carla, "The printer prints nothing.", by=carla)


@pytest.fixture
def others(db):
    mallory = recognise("Mallory Marsh", mail="mallory@home.example")
    with clock.at(TUESDAY):
        return opening.open_case(mallory, "The scanner scans nothing.", by=mallory)


def token_of(case: Case) -> str:
    path = status_path(case)
    assert path.startswith("/help/c/") and path.endswith("/")
    return path.removeprefix("/help/c/").removesuffix("/")


def test_the_link_leads_to_the_case_with_all_that_the_page_shows(case, django_assert_num_queries):
    token = token_of(case)
    with django_assert_num_queries(2):  # what time it is, and everything
        found = case_behind(token)
        assert found == case
        assert found.customer.name and found.owner.department.calendar.zone and found.next_promise.words


MUTATIONS = {
    "wrong seal": lambda key, seal, other: f"{key}.{'A' * 22}",
    "seal of another case": lambda key, seal, other: f"{key}.{other[1]}",
    "key of another case": lambda key, seal, other: f"{other[0]}.{seal}",
    "truncated": lambda key, seal, other: f"{key}.{seal[:-1]}",
    "without a seal": lambda key, seal, other: key,
    "extended": lambda key, seal, other: f"{key}.{seal}A",
    "case of letters changed": lambda key, seal, other: f"{key}.{seal}".swapcase(),
    "empty": lambda key, seal, other: "",
    "letters from elsewhere": lambda key, seal, other: f"{key}.{seal[:-1]}é",
    "digits from elsewhere": lambda key, seal, other: f"{key}.{seal[:-1]}٣",
    "very long": lambda key, seal, other: f"{key}.{seal}" * 100_000,
    "NUL": lambda key, seal, other: f"{key[:-1]}\0.{seal}",
    "path characters": lambda key, seal, other: f"../{key}.{seal}",
    "line end": lambda key, seal, other: f"{key}.{seal}\n",
    "last letter's unused bits": lambda key, seal, other: f"{key}.{seal[:-1]}{_twin(seal[-1])}",
}


def _twin(letter: str) -> str:
    """Another letter that base64 reads as the same two bits: 16 bytes do not fill 22 letters."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(letter) ^ 1]


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_token_that_is_not_ours_leads_nowhere(case, others, mutation):
    mutated = mutation(*token_of(case).split("."), token_of(others).split("."))
    assert mutated != token_of(case)
    assert case_behind(mutated) is None


def test_a_raised_version_makes_every_older_link_dead_and_a_new_one_live(case):
    old = token_of(case)
    Case.objects.filter(pk=case.pk).update(link_version=F("link_version") + 1)
    case.refresh_from_db()
    assert case_behind(old) is None
    assert case_behind(token_of(case)) == case


def test_the_link_is_bound_to_the_customer_and_to_the_desks_secret(case, others, settings):
    token = token_of(case)
    Case.objects.filter(pk=case.pk).update(customer=others.customer)
    assert case_behind(token) is None
    Case.objects.filter(pk=case.pk).update(customer=case.customer)
    assert case_behind(token) == case
    settings.SECRET_KEY = "another secret"
    assert case_behind(token) is None


def test_a_link_lives_for_ninety_days_after_the_case_was_closed(case):
    sam = Agent.objects.create(
        email="sam@desk.example",
        name="Sam Sato",
        department=Department.objects.get(is_default=True),
        is_supervisor=True,
    )
    with clock.at(TUESDAY):
        closing.override(case, reason="Made by mistake.", by=sam)
    with clock.at(TUESDAY + LIVES_AFTER_CLOSING):
        assert case_behind(token_of(case)) == case
    with clock.at(TUESDAY + LIVES_AFTER_CLOSING + timedelta(seconds=1)):
        assert case_behind(token_of(case)) is None
