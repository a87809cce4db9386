"""Time zones, and the countries whose public holidays are known: by code or name, and what is near to a name that is
none of them.

Zones are the IANA database's; countries and their parts are those of the ``holidays`` package.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

import holidays
from holidays.registry import COUNTRIES

from staff.english_names import ENGLISH_NAMES

# In the database, but no place: they mean "whatever this machine is set to", or nothing.
_NO_ZONES = {"Factory", "localtime", "posixrules"}
_LINKS = ("Etc/", "US/", "Canada/", "Brazil/", "Mexico/", "Chile/")
_FEWEST_LETTERS = 2  # by which anything is guessed
# So that a part of a country fits into its column.
_LONGEST_PART = 8
_SMALL_WORDS = {"and", "of", "the"}
MOST_OFFERED = 5


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Every IANA name that can be kept."""
    return frozenset(available_timezones() - _NO_ZONES)


@lru_cache(maxsize=1)
def zones_to_choose() -> tuple[str, ...]:
    """The names by continent and city, and UTC: older names for the same are understood, but not offered."""
    return ("UTC", *sorted(name for name in zones() if "/" in name and not name.startswith(_LINKS)))


def zones_near(typed: str) -> list[str]:
    """Up to five zones that may have been meant, the likeliest first: by city, by beginning, by likeness."""
    typed = _plain(typed)
    by_name = {_plain(name): name for name in zones_to_choose()}
    by_city = {name.rpartition("/")[2]: name for name in by_name}
    city = typed.rpartition("/")[2]
    if typed in by_name or city in by_city:
        return [by_name.get(typed) or by_name[by_city[city]]]
    found = [by_name[name] for last, name in by_city.items() if len(city) > _FEWEST_LETTERS and last.startswith(city)]
    found += [by_name[name] for name in get_close_matches(typed, by_name, cutoff=0.75)]
    found += [by_name[by_city[last]] for last in get_close_matches(city, by_city, cutoff=0.75)]
    return list(dict.fromkeys(found))[:MOST_OFFERED]


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Code and name of every country whose public holidays are known, by name."""
    return tuple(sorted(((entry[1], _spaced(entry[0])) for entry in COUNTRIES.values()), key=lambda both: both[1]))


def country_name(code: str) -> str:
    return dict(countries()).get(code, code)


def find_country(typed: str) -> str | None:
    """The code of the country that was named by its code of two or three letters or its name; None: of none."""
    return _find(typed, _countries_by_word())


def countries_near(typed: str) -> list[str]:
    """Up to five countries that may have been meant, as “Germany (DE)”."""
    codes = _near(typed, _countries_by_word())
    return [f"{country_name(code)} ({code})" for code in codes]


@lru_cache(maxsize=256)
def parts(country: str) -> tuple[tuple[str, str], ...]:
    """Code and name of the parts of a country (code) that have holidays of their own, by name."""
    named = ((code, (names or (code,))[0]) for code, names in _names_of_parts(country).items())
    return tuple(sorted(named, key=lambda both: _plain(both[1])))


def parts_to_choose(country: str) -> tuple[tuple[str, str], ...]:
    """As ``parts``, each with its English name behind its own: (BY, “Bayern, Bavaria”)."""
    english = ENGLISH_NAMES.get(country, {})
    return tuple((code, ", ".join((name, *english.get(code, ())[:1]))) for code, name in parts(country))


def part_name(country: str, code: str) -> str:
    return dict(parts(country)).get(code, code)


def find_part(country: str, typed: str) -> str | None:
    """The code of the part of the country (code) that was named by its code, or by a name in its own
    languages or in English; None: of none."""
    return _find(typed, _parts_by_word(country))


def parts_near(country: str, typed: str) -> list[str]:
    """Up to five parts of the country (code) that may have been meant, as “Bayern (BY)”."""
    return [f"{part_name(country, code)} ({code})" for code in _near(typed, _parts_by_word(country))]


# -- steps -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _countries_by_word() -> dict[str, str]:
    by_word = {}
    for name, code, *others in COUNTRIES.values():
        # Of the codes only those that are no class's name: "DEU", not "HolidaysAX".
        for word in (_spaced(name), code, *(other for other in others if len(other) == 3)):
            by_word.setdefault(_plain(word), code)
    return by_word


@lru_cache(maxsize=256)
def _parts_by_word(country: str) -> dict[str, str]:
    """Every word for a part: its code first, what it calls itself, and what it is called in English."""
    known = {code: (code, *names) for code, names in _names_of_parts(country).items()}
    english = ENGLISH_NAMES.get(country, {})
    by_word = {}
    for words in (known, english):
        for code, names in words.items():
            for word in names:
                by_word.setdefault(_plain(word), code)
    return by_word


def _names_of_parts(country: str) -> dict[str, tuple[str, ...]]:
    """What the parts call themselves, in all their languages, by code."""
    if country not in dict(countries()):
        return {}
    known = type(holidays.country_holidays(country)).get_subdivision_aliases()
    return {code: tuple(names) for code, names in known.items() if len(code) <= _LONGEST_PART}


def _find(typed: str, by_word: dict[str, str]) -> str | None:
    return by_word.get(_plain(typed))


def _near(typed: str, by_word: dict[str, str]) -> list[str]:
    typed = _plain(typed)
    begins = [code for word, code in by_word.items() if len(typed) >= _FEWEST_LETTERS and word.startswith(typed)]
    alike: Iterable[str] = (by_word[word] for word in get_close_matches(typed, by_word, cutoff=0.7))
    return list(dict.fromkeys([*begins, *alike]))[:MOST_OFFERED]


def _spaced(name: str) -> str:
    """``BosniaAndHerzegovina`` → ``Bosnia and Herzegovina``, ``DRCongo`` → ``DR Congo``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).split()
    return " ".join(word.lower() if word.lower() in _SMALL_WORDS else word for word in words)


def _plain(text: str) -> str:
    """Without case, accents, and whether words are parted by blanks, hyphens or underscores."""
    text = unicodedata.normalize("NFKD", text.strip().casefold())
    return re.sub(r"[\s_-]+", "_", "".join(letter for letter in text if not unicodedata.combining(letter)))
