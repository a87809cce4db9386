"""The case page: everything about one problem, and every act on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import cover, permissions, promising, reading
from cases.forms import conversation as forms
from cases.forms.fields import behind
from cases.involvement import involved_in_each
from cases.models import Appeal, Case, Complaint, Concession, Promise, Subtask
from cases.relations import Relations, relations_of
from cases.sentences import asks_later, endangers, given, hangs_on, hangs_on_decision, tried
from cases.someone_else import who_answers
from cases.verbs.aside import may_come_back_until
from cases.verbs.joining import UNDONE_WITHIN
from supportdesk import clock


@dataclass(frozen=True)
class Part:
    """One sub-task of the plan as this agent sees it.

    Attributes:
        may_work, has_it: it is their department's, it is theirs.
        may_give: they may put it into other hands, where somebody has it.
        asks: a later date that waits for the owner's answer; empty: none.
        warns, endangers: which promises its date comes too late for, in words and as they are.
    """

    part: Subtask
    may_work: bool
    has_it: bool
    may_give: bool
    asks: str = ""
    warns: str = ""
    endangers: tuple[Promise, ...] = ()


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The case as a page; ``?show=with|inside`` filters the timeline, ``?write=note`` opens the inside note.

    The number of a case that was joined into another leads there.
    """
    case = reading.case_for_page(request.user, pk)
    if case is not None and case.pk != pk:
        messages.info(request, f"C-{pk} was joined into this.")
        return redirect(case)
    return _show(request, case, mode="note" if request.GET.get("write") == "note" else "reply")


def render_case(
    request: HttpRequest, pk: int, *, mode: str, form=None, said: str = "", status: int = 200
) -> HttpResponse:
    """The page, or for htmx its region alone.

    Args:
        mode: which composer is open, ``reply`` or ``note``.
        form: that composer's form, with what was wrong.
        said: what is confirmed.
    """
    return _show(request, reading.case_for_page(request.user, pk), mode=mode, form=form, said=said, status=status)


def _show(
    request: HttpRequest, case: Case | None, *, mode: str, form=None, said: str = "", status: int = 200
) -> HttpResponse:
    if case is None:
        raise Http404
    context = _context(request, case, mode, form)
    context["said"] = said
    template = "cases/_case.html" if request.htmx else "cases/page.html"
    return render(request, template, context, status=status)


def _context(request: HttpRequest, case: Case, mode: str, form) -> dict:
    show = request.GET.get("show", "")
    related = relations_of(case) if case.is_related else Relations((case.pk,))
    hanging = reading.hanging_on(case, related.joined)
    promises, resolution = hanging.promises, hanging.resolution
    refusals, concessions = hanging.refusals, hanging.concessions
    beside = (hanging.parts, promises, hanging.participants, hanging.complaints, refusals, concessions)
    before = _entry_id(request.GET.get("before", ""))
    alone = (request.user, resolution, hanging.offer, hanging.estimate)
    known = [*alone, *related.joined, *(row for rows in beside for row in rows)]
    lines, earlier = reading.timeline_of(case, related.told_as, show, before, known=known)
    return {
        "case": case,
        "now": clock.now(),
        "lines": lines,
        "earlier": lines[0].pk if earlier else None,
        "show": show,
        "wishes": case.wishes,
        "parts": [_part(part, case, promises, request.user) for part in hanging.parts],
        "joined": [(other, _may_undo(request.user, other, case)) for other in related.joined],
        "split_off": related.split_off,
        "participants": [participant for participant in hanging.participants if participant.ended_at is None],
        "open_parts": [part for part in hanging.parts if part.is_open],
        "offer": hanging.offer,
        "estimate": hanging.estimate,
        "resolution": resolution if case.awaits_answer else None,
        "introduced": resolution if resolution and resolution.is_introduction else None,
        **_promised(case, hanging),
        "away": cover.away(case) if case.is_open else None,
        "concessions": [(one, given(one), *_about_decision(request.user, one, case)) for one in concessions],
        "complaints": _complaints(request.user, hanging.complaints),
        "appeals": _appeals(request.user, case, hanging),
        "refusals": [
            (refusal, permissions.may_look_again(request.user, refusal, case)) for refusal in hanging.refusals
        ],
        "may": _may(request.user, case),
        "mode": mode,
        "composer": form or _composer(case, request.user, mode, hanging.parts, concessions),
    }


def _promised(case: Case, hanging: reading.Hanging) -> dict:
    """What is promised next, what else, and what was broken and has not been made right."""
    attempts = {pk: tried(calls) for pk, calls in hanging.attempts.items()}
    others = [one for one in hanging.promises if one.pk != case.next_promise_id]
    return {
        "promise": case.next_promise,
        "promised": _as_promised(case),
        "for_customer": _for_customer(case),
        "tried": attempts.get(case.next_promise_id, ""),
        "hangs_on": _hangs_on(case.next_promise),
        "kept_by_answer": {appeal.promise_id for appeal in hanging.appeals},
        "other_promises": [(one, attempts.get(one.pk, ""), _hangs_on(one)) for one in others if one.is_owed],
        "to_make_right": [one for one in others if case.is_open and one.is_broken(clock.now()) and not one.has_amends],
    }


