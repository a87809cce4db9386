"""What a forecast or a suggestion says, in words for staff."""

from __future__ import annotations

from datetime import time, timedelta
from statistics import median

from cases.forecasting.record import Suggestion
from staff.businesstime import BusinessHours

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# From here on a time counts as safe.
SAFE = 0.8
NBSP = "\N{NO-BREAK SPACE}"


def of_ten(share: float) -> str:
    """How likely: "9 of 10"; never all, and never none."""
    if share > 0.95:
        return "more than 9 of 10"
    if share < 0.05:
        return "fewer than 1 of 10"
    return f"{min(max(round(share * 10), 1), 9)} of 10"


def needs(suggestion: Suggestion) -> str:
    """What a department needs: "Parts needs up to 1 day 4 h, 8 of 10 times (its last 50)"."""
    name, count = suggestion.department.name, suggestion.count
    if suggestion.needs is None:
        return f"{name}: too few to say ({count} ended)" if count else f"{name}: too few to say (none has ended)"
    amount = working_time(suggestion.needs, suggestion.department.calendar.hours)
    return f"{name} needs up to {amount}, 8 of 10 times (its last {count})"


def longer(suggestion: Suggestion) -> str:
    """What its last fifty do not show: "3 that are open have taken longer already"; empty: none."""
    if not suggestion.longer:
        return ""
    one = suggestion.longer == 1
    return f"{suggestion.longer} that {'is' if one else 'are'} open {'has' if one else 'have'} taken longer already"


def working_time(amount: timedelta, hours: BusinessHours) -> str:
    """Business time in this department's own days, rounded up: "25 min", "3 h 30", "1 day 4 h"."""
    if amount <= HOUR - MINUTE:
        return f"{max(-(-amount // MINUTE), 1)}{NBSP}min"
    day = _usual_day(hours)
    halves = -(-amount // (HOUR / 2))
    if halves * HOUR / 2 < day:
        return f"{halves // 2}{NBSP}h" + (f"{NBSP}30" if halves % 2 else "")
    days, rest = divmod(amount, day)
    more = -(-rest // HOUR)
    if more * HOUR >= day:
        days, more = days + 1, 0
    return f"{days} day{'' if days == 1 else 's'}" + (f" {more}{NBSP}h" if more else "")


def _usual_day(hours: BusinessHours) -> timedelta:
    """How long a working day of this week usually is."""
    return median(sum((_length(*block) for block in blocks), timedelta()) for blocks in hours.week if blocks)


def _length(opens: time, closes: time) -> timedelta:
    begin, end = (timedelta(hours=edge.hour, minutes=edge.minute) for edge in (opens, closes))
    return (end or DAY) - begin
