"""What comes from the desk is told from what somebody else sends; signed as the desk itself signs."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from supportdesk_client import NotFromTheDesk, heard

from channels.webhooks.signatures import headers, new_secret

SECRET, OTHER = new_secret(), new_secret()
EVENT = {"id": "evt_7", "type": "subtask_done", "timestamp": "2026-03-10T10:00:00.000Z", "data": {"case": "C-1"}}
BODY = json.dumps(EVENT).encode()


def sent(*, ago: float = 0, by: tuple[str, ...] = (SECRET,), body: bytes = BODY) -> dict[str, str]:
    return headers(EVENT["id"], datetime.now(UTC) - timedelta(seconds=ago), body, by)


def test_what_the_desk_has_signed_is_heard():
    assert heard(BODY, sent(), SECRET) == EVENT
    assert heard(BODY, {name.title(): value for name, value in sent().items()}, SECRET) == EVENT


def test_while_the_secret_is_changed_either_is_heard():
    assert heard(BODY, sent(by=(OTHER, SECRET)), SECRET) == heard(BODY, sent(by=(OTHER, SECRET)), OTHER) == EVENT


@pytest.mark.parametrize(
    "forged",
    [
        sent(by=(OTHER,)),
        sent(body=BODY + b" "),
        sent() | {"webhook-id": "evt_8"},
        sent() | {"webhook-timestamp": str(int(time.time()) + 1)},
        sent() | {"webhook-signature": ""},
        sent() | {"webhook-signature": "v1,"},
        sent() | {"webhook-signature": "v1a,é v2,x"},
        sent() | {"webhook-timestamp": "now"},
        sent() | {"webhook-timestamp": "١"},
        {"webhook-signature": sent()["webhook-signature"]},
        {},
    ],
)
def test_a61_what_nobody_of_ours_has_signed_is_refused(forged):
    with pytest.raises(NotFromTheDesk):
        heard(BODY, forged, SECRET)


@pytest.mark.parametrize("ago", [301, 86_400, -301])
def test_a61_what_was_sent_long_ago_is_refused_though_it_is_signed(ago):
    with pytest.raises(NotFromTheDesk):
        heard(BODY, sent(ago=ago), SECRET)
    assert heard(BODY, sent(ago=ago), SECRET, within=2 * 86_400) == EVENT


def test_a61_the_same_event_comes_under_the_same_id():
    assert heard(BODY, sent(ago=200), SECRET)["id"] == heard(BODY, sent(), SECRET)["id"]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_abc", "whsec_AAAA", "no secret"])
def test_a_secret_that_is_none_lets_nothing_through(secret):
    with pytest.raises(ValueError):
        heard(BODY, sent(), secret)
