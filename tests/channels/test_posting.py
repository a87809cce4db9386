"""One request, over a real line: to the checked address, with the name's certificate, and never longer than allowed."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time

import pytest

from channels.webhooks import posting
from tests.channels.receiver import drips, hangs_up, leads_to, never_ends, opened, waits


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(posting, "WITHIN", 1)
    monkeypatch.setattr(posting, "BODY_WITHIN", 0.2)


def post(receiver):
    return posting.post(receiver.url, b'{"a":1}', {"Content-Type": "application/json"})


def test_what_is_sent_arrives_as_it_is(receiver):
    answer = post(receiver)
    ((headers, body),) = receiver.got
    assert answer.is_success and answer.status == 204
    assert (body, headers["content-type"]) == (b'{"a":1}', "application/json")
    assert headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("status", [200, 201, 299])
def test_any_number_of_the_two_hundreds_is_a_success(receiver, status):
    receiver.answers = [status]
    assert post(receiver).is_success


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_any_other_number_is_none(receiver, status):
    receiver.answers = [status]
    assert (post(receiver).status, post(receiver).is_success) == (status, True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a60_a_redirect_is_not_followed(receiver, status):
    receiver.answers = [leads_to(receiver.url + "&inside", status)]
    answer = post(receiver)
    assert (answer.status, answer.is_success, answer.reason) == (status, False, "A redirect, which is not followed.")
    assert len(receiver.got) == 1


@pytest.mark.parametrize("slow", [waits(5), drips], ids=["silent", "dripping"])
def test_a_slow_receiver_is_left_after_the_time_allowed(receiver, hurried, slow):
    receiver.answers = [slow]
    began = time.monotonic()
    answer = post(receiver)
    assert time.monotonic() - began < 2.5
    assert (answer.status, answer.reason) == (None, "No answer within 1 seconds.")


def test_an_answer_without_end_is_read_a_little_way(receiver, hurried):
    receiver.answers = [never_ends]
    began = time.monotonic()
    assert post(receiver).is_success
    assert time.monotonic() - began < 2


def test_a_receiver_that_hangs_up_has_not_answered(receiver):
    receiver.answers = [hangs_up]
    answer = post(receiver)
    assert answer.status is None and answer.reason.startswith("The connection broke")


def test_nobody_there_is_said(receiver):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        receiver.port = probe.getsockname()[1]
    assert post(receiver).reason == "Nobody took the connection."


# -- certificates ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of hooks.example.com, signed by itself; its files."""
    if not shutil.which("openssl"):
        pytest.skip("There is no openssl to make a certificate with.")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "3650"]
        + ["-subj", "/CN=hooks.example.com", "-addext", "subjectAltName=DNS:hooks.example.com"],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def encrypted(certificate, settings):
    """A receiver that speaks TLS, and the names it was asked for in the handshake."""
    settings.WEBHOOKS_TO_PRIVATE = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    asked = []
    context.sni_callback = lambda line, name, context: asked.append(name)
    with opened(context) as receiver:
        receiver.asked = asked
        yield receiver


def post_to(name: str, receiver, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **o: real("127.0.0.1" if host == name else host, *more, **o)
    )
    return posting.post(f"https://{name}:{receiver.port}/", b"{}", {})


def test_the_name_is_asked_for_in_the_handshake_and_stands_in_the_header(encrypted, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    assert post_to("hooks.example.com", encrypted, monkeypatch).is_success
    assert encrypted.asked == ["hooks.example.com"]
    assert encrypted.got[0][0]["host"] == f"hooks.example.com:{encrypted.port}"


def test_a_certificate_of_another_name_is_refused(encrypted, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    answer = post_to("other.example.com", encrypted, monkeypatch)
    assert (answer.status, answer.reason[:15]) == (None, "Its certificate")
    assert encrypted.got == []


def test_a_certificate_that_nobody_trusted_signed_is_refused(encrypted, monkeypatch):
    answer = post_to("hooks.example.com", encrypted, monkeypatch)
    assert (answer.status, answer.reason[:15]) == (None, "Its certificate")
    assert encrypted.got == []
