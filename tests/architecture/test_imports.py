"""Imports run one way: a package imports only what stands to its left."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import PACKAGES, parsed, python_files

RANK = {
    "staff": 0,
    "customers": 1,
    "cases": 2,
    "escalations": 3,
    "channels": 3,
    "portal": 4,
    "experience": 4,
    "supportdesk": 5,
}
FOR_ALL = (
    "supportdesk.errors",
    "supportdesk.advisory",
    "supportdesk.clock",
    "supportdesk.paging",
    "supportdesk.quick",
    "supportdesk.crash",
    "supportdesk.disk",
    "supportdesk.leases",
    "supportdesk.statements",
    "supportdesk.addressing",
)


def imported(tree: ast.AST):
    """Every module that a file imports, anywhere in it; ``from a import b`` yields ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "Relative imports hide who imports whom."
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_allowed(package: str, module: str) -> bool:
    top = module.split(".")[0]
    if top not in RANK or top == package:
        return True
    if any(module == free or module.startswith(free + ".") for free in FOR_ALL):
        return True
    return RANK[top] < RANK[package]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_stands_to_its_left(package):
    wrong = [
        f"{path}: {module}"
        for path in python_files(package)
        for module in imported(parsed(path))
        if not is_allowed(package, module)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", FOR_ALL)
def test_what_all_may_import_imports_nothing_of_ours(module):
    paths = [path for path in python_files("supportdesk") if str(path.with_suffix("")) == module.replace(".", "/")]
    assert len(paths) == 1
    assert [name for name in imported(parsed(paths[0])) if name.split(".")[0] in RANK] == []


def test_template_tags_live_in_one_place():
    elsewhere = [path for package in PACKAGES for path in python_files(package) if "templatetags" in path.parts]
    assert {path.parts[:2] for path in elsewhere} == {("supportdesk", "templatetags")}


@pytest.mark.parametrize(
    "package, module, allowed",
    [
        ("staff", "cases.models", False),
        ("cases", "staff.models", True),
        ("cases", "supportdesk.errors.Refused", True),
        ("cases", "supportdesk.announce", False),
        ("cases", "supportdesk.clockwork", False),
        ("escalations", "channels.mail", False),
        ("portal", "escalations.flags", True),
        ("staff", "django.db", True),
    ],
)
def test_the_rule_itself(package, module, allowed):
    assert is_allowed(package, module) is allowed
