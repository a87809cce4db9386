"""Business hours as people write and read them: each field's words become ``BusinessHours``, or say what is wrong.

zone          Europe/Berlin
monday …      09:00-12:30, 13:30-17:00         empty: closed; midnight at the end of a day is 24:00
country       DE, or Germany                   empty: no public holidays
subdivision   BY, or Bayern, or Bavaria
closed_days   2026-12-24                       one a line; or 2026-12-24 to 2027-01-01
open_days     2026-12-19 10:00-14:00           one a line, with its blocks
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import groupby

from staff import places
from staff.businesstime import Blocks, BusinessHours
from staff.models.calendars import WEEKDAYS, Calendar, own_open_days, read_blocks
from supportdesk.errors import Hindrance, Refused

FIELDS = ("zone", *WEEKDAYS, "country", "subdivision", "closed_days", "open_days")
LONGEST_DAY = 120  # characters of a day's blocks, as the calendar's column has it
MOST_DAYS_ON_END = 366
MOST_OWN_DAYS = 1000
_YEARS = range(2000, 2100)
_DAY = timedelta(days=1)
_FROM_TO = re.compile(r"\s*(?:\bto\b|–|\.{2,}|\s-\s)\s*")
_DAY_AND_BLOCKS = re.compile(r"(\d{4}-\d{2}-\d{2})[\s:,]*(.*)")
_BLOCKS_BEHIND = re.compile(r"[\s:,]+\d{1,2}:\d{2}\s*[-–].*")
_LONG_NAMES = tuple(day.capitalize() for day in WEEKDAYS)
# Other ways to write a day, only to say how it is meant to be written.
_OTHER_WAYS = ("%d.%m.%Y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")


class _Wrong(ValueError):
    """What is wrong with one field's words, in a sentence that says the way out."""


def read(words: Mapping[str, str]) -> BusinessHours:
    """The hours that these words mean.

    Args:
        words: by the names of ``FIELDS``; what is missing is empty.

    Raises:
        Refused: some words mean no hours. Each of them is a hindrance whose ``anchor`` is its field; the first one's
            sentence and field are the refusal's own.
    """
    found, wrong = {}, {}
    for name, take in _READERS.items():
        try:
            found[name] = take(words.get(name, ""), found)
        except _Wrong as sentence:
            wrong[name] = str(sentence)
    if not wrong and not any(found[day] for day in WEEKDAYS):
        wrong["monday"] = (
            "Not one hour of the week is open: nothing could be promised. Open a day, such as 09:00-17:00."
        )
    if wrong:
        _refuse(wrong)
    try:
        return BusinessHours(
            zone=found["zone"],
            week=tuple(found[day] for day in WEEKDAYS),
            country=found["country"],
            subdivision=found["subdivision"],
            closed_days=found["closed_days"],
            open_days=found["open_days"],
        )
    except ValueError as also_wrong:  # the rule itself; what stands above says it kindlier and beside its field
        raise Refused("hours_make_no_sense", str(also_wrong)) from also_wrong


def write(calendar: Calendar) -> dict[str, str]:
    """A calendar's hours as the words of ``FIELDS``; what cannot be read is given as it stands."""
    return {
        **{name: getattr(calendar, name) for name in FIELDS},
        "closed_days": "\n".join(_runs(calendar.closed_days)),
        "open_days": _open_days_as_they_stand(calendar),
    }


def columns(hours: BusinessHours) -> dict[str, object]:
    """The hours as the columns of a ``Calendar`` hold them."""
    return {
        "zone": hours.zone,
        **{day: _blocks_in_words(blocks) for day, blocks in zip(WEEKDAYS, hours.week, strict=True)},
        "country": hours.country,
        "subdivision": hours.subdivision,
        "closed_days": sorted(hours.closed_days),
        "open_days": {day.isoformat(): _blocks_in_words(blocks) for day, blocks in hours.open_days},
    }


def week(hours: BusinessHours) -> str:
    """The week in a sentence: ``Monday to Friday 09:00–12:30, 13:15–17:00; Saturday 10:00–12:00``."""
    runs = groupby(zip(_LONG_NAMES, hours.week, strict=True), key=lambda both: both[1])
    return "; ".join(_run_in_words([name for name, _ in days], blocks) for blocks, days in runs if blocks)


