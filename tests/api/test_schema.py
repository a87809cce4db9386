"""The API's description: complete, valid, and kept in ``docs/openapi.yml``, which nobody changes unsaid."""

from __future__ import annotations

import hashlib
import io

import jsonschema
import pytest
import yaml
from django.core.management import call_command

from supportdesk.api.docs import rules
from supportdesk.api.examples import REFUSALS, REQUESTS
from tests.architecture.source import ROOT

KEPT = ROOT / "docs" / "openapi.yml"


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> str:
    """The description as the program makes it now; fails where it is not valid or something had to be guessed."""
    path = tmp_path_factory.mktemp("schema") / "openapi.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(path), stderr=io.StringIO())
    return path.read_text()


@pytest.fixture(scope="session")
def schema(written) -> dict:
    return yaml.load(written, yaml.CSafeLoader)


def operations(schema: dict):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_kept_description_is_what_the_program_does(written):
    assert KEPT.read_text() == written, "The API has changed: run `make schema`, and say in CHANGELOG.md what."


def test_the_changelog_names_the_description_that_is_kept():
    name = hashlib.sha256(KEPT.read_bytes()).hexdigest()[:12]
    assert f"openapi {name}" in (ROOT / "CHANGELOG.md").read_text(), (
        f"docs/openapi.yml has changed: say in CHANGELOG.md what is new for machines, and name it: openapi {name}"
    )


def test_every_operation_says_what_it_does_what_it_needs_and_how_it_is_refused(schema):
    for path, method, operation in operations(schema):
        assert operation["summary"], path
        assert "Needs the scope `" in operation["description"], path
        assert "Attributes:" not in operation["description"], path
        assert {"400", "401", "403", "404", "429"} <= operation["responses"].keys(), path
        if method != "get":
            assert {"409", "412", "413", "415", "422", "503"} <= operation["responses"].keys(), path
            assert {"Idempotency-Key", "If-Match"} <= {one["name"] for one in operation["parameters"]}, path


def test_operations_are_named_once(schema):
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(names) == len(set(names))
    assert not any(name.endswith(("_2", "_3")) for name in names)
    assert set(REQUESTS) <= set(names)


@pytest.mark.parametrize("name", REQUESTS)
def test_an_example_is_what_may_be_sent(schema, name):
    content = next(o for _, _, o in operations(schema) if o["operationId"] == name)["requestBody"]["content"]
    assert content["application/json"]["example"] == REQUESTS[name]
    valid(schema, content["application/json"]["schema"], REQUESTS[name])


@pytest.mark.parametrize("status", REFUSALS)
def test_an_example_of_a_refusal_is_one_that_there_is(schema, status):
    example = REFUSALS[status]
    valid(schema, {"$ref": "#/components/schemas/Problem"}, example)
    assert example["status"] == status
    for one in (example, *example.get("in_the_way", ())):
        assert one["type"].partition("#")[2] in rules()


def test_what_only_a_customer_says_is_no_operation(schema):
    said = ("yes", "not_yet", "understand", "withdraw", "consent", "agree")
    assert not [o["operationId"] for _, _, o in operations(schema) if o["operationId"].endswith(said)]


def numbers_in(schema: dict, shape: dict, name: str = ""):
    """The names of all members that are numbers, however deep."""
    if "$ref" in shape:
        shape = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    kinds = shape.get("type", ())
    if {"integer", "number"} & {*((kinds,) if isinstance(kinds, str) else kinds)}:
        yield name
    inner = [*shape.get("allOf", ()), *shape.get("oneOf", ()), *shape.get("anyOf", ())]
    inner += [shape[one] for one in ("items", "additionalProperties") if isinstance(shape.get(one), dict)]
    for one in inner:
        yield from numbers_in(schema, one, name)
    for name, one in shape.get("properties", {}).items():
        yield from numbers_in(schema, one, name)


def what_is_answered(schema: dict):
    """The shape of every success."""
    for _, _, operation in operations(schema):
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                yield answer["content"]["application/json"]["schema"]


def test_no_figure_is_told_by_agent(schema):
    """Every number there is names a thing or its place: none of them counts or measures (design rule 15)."""
    names = {name for shape in what_is_answered(schema) for name in numbers_in(schema, shape)}
    ids = {"id", "about", "after", "departments", "merged_into", "replaces", "subtask"}
    assert names == ids | {"position", "priority"}


def test_beside_a_persons_name_stands_what_they_are_and_nothing_that_they_did(schema):
    shapes = schema["components"]["schemas"]
    assert shapes["AgentShape"]["properties"].keys() == {
        *("id", "name", "department", "is_supervisor", "is_service", "can_work"),
    }
    assert shapes["Named"]["properties"].keys() == {"id", "name"}


def test_no_list_is_sorted_grouped_or_filtered_to_count_what_somebody_did(schema):
    asked = {
        parameter["name"]: path
        for path, _, operation in operations(schema)
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
    assert not asked.keys() & {"agent", "owner", "by", "group_by", "sort", "count", "total"}
    assert not [path for path in schema["paths"] if "figure" in path or "report" in path or "experience" in path]


def valid(schema: dict, of: dict, value) -> None:
    # Only what is sent is looked at: what else the description says of itself, spectacular has looked at.
    jsonschema.Draft202012Validator({**of, "components": schema["components"]}).validate(value)


def test_it_is_told_to_everybody(client):
    assert client.get("/api/schema/").status_code == 200
