"""Whatever a machine sends, the answer is one that the description tells of: no fault of ours, and nothing beside it.

Schemathesis makes the requests out of ``docs/openapi.yml``, such as it allows and such as it does not, and they go
through the whole desk. A share of them is aimed at what there is, see ``aiming``; each is taken back behind its answer.
The short form is in ``make test``, the long one in ``make faults``; ``SEED=…`` sends the same again.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from supportdesk.wsgi import application
from tests.api.aiming import Desk, a_desk_with_something_of_everything, aimed, instants
from tests.architecture.source import ROOT
from tests.cast import TUESDAY, as_at_commit

SEED = os.environ.get("SEED", "1")
REQUESTS = 20_000 if os.environ.get("FAULTS_SIZE") == "long" else 700
PHASES = (Phase.generate, Phase.shrink)
LIFTED = 10**9  # requests a minute

DESCRIBED = ROOT / "docs" / "openapi.yml"

CONFORMS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def described(*, sparse: bool = False) -> dict:
    """Operations by name; of what is answered nothing may stand beside what is described.

    Args:
        sparse: members may be left out, as ``?fields=`` asks.
    """
    description = yaml.load(DESCRIBED.read_text(), yaml.CSafeLoader)
    for name, shape in description["components"]["schemas"].items():
        if shape.get("type") == "object" and not name.endswith("Request"):
            shape.setdefault("additionalProperties", False)
            if sparse and name.endswith(("Shape", "CaseRow", "CaseWhole")):
                del shape["required"]
    loaded = schemathesis.openapi.from_dict(description)
    loaded.app = application
    # What is wrong may be refused for something that is asked before it is read: a version, how often one has asked.
    loaded.config.checks.negative_data_rejection.expected_statuses = ["4XX"]
    loaded.config.analysis.constants.enabled = False  # it would read the whole program, and that takes a minute
    return {one.ok().definition.raw["operationId"]: one.ok() for one in loaded.get_all_operations()}


@pytest.fixture
def stays_connected() -> Iterator[None]:
    """At the end of a request the connection is closed, and with it everything uncommitted would be gone."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def desk(db, tuesday, settings, stays_connected) -> Desk:
    settings.API_A_MINUTE = LIFTED
    there = a_desk_with_something_of_everything()
    as_at_commit()  # once, and not behind every request anew
    return there


def test_every_answer_is_as_described(desk, subtests):
    load_all_checks()
    schemathesis.openapi.format("date-time", instants(TUESDAY))
    operations, leaving_out = described(), described(sparse=True)
    answered = Counter()
    each = -(-REQUESTS // len(operations))
    for name, operation in operations.items():
        with subtests.test(name):
            ask(operation, leaving_out[name], desk, each, answered)
    told = ", ".join(f"{status}: {often}" for status, often in sorted(answered.items()))
    print(f"\nSEED={SEED}: {answered.total()} requests at {len(operations)} operations. {told}")
    assert answered.total() >= REQUESTS


def ask(operation, leaving_out, desk: Desk, often: int, answered: Counter) -> None:
    """So many requests at one operation; a quarter of them are wrong on purpose."""
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    requests = st.one_of(right, right, right, wrong)

    @seed(random.Random(f"{SEED} {operation.label}").getrandbits(64))
    @settings(max_examples=often, phases=PHASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def asked(data):
        request = aimed(desk, data.draw(requests), data.draw)
        with transaction.atomic():
            answer = request.call()
            as_at_commit()
            transaction.set_rollback(True)
        answered[answer.status_code] += 1
        if "fields" in (request.query or {}):
            request.operation = leaving_out
        request.validate_response(answer, checks=CHECKS.get_by_names(CONFORMS))

    asked()
