"""A web client in a process of its own: connections are kept, every answer is read and looked at.

A *target* is a page, visited again and again. *Acts* are forms, each sent once.

python -m bench.client < targets.json > times.json
"""

from __future__ import annotations

import http.client
import json
import secrets
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from urllib.parse import urlencode

CLIENTS = 8
# Any token is as good as another: the cookie and the header have to agree.
CSRF = "b" * 32


class Wrong(Exception):
    """A page does not show what it should; its time would say nothing."""


class Visitor:
    """One browser at one server."""

    def __init__(self, target: dict):
        self._target = target
        self._line = http.client.HTTPConnection("127.0.0.1", target["port"], timeout=60)

    def visit(self) -> int:
        """Read the page once; returns its bytes."""
        self._line.request("GET", self._target["path"], headers=_who(self._target) | {"Host": "localhost"})
        answer = self._line.getresponse()
        page = answer.read()
        if answer.status != 200 or self._target["shows"].encode() not in page:
            raise Wrong(f"{self._target['name']} answers {answer.status} without “{self._target['shows']}”.")
        return len(page)

    def leave(self) -> None:
        self._line.close()


def _who(asked: dict) -> dict[str, str]:
    """Whoever asks shows a cookie or a token."""
    if "token" in asked:
        return {"Authorization": f"Bearer {asked['token']}"}
    return {"Cookie": asked["cookie"]}


def alone(target: dict, visits: int) -> list[float]:
    """Milliseconds of each of so many visits, one after the other."""
    visitor, times = Visitor(target), []
    try:
        for _ in range(visits):
            begun = time.perf_counter()
            visitor.visit()
            times.append((time.perf_counter() - begun) * 1000)
    finally:
        visitor.leave()
    return times


def together(target: dict, visits: int) -> float:
    """Visits a second with eight visitors at once, so many visits in all."""

    def many(visitor: Visitor) -> None:
        try:
            for _ in range(visits // CLIENTS):
                visitor.visit()
        finally:
            visitor.leave()

    visitors = [Visitor(target) for _ in range(CLIENTS)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(many, visitors))
    return visits // CLIENTS * CLIENTS / (time.perf_counter() - begun)


def measure(targets: list[dict], *, rounds: int, visits: int) -> dict[str, dict]:
    """All targets in turn, round after round: whatever else the machine does meets each of them alike.

    Returns:
        by name: ``p50_ms`` and ``p95_ms`` with one visitor, ``a_second`` with eight; the best of the rounds.
    """
    found: dict[str, dict] = {}
    for target in targets:
        alone(target, 5)
    for _ in range(rounds):
        for target in targets:
            times = sorted(alone(target, visits))
            p50, p95 = median(times), times[int(len(times) * 0.95) - 1]
            a_second = together(target, visits)
            best = found.setdefault(target["name"], {"p50_ms": p50, "p95_ms": p95, "a_second": a_second})
            best["p50_ms"], best["p95_ms"] = min(best["p50_ms"], p50), min(best["p95_ms"], p95)
            best["a_second"] = max(best["a_second"], a_second)
    return {name: {what: round(value, 2) for what, value in best.items()} for name, best in found.items()}


def measure_acts(kinds: list[dict], *, alone: int) -> dict[str, dict]:
    """The acts of all kinds in turn, one of each; what is left of each kind then by eight people at once.

    Args:
        kinds: each with ``name``, ``port`` and ``acts``.
        alone: so many of each kind are done one after the other.

    Returns:
        as ``measure``.
    """
    times: dict[str, list[float]] = {kind["name"]: [] for kind in kinds}
    for position in range(alone):
        for kind in kinds:
            begun = time.perf_counter()
            act(kind["port"], kind["acts"][position])
            times[kind["name"]].append((time.perf_counter() - begun) * 1000)
    found = {}
    for kind in kinds:
        mine, rest = sorted(times[kind["name"]]), kind["acts"][alone:]
        begun = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda each, port=kind["port"]: act(port, each), rest))
        a_second = len(rest) / (time.perf_counter() - begun)
        found[kind["name"]] = {
            "p50_ms": round(median(mine), 2),
            "p95_ms": round(mine[int(len(mine) * 0.95) - 1], 2),
            "a_second": round(a_second, 2),
        }
    return found


def act(port: int, asked: dict) -> None:
    """Send one form, or what a machine sends; who sends it has a connection of their own.

    Args:
        asked: ``path``, ``form`` and ``cookie``, or ``json`` and ``token``; and as whom: a loopback address in
            ``source``.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(asked["source"], 0))
    try:
        body, headers = _sent(asked)
        line.request("POST", asked["path"], body, headers | {"Host": "localhost"})
        answer = line.getresponse()
        answer.read()
        if answer.status not in (201, 302):
            raise Wrong(f"{asked['path']} answers {answer.status}: it was refused.")
    finally:
        line.close()


def _sent(asked: dict) -> tuple[str, dict[str, str]]:
    """The body of an act, and its headers."""
    who = _who(asked)
    if "json" in asked:
        once = {"Idempotency-Key": secrets.token_hex(16)}
        return json.dumps(asked["json"]), who | once | {"Content-Type": "application/json"}
    form = {"X-CSRFToken": CSRF, "Content-Type": "application/x-www-form-urlencoded"}
    return urlencode(asked["form"]), {"Cookie": f"{who['Cookie']}; csrftoken={CSRF}"} | form


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    if "acts" in asked:
        print(json.dumps(measure_acts(asked["acts"], alone=asked["alone"])))
    else:
        print(json.dumps(measure(asked["targets"], rounds=asked["rounds"], visits=asked["visits"])))
