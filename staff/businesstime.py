"""Business time: what a department's opening hours make of an instant and an amount. Values in, values out.

The desk is open from the first moment its clock shows a time inside a block of that local date to the last such moment.
So an edge that the clock skips lies at the moment of the jump; an edge inside an hour that comes twice opens at its
first showing and closes at its last; and a night or a whole day lasts the hours that really pass.

Inside, an instant is a whole number of ticks, microseconds since 1970 in UTC, and a month's hours are sorted arrays.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

Blocks = tuple[tuple[time, time], ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_SECOND = 1_000_000
_DAY = timedelta(days=1)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PATIENCE_YEARS = 10


@dataclass(frozen=True)
class BusinessHours:
    """When a department works. Hashable; equal hours share their compiled months.

    A working day is a local date with at least one open moment: a night from 22:00 to 06:00 is a block up to midnight
    on one date and a block from midnight on the next.

    Attributes:
        zone: IANA name of the zone in which all times and dates here are read, such as ``Europe/Berlin``.
        week: the blocks (opening, closing) of Monday to Sunday, in order, several a day or none; whole minutes.
            ``time(0)`` as a closing is midnight at the end of that date.
        country: ISO 3166-1 code whose public holidays are closed; empty for none. The ``holidays`` package knows them.
        subdivision: code of the land, state or canton within the country, as the ``holidays`` package has it.
        closed_days: own local dates on which nothing is open.
        open_days: own local dates with their own blocks, which win over week and holidays; given as a mapping or as
            pairs, kept as pairs sorted by date.

    Raises:
        ValueError: unknown zone, country or subdivision; blocks that are empty, overlap, stand out of order or name
            seconds; a week without any open hour; an own day without blocks, named twice, or both open and closed.
    """

    zone: str
    week: tuple[Blocks, ...]
    country: str = ""
    subdivision: str = ""
    closed_days: frozenset[date] = frozenset()
    open_days: Mapping[date, Blocks] | tuple[tuple[date, Blocks], ...] = ()

    def __post_init__(self) -> None:
        _freeze(self)
        _check_zone(self.zone)
        _check_place(self.country, self.subdivision)
        _check_week(self.week)
        _check_own_days(self)


def add_business_time(start: datetime, amount: timedelta, hours: BusinessHours) -> datetime:
    """The earliest instant by which an amount of business time has passed since the start.

    Nothing to wait for is the start itself, open or not; an amount that fills a block exactly ends with that block.

    Args:
        start: aware datetime, any zone.
        amount: timedelta of business time, not negative.
        hours: the hours of the department that owes.

    Returns:
        Aware datetime, UTC.

    Raises:
        ValueError: naive start, negative amount, hours that do not open for ten years, or an answer past the year 9998.
    """
    start = _in_utc(start)
    if amount < timedelta(0):
        raise ValueError("An amount of business time cannot be negative.")
    if not amount:
        return start
    wanted = _open_before(start, hours) + amount // _TICK
    months = _months_from(start, hours)
    table = next(months)
    while wanted > table.total:
        wanted -= table.total
        table = next(months)
    return _datetime(table.when_open_for(wanted))


def business_time_between(a: datetime, b: datetime, hours: BusinessHours) -> timedelta:
    """How much business time really passes from one instant to another.

    Args:
        a: aware datetime, any zone.
        b: aware datetime, any zone.
        hours: the hours to count in.

    Returns:
        Timedelta of business time; negative where b is before a.

    Raises:
        ValueError: a naive instant.
    """
    a, b = _in_utc(a), _in_utc(b)
    if b < a:
        return -business_time_between(b, a, hours)
    whole_months = sum(_open_in_month(hours, month).total for month in range(_month_of(a), _month_of(b)))
    return (whole_months + _open_before(b, hours) - _open_before(a, hours)) * _TICK


def next_open(start: datetime, hours: BusinessHours) -> datetime:
    """The start if the desk is open then, else the moment it next opens.

    Args:
        start: aware datetime, any zone.
        hours: the hours to look in.

    Returns:
        Aware datetime, UTC.

    Raises:
        ValueError: naive start, or hours that do not open for ten years.
    """
    start = _in_utc(start)
    moment = _ticks(start)
    months = _months_from(start, hours)
    table = next(month for month in months if month.closes and moment < month.closes[-1])
    following = bisect_right(table.closes, moment)
    return _datetime(max(moment, table.opens[following]))


def is_open(instant: datetime, hours: BusinessHours) -> bool:
    """Whether the desk is open. It is at the moment of opening; it is no longer at the moment of closing.

    Args:
        instant: aware datetime, any zone.
        hours: the hours to look in.

    Raises:
        ValueError: a naive instant.
    """
    instant = _in_utc(instant)
    moment = _ticks(instant)
    table = _open_in_month(hours, _month_of(instant))
    latest = bisect_right(table.opens, moment) - 1
    return latest >= 0 and moment < table.closes[latest]


def is_within(instant: datetime, hours: BusinessHours) -> bool:
    """Whether a due time falls into the hours: the desk is open then, or closes at that very moment.

    Args:
        instant: aware datetime, any zone.
        hours: the hours to look in.

    Raises:
        ValueError: a naive instant.
    """
    return is_open(instant, hours) or is_open(instant - _TICK, hours)


def open_stretches(start: datetime, end: datetime, hours: BusinessHours) -> Iterator[tuple[datetime, datetime]]:
    """Each stretch of open time between two instants, in order and apart, cut at both.

    Args:
        start: aware datetime, any zone.
        end: aware datetime, any zone.
        hours: the hours to look in.

    Returns:
        (opening, closing): aware datetimes, UTC.

    Raises:
        ValueError: a naive instant.
    """
    start, end = _in_utc(start), _in_utc(end)
    begin, over = _ticks(start), _ticks(end)
    months = (_open_in_month(hours, month) for month in range(_month_of(start), _month_of(end) + 1))
    stretches = (_Open(*both) for month in months for both in zip(month.opens, month.closes, strict=True))
    for opens, closes in _apart(stretches):
        if opens < over and closes > begin:
            yield _datetime(max(opens, begin)), _datetime(min(closes, over))


def add_business_days(start: datetime, days: int, hours: BusinessHours) -> datetime:
    """The same local time some working days later, counted from the start or, if closed then, from the next opening.

    A time that is not open on that day moves to the next block's opening, after the last block to that block's closing.

    Args:
        start: aware datetime, any zone.
        days: how many working days later; 0 only moves a closed start to the next opening.
        hours: the hours of the department that owes.

    Returns:
        Aware datetime, UTC.

    Raises:
        ValueError: naive start, negative number of days, or hours that do not open for ten years.
    """
    if days < 0:
        raise ValueError("A number of business days cannot be negative.")
    opened = next_open(start, hours)
    if not days:
        return opened
    zone = ZoneInfo(hours.zone)
    local = opened.astimezone(zone)
    day = _working_day_after(local.date(), days, hours)
    wall = datetime.combine(day, local.time())
    return _datetime(_pulled_into(_open_on(hours, day), _first_shown(wall, zone)))


def public_holiday(day: date, hours: BusinessHours) -> str:
    """The name of the public holiday that this local date is in the hours' place; empty: none."""
    return _public_holidays(hours.country, hours.subdivision, day.year).get(day, "")