def place(hours: BusinessHours) -> str:
    """Where these hours are kept: ``Europe/Berlin, public holidays of Bayern, Germany``."""
    return f"{hours.zone}, {f'public holidays of {holidays_of(hours)}' if hours.country else 'no public holidays'}"


def holidays_of(hours: BusinessHours) -> str:
    """``Bayern, Germany``; empty: of nowhere."""
    country = places.country_name(hours.country)
    return f"{places.part_name(hours.country, hours.subdivision)}, {country}" if hours.subdivision else country


# -- reading -----------------------------------------------------------------------------------------------------------


def _zone(typed: str, _found: dict) -> str:
    typed = typed.strip()
    if typed in places.zones():
        return typed
    if not typed:
        raise _Wrong("Name the time zone by continent and city, such as Europe/Berlin.")
    near = places.zones_near(typed)
    way_out = f"Did you mean {_or(near)}?" if near else "Name it by continent and city, such as Europe/Berlin."
    raise _Wrong(f"There is no time zone “{_short(typed)}”. {way_out}")


def _weekday(typed: str, _found: dict) -> Blocks:
    return _blocks(typed)


def _blocks(typed: str) -> Blocks:
    try:
        blocks = sorted(read_blocks(" ".join(typed.split())), key=lambda block: block[0])
    except ValueError as wrong:
        raise _Wrong(str(wrong)) from wrong
    for opens, closes in blocks:
        if closes == opens != time(0):
            raise _Wrong(f"{_block(opens, closes)} ends as it begins. For a whole day write 00:00-24:00.")
        if closes != time(0) and closes < opens:
            raise _Wrong(
                f"{_block(opens, closes)} ends before it has begun. A night is two blocks: {_edge(opens)}-24:00 on one"
                f" day, and 00:00-{_edge(closes)} on the next."
            )
    for (opens, closes), (following, last) in zip(blocks, blocks[1:], strict=False):
        if closes == time(0) or following < closes:
            both = _block(opens, time(0) if time(0) in (closes, last) else max(closes, last))
            raise _Wrong(
                f"{_block(opens, closes)} and {_block(following, last)} overlap. Let the second begin when the first"
                f" has ended, or make them one: {both}."
            )
    if len(_blocks_in_words(blocks)) > LONGEST_DAY:
        raise _Wrong("These are too many blocks for one day: write at most nine.")
    return tuple(blocks)


def _country(typed: str, _found: dict) -> str:
    if not typed.strip():
        return ""
    code = places.find_country(typed)
    if code is None:
        near = places.countries_near(typed)
        way_out = f"Did you mean {_or(near)}?" if near else "Leave it empty, and name the days under “Own closed days”."
        raise _Wrong(f"No public holidays are known for a country “{_short(typed)}”. {way_out}")
    return code


def _subdivision(typed: str, found: dict) -> str:
    if not typed.strip() or "country" not in found:  # nothing is asked of a country that is wrong itself
        return ""
    country = found["country"]
    if not country:
        raise _Wrong(f"“{_short(typed)}” is a part of which country? Choose the country, or leave this empty.")
    code = places.find_part(country, typed)
    if code is None:
        raise _Wrong(f"No public holidays are known for “{_short(typed)}”. {_other_parts(country, typed)}")
    return code


def _other_parts(country: str, typed: str) -> str:
    known, near = places.parts(country), places.parts_near(country, typed)
    name = places.country_name(country)
    if near:
        return f"Did you mean {_or(near)}?"
    if not known:
        return f"{name} has the same ones everywhere: leave this empty."
    if len(known) <= 20:
        return f"In {name} there are {', '.join(code for code, _ in known)}."
    return f"Write the code of the state, canton or land as {name} has it, or leave this empty."


def _closed_days(typed: str, _found: dict) -> frozenset[date]:
    days: set[date] = set()
    for line in _lines(typed.replace(",", "\n")):
        days.update(_days_of(line))
    if len(days) > MOST_OWN_DAYS:
        raise _Wrong(f"These are {len(days):,} days; at most {MOST_OWN_DAYS:,} can be kept. Take out those long past.")
    return frozenset(days)


def _days_of(line: str) -> Iterator[date]:
    first, *rest = _FROM_TO.split(line, maxsplit=1)
    begin = _day(first)
    end = _day(rest[0]) if rest else begin
    if end < begin:
        raise _Wrong(f"“{_short(line)}” ends before it begins. Write the earlier day first: {end} to {begin}.")
    if end - begin >= timedelta(days=MOST_DAYS_ON_END):
        raise _Wrong(f"“{_short(line)}” is more than a year on end. Write one year at most.")
    for n in range((end - begin).days + 1):
        yield begin + n * _DAY