def _may(agent, case: Case) -> dict[str, bool]:
    """What this agent may do here: forbidden acts are absent, not greyed."""
    aside = case.is_put_aside and clock.now() < may_come_back_until(case)
    return {
        "speak": case.is_open and permissions.may_speak(agent, case),
        "take": case.is_up_for_taking and permissions.may_take(agent, case),
        "hand_over": case.is_open and permissions.may_hand_over(agent, case),
        "take_over": case.is_open and permissions.may_take_over(agent) and not permissions.owns(agent, case),
        "take_call": permissions.may_take_call(agent) and not permissions.looks_after(agent, case),
        "propose": case.is_open and not case.is_ended_by_customer and permissions.may_speak(agent, case),
        "close": case.is_open and permissions.may_speak(agent, case),
        "close_unanswered": case.state == Case.State.UNCONFIRMED and permissions.may_close_unanswered(agent, case),
        "override": case.is_open and permissions.may_close_unheard(agent),
        "refuse": case.is_open and permissions.may_refuse(agent, case),
        "make_right": case.is_open and permissions.may_make_right(agent, case),
        "give": case.is_open and permissions.may_give(agent, case),
        "complain": permissions.may_complain(agent, case),
        "reopen": case.state != Case.State.OPEN and not aside and permissions.may_speak(agent, case),
        "decide": case.decide_by is not None and permissions.may_speak(agent, case),
        "put_aside": case.is_open and permissions.may_put_aside(agent, case),
        "take_back_in": aside and permissions.may_put_aside(agent, case),
        "join": case.is_open and (case.owns_another or permissions.may_speak(agent, case)),
        "split_off": permissions.may_speak(agent, case),
        "invite": permissions.may_invite(agent, case),
        "keep_confidential": permissions.may_keep_confidential(agent, case),
    }


def _part(part: Subtask, case: Case, promises: list[Promise], agent) -> Part:
    about = permissions.may_work_on(agent, part), part.agent_id == agent.pk, _may_give(agent, part)
    endangered = reading.endangered_by(part, promises, case.next_promise)
    return Part(
        part,
        *about,
        asks=asks_later(part) if part.later_at else "",
        warns=endangers(part, endangered),
        endangers=tuple(one for one in endangered if not one.is_broken(clock.now())),
    )


def _may_give(agent, part: Subtask) -> bool:
    return part.has_a_date and part.agent_id is not None and permissions.may_give_part(agent, part)


def _hangs_on(promise: Promise | None) -> str:
    if promise is None:
        return ""
    now, decision = clock.now(), promise.backed_by_concession_id
    said = hangs_on(promise.backed_by, now) if promise.backed_by_id else ""
    decided = hangs_on_decision(promise.backed_by_concession, now) if decision else ""
    return ". ".join(filter(None, (said, decided)))


def _for_customer(case: Case) -> str:
    """The next promise's time on the customer's clock: "for Jo 06:00"."""
    if case.next_promise is None:
        return ""
    theirs = promising.zone_named(case.customer.zone)
    there = promising.on_their_clock(case.next_promise.due_at, timezone.get_current_timezone(), theirs)
    return f"for {case.customer.first_name} {there}" if there else ""


def _about_decision(agent, concession: Concession, case: Case) -> tuple[bool, bool]:
    """Whether this agent is asked, and whether they may let another decide; that the head of the company may decide too
    is on the page of the decision itself."""
    if concession.decided_at is not None:
        return False, False
    decides = permissions.may_decide(agent, concession, case, None)
    return decides, permissions.may_pass_on(agent, concession, case)


def _complaints(agent, complaints: list[Complaint]) -> list[tuple[Complaint, dict[str, bool]]]:
    """The complaints beside the case, and what this agent may do about each."""
    # Only who supervises can do anything: nobody else's page asks whom they are about.
    standing = [complaint for complaint in complaints if complaint.is_open] if agent.is_supervisor else []
    involved = involved_in_each(standing) if standing else {}
    return [
        (complaint, permissions.acts_on_complaint(agent, complaint, involved[complaint.pk]))
        if complaint.pk in involved
        else (complaint, {})
        for complaint in complaints
    ]


def _appeals(agent, case: Case, hanging: reading.Hanging) -> list[tuple[Appeal, bool]]:
    """What the customer has asked for and nobody has answered; and whether this agent may."""
    if hanging.company:
        permissions.remember_who_stands_above(agent, hanging.company)
    return [
        (appeal, permissions.may_answer_appeal(agent, case, who_answers(appeal, hanging.company)))
        for appeal in hanging.appeals
    ]


def _may_undo(agent, joined: Case, case: Case) -> bool:
    """Whether this agent may still take a joined case out again."""
    return clock.now() - joined.joined_at < UNDONE_WITHIN and permissions.may_join(agent, joined, case)


def _composer(case: Case, agent, mode: str, parts: list[Subtask], concessions: list[Concession]):
    if mode == "note" or not (case.is_open and permissions.may_speak(agent, case)):
        return forms.Note(case=case, agent=agent)
    return forms.Message(case=case, agent=agent, hangs_on=behind(parts, concessions))


def _as_promised(case: Case) -> str:
    """The next promise as a sentence: "Mia will call you with both codes"."""
    if case.next_promise is None:
        return ""
    keeper = "Somebody" if case.owner.is_fallback else cover.who_keeps(case, case.next_promise).split()[0]
    return f"{keeper} will {case.next_promise.words}"


def _entry_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