# Months of opening hours. A month is numbered from the year 0 on, in UTC.


class _Open(NamedTuple):
    """A stretch of open time, in ticks."""

    opens: int
    closes: int


class _OpenMonth(NamedTuple):
    """The open stretches of one month: apart, in order, and cut at the month's two ends.

    Attributes:
        opens, closes: ticks.
        before: open ticks of this month before each stretch.
        total: open ticks of the month.
    """

    opens: array[int]
    closes: array[int]
    before: array[int]
    total: int

    def open_before(self, moment: int) -> int:
        """Open ticks of this month that have passed by the moment."""
        latest = bisect_right(self.opens, moment) - 1
        if latest < 0:
            return 0
        return self.before[latest] + min(moment, self.closes[latest]) - self.opens[latest]

    def when_open_for(self, wanted: int) -> int:
        """The first tick by which the month has been open for ``wanted`` ticks, more than 0 and at most the total."""
        within = bisect_left(self.before, wanted) - 1
        return self.opens[within] + wanted - self.before[within]


# A department needs a few months: enough for more than a hundred departments, at some 2 kB a month.
@lru_cache(maxsize=1024)
def _open_in_month(hours: BusinessHours, month: int) -> _OpenMonth:
    begin, end = _first_of(month), _first_of(month + 1)
    # A local date may lie up to a day outside its month in UTC, and a clock set back then reaches a little further.
    days = (begin.date() + n * _DAY for n in range(-2, (end - begin).days + 2))
    table = _OpenMonth(array("q"), array("q"), array("q"), 0)
    total = 0
    for stretch in _apart(chain.from_iterable(_open_on(hours, day) for day in days)):
        opens, closes = max(stretch.opens, _ticks(begin)), min(stretch.closes, _ticks(end))
        if opens < closes:
            table.opens.append(opens)
            table.closes.append(closes)
            table.before.append(total)
            total += closes - opens
    return table._replace(total=total)


