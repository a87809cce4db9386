"""What happens is written down for whoever wants it, sent signed, without words, and until it arrives."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as desk
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis import Redis

from cases.models import Entry, Notice
from cases.verbs import confidentiality, conversation
from channels.models import Delivery, DeliveryAttempt, Webhook
from channels.webhooks import payloads, posting, replaying, sending, verbs
from channels.webhooks.signatures import signature
from staff import origins
from staff.origins import Origin
from supportdesk import clock, leases, tasks
from supportdesk.announce import announce
from supportdesk.health import readiness
from supportdesk.models import FailedReaction
from tests.cast import TUESDAY, a_case, at_once, fresh
from tests.channels.receiver import waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def heard(hook, case, cast, receiver) -> Entry:
    """Carla has written, it is announced, and the receiver has had it."""
    return one_more(case, cast)


def one_more(case, cast) -> Entry:
    announce()
    Delivery.objects.all().delete()
    conversation.customer_writes(case, "Words that are nobody else’s.", by=cast.carla)
    announce()
    return case.entries.filter(kind="message_from_customer").latest("pk")


def only() -> Delivery:
    return Delivery.objects.get()


def state() -> tuple[str, int | None]:
    return Delivery.objects.values_list("state", "last_status").get()


def tried_until_the_end() -> list[timedelta]:
    """Try whenever it is due, until it no longer waits; the gaps."""
    gaps, now = [], TUESDAY
    while Delivery.objects.filter(state="pending").exists():
        gaps.append(only().try_at - now)
        now = only().try_at
        with clock.at(now):
            sending.send_due()
    return gaps[1:]


# -- who wants it ------------------------------------------------------------------------------------------------------


class TestWanting:
    def test_whoever_wants_everything_hears_of_every_entry(self, hook, case):
        announce()
        assert set(Delivery.objects.values_list("entry", flat=True)) == set(case.entries.values_list("pk", flat=True))

    def test_whoever_wants_some_hears_of_these(self, hook, admin, case):
        verbs.change(hook, name="L", url=hook.url, kinds=["opened"], sends_confidential=False, by=admin)
        announce()
        assert list(Delivery.objects.values_list("entry__kind", flat=True)) == ["opened"]

    def test_whoever_is_off_hears_nothing(self, hook, admin, case):
        verbs.switch_off(hook, by=admin)
        announce()
        assert not Delivery.objects.exists()

    def test_announced_twice_it_is_written_down_once(self, hook, case):
        announce()
        count = Delivery.objects.count()
        Entry.objects.update(announced_at=None)
        announce()
        assert Delivery.objects.count() == count

    def test_of_what_was_brought_in_nothing_follows(self, hook, cast):
        with origins.bringing_in(Origin.DEMO):
            a_case(cast.carla)
        announce()
        assert not Delivery.objects.exists()

    def test_of_a_confidential_case_nobody_hears(self, hook, case, cast):
        announce()
        Delivery.objects.all().delete()
        confidentiality.make_confidential(case, reason="A colleague’s.", by=cast.nadia)
        conversation.note(case, "Hm.", by=cast.nadia)
        announce()
        assert not Delivery.objects.exists()

    def test_unless_it_is_meant_to(self, hook, admin, case, cast):
        verbs.change(hook, name="L", url=hook.url, kinds=None, sends_confidential=True, by=admin)
        confidentiality.make_confidential(case, reason="A colleague’s.", by=cast.nadia)
        announce()
        assert "made_confidential" in set(Delivery.objects.values_list("entry__kind", flat=True))

    def test_what_became_confidential_before_it_was_sent_is_left_out(self, heard, case, cast, receiver):
        confidentiality.make_confidential(case, reason="A colleague’s.", by=cast.nadia)
        assert sending.send_due() == 1
        assert state() == ("left_out", None)
        assert receiver.got == []

    def test_a_failure_of_it_holds_nobody_back_and_is_tried_again(self, hook, case, monkeypatch):
        monkeypatch.setattr("channels.webhooks.wanting.Delivery.objects.bulk_create", lambda *a, **o: 1 / 0)
        announce()
        assert not Entry.objects.unannounced().exists()
        assert set(FailedReaction.objects.values_list("reaction", flat=True)) == {"tell_webhooks"}
        monkeypatch.undo()
        with clock.at(TUESDAY + 2 * MINUTE):
            announce()
        assert not FailedReaction.objects.exists()
        assert Delivery.objects.count() == case.entries.count()

    def test_where_there_is_no_webhook_nothing_is_asked_for_each_entry(self, case):
        with CaptureQueriesContext(connection) as asked:
            announce()
        assert sum("channels_" in query["sql"] for query in asked.captured_queries) <= 1

    @pytest.mark.django_db(transaction=True)
    def test_the_bell_rings_once_when_it_is_committed(self, hook, case):
        valkey = Redis.from_url(desk.REDIS_URL)
        valkey.delete("webhooks")
        announce()
        rung = [json.loads(one)["headers"]["task"] for one in valkey.lrange("webhooks", 0, -1)]
        valkey.delete("webhooks")
        valkey.close()
        assert rung == ["supportdesk.deliver"]


# -- what is sent ------------------------------------------------------------------------------------------------------


class TestWhatIsSent:
    def test_it_says_what_happened_where_and_about_what(self, heard, case, receiver):
        tasks.deliver()
        assert receiver.said == [
            {
                "id": f"evt_{heard.pk}",
                "type": "message_from_customer",
                "timestamp": "2026-03-10T10:00:00.000Z",
                "data": {
                    "case": case.number,
                    "state_version": case.entries.latest("pk").pk,
                    "actor": "customer",
                    "about": {"message": heard.message_id},
                },
            }
        ]
        assert datetime.fromisoformat(receiver.said[0]["timestamp"]) == heard.at

    def test_nobodys_words_nor_names_are_in_it(self, hook, case, cast, receiver):
        conversation.customer_writes(case, "Words that are nobody else’s.", by=cast.carla)
        conversation.note(case, "Inside only.", by=cast.nadia)
        announce()
        assert sending.send_due() == Entry.objects.count()
        sent = b"".join(body for _, body in receiver.got).decode().lower()
        for word in ("words", "inside", "carla", "nadia", "upgrade", "example", case.key.lower()):
            assert word not in sent

    def test_a_confidential_case_that_is_joined_is_not_named(self, hook, case, cast, receiver):
        other = a_case(cast.carla, "Another thing that fails.")
        entry = case.entries.earliest("pk")
        row = Delivery(webhook=hook, entry=entry)
        entry.other_case = other
        assert payloads.payload(row)["data"]["about"]["other_case"] == other.number
        other.confidential_since = TUESDAY
        assert "other_case" not in payloads.payload(row)["data"]["about"]

    def test_a_receiver_can_check_the_signature_in_ten_lines(self, heard, hook, receiver):
        sending.send_due()
        ((headers, body),) = receiver.got
        key = base64.b64decode(hook.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{right}"
        assert headers["webhook-timestamp"] == str(int(TUESDAY.timestamp()))
        assert headers["content-type"] == "application/json"

    def test_the_standards_own_example_comes_out_as_it_says(self):
        body = b'{"test": 2432232314}'
        known = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        assert known == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_for_a_day_after_a_new_secret_both_sign(self, hook, admin, case, cast, receiver):
        verbs.rotate(hook, by=admin)
        one_more(case, cast)
        sending.send_due()
        with clock.at(TUESDAY + 25 * HOUR):
            replaying.send_again(only(), by=admin)
            sending.send_due()
        assert [len(headers["webhook-signature"].split()) for headers, _ in receiver.got] == [2, 1]


# -- again and again ---------------------------------------------------------------------------------------------------


class TestTryingAgain:
    def test_what_arrived_is_not_sent_again(self, heard, receiver):
        assert [sending.send_due(), sending.send_due()] == [1, 0]
        assert state() == ("delivered", 204)
        assert only().delivered_at == TUESDAY
        log = DeliveryAttempt.objects.get()
        assert (log.number, log.outcome, log.status, log.at) == (1, "delivered", 204, TUESDAY)
        assert len(receiver.got) == 1

    def test_what_failed_is_tried_again_under_the_same_id(self, heard, receiver):
        receiver.answers = [500]
        assert sending.send_due() == 0
        assert state() == ("pending", 500)
        assert timedelta(seconds=5) <= only().try_at - TUESDAY <= timedelta(seconds=6)
        with clock.at(only().try_at):
            assert sending.send_due() == 1
        assert receiver.ids == [f"evt_{heard.pk}"] * 2
        assert list(DeliveryAttempt.objects.order_by("number").values_list("status", flat=True)) == [500, 204]
        assert (only().reason, fresh(only().webhook).failing_since) == ("", None)

    def test_for_three_days_with_gaps_that_grow_then_it_is_given_up(self, heard, receiver):
        receiver.answers = [503] * 20
        gaps = tried_until_the_end()
        assert len(gaps) == 9 and gaps == sorted(gaps)
        for gap, known in zip(gaps, sending.GAPS, strict=True):
            assert known <= gap <= known * 1.2
        assert timedelta(days=3) <= sum(gaps, timedelta()) <= timedelta(days=4)
        assert state() == ("given_up", 503) and only().attempts == len(receiver.got) == 10

    def test_when_nothing_arrived_for_three_days_it_is_switched_off_and_administrators_are_told(
        self, heard, admin, receiver
    ):
        receiver.answers = [503] * 20
        tried_until_the_end()
        hook = Webhook.objects.get()
        assert (hook.is_on, hook.off_why, hook.off_by) == (False, "failing", None)
        assert Notice.objects.get(matter__isnull=False).agent == admin

    def test_one_thing_that_never_arrives_among_others_that_do_switches_nothing_off(self, heard, receiver):
        Webhook.objects.update(failing_since=TUESDAY - 4 * DAY)
        sending.send_due()
        assert fresh(Webhook.objects.get()).failing_since is None

    def test_410_switches_off_at_once(self, heard, admin, receiver):
        receiver.answers = [410]
        sending.send_due()
        hook = Webhook.objects.get()
        assert (hook.is_on, hook.off_why) == (False, "gone")
        assert Notice.objects.get(matter__isnull=False).agent == admin
        with clock.at(TUESDAY + DAY):
            assert sending.send_due() == 0
        assert len(receiver.got) == 1

    def test_a_webhook_that_leads_inside_by_now_is_not_gone_to(self, heard, receiver, settings):
        settings.WEBHOOKS_TO_PRIVATE = False
        sending.send_due()
        assert state() == ("pending", None)
        assert DeliveryAttempt.objects.get().outcome == "refused"
        assert receiver.got == []

    def test_sent_again_it_has_three_days_once_more(self, heard, hook, admin, receiver):
        receiver.answers = [503] * 10
        tried_until_the_end()
        verbs.switch_on(hook, by=admin)
        replaying.send_again(only(), by=admin)
        receiver.answers = [500]
        sending.send_due()
        assert (only().state, only().attempts) == ("pending", 11)
        assert only().try_at - TUESDAY <= timedelta(seconds=6)

    def test_a_receiver_that_fails_is_not_asked_for_everything_else_too(self, hook, case, cast, receiver):
        for _ in range(5):
            conversation.customer_writes(case, "Hello?", by=cast.carla)
        announce()
        receiver.answers = [500]
        sending.send_due()
        assert len(receiver.got) == 1

    def test_a_slow_receiver_keeps_nobody_else_waiting(self, hook, admin, case, cast, receiver, monkeypatch):
        monkeypatch.setattr(posting, "WITHIN", 0.5)
        verbs.add("Another", receiver.url + "&another", kinds=None, by=admin)
        one_more(case, cast)
        receiver.answers = [waits(2)]  # whichever of the two is asked first
        sending.send_due()
        assert sorted(Delivery.objects.values_list("state", flat=True)) == ["delivered", "pending"]

    def test_a_round_has_an_end_and_rings_for_the_rest(self, hook, case, receiver, monkeypatch):
        monkeypatch.setattr(sending, "MOST_EACH", 1)
        rung = []
        monkeypatch.setattr("channels.webhooks.wanting.ring", lambda after=0: rung.append(after))
        announce()
        assert sending.send_due() == 1
        assert rung == [0]


# -- twins and the dead ------------------------------------------------------------------------------------------------


class TestTwins:
    @pytest.mark.django_db(transaction=True)
    def test_four_at_one_moment_send_it_once(self, heard, receiver):
        receiver.answers = [lambda handler: (waits(0.3)(handler), handler.send_response(204), handler.end_headers())]
        assert sum(at_once(*[sending.send_due] * 4)) == 1
        assert len(receiver.got) == 1

    @pytest.mark.django_db(transaction=True)
    def test_four_with_much_to_do_send_each_once(self, hook, case, cast, receiver):
        for number in range(15):
            conversation.customer_writes(case, f"Hello {number}?", by=cast.carla)
        announce()
        while Delivery.objects.exclude(state="delivered").exists():
            at_once(*[sending.send_due] * 4)
        assert sorted(receiver.ids) == sorted(set(receiver.ids))
        assert len(receiver.ids) == Delivery.objects.count()

    def test_what_a_dead_process_left_is_sent_again(self, heard, receiver):
        sending._claim(Webhook.objects.get().pk)
        assert sending.send_due() == 0
        with clock.at(TUESDAY + sending.LEASE):
            sending.send_due()
        assert DeliveryAttempt.objects.get().outcome == "left"
        assert Webhook.objects.get().failing_since is None
        with clock.at(TUESDAY + 2 * sending.LEASE):
            assert sending.send_due() == 1
        assert len(receiver.got) == 1

    def test_whoever_stood_still_too_long_writes_nothing_any_more(self, heard):
        stood_still = sending._claim(Webhook.objects.get().pk)
        with clock.at(TUESDAY + 2 * MINUTE):
            sending.send_due()
        with clock.at(TUESDAY + 4 * MINUTE):
            assert sending.send_due() == 1
        assert not leases.step(stood_still, "pending")
        assert not sending._arrived(stood_still, posting.Answer(200), SECOND)
        assert state() == ("delivered", 204)


# -- who looks after it ------------------------------------------------------------------------------------------------


class TestHealth:
    def test_says_how_long_what_is_due_has_waited_for_a_worker(self, heard):
        real = datetime.now(UTC)  # what waits is measured by the database's clock
        assert Delivery.objects.update(try_at=real + HOUR) and readiness()["oldest_webhook_age"] is None
        Delivery.objects.update(try_at=real - 10 * MINUTE)
        report = readiness()
        assert 590 < report["oldest_webhook_age"] < 700
        assert "Webhooks wait to be sent: is a worker running?" in report["warnings"]

    def test_says_which_receivers_do_not_answer_and_blames_no_worker_for_them(self, heard):
        Delivery.objects.update(try_at=datetime.now(UTC) - 10 * MINUTE)
        Webhook.objects.update(failing_since=TUESDAY)
        report = readiness()
        assert (report["oldest_webhook_age"], report["webhooks_failing"]) == (None, 1)
        assert "Webhooks whose receivers do not answer, see /settings/webhooks/: 1" in report["warnings"]

    def test_says_nothing_of_those_that_are_off(self, heard):
        Delivery.objects.update(try_at=datetime.now(UTC) - 10 * MINUTE)
        verbs.switch_off(Webhook.objects.get(), why=Webhook.Off.BY_HAND, by=Webhook.objects.get().made_by)
        report = readiness()
        assert (report["oldest_webhook_age"], report["webhooks_failing"]) == (None, 0)
