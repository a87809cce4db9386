"""Who may change webhooks, what is refused and beside which field; what is recorded twice changes nothing."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cases.actors import DESK
from cases.models import Entry, Notice
from channels.models import Delivery, Webhook
from channels.webhooks import replaying, verbs
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, a_case, as_the_owner, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def waiting(hook, case, **facts) -> Delivery:
    entry = case.entries.earliest("pk")
    return Delivery.objects.create(webhook=hook, entry=entry, made_at=clock.now(), try_at=clock.now(), **facts)


def refusal(verb, *arguments, **facts) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        verb(*arguments, **facts)
    return refused.value.code, refused.value.field


class TestAdding:
    def test_an_administrator_adds_one(self, hook, admin, receiver):
        assert (hook.name, hook.url, hook.is_on, hook.made_by, hook.made_at) == (
            "Ledger",
            receiver.url,
            True,
            admin,
            TUESDAY,
        )
        assert not hook.sends_confidential

    def test_its_secret_is_the_standards(self, hook, admin, receiver):
        assert hook.secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(hook.secret.removeprefix("whsec_"), validate=True)) <= 64
        assert verbs.add("Other", receiver.url, kinds=None, by=admin).secret != hook.secret

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({"name": " "}, ("no_name", "name")),
            ({"name": "x" * 81}, ("no_name", "name")),
            ({"name": "LEDGER"}, ("name_taken", "name")),
            ({"url": "ftp://x"}, ("not_https", "url")),
            ({"kinds": []}, ("no_kinds", "kinds")),
            ({"kinds": ["closed", "nonsense"]}, ("no_kinds", "kinds")),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused_beside_its_field(self, hook, admin, receiver, facts, said):
        facts = {"name": "Other", "url": receiver.url, "kinds": None, **facts}
        assert refusal(verbs.add, **facts, by=admin) == said
        assert Webhook.objects.count() == 1

    def test_there_is_an_end_to_how_many(self, hook, admin, receiver, monkeypatch):
        monkeypatch.setattr(verbs, "MOST", 1)
        assert refusal(verbs.add, "Other", receiver.url, kinds=None, by=admin) == ("too_many", "")


class TestChanging:
    def change(self, hook, by, **facts):
        now = {"name": hook.name, "url": hook.url, "kinds": None, "sends_confidential": False}
        return verbs.change(hook, **{**now, **facts}, by=by)

    def test_it_can_hear_of_other_things(self, hook, admin):
        changed = self.change(hook, admin, name="Books", kinds=["reopened", "closed", "closed"])
        assert (changed.name, changed.every_kind, changed.kinds) == ("Books", False, ["closed", "reopened"])
        assert changed.secret == hook.secret

    def test_the_same_again_changes_nothing(self, hook, admin, django_assert_max_num_queries):
        with django_assert_max_num_queries(4):
            self.change(hook, admin)

    def test_anothers_name_is_refused(self, hook, admin, receiver):
        other = verbs.add("Other", receiver.url, kinds=None, by=admin)
        assert refusal(self.change, other, admin, name="ledger") == ("name_taken", "name")

    def test_a_new_secret_leaves_the_old_one_signing_for_a_day(self, hook, admin):
        rotated = verbs.rotate(hook, by=admin)
        assert rotated.secrets_at(TUESDAY + 23 * HOUR) == [rotated.secret, hook.secret]
        assert rotated.secrets_at(TUESDAY + 24 * HOUR) == [rotated.secret]


class TestSwitching:
    def test_off_stops_what_waits_and_on_lets_it_go(self, hook, admin, case):
        delivery = waiting(hook, case)
        off = verbs.switch_off(hook, by=admin)
        assert (off.is_on, off.off_at, off.off_why, off.off_by) == (False, TUESDAY, "by_hand", admin)
        assert fresh(delivery).state == "stopped"
        on = verbs.switch_on(hook, by=admin)
        assert (on.is_on, on.off_at, on.off_why, on.off_by) == (True, None, "", None)
        assert fresh(delivery).state == "pending"

    def test_off_already_nothing_changes(self, hook, admin):
        verbs.switch_off(hook, by=admin)
        with clock.at(TUESDAY + HOUR):
            assert verbs.switch_off(hook, why="gone", by=DESK).off_at == TUESDAY
        assert not Notice.objects.exists()

    def test_on_already_nothing_changes(self, hook, admin):
        assert verbs.switch_on(hook, by=admin).is_on

    def test_the_administrators_are_told_what_the_desk_did(self, hook, admin):
        verbs.switch_off(hook, why=Webhook.Off.FAILING, by=DESK)
        notice = Notice.objects.select_related("matter").get()
        assert (notice.agent, notice.matter.path) == (admin, f"/settings/webhooks/{hook.pk}/")
        assert notice.matter.words == "The webhook was switched off: nothing arrived for three days"


class TestSendingAgain:
    @pytest.mark.parametrize("state", ["delivered", "given_up", "left_out", "pending"])
    def test_one_whatever_became_of_it(self, hook, admin, case, state):
        delivery = waiting(hook, case, state=state, attempts=10, delivered_at=TUESDAY, reason="x", last_status=500)
        with clock.at(TUESDAY + HOUR):
            again = replaying.send_again(delivery, by=admin)
        assert (again.state, again.try_at, again.attempts, again.attempts_before) == (
            "pending",
            TUESDAY + HOUR,
            10,
            10,
        )

    def test_not_while_it_is_being_sent(self, hook, admin, case):
        with pytest.raises(Conflict):
            replaying.send_again(waiting(hook, case, state="sending"), by=admin)

    def test_not_while_it_is_off(self, hook, admin, case):
        delivery = waiting(hook, case)
        verbs.switch_off(hook, by=admin)
        assert refusal(replaying.send_again, delivery, by=admin) == ("off", "")
        assert refusal(replaying.send_again_since, hook, TUESDAY - HOUR, by=admin) == ("off", "")

    def test_everything_since_then_that_has_not_arrived_and_what_was_never_written_down(self, hook, admin, case):
        case.entries.update(announced_at=TUESDAY)
        waiting(hook, case, state="given_up")
        with clock.at(TUESDAY + HOUR):
            assert replaying.send_again_since(hook, TUESDAY, by=admin) == case.entries.count() > 1
            assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}
            assert Delivery.objects.count() == case.entries.count()
            assert replaying.send_again_since(hook, TUESDAY + HOUR / 2, by=admin) == 0

    def test_what_arrived_only_if_that_is_wished(self, hook, admin, case):
        delivery = waiting(hook, case, state="delivered", delivered_at=TUESDAY)
        with clock.at(TUESDAY + HOUR):
            assert replaying.send_again_since(hook, TUESDAY, by=admin) == 0
            assert replaying.send_again_since(hook, TUESDAY, also_delivered=True, by=admin) == 1
        assert fresh(delivery).state == "pending"

    def test_only_what_it_wants(self, hook, admin, case):
        case.entries.update(announced_at=TUESDAY)
        verbs.change(hook, name="Ledger", url=hook.url, kinds=["closed"], sends_confidential=False, by=admin)
        with clock.at(TUESDAY + HOUR):
            assert replaying.send_again_since(hook, TUESDAY, by=admin) == 0

    def test_not_of_what_was_brought_in_nor_of_confidential_cases(self, hook, admin, case, cast):
        secret = a_case(cast.mallory)
        for one, facts in (
            (case, {"origin": "demo"}),
            (secret, {"confidential_since": TUESDAY, "confidential_reason": "A colleague’s."}),
        ):
            one.entries.update(announced_at=TUESDAY)
            type(one).objects.filter(pk=one.pk).update(**facts)
        with clock.at(TUESDAY + HOUR):
            assert replaying.send_again_since(hook, TUESDAY, by=admin) == 0

    @pytest.mark.parametrize("since", [TUESDAY - 31 * DAY, TUESDAY, TUESDAY + DAY])
    def test_not_of_long_ago_nor_of_what_is_to_come(self, hook, admin, since):
        assert refusal(replaying.send_again_since, hook, since, by=admin) == ("out_of_range", "since")

    def test_not_more_than_can_be_borne(self, hook, admin, case, monkeypatch):
        monkeypatch.setattr(replaying, "MOST", 1)
        case.entries.update(announced_at=TUESDAY)
        with clock.at(TUESDAY + HOUR):
            assert refusal(replaying.send_again_since, hook, TUESDAY, by=admin) == ("too_many", "since")

    def test_finds_what_happened_since_then_without_reading_the_whole_timeline(self, hook, case):
        long_ago = {"case": case, "kind": "noted", "actor": "desk", "announced_at": TUESDAY}
        Entry.objects.bulk_create(Entry(**long_ago, at=TUESDAY - hours * HOUR) for hours in range(3_000))
        statement, values = replaying._missing(hook, TUESDAY).order_by("pk").query.sql_with_params()
        with transaction.atomic(), connection.cursor() as cursor:
            as_the_owner()  # whose alone it is to let the planner learn
            cursor.execute("ANALYZE cases_entry, cases_case")
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "entries_by_time" in plan, plan

    def test_what_ended_a_month_ago_is_forgotten(self, hook, case):
        waiting(hook, case, state="delivered", delivered_at=TUESDAY)
        assert replaying.forget(TUESDAY + 30 * DAY) == 0
        assert replaying.forget(TUESDAY + 31 * DAY) == 1
        assert not Delivery.objects.exists()


@pytest.mark.parametrize("who", ["nadia", "sue", "carla", DESK], ids=str)
def test_nobody_but_an_administrator_changes_anything(hook, case, cast, who):
    by = getattr(cast, who) if isinstance(who, str) else who
    facts = {"name": "x", "url": hook.url, "kinds": None, "sends_confidential": False}
    before = list(Webhook.objects.values())
    delivery = waiting(hook, case)
    for verb in (
        lambda: verbs.add("x", hook.url, kinds=None, by=by),
        lambda: verbs.change(hook, **facts, by=by),
        lambda: verbs.rotate(hook, by=by),
        lambda: verbs.switch_on(hook, by=by),
        lambda: replaying.send_again(delivery, by=by),
        lambda: replaying.send_again_since(hook, TUESDAY - HOUR, by=by),
        *([lambda: verbs.switch_off(hook, by=by)] if by is not DESK else []),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert list(Webhook.objects.values()) == before
    assert list(Delivery.objects.values_list("state", flat=True)) == ["pending"]


@pytest.mark.parametrize(
    "facts",
    [
        {"every_kind": False},
        {"kinds": ["closed"]},
        {"is_on": False},
        {"off_at": TUESDAY},
        {"old_secret": "whsec_x"},
        {"old_secret_until": TUESDAY},
    ],
    ids=str,
)
def test_the_database_says_no_to_what_cannot_be(hook, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.filter(pk=hook.pk).update(**facts)


def test_the_database_says_no_to_a_second_delivery_of_one_entry(hook, case):
    waiting(hook, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        waiting(hook, case)