def _months_from(instant: datetime, hours: BusinessHours) -> Iterator[_OpenMonth]:
    """This month and those that follow, until ten years on end have not a single open moment: a ValueError."""
    month, closed_on_end = _month_of(instant), 0
    while closed_on_end <= _PATIENCE_YEARS * 12:
        table = _open_in_month(hours, month)
        yield table
        closed_on_end = 0 if table.total else closed_on_end + 1
        month += 1
    raise ValueError(f"These business hours do not open for {_PATIENCE_YEARS} years.")


def _open_before(instant: datetime, hours: BusinessHours) -> int:
    return _open_in_month(hours, _month_of(instant)).open_before(_ticks(instant))


def _month_of(instant: datetime) -> int:
    return instant.year * 12 + instant.month - 1


def _first_of(month: int) -> datetime:
    year = month // 12
    if not 2 <= year <= 9998:
        raise ValueError(f"Business time is counted from the year 2 to the year 9998, not in {year}.")
    return datetime(year, month % 12 + 1, 1, tzinfo=UTC)


def _apart(stretches: Iterable[_Open]) -> list[_Open]:
    """The same open time in stretches that neither touch nor overlap, in order."""
    apart: list[_Open] = []
    for opens, closes in sorted(stretches):
        if apart and opens <= apart[-1].closes:
            apart[-1] = _Open(apart[-1].opens, max(closes, apart[-1].closes))
        else:
            apart.append(_Open(opens, closes))
    return apart


# One local date


# The days around the present are asked for again and again: by whoever counts in working days.
@lru_cache(maxsize=4096)
def _open_on(hours: BusinessHours, day: date) -> tuple[_Open, ...]:
    """The stretches of one local date; none where the zone skipped the block, or the whole date."""
    zone = ZoneInfo(hours.zone)
    edges = ((_opening(day, opens, zone), _closing(day, closes, zone)) for opens, closes in _blocks(hours, day))
    return tuple(_Open(opens, closes) for opens, closes in edges if opens < closes)


def _blocks(hours: BusinessHours, day: date) -> Blocks:
    own = bisect_left(hours.open_days, (day,))
    if own < len(hours.open_days) and hours.open_days[own][0] == day:
        return hours.open_days[own][1]
    if day in hours.closed_days or day in _public_holidays(hours.country, hours.subdivision, day.year):
        return ()
    return hours.week[day.weekday()]


@lru_cache(maxsize=512)
def _public_holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    if not country:
        return {}
    # In English where the package has it, else in the country's own language.
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US"))


def _working_day_after(day: date, days: int, hours: BusinessHours) -> date:
    closed_on_end = 0
    while days:
        day += _DAY
        if _open_on(hours, day):
            days, closed_on_end = days - 1, 0
        else:
            closed_on_end += 1
        if closed_on_end > _PATIENCE_YEARS * 366:
            raise ValueError(f"These business hours do not open for {_PATIENCE_YEARS} years.")
    return day


def _pulled_into(stretches: tuple[_Open, ...], moment: int) -> int:
    for opens, closes in stretches:
        if moment < closes:
            return max(moment, opens)
    return stretches[-1].closes


# From the clock on the wall to the instant


def _opening(day: date, edge: time, zone: ZoneInfo) -> int:
    return _first_shown(datetime.combine(day, edge), zone)


def _closing(day: date, edge: time, zone: ZoneInfo) -> int:
    """The end of the block's last second, which belongs to the block's own date even where midnight comes twice."""
    end_of_day = _DAY if edge == time(0) else timedelta(0)
    last_second = datetime.combine(day, edge) + end_of_day - timedelta(seconds=1)
    if _is_skipped(last_second, zone):
        return _jump_over(last_second, zone)
    return _ticks(last_second.replace(tzinfo=zone, fold=1)) + _SECOND


