"""The program's own files, as the tests of its shape read them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("staff", "customers", "cases", "escalations", "channels", "portal", "experience")
PACKAGES = tuple(name for name in (*APPS, "supportdesk") if (ROOT / name).is_dir())


def python_files(package: str, *, migrations: bool = False) -> list[Path]:
    """The package's Python files, relative to the root of the project."""
    found = (path.relative_to(ROOT) for path in sorted((ROOT / package).rglob("*.py")))
    return [path for path in found if migrations or "migrations" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    """A file of the project as a syntax tree."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else f"?.{node.attr}"
    return ""
