"""Where the look lies: the folders and files that these tests read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

COMMENTS = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
CSS_COMMENTS = re.compile(r"/\*.*?\*/", re.S)


def name_of(path: Path) -> str:
    """The path as a test's name."""
    return str(path.relative_to(ROOT))


def markup(path: Path) -> str:
    """A template without its comments."""
    return COMMENTS.sub("", path.read_text())


def rules(path: Path) -> str:
    """A style sheet without its comments."""
    return CSS_COMMENTS.sub("", path.read_text())
