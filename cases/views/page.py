"""The case page: everything about one problem, and every act on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cases import permissions, reading
from cases.forms import conversation as forms
from cases.involvement import involved_in_each
from cases.models import Case, Complaint, Handover, Resolution, Subtask
from cases.relations import Relations, relations_of
from cases.sentences import after_what_was_promised, asks_later, tried
from cases.verbs.aside import may_come_back_until
from cases.verbs.joining import UNDONE_WITHIN
from supportdesk import clock


@dataclass(frozen=True)
class Part:
    """One sub-task of the plan as this agent sees it.

    Attributes:
        may_work, has_it: it is their department's, it is theirs.
        asks, warns: a later date that waits for the owner's answer, and what speaks against it; empty: none.
    """

    part: Subtask
    may_work: bool
    has_it: bool
    asks: str = ""
    warns: str = ""


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
    # A joined case may have brought some of its own.
    told = (case, *related.joined)
    parts = reading.parts_of(related.told_as) if any(one.has_parts for one in told) else []
    complaints = reading.complaints_of(related.told_as) if any(one.has_complaints for one in told) else []
    refusals = reading.refusals_of(related.told_as) if any(one.has_refusals for one in told) else []
    promises, attempts = reading.promises_of(case), reading.attempts_at(case) if case.has_attempts else {}
    offer = case.handovers.filter(state=Handover.State.OFFERED).first() if case.has_offer else None
    resolution = _latest_resolution(case) if case.is_open and case.has_resolutions else None
    participants = reading.participants_of(related.told_as) if any(one.has_participants for one in told) else []
    before = _entry_id(request.GET.get("before", ""))
    known = [request.user, *parts, *promises, resolution, offer, *participants, *complaints, *refusals, *related.joined]
    lines, earlier = reading.timeline_of(case, related.told_as, show, before, known=known)
    return {
        "case": case,
        "now": clock.now(),
        "lines": lines,
        "earlier": lines[0].pk if earlier else None,
        "show": show,
        "wishes": case.wishes,
        "parts": [_part(part, case, request.user) for part in parts],
        "joined": [(other, _may_undo(request.user, other, case)) for other in related.joined],
        "split_off": related.split_off,
        "participants": [participant for participant in participants if participant.ended_at is None],
        "open_parts": [part for part in parts if part.is_open],
        "offer": offer,
        "resolution": resolution if case.awaits_answer else None,
        "introduced": resolution if resolution and resolution.is_introduction else None,
        "promise": case.next_promise,
        "promised": _as_promised(case),
        "tried": tried(attempts[case.next_promise_id]) if case.next_promise_id in attempts else "",
        "other_promises": [
            (one, tried(attempts[one.pk]) if one.pk in attempts else "")
            for one in promises
            if one.is_owed and one.pk != case.next_promise_id
        ],
        "complaints": _complaints(request.user, complaints),
        "refusals": [(refusal, permissions.may_look_again(request.user, refusal, case)) for refusal in refusals],
        "may": _may(request.user, case),
        "mode": mode,
        "composer": form or _composer(case, request.user, mode),
    }


def _may(agent, case: Case) -> dict[str, bool]:
    """What this agent may do here: forbidden acts are absent, not greyed."""
    aside = case.is_put_aside and clock.now() < may_come_back_until(case)
    return {
        "speak": case.is_open and permissions.may_speak(agent, case),
        "take": case.is_up_for_taking and permissions.may_take(agent, case),
        "hand_over": case.is_open and permissions.may_hand_over(agent, case),
        "take_over": case.is_open and permissions.may_take_over(agent) and not permissions.owns(agent, case),
        "take_call": permissions.may_take_call(agent) and not permissions.owns(agent, case),
        "propose": case.is_open and not case.is_ended_by_customer and permissions.may_speak(agent, case),
        "close": case.is_open and permissions.may_speak(agent, case),
        "close_unanswered": case.state == Case.State.UNCONFIRMED and permissions.may_close_unanswered(agent, case),
        "override": case.is_open and permissions.may_close_unheard(agent),
        "refuse": case.is_open and permissions.may_refuse(agent, case),
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


def _part(part: Subtask, case: Case, agent) -> Part:
    about = permissions.may_work_on(agent, part), part.agent_id == agent.pk
    if part.later_at is None:
        return Part(part, *about)
    return Part(part, *about, asks=asks_later(part), warns=after_what_was_promised(part, case.next_promise))


def _latest_resolution(case: Case) -> Resolution | None:
    return case.resolutions.select_related("meets").order_by("-pk").first()


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


def _may_undo(agent, joined: Case, case: Case) -> bool:
    """Whether this agent may still take a joined case out again."""
    return clock.now() - joined.joined_at < UNDONE_WITHIN and permissions.may_join(agent, joined, case)


def _composer(case: Case, agent, mode: str):
    if mode == "note" or not (case.is_open and permissions.may_speak(agent, case)):
        return forms.Note(case=case, agent=agent)
    return forms.Message(case=case, agent=agent)


def _as_promised(case: Case) -> str:
    """The next promise as a sentence: "Mia will call you with both codes"."""
    if case.next_promise is None:
        return ""
    return f"{'Somebody' if case.owner.is_fallback else case.owner.first_name} will {case.next_promise.words}"


def _entry_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
