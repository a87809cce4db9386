"""One asker at every address: what comes of it beside what the table says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.matrix import table
from tests.matrix.asking import MAY, NIL, Asker
from tests.matrix.bodies import body_for
from tests.matrix.routes import MISSING, Route
from tests.matrix.scene import OWN, Scene

METHODS = ("GET", "POST", "PUT")
LOOKS = ("GET", "HEAD")
# Where there is nothing, by the first word of an address: what is not for one to see is told like this, word for word.
NOTHING = {"help": "/help/c/nothing/", "api": f"/api/v1/cases/C-{MISSING}", "": f"/cases/C-{MISSING}/"}


def where_it_matters(found: Iterable[Route], role: str) -> list[Route]:
    """Where it makes a difference that it is this role; see the table on Ben."""
    return [route for route in found if role != "offered" or table.differs(route.name, role, "other")]


@dataclass(frozen=True)
class Try:
    """One attempt, and the word that the table has for it."""

    route: Route
    method: str
    thing: str
    word: str


@dataclass
class Walk:
    """Somebody on their way to every address.

    Attributes:
        kinds: the table that holds for them.
        word: which word of a line is theirs; asked with the address and the method too.
    """

    scene: Scene
    asker: Asker
    kinds: dict[str, dict[str, dict[str, str]]]
    word: Callable[[dict[str, str], Route, str], str]
    _nothing: dict[str, str] = field(default_factory=dict)

    def surprises(self, found: Iterable[Route]) -> list[str]:
        """Where what came of it is not what the table says, in sentences."""
        return list(filter(None, map(self._surprise, self._tries(found))))

    def _tries(self, found: Iterable[Route]) -> Iterator[Try]:
        for route in found:
            for method in METHODS:
                if method in (route.methods or ("GET", "POST")):
                    for thing, cells in self.kinds[table.kind_of(route.name, method)].items():
                        yield Try(route, method, thing, self.word(cells, route, method))

    def _surprise(self, one: Try) -> str:
        rows = self.scene.rows[OWN if one.thing == "any" else one.thing]
        body = body_for(one.route, rows) if one.method not in LOOKS else None
        answer = self.asker.ask(one.method, one.route.to(rows), body)
        tried = f"{self.asker.role}: {one.method} {one.route.name} ({one.thing})"
        if not answer.is_what(one.word, one.method):
            return f"{tried} is {answer.status}, not “{one.word}”"
        if answer.written and (one.word != MAY or one.method in LOOKS):
            return f"{tried} has written {answer.written} rows"
        if one.word == NIL and one.thing != "any" and answer.text != self.nothing(one.route):
            return f"{tried} is not told like what there is not"
        return ""

    def nothing(self, route: Route) -> str:
        """What is read there about what there is not."""
        # Staff read the customers' pages as staff.
        side = route.path.split("/")[0] if route.name not in table.PAGES else ""
        if side not in self._nothing:
            self._nothing[side] = self.asker.ask("GET", NOTHING[side]).text
        return self._nothing[side]
