"""Where a webhook may lead (A60): public addresses alone, however they are written and wherever a name leads later."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from channels.webhooks import addresses, posting
from supportdesk.errors import Refused

PUBLIC = "93.184.215.14"


@pytest.fixture
def resolver(monkeypatch):
    """A resolver that answers what it is told, in turn, the last answer for ever; it counts how often it was asked."""
    real = socket.getaddrinfo

    class Resolver:
        def __init__(self):
            self.answers, self.asked = [[PUBLIC]], []

        def __call__(self, host, port, *more, **options):
            try:
                ipaddress.ip_address(host)
                return real(host, port, *more, **options)
            except ValueError:
                self.asked.append(host)
            found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if not found:
                raise socket.gaierror("unknown")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port)) for where in found]

    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


@pytest.fixture
def spy(monkeypatch):
    """Every address to which a connection was begun; none is made."""
    begun = []

    def connect(line, where):
        begun.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return begun


def refused(url: str) -> str:
    with pytest.raises(Refused) as refusal:
        addresses.require_reachable(url)
    assert refusal.value.field == "url" and refusal.value.status == 422
    return refusal.value.code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::10.0.0.1]",
        "[::8.8.8.8]",
        "[2002:0a00:0001::1]",
        "[2002:7f00:1::]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::1]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[2001:db8::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
    ],
)
def test_a60_an_address_that_is_not_public_is_refused_however_it_is_written(host):
    assert refused(f"https://{host}/hooks") == "private"


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "127.1", "127.0.1", "0", "1.2.3.4.5", "10.0.0.0x1"]
    + ["[fe80::1%25eth0]", "[::1", "a..b", "-a.example", "a" * 64 + ".example", "ex ample.com", "[v1.x]", ""],
)
def test_a60_a_host_of_numbers_that_is_no_plain_address_is_refused_not_guessed(host):
    assert refused(f"https://{host}/") in ("no_host", "no_address", "odd_signs")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "LOCALHOST", "desk", "a.localhost", "printer.local", "metadata.google.internal"]
)
def test_a60_a_name_of_the_house_is_refused(host):
    assert refused(f"https://{host}/") == "private"


@pytest.mark.parametrize("host", ["１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1"])
def test_a60_digits_and_dots_of_other_scripts_are_read_as_what_they_become(host):
    assert refused(f"https://{host}/") == "private"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("gopher://example.com/", "not_https"),
        ("ftp://example.com/", "not_https"),
        ("javascript:alert(1)", "not_https"),
        ("//example.com/", "not_https"),
        ("example.com", "not_https"),
        ("", "not_https"),
        ("https://user:word@example.com/", "userinfo"),
        ("https://example.com@10.0.0.1/", "userinfo"),
        ("https://@example.com/", "userinfo"),
        ("https://example.com/#secret", "fragment"),
        ("https://example.com:25/", "port"),
        ("https://example.com:80/", "port"),
        ("https://example.com:6379/", "port"),
        ("https://example.com:0/", "port"),
        ("https://example.com:99999/", "no_address"),
        ("https://example.com:x/", "no_address"),
        ("https://exa\nmple.com/", "odd_signs"),
        ("https://example.com\\@10.0.0.1/", "odd_signs"),
        ("https://example.com/a b", "odd_signs"),
        ("https://exam\u200bple.com/", "odd_signs"),
        ("https://example.com/" + "a" * 500, "too_long"),
    ],
)
def test_a60_an_odd_address_is_refused_with_what_to_write(url, code):
    assert refused(url) == code


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  HTTPS://Hooks.Example.COM ", "https://hooks.example.com/"),
        ("https://hooks.example.com:443/a", "https://hooks.example.com/a"),
        ("https://hooks.example.com.:8443/a?b=c", "https://hooks.example.com:8443/a?b=c"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:4700:0::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://[64:ff9b::1.1.1.1]/", "https://[64:ff9b::101:101]/"),
    ],
)
def test_a_good_address_is_kept_in_one_way_of_writing(resolver, written, kept):
    assert addresses.require_reachable(written).url == kept


def test_a60_a_name_that_leads_inside_is_refused_even_if_only_one_of_its_addresses_does(resolver):
    resolver.answers = [[PUBLIC, "10.0.0.1"]]
    assert refused("https://hooks.example.com/") == "private"


def test_a_name_that_nobody_knows_is_refused(resolver):
    resolver.answers = [[]]
    assert refused("https://hooks.example.com/") == "unknown_name"


def test_a_resolver_that_does_not_answer_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(addresses, "LOOK_UP_WITHIN", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **o: __import__("time").sleep(5))
    assert refused("https://hooks.example.com/") == "unknown_name"


def test_a60_the_name_is_looked_up_once_and_the_connection_goes_to_the_checked_address(resolver, spy):
    """DNS rebinding: whatever the name leads to the second time, nobody asks a second time."""
    resolver.answers = [[PUBLIC], ["127.0.0.1"]]
    answer = posting.post("https://hooks.example.com/", b"{}", {})
    assert (resolver.asked, spy) == (["hooks.example.com"], [PUBLIC])
    assert answer.status is None and answer.reason == "Nobody took the connection."


def test_a60_a_name_that_leads_inside_by_now_is_not_gone_to(resolver, spy):
    resolver.answers = [[PUBLIC], ["169.254.169.254"]]
    addresses.require_reachable("https://hooks.example.com/")
    answer = posting.post("https://hooks.example.com/", b"{}", {})
    assert answer.refused and answer.reason == "Its name leads into a private network."
    assert spy == []


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "file:///etc/passwd"])
def test_a60_what_stands_in_the_table_by_other_ways_is_not_gone_to_either(url, spy):
    assert posting.post(url, b"{}", {}).refused
    assert spy == []


def test_where_it_is_allowed_a_receiver_may_stand_on_this_machine(settings):
    settings.WEBHOOKS_TO_PRIVATE = True
    assert addresses.require_reachable("http://localhost:8123/x").url == "http://localhost:8123/x"
