"""What every experiment has: its size, its seed, its people, and the desk's processes."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.cast import Cast, assemble
from tests.faults.invariants import Ledger
from tests.faults.parts import Parts

LONG = os.environ.get("FAULTS_SIZE") == "long"
SEED = os.environ.get("SEED", "1")


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "/tests/faults/" in str(item.path):
            item.add_marker(pytest.mark.stack)


@pytest.fixture
def size():
    """How often, how many: the first in ``make test``, the second in ``make faults``."""
    return lambda short, long: long if LONG else short


@pytest.fixture
def dice(request) -> random.Random:
    """Chance that is the same for the same seed."""
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture
def cast(transactional_db) -> Cast:
    return assemble()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def parts(desk_environment, cast, tmp_path) -> Iterator[Parts]:
    """The desk's processes on this test's database and on a Valkey of their own; ended by their ids."""
    running = Parts(desk_environment, tmp_path)
    try:
        yield running
    finally:
        running.end()
