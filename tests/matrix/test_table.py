"""The table knows every address, and no other."""

from __future__ import annotations

from tests.matrix import table
from tests.matrix.routes import routes
from tests.matrix.scene import THINGS

ROUTES = list(routes())
OF_OTHERS = ("admin:", "account_")  # the views of Django's admin and of allauth


def test_the_table_knows_every_address_and_every_address_is_there():
    assert {route.name for route in ROUTES} == table.KNOWN.keys() | table.ADMIN_SITE


def test_no_two_addresses_have_one_name():
    assert len({route.name for route in ROUTES}) == len(ROUTES) > 250


def test_every_kind_that_is_named_is_told_and_every_one_told_is_named():
    for kinds, names in ((table.KINDS, {**table.PAGES, **table.API}), (table.KINDS_BY_LINK, table.BY_LINK_OR_OPEN)):
        assert {table.kind_of(name, method) for name in names for method in ("GET", "POST")} == kinds.keys()


def test_every_cell_is_one_of_three_words():
    for kinds in (table.KINDS, table.KINDS_BY_LINK):
        for kind, things in kinds.items():
            assert things.keys() <= {*THINGS, "any"}, kind
            assert {word for cells in things.values() for word in cells.values()} <= {"may", "no", "nil"}, kind


def test_every_view_of_ours_says_which_methods_it_answers():
    silent = {route.name for route in ROUTES if not route.methods and not route.name.startswith(OF_OTHERS)}
    assert silent == {"portal:^.*/$", r"^[\s\S]*\Z"}, "Where nothing is, no method is answered either."
