"""What is about the desk itself: administrators read it as a notice, in page and mail, and nobody else does."""

from __future__ import annotations

import pytest

from cases import matters, notices
from cases.models import Digest, Notice
from staff.models import Agent
from supportdesk import clock
from supportdesk.telling import letters
from tests.cast import TUESDAY
from tests.pages import said, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def sam(cast):
    Agent.objects.filter(pk=cast.sam.pk).update(is_admin=True)
    cast.sam.refresh_from_db()
    return cast.sam


@pytest.fixture
def matter(sam):
    return matters.tell_administrators("Ledger", "It was switched off", path="/settings/webhooks/1/")


def test_administrators_who_can_sign_in_are_told_and_nobody_else(matter, cast):
    Agent.objects.filter(pk=cast.sue.pk).update(is_admin=True, can_sign_in=False)
    matters.tell_administrators("Ledger", "And again", path="/x/")
    assert set(Notice.objects.values_list("agent__name", flat=True)) == {"Sam Sato"}


def test_it_says_what_happened_why_they_read_it_and_where_to_look(matter, sam):
    (group,), _ = notices.unread(sam)
    (line,) = group.lines
    assert (group.title, line.sentence, line.url) == ("Ledger", "It was switched off", "/settings/webhooks/1/")
    assert (line.why, line.at) == ("You get this because you administer the desk.", TUESDAY)
    assert "It was switched off" in said(signed_in(sam).get("/notices/"))


def test_once_read_it_is_gone(matter, sam):
    notice = Notice.objects.get()
    signed_in(sam).post("/notices/read/", {"up_to": notice.pk, "about": f"matter-{matter.pk}"})
    assert notices.unread(sam) == ([], None)


def test_it_goes_by_mail_too(matter, sam):
    digest = Digest.objects.create(agent=sam, message_id="<x@y>", made_at=clock.now(), try_at=clock.now())
    Notice.objects.update(digest=digest)
    letter = letters.write(digest)
    assert letter.subject == "It was switched off"
    assert "/settings/webhooks/1/" in letter.body
