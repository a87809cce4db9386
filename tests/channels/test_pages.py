"""The administrators' pages: a list, a form, one webhook with its deliveries; and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.verbs import conversation
from channels.models import Delivery, DeliveryAttempt, Webhook
from channels.webhooks import pages, sending
from supportdesk import clock
from supportdesk.announce import announce
from tests.cast import TUESDAY, fresh
from tests.pages import said, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

LIST = "/settings/webhooks/"


@pytest.fixture
def sam(admin):
    return signed_in(admin)


@pytest.fixture
def told(hook, case, receiver) -> Delivery:
    announce()
    receiver.answers = [503]
    sending.send_due()
    return Delivery.objects.get(attempts=1)


def of(hook: Webhook, rest: str = "") -> str:
    return f"{LIST}{hook.pk}/{rest}"


def add(client, receiver, **facts):
    return client.post(f"{LIST}add/", {"name": "Books", "url": receiver.url, "hears": "all", **facts}, follow=True)


def addresses_of(hook, delivery) -> list[str]:
    inside = ("", "change/", "secret/", "off/", "on/", "again/", f"deliveries/{delivery.pk}/")
    return [LIST, f"{LIST}add/", *(of(hook, rest) for rest in inside), of(hook, f"deliveries/{delivery.pk}/again/")]


def test_nobody_but_an_administrator_sees_or_does_anything(told, hook, cast):
    for agent in (cast.nadia, cast.sue):
        client = signed_in(agent)
        for address in addresses_of(hook, told):
            assert client.get(address).status_code == 403, address
            assert client.post(address, {}).status_code in (403, 405), address
        assert LIST not in client.get("/").content.decode()
    assert list(Webhook.objects.values_list("is_on", flat=True)) == [True]


def test_a_look_changes_nothing(told, hook, sam):
    before = list(Webhook.objects.values()), list(Delivery.objects.values())
    for address in addresses_of(hook, told):
        assert sam.get(address).status_code == sam.head(address).status_code == 200, address
    assert (list(Webhook.objects.values()), list(Delivery.objects.values())) == before


def test_an_empty_list_says_what_will_be_there(sam):
    assert "No webhooks." in said(sam.get(LIST))
    assert LIST in sam.get("/").content.decode()


def test_the_secret_is_shown_once_after_it_was_added(sam, receiver):
    response = add(sam, receiver)
    secret = Webhook.objects.get().secret
    assert secret in said(response) and "no-store" in response["Cache-Control"]
    assert "Nothing yet." in said(response)
    assert secret not in said(sam.get(response.request["PATH_INFO"]))


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(sam, receiver, settings):
    settings.WEBHOOKS_TO_PRIVATE = False
    response = add(sam, receiver, url="https://169.254.169.254/latest/")
    assert response.status_code == 422
    assert "private network" in response.context["form"].errors["url"][0]
    assert 'value="Books"' in response.content.decode()


def test_only_some_kinds_have_to_be_named(sam, receiver):
    assert "kinds" in add(sam, receiver, hears="some").context["form"].errors
    add(sam, receiver, hears="some", kinds=["closed", "reopened"])
    assert Webhook.objects.get().kinds == ["closed", "reopened"]
    assert "closed, reopened" in said(sam.get(of(Webhook.objects.get())))


def test_it_is_changed_by_the_same_form(hook, sam, receiver):
    facts = {"name": "Books", "url": receiver.url, "hears": "some", "kinds": ["closed"], "sends_confidential": "on"}
    assert sam.post(of(hook, "change/"), facts).status_code == 302
    changed = fresh(hook)
    assert (changed.name, changed.kinds, changed.sends_confidential) == ("Books", ["closed"], True)
    assert 'value="Books"' in sam.get(of(hook, "change/")).content.decode()


def test_each_delivery_says_how_often_when_next_and_what_was_answered(told, hook, sam):
    page = said(sam.get(of(hook)))
    assert "waiting · 1 attempt · 503 · next try today 10:00" in page
    one = said(sam.get(of(hook, f"deliveries/{told.pk}/")))
    assert "1. today 10:00 the receiver said no · 503" in one
    assert f'"id": "evt_{told.entry_id}"' in one


def test_what_did_not_arrive_can_be_looked_at_alone(hook, case, sam):
    assert "Everything has arrived." in said(sam.get(of(hook, "?which=not-delivered")))
    announce()
    sending.send_due()
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(state="given_up")
    assert len(sam.get(of(hook, "?which=not-delivered")).context["deliveries"]) == 1
    assert len(sam.get(of(hook, "?which=nonsense")).context["deliveries"]) > 1


def test_deliveries_come_by_pages(hook, case, sam, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 1)
    announce()
    response, seen = sam.get(of(hook)), []
    while True:
        seen += [one.pk for one in response.context["deliveries"]]
        if not response.context["after"]:
            break
        response = sam.get(of(hook), {"after": response.context["after"]})
    assert seen == list(Delivery.objects.order_by("-pk").values_list("pk", flat=True))
    assert "Nothing more." in said(sam.get(of(hook, "?after=~1")))
    assert sam.get(of(hook, "?after=nonsense")).status_code == 200


@pytest.mark.parametrize("rest", ["", "change/", "off/", "deliveries/{}/", "deliveries/{}/again/"])
def test_a_page_asks_little_however_much_there_is(hook, case, cast, sam, rest, django_assert_max_num_queries):
    for number in range(30):
        conversation.customer_writes(case, f"{number}?", by=cast.carla)
    announce()
    address = of(hook, rest.format(Delivery.objects.latest("pk").pk))
    with django_assert_max_num_queries(12):
        assert sam.get(address).status_code == 200
    with django_assert_max_num_queries(12):
        assert sam.get(LIST).status_code == 200


class TestActs:
    def test_off_and_on(self, hook, sam):
        sam.post(of(hook, "off/"))
        assert "off since today 10:00: switched off by Sam Sato" in said(sam.get(of(hook)))
        sam.post(of(hook, "on/"))
        assert fresh(hook).is_on

    def test_a_new_secret_is_shown_once(self, hook, sam):
        response = sam.post(of(hook, "secret/"), follow=True)
        assert fresh(hook).secret in said(response)
        assert "two sign until Wed 10:00" in said(response)
        assert fresh(hook).secret not in said(sam.get(of(hook)))

    def test_one_is_sent_again(self, told, hook, sam):
        with clock.at(TUESDAY + timedelta(days=1)):
            assert "Send this once more?" in said(sam.get(of(hook, f"deliveries/{told.pk}/again/")))
            sam.post(of(hook, f"deliveries/{told.pk}/again/"))
            assert (fresh(told).state, fresh(told).try_at) == ("pending", clock.now())

    def test_everything_since_then_is_sent_again(self, told, hook, sam):
        with clock.at(TUESDAY + timedelta(hours=1)):
            response = sam.post(of(hook, "again/"), {"since": "2026-03-10T09:59"}, follow=True)
            assert f"{Delivery.objects.count()} are sent again." in said(response)
            assert sam.post(of(hook, "again/"), {"since": "2026-01-01T00:00"}).status_code == 422
            assert sam.post(of(hook, "again/"), {"since": "x"}).status_code == 422

    def test_what_is_off_says_so_when_it_should_send(self, told, hook, sam):
        sam.post(of(hook, "off/"))
        response = sam.post(of(hook, f"deliveries/{told.pk}/again/"))
        assert response.status_code == 422
        assert "Switch it on first." in said(response)

    def test_anothers_delivery_is_not_found(self, told, hook, sam, receiver):
        add(sam, receiver)
        other = Webhook.objects.get(name="Books")
        assert sam.get(of(other, f"deliveries/{told.pk}/")).status_code == 404
        assert sam.get(f"{LIST}999999/").status_code == 404


def test_what_a_name_says_is_shown_as_words(sam, receiver):
    response = add(sam, receiver, name="<b>Books</b>")
    assert "<b>Books" not in response.content.decode()
    assert DeliveryAttempt.objects.count() == 0
