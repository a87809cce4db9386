"""The cluster of ``docker-compose.yml``, read as docker compose reads it: anchors merged, variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docker-compose.yml"
# ${NAME}, ${NAME:-what it is if NAME is unset or empty}, ${NAME:?what is said then}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<words>[^}]*))?\}")


class Missing(Exception):
    """A variable without a default is not set; the text is what docker compose would say."""


class Compose:
    """The file with somebody's ``.env`` put in.

    Args:
        env: what stands in ``.env``.
    """

    def __init__(self, env: Mapping[str, str], text: str | None = None):
        self._env = env
        self._text = text or FILE.read_text()

    @cached_property
    def _read(self) -> dict:
        return self._with_values(yaml.safe_load(self._text))

    @property
    def services(self) -> dict[str, dict]:
        return self._read["services"]

    @property
    def volumes(self) -> dict:
        return self._read["volumes"]

    def config(self, name: str) -> str:
        return self._read["configs"][name]["content"]

    def environment(self, service: str) -> dict[str, str]:
        return {name: str(value) for name, value in self.services[service].get("environment", {}).items()}

    def _with_values(self, found):
        if isinstance(found, dict):
            return {key: self._with_values(value) for key, value in found.items()}
        if isinstance(found, list):
            return [self._with_values(value) for value in found]
        return VARIABLE.sub(self._value, found) if isinstance(found, str) else found

    def _value(self, variable: re.Match) -> str:
        value = self._env.get(variable["name"], "")
        if not value and variable["how"] == "?":
            raise Missing(variable["words"])
        return value or (variable["words"] if variable["how"] == "-" else "")


def image() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their words, continued lines joined, comments left out."""
    text = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def image_environment() -> dict[str, str]:
    """What the image's last stage sets."""
    words = [words for instruction, words in image() if instruction == "ENV"]
    return dict(pair.split("=", 1) for line in words for pair in line.split())