def _first_shown(wall: datetime, zone: ZoneInfo) -> int:
    """When a clock in the zone first shows this time or, if it never does, when it jumps over it."""
    if _is_skipped(wall, zone):
        return _jump_over(wall, zone)
    return _ticks(wall.replace(tzinfo=zone, fold=0))


def _is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    # PEP 495: fold=0 reads the offset before the change. It is the smaller one only where the clock goes forward.
    before, after = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return before < after


def _jump_over(wall: datetime, zone: ZoneInfo) -> int:
    """The moment at which the clock jumps over a time it never shows. zoneinfo does not tell, so halve the gap."""
    earlier, moment = (_ticks(wall.replace(tzinfo=zone, fold=fold)) for fold in (1, 0))
    while moment - earlier > 1:
        middle = (earlier + moment) // 2
        if _datetime(middle).astimezone(zone).replace(tzinfo=None) > wall:
            moment = middle
        else:
            earlier = middle
    return moment


def _ticks(instant: datetime) -> int:
    return (instant - _EPOCH) // _TICK


def _datetime(ticks: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ticks)


def _in_utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone.")
    return instant.astimezone(UTC)


# What hours must fulfil


def _freeze(hours: BusinessHours) -> None:
    """Lists and mappings as rows give them become tuples, so that hours can be hashed."""
    own_days = hours.open_days.items() if isinstance(hours.open_days, Mapping) else hours.open_days
    frozen = {
        "week": tuple(_frozen_blocks(blocks) for blocks in hours.week),
        "closed_days": frozenset(hours.closed_days),
        "open_days": tuple(sorted((day, _frozen_blocks(blocks)) for day, blocks in own_days)),
    }
    for name, value in frozen.items():
        object.__setattr__(hours, name, value)


def _frozen_blocks(blocks: Iterable[Iterable[time]]) -> Blocks:
    return tuple((opens, closes) for opens, closes in blocks)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown; not a name at all; the folder of a continent
        raise ValueError(f"There is no time zone “{zone}”.") from None


@lru_cache(maxsize=512)
def _check_place(country: str, subdivision: str) -> None:
    if subdivision and not country:
        raise ValueError(f"The subdivision “{subdivision}” needs its country.")
    if not country:
        return
    if country not in holidays.list_supported_countries():
        raise ValueError(f"No public holidays are known for the country “{country}”.")
    try:
        holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        raise ValueError(f"No public holidays are known for “{subdivision}” in the country “{country}”.") from None


def _check_week(week: tuple[Blocks, ...]) -> None:
    if len(week) != len(_WEEKDAYS):
        raise ValueError(f"A week has seven days, not {len(week)}.")
    for name, blocks in zip(_WEEKDAYS, week, strict=True):
        _check_blocks(name, blocks)
    if not any(week):
        raise ValueError("A week needs at least one open hour.")


def _check_own_days(hours: BusinessHours) -> None:
    named_before = None
    for day, blocks in hours.open_days:
        if not blocks:
            raise ValueError(f"{day}: an open day needs at least one open hour.")
        if day in hours.closed_days:
            raise ValueError(f"{day}: a day is either open or closed.")
        if day == named_before:
            raise ValueError(f"{day}: an open day is named once, with all its blocks.")
        _check_blocks(str(day), blocks)
        named_before = day


def _check_blocks(when: str, blocks: Blocks) -> None:
    open_until = 0
    for opens, closes in blocks:
        if any(edge.second or edge.microsecond or edge.tzinfo for edge in (opens, closes)):
            raise ValueError(f"{when}, {opens} to {closes}: needs whole minutes, without a zone.")
        if _minute(opens) < open_until:
            raise ValueError(f"{when}, {opens:%H:%M} to {closes:%H:%M}: begins before the block ahead of it has ended.")
        open_until = _minute(closes) or 24 * 60
        if open_until <= _minute(opens):
            raise ValueError(f"{when}, {opens:%H:%M} to {closes:%H:%M}: ends before it has begun.")


def _minute(edge: time) -> int:
    return edge.hour * 60 + edge.minute
