"""Where it stands: what has been done, what is being done now, and at most one thing that comes then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.models import Resolution, Subtask
from portal.reading import Reading


@dataclass(frozen=True)
class Step:
    """One line of the story.

    Attributes:
        kind: what it tells; ``templates/portal/status/step.html`` says each in words.
        place: ``done``, ``now`` or ``then``.
        at: when it was done, or since when it is so; aware datetime, none for what comes then.
        part: the department's part it tells of.
    """

    kind: str
    place: str
    at: datetime | None = None
    part: Subtask | None = None


def steps(reading: Reading) -> list[Step]:
    """The story so far, in order of time."""
    return _done(reading) + _now(reading) + _then(reading)


def _done(reading: Reading) -> list[Step]:
    case = reading.case
    first, *again = sorted(told.opened_at for told in (reading.telling, *reading.told_again))
    happened = [Step("told_again", "done", at) for at in again]
    happened += [Step("part_done", "done", part.ended_at, part) for part in reading.parts if not part.is_open]
    if not case.owner.is_fallback:
        happened.append(Step("taken", "done", reading.looked_after_since))
    if case.withdrawn_at:
        happened.append(Step("withdrew", "done", case.withdrawn_at))
    elif case.yes_at:
        happened.append(Step("understood" if reading.understood else "said_yes", "done", case.yes_at))
    elif not case.is_open:
        happened.append(Step("ended", "done", case.closed_at))
    return [Step("told", "done", first), *sorted(happened, key=lambda step: step.at)]


def _now(reading: Reading) -> list[Step]:
    case = reading.case
    if not case.is_open:
        return []
    if reading.standing == "asked":
        asking = "asking_to_understand" if reading.asks_to_understand else "asking"
        return [Step(asking, "now", reading.resolution.proposed_at)]
    if reading.parts_in_hand:
        return [_part(reading, part) for part in reading.parts_in_hand]
    return [Step("finding" if reading.voice.nobody_yet else "looking_after", "now", reading.voice_since)]


def _part(reading: Reading, part: Subtask) -> Step:
    if part.state == Subtask.State.WAITING:
        return Step("part_waits", "now", part.waiting_since, part)
    return Step("part", "now", reading.asked_first(part), part)


def _then(reading: Reading) -> list[Step]:
    kinds = {"over": None, "agreed": "over", "asked": _then_if(reading.resolution)}
    kind = kinds.get(reading.standing, "ask")
    return [Step(kind, "then")] if kind else []


def _then_if(resolution: Resolution | None) -> str:
    """What an answer to the proposal leads to."""
    if resolution and resolution.asks_to_understand:
        return "over_if_understood" if resolution.kind == Resolution.Kind.CANNOT else "ask_whether_they_did"
    return "over_if_yes"
