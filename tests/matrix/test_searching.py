"""What stands in an address beside its path: whatever is written there, it is no statement of the database (A58)."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from tests.matrix.scene import OWN
from tests.matrix.test_matrix_of_pages import agent
from tests.matrix.test_matrix_of_the_api import machine

PAYLOADS = (
    *("'", '"', "''", "`", "\\", "%", "_", ";", "--", "/*", "\0", "\\'", "$$", "%27", "%00", "é'", "１' or 1"),
    *("1 or 1=1", "1' or '1'='1", "1) or (1=1", "1; drop table cases_case; --", "cast(version() as int)"),
    *("1 union select password from staff_agent", "'||(select password from staff_agent limit 1)||'"),
    *("1 and (select 1 from pg_sleep(60))", "'; select pg_sleep(60); --", "id); delete from cases_note; --"),
    *("owner__password", "-owner__password__startswith", "{0.__class__}", "%(pk)s", "%s%s%s", "' & !", ":*", "((("),
    "a" * 3000,
)
PAGES = {
    "/": ("after",),
    "/cases/": ("which", "department", "about", "priority", "since", "after"),
    "/customers/": ("q", "after"),
    "/queue/": ("whose", "after"),
    "/notices/": ("after",),
    "/cases/{case}/": ("show", "before", "write"),
    "/cases/{case}/forecast/": ("due", "part", "department"),
    "/escalations/": ("why", "team", "after", "at"),
    "/cases/{case}/take-over/": ("back", "leaving"),
    "/people/": ("which", "after"),
    "/away/": ("starts_at", "cover", "after"),
}
API = {
    "/api/v1/cases": ("order", "after", "limit", "fields", "state", "department", "customer", "priority")
    + ("since", "mine"),
    "/api/v1/customers": ("q", "after"),
    "/api/v1/agents": ("department",),
    "/api/v1/flags": ("rule", "standing"),
}  # fmt: skip
# However busy the machine is: one that has done what was asked of it sleeps for a minute.
AT_ONCE = 20  # seconds


def at_every_place(places: dict[str, tuple[str, ...]], case: int) -> list[str]:
    """At each place every other one, at the next place the others."""
    named = [(path, name) for path, names in places.items() for name in names]
    return [
        f"{path.format(case=f'C-{case}')}?{name}={quote(payload)}"
        for position, (path, name) in enumerate(named)
        for payload in PAYLOADS[position % 2 :: 2]
    ]


def test_a58_more_than_five_hundred_are_tried():
    assert len(at_every_place(PAGES, 1)) + len(at_every_place(API, 1)) > 500


@pytest.mark.parametrize("places", [PAGES, API], ids=["pages", "api"])
def test_a58_no_word_in_an_address_is_a_statement(scene, places):
    asker = agent(scene, "supervisor") if places is PAGES else machine(scene, "supervisor", "read")
    for path in at_every_place(places, scene.rows[OWN]["case"]):
        began = time.monotonic()
        answer = asker.ask("GET", path)
        # A form whose fields stand in the address shows what is wrong beside them: 422, as every form.
        assert answer.status in (200, 400) or (answer.status == 422 and "/forecast/" in path), path
        assert answer.written == 0, path
        assert time.monotonic() - began < AT_ONCE, path
        assert not any(word in answer.text for word in ("psycopg", "syntax error", "Traceback", "md5$")), path
