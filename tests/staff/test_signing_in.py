"""One-time links: each works once, for ten minutes, and only its hash is kept."""

from __future__ import annotations

import pytest

from staff import signing_in
from staff.models import Agent, SignInLink
from supportdesk import clock
from tests.cast import TUESDAY, at_once

pytestmark = pytest.mark.usefixtures("tuesday")


def test_a_link_signs_its_agent_in_once(cast):
    token = signing_in.issue(cast.ben)
    assert signing_in.redeem(token) == cast.ben
    assert signing_in.redeem(token) is None


def test_only_its_hash_is_kept(cast):
    token = signing_in.issue(cast.ben)
    assert token not in str(SignInLink.objects.values().get())


def test_it_lives_ten_minutes(cast):
    token = signing_in.issue(cast.ben)
    with clock.at(TUESDAY + signing_in.LIFETIME):
        assert signing_in.redeem(token) is None


@pytest.mark.parametrize("fact", ["is_active", "can_sign_in"])
def test_it_does_not_let_in_who_may_not_sign_in_any_more(cast, fact):
    token = signing_in.issue(cast.ben)
    Agent.objects.filter(pk=cast.ben.pk).update(**{fact: False})
    assert signing_in.redeem(token) is None


def test_a_made_up_token_is_nobody(cast):
    assert signing_in.redeem("made-up") is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_the_same_moment_one_gets_in(cast):
    for _ in range(10):
        token = signing_in.issue(cast.ben)
        got_in = at_once(*[lambda token=token: signing_in.redeem(token)] * 2)
        assert sorted(got_in, key=bool) == [None, cast.ben]
