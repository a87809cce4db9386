"""Where a webhook may lead: to public addresses alone, however its address is written and wherever its name leads.

A name is looked up once, every address behind it is checked, and the connection goes to one of these: a name that leads
elsewhere the next moment changes nothing (DNS rebinding). ``WEBHOOKS_TO_PRIVATE=1`` lifts this, for tests and for a
receiver on the same machine.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings

from supportdesk.errors import Refused

Address = IPv4Address | IPv6Address

LONGEST = 500
PORTS = (443, 8443, 9443)
LOOK_UP_WITHIN = 5  # seconds

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\\]")

# IPv6 forms that carry an IPv4 address (RFC 4291 2.5.5, RFC 3056, RFC 6052): what counts is where that leads.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
# Public by the registers, and yet not: machines' own data at Azure, relays, tunnels, translators of local use.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/32",
        "64:ff9b:1::/48",
        "fec0::/10",
        "5f00::/16",
    )
)


@dataclass(frozen=True)
class Target:
    """An address that was read and found well formed.

    Attributes:
        host: lower case, as the name is looked up and stands in the certificate; an IPv6 address without brackets.
        path: with the query, as it is asked for.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The one way to write it."""
        usual = {"https": 443, "http": 80}[self.scheme]
        return f"{self.scheme}://{self.named}{'' if self.port == usual else f':{self.port}'}{self.path}"

    @property
    def named(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def in_header(self) -> str:
        """As the Host header names it."""
        return self.url.split("/")[2]


class Blocked(Exception):
    """Where the name leads nothing may be sent to."""


class Unknown(Exception):
    """Nobody knows where the name leads, now."""


def read(url: str) -> Target:
    """An address as it was typed, taken apart.

    Raises:
        Refused: it is none to which a webhook can go; the sentence says what to write.
    """
    url = url.strip()
    if len(url) > LONGEST:
        raise _no("too_long", f"Choose an address of at most {LONGEST} characters.")
    if _INVISIBLE.search(url):
        raise _no("odd_signs", "There are spaces or invisible signs in this address. Type it anew.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no("no_address", "This is no address. One looks like https://example.com/hooks.") from None
    _require_scheme(parts)
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise _no("userinfo", "Leave out the name and password before the host: the secret signs what is sent.")
    if parts.fragment or "#" in url:
        raise _no("fragment", "Leave out what follows the #: it is never sent.")
    return Target(parts.scheme, _host(parts), _port(parts, port), _path(parts))


def look_up(target: Target) -> list[Address]:
    """Every address behind the name, looked up once, all of them checked.

    Raises:
        Unknown: the name leads nowhere, now.
        Blocked: at least one of them is not public.
    """
    found = list(dict.fromkeys(_resolved(target)))
    if not found:
        raise Unknown("Nobody knows this name.")
    if not settings.WEBHOOKS_TO_PRIVATE and not all(map(is_public, found)):
        raise Blocked("Its name leads into a private network.")
    return found


def require_reachable(url: str) -> Target:
    """An address to which a webhook can go: well formed, and leading to public addresses as things stand.

    Raises:
        Refused: it cannot.
    """
    target = read(url)
    try:
        look_up(target)
    except Blocked:
        raise _no("private", "This leads into a private network. A webhook goes to public addresses only.") from None
    except Unknown:
        raise _no("unknown_name", "Nobody knows this name. Is it spelt as you mean it?") from None
    return target


def is_public(address: Address) -> bool:
    """Whether an address, and the one that it may carry, leads to the public internet and to one machine."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address in _COMPATIBLE or address.scope_id:
            return False
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not (odd or address.is_private or address.is_loopback)


# -- reading -----------------------------------------------------------------------------------------------------------


def _no(code: str, sentence: str) -> Refused:
    return Refused(code, sentence, field="url")


def _require_scheme(parts: SplitResult) -> None:
    if parts.scheme == "https" or (parts.scheme == "http" and settings.WEBHOOKS_TO_PRIVATE):
        return
    raise _no("not_https", "Begin with https://: what is sent must not be read on its way.")


def _host(parts: SplitResult) -> str:
    """The host as it is looked up; numbers that are no plain address are refused, not guessed."""
    written = parts.hostname or ""
    if "[" in parts.netloc or ":" in written:
        try:
            return str(IPv6Address(written)) if "%" not in written else _odd_host()
        except ValueError:
            return _odd_host()
    try:
        # Full-width digits and dots of other scripts become plain ones here, before anything looks at them.
        host = written.encode("idna").decode().lower().removesuffix(".") if written else ""
    except UnicodeError:
        return _odd_host()
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return _odd_host()
    if _NUMERIC.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            return _odd_host()
    if not settings.WEBHOOKS_TO_PRIVATE and (len(labels) == 1 or labels[-1] in ("localhost", "local", "internal")):
        raise _no("private", "This name leads into a private network. A webhook goes to public addresses only.")
    return host


def _odd_host() -> str:
    raise _no("no_host", "This host is no name that can be looked up. One looks like hooks.example.com.")


def _port(parts: SplitResult, port: int | None) -> int:
    port = port if port is not None else {"https": 443, "http": 80}[parts.scheme]
    if settings.WEBHOOKS_TO_PRIVATE and port:
        return port
    if port not in PORTS:
        raise _no(
            "port", f"Choose one of the ports {', '.join(map(str, PORTS[:-1]))} and {PORTS[-1]}, or leave it out."
        )
    return port


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return path + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else "")


# -- looking up --------------------------------------------------------------------------------------------------------


def _resolved(target: Target) -> list[Address]:
    """What the machine's resolver says; it may take minutes, and nobody waits for it longer than a few seconds."""
    answers: list[list] = []

    def ask() -> None:
        try:
            answers.append(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.append([])

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LOOK_UP_WITHIN)
    if not answers:
        raise Unknown("Looking its name up took too long.")
    return [ipaddress.ip_address(where[0]) for *_, where in answers[0]]