def _open_days_as_they_stand(calendar: Calendar) -> str:
    try:
        own = own_open_days(calendar.open_days)
    except ValueError:
        return json.dumps(calendar.open_days)
    return "\n".join(f"{day} {blocks}" for day, blocks in sorted(own.items()))


def _open_days(typed: str, found: dict) -> tuple[tuple[date, Blocks], ...]:
    days: dict[date, Blocks] = {}
    for line in _lines(typed):
        day, blocks = _open_day(line)
        if day in days:
            raise _Wrong(
                f"{day} is named twice. Put all its blocks on one line, such as {day} 09:00-12:00, 13:00-16:00."
            )
        days[day] = blocks
    both = sorted(days.keys() & found.get("closed_days", frozenset()))
    if both:
        raise _Wrong(f"{both[0]} stands under the closed days too. Take it out of one of the two.")
    if len(days) > MOST_OWN_DAYS:
        raise _Wrong(f"These are {len(days):,} days; at most {MOST_OWN_DAYS:,} can be kept. Take out those long past.")
    return tuple(sorted(days.items()))


def _open_day(line: str) -> tuple[date, Blocks]:
    day_and_blocks = _DAY_AND_BLOCKS.fullmatch(line)
    day = _day(day_and_blocks[1] if day_and_blocks else _BLOCKS_BEHIND.sub("", line))
    if not day_and_blocks or not day_and_blocks[2]:
        raise _Wrong(f"Say when it is open on {day}: {day} 10:00-14:00.")
    try:
        return day, _blocks(day_and_blocks[2])
    except _Wrong as wrong:
        raise _Wrong(f"{day}: {wrong}") from wrong


def _day(typed: str) -> date:
    typed = typed.strip()
    try:
        day = date.fromisoformat(typed) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed) else None
    except ValueError:
        raise _Wrong(f"There is no day {typed}. Look at the month again.") from None
    if day is None:
        meant = _meant(typed)
        raise _Wrong(f"“{_short(typed)}” is not how a day is written here. Write it like {meant or '2026-12-24'}.")
    if day.year not in _YEARS:
        raise _Wrong(f"{typed} is too far away. Look at the year again.")
    return day


def _meant(typed: str) -> date | None:
    """The day that was probably meant, however it was written."""
    for way in _OTHER_WAYS:
        try:
            return datetime.strptime(" ".join(typed.replace(",", " ").split()), way).date()
        except ValueError:
            continue
    return None


_READERS = {
    "zone": _zone,
    **dict.fromkeys(WEEKDAYS, _weekday),
    "country": _country,
    "subdivision": _subdivision,
    "closed_days": _closed_days,
    "open_days": _open_days,
}


def _refuse(wrong: Mapping[str, str]):
    hindrances = tuple(Hindrance("no_hours", sentence, anchor=field) for field, sentence in wrong.items())
    raise Refused("no_hours", hindrances[0].sentence, hindrances=hindrances, field=hindrances[0].anchor)


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _short(typed: str) -> str:
    typed = " ".join(typed.split())
    return typed if len(typed) <= 40 else f"{typed[:39]}…"


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _edge(at: time) -> str:
    return f"{at:%H:%M}"


# -- writing -----------------------------------------------------------------------------------------------------------


def _blocks_in_words(blocks: Iterable[tuple[time, time]]) -> str:
    return ", ".join(_block(*block) for block in blocks)


def _block(opens: time, closes: time) -> str:
    return f"{_edge(opens)}-{'24:00' if closes == time(0) else _edge(closes)}"


def _run_in_words(names: list[str], blocks: Blocks) -> str:
    days = names[0] if len(names) == 1 else f"{names[0]} {'to' if len(names) > 2 else 'and'} {names[-1]}"
    return f"{days} {_blocks_in_words(blocks).replace('-', '–')}"


def _runs(days: Iterable[date]) -> Iterator[str]:
    """Days as lines, those on end together: ``2026-12-24 to 2027-01-01``."""
    days = sorted(days)
    for _, run in groupby(enumerate(days), key=lambda both: both[1].toordinal() - both[0]):
        run = [day for _, day in run]
        yield str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}"
