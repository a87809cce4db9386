"""Absences, signing people off and letting them in again: what concerns the person. What concerns their cases is said
by ``cases.verbs.absences``.

Nobody stands in for somebody while they are away themselves, in no ring however long: whoever announces locks their own
row and their cover's, so that of two at the same moment the second sees the first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import dateformat, timezone

from staff import permissions
from staff.models import Absence, AccessToken, Agent, SignInLink
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused

LONGEST = timedelta(days=366)
# A time that was typed has no seconds: this minute is not the past.
THIS_MINUTE = timedelta(minutes=1)
# For how long a cover has to be here where nobody knows the end. Later there is time to choose another.
FORESEEABLE = timedelta(days=14)
AS_IT_IS = object()


# -- verbs -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def announce(
    agent: Agent,
    starts_at: datetime | None,
    ends_at: datetime | None,
    cover: Agent | None,
    *,
    by: Agent,
    once: str = "",
) -> Absence:
    """Say that somebody is away. Who announces it for themselves says until when and who stands in; a supervisor may
    leave both open, and begin at once.

    Args:
        starts_at: aware datetime; None: now.
        ends_at: aware datetime; None: nobody knows yet.
        cover: who stands in; None: nobody.
        once: key of the form; the same key is one absence.

    Raises:
        NotAllowed: neither the person nor a supervisor.
        Refused: times that cannot be, no cover or one who cannot stand in, or away already.
    """
    agent, cover = _lock(agent, cover)
    _require_keeper(by, agent)
    made = Absence.objects.filter(once=once).first() if once else None
    if made is not None:
        if (made.agent, made.ends_at, made.cover) == (agent, ends_at, cover):
            return made
        # Written anew and sent again: a new one, which goes without a key.
        once = ""
    now = clock.now()
    starts_at = _from(starts_at, now)
    require_possible(agent, starts_at, ends_at, cover, by=by)
    return Absence.objects.create(
        agent=agent, starts_at=starts_at, ends_at=ends_at, cover=cover, announced_at=now, announced_by=by, once=once
    )


@transaction.atomic
def change(
    absence: Absence,
    *,
    by: Agent,
    starts_at: datetime | object = AS_IT_IS,
    ends_at: datetime | None | object = AS_IT_IS,
    cover: Agent | None | object = AS_IT_IS,
) -> Absence:
    """Other times or another cover. What has begun keeps its beginning; what is left out stays as it is.

    Raises:
        NotAllowed: neither the person nor a supervisor.
        Conflict: it is over.
        Refused: as ``announce``.
    """
    agent, cover = _lock(absence.agent, absence.cover if cover is AS_IT_IS else cover)
    _require_keeper(by, agent)
    absence, read = Absence.objects.get(pk=absence.pk), absence
    starts_at = absence.starts_at if starts_at is AS_IT_IS else starts_at
    ends_at = absence.ends_at if ends_at is AS_IT_IS else ends_at
    if (starts_at, ends_at, cover.pk if cover else None) == (absence.starts_at, absence.ends_at, absence.cover_id):
        return absence
    now = clock.now()
    _require_not_over(absence, now)
    if absence.changed_at != read.changed_at:
        raise Conflict("changed_meanwhile", "This has changed since you opened it. Look at it anew.")
    if starts_at != absence.starts_at:
        if absence.starts_at <= now:
            raise Refused("begun", f"It has begun {_at(absence.starts_at)}. Change its end.", field="starts_at")
        starts_at = _from(starts_at, now)
    _require_times(starts_at, ends_at, now, begun=starts_at == absence.starts_at)
    _require_known(agent, ends_at, cover, by)
    _require_free(agent, starts_at, ends_at, but=absence)
    longer = starts_at < absence.starts_at or _is_later(ends_at, absence.ends_at)
    if longer and by.pk == agent.pk:
        _require_nobody_relies(agent, starts_at, ends_at)
    if longer or cover != absence.cover:
        _require_cover(agent, cover, starts_at, ends_at)
    return _write(absence, now, starts_at=starts_at, ends_at=ends_at, cover=cover)


@transaction.atomic
def cut_short(absence: Absence, *, by: Agent) -> Absence:
    """They are back: it ends now. One that has not begun is called off; it stays on record without any length.

    Raises:
        NotAllowed: neither the person nor a supervisor.
    """
    agent, _ = _lock(absence.agent, None)
    _require_keeper(by, agent)
    absence = Absence.objects.get(pk=absence.pk)
    now = clock.now()
    if absence.is_over(now):
        return absence
    return _write(absence, now, ends_at=max(absence.starts_at, now))


@transaction.atomic
def sign_off(agent: Agent, *, by: Agent, cover: Agent | None = None) -> Agent:
    """Turn somebody off at once, whatever is theirs: every session and link ends, and they are away until further
    notice. Whoever stands in for them already goes on with it, unless another cover is named.

    Raises:
        NotAllowed: neither a supervisor nor an administrator.
        Refused: somebody who cannot stand in; without a cover it is never refused.
    """
    agent, cover = _lock(agent, cover)
    _require_who_looks_after_people(by)
    if agent.is_fallback:
        raise Refused("nobody", "This is nobody: there is no one to turn off.")
    now = clock.now()
    _be_away_from_now(agent, cover, now, by)
    if agent.can_sign_in:
        _shut_out(agent, now, by)
    return agent


@transaction.atomic
def sign_on(agent: Agent, *, by: Agent) -> Agent:
    """Let somebody in again, also one who had left: they are back.

    Raises:
        NotAllowed: neither a supervisor nor an administrator.
        Refused: the fallback owner, a machine, or somebody who was brought in from elsewhere.
    """
    agent, _ = _lock(agent, None)
    _require_who_looks_after_people(by)
    if agent.is_active and agent.can_sign_in:
        return agent
    if agent.is_fallback or agent.is_service or agent.is_of_elsewhere:
        raise Refused("cannot_sign_in", f"{agent.name} is nobody who could sign in.")
    now = clock.now()
    agent.is_active, agent.can_sign_in, agent.left_at = True, True, None
    agent.save(update_fields=["is_active", "can_sign_in", "left_at"])
    for absence in Absence.objects.at(now).filter(agent=agent, ends_at=None):
        _write(absence, now, ends_at=now)
    return agent


# -- beats that other verbs share --------------------------------------------------------------------------------------


def lock(agent: Agent) -> Agent:
    """The person as they are now, locked until the transaction ends."""
    return _lock(agent, None)[0]


def require_possible(
    agent: Agent, starts_at: datetime, ends_at: datetime | None, cover: Agent | None, *, by: Agent
) -> None:
    """Raise ``Refused`` where ``announce`` would, as everything is at this moment; arguments as there."""
    now = clock.now()
    _require_times(_from(starts_at, now), ends_at, now)
    _require_known(agent, ends_at, cover, by)
    _require_free(agent, starts_at, ends_at)
    if by.pk == agent.pk:
        _require_nobody_relies(agent, starts_at, ends_at)
    _require_cover(agent, cover, starts_at, ends_at)


def let_go(agent: Agent, now: datetime, by: Agent) -> None:
    """Somebody who was locked leaves for good: shut out, and no longer away but gone."""
    for absence in Absence.objects.not_over(now).filter(agent=agent).exclude(ends_at=F("starts_at")):
        _write(absence, now, ends_at=max(absence.starts_at, now))
    agent.is_active, agent.left_at = False, now
    agent.save(update_fields=["is_active", "left_at"])
    _shut_out(agent, now, by)


def stands_in_for(agent: Agent, start: datetime, end: datetime | None) -> Absence | None:
    """The first absence in which somebody relies on this agent at that time, with who is away; None: nobody does."""
    relied_on = Absence.objects.overlapping(start, end).filter(cover=agent).select_related("agent")
    return relied_on.order_by("starts_at", "pk").first()


# -- steps -------------------------------------------------------------------------------------------------------------


def _lock(agent: Agent, cover: Agent | None) -> tuple[Agent, Agent | None]:
    """Both as they are now, locked in the order of their ids."""
    wanted = [agent.pk] if cover is None else [agent.pk, cover.pk]
    # Not against the foreign keys that point at them: nothing else waits for an announcement.
    rows = Agent.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk")
    by_pk = {row.pk: row for row in rows}
    return by_pk[agent.pk], by_pk[cover.pk] if cover is not None else None


def _write(absence: Absence, now: datetime, **facts) -> Absence:
    fresh_cover = "cover" in facts and facts["cover"] != absence.cover
    for name, value in facts.items():
        setattr(absence, name, value)
    absence.changed_at = now
    written = [*facts, "changed_at"]
    if fresh_cover:
        absence.cover_since = now
        written.append("cover_since")
    if absence.is_at(now):
        # The cases are told anew who stands in, and until when.
        absence.began_at = None
        written.append("began_at")
    absence.save(update_fields=written)
    return absence


def _be_away_from_now(agent: Agent, cover: Agent | None, now: datetime, by: Agent) -> None:
    """Until further notice: what was planned goes up in it."""
    running = Absence.objects.at(now).filter(agent=agent).first()
    if running is not None and running.ends_at is None and cover in (None, running.cover):
        return
    if cover is not None:
        _require_cover(agent, cover, now, None)
    for planned in Absence.objects.not_over(now).filter(agent=agent, starts_at__gt=now).exclude(ends_at=F("starts_at")):
        _write(planned, now, ends_at=planned.starts_at)
    if running is not None:
        _write(running, now, ends_at=None, cover=cover or running.cover)
        return
    Absence.objects.create(agent=agent, starts_at=now, ends_at=None, cover=cover, announced_at=now, announced_by=by)


def _shut_out(agent: Agent, now: datetime, by: Agent) -> None:
    agent.can_sign_in = False
    agent.sessions_ended = F("sessions_ended") + 1
    agent.save(update_fields=["can_sign_in", "sessions_ended"])
    agent.refresh_from_db(fields=["sessions_ended"])
    SignInLink.objects.filter(agent=agent, expires_at__gt=now).update(expires_at=now)
    AccessToken.objects.filter(agent=agent, revoked_at=None).update(revoked_at=now, revoked_by=by)


def _is_later(end: datetime | None, than: datetime | None) -> bool:
    """Of two ends, of which None is that nobody knows."""
    return than is not None and (end is None or end > than)


def _from(starts_at: datetime | None, now: datetime) -> datetime:
    """The beginning that is meant: this minute is now."""
    return now if starts_at is None or now - THIS_MINUTE < starts_at <= now else starts_at


# -- rules -------------------------------------------------------------------------------------------------------------


def _require_keeper(by: Agent, agent: Agent) -> None:
    if not permissions.may_keep_absences_of(by, agent):
        raise NotAllowed("not_yours", f"Only {agent.name} or a supervisor says when {agent.first_name} is away.")


def _require_who_looks_after_people(by: Agent) -> None:
    if not permissions.may_look_after_people(by):
        raise NotAllowed("not_yours", "Only a supervisor or an administrator lets people in and turns them off.")


def _require_not_over(absence: Absence, now: datetime) -> None:
    if absence.is_over(now):
        raise Conflict("over", "This absence is over. Announce a new one.")


def _require_times(starts_at: datetime, ends_at: datetime | None, now: datetime, *, begun: bool = False) -> None:
    if starts_at < now and not begun:
        raise Refused("in_the_past", "That has passed. Choose a beginning that is still ahead.", field="starts_at")
    if starts_at > now + LONGEST:
        raise Refused("too_far", "Choose a beginning within a year.", field="starts_at")
    if ends_at is None:
        return
    if ends_at <= starts_at:
        raise Refused(
            "ends_before_it_starts", f"It begins {_at(starts_at)}. Choose an end after that.", field="ends_at"
        )
    if ends_at <= now:
        raise Refused("ended", "That has passed. Choose an end that is still ahead.", field="ends_at")
    if ends_at > starts_at + LONGEST:
        raise Refused(
            "too_long", "That is longer than a year. Choose an end within one; it can be moved later.", field="ends_at"
        )


def _require_known(agent: Agent, ends_at: datetime | None, cover: Agent | None, by: Agent) -> None:
    """What is planned says until when and who stands in; only a supervisor may leave that open."""
    if permissions.supervises(by) and by.pk != agent.pk:
        return
    if ends_at is None:
        raise Refused("end_needed", "Say until when. It can be moved later.", field="ends_at")
    if cover is None:
        raise Refused("cover_needed", "Choose who stands in for you.", field="cover")


def _require_free(agent: Agent, starts_at: datetime, ends_at: datetime | None, but: Absence | None = None) -> None:
    others = Absence.objects.overlapping(starts_at, ends_at).filter(agent=agent)
    other = others.exclude(pk=but.pk if but else None).order_by("starts_at").first()
    if other is not None:
        raise Refused(
            "away_already", f"{agent.name} is away already {_span(other)}. Change that absence.", field="starts_at"
        )


def _require_nobody_relies(agent: Agent, starts_at: datetime, ends_at: datetime | None) -> None:
    relied_on = stands_in_for(agent, starts_at, ends_at)
    if relied_on is not None:
        away = relied_on.agent
        raise Refused(
            "stands_in",
            f"You stand in for {away.name} {_span(relied_on)}. Let {away.first_name} or a supervisor choose another"
            f" cover there first.",
            field="starts_at",
        )


def _require_cover(agent: Agent, cover: Agent | None, starts_at: datetime, ends_at: datetime | None) -> None:
    if cover is None:
        return
    if cover.pk == agent.pk:
        raise Refused("own_cover", "Nobody stands in for themselves. Choose somebody else.", field="cover")
    if not (cover.is_active and cover.can_sign_in):
        raise Refused("cannot_cover", f"{cover.name} cannot sign in. Choose somebody else.", field="cover")
    away = Absence.objects.overlapping(starts_at, ends_at).filter(agent=cover).order_by("starts_at")
    for absence in away:
        if _leads_to(absence, agent, starts_at, ends_at):
            raise Refused(
                "cover_ring",
                f"{cover.name} is away {_span(absence)}, and it is {agent.first_name} who would stand in then. Choose"
                " somebody else.",
                field="cover",
            )
    if away and away[0].starts_at < (ends_at or starts_at + FORESEEABLE):
        raise Refused(
            "cover_away",
            f"{cover.name} is away {_span(away[0])}. Choose somebody else, or times when {cover.first_name} is here.",
            field="cover",
        )


def _leads_to(absence: Absence, agent: Agent, starts_at: datetime, ends_at: datetime | None) -> bool:
    """Whether who stands in, or who stands in for them, and so on, is at last this agent."""
    others = Absence.objects.overlapping(starts_at, ends_at).exclude(cover=None)
    passed, standing_in = {absence.agent_id}, {absence.cover_id} - {None}
    while standing_in:
        if agent.pk in standing_in:
            return True
        passed |= standing_in
        standing_in = set(others.filter(agent__in=standing_in).values_list("cover", flat=True)) - passed
    return False


def _span(absence: Absence) -> str:
    until = f"until {_at(absence.ends_at)}" if absence.ends_at else "until further notice"
    return f"from {_at(absence.starts_at)} {until}"


def _at(value: datetime) -> str:
    """``Tue 25 Nov, 15:00`` in the reader's zone."""
    return dateformat.format(timezone.localtime(value), "D j M, H:i")
