"""My cases, what is up for taking, the department's queue, and what concerns me."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cases import lists
from cases import notices as told
from cases.cover import here_and_away
from cases.finding import WHICH, Which, how_many_due
from cases.forms.finding import Find
from cases.models import Notice
from staff.models import Department
from supportdesk import clock
from supportdesk.paging import read_key, write_key

GROUPS = (
    ("late", "Late"),
    ("today", "Today"),
    ("later", "Tomorrow and later"),
    ("undated", "No date yet"),
    ("held_up", "After another part"),
    ("closed", "Closed"),
)
BESIDE_MY_CASES = {
    "sure": lists.i_make_sure,
    "offers": lists.handed_to,
    "complaints": lists.complaints_to_answer,
    "decisions": lists.concessions_to_decide,
}
# With those of whoever one stands in for; and what stands there if there is nothing.
ALSO_STANDING_IN = {
    "waiting": (lists.waiting_for_customer, lists.NOTHING_BESIDE),
    "afterwards": (lists.answers_after_closing, ()),
}


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My cases, by what is due next."""
    after = read_key(request.GET.get("after", ""))
    away, standing_in = here_and_away(request.user, clock.now())
    rows, next_key = lists.my_cases(request.user, after, standing_in)
    first = after is None
    there = lists.beside_my_cases(request.user, standing_in) if first else set()
    context = {
        "away": away,
        "standing_in": standing_in.values(),
        "groups": _groups(rows),
        "lead": _lead(rows) if first else "",
        **{name: read(request.user) if name in there else [] for name, read in BESIDE_MY_CASES.items()},
        **{
            name: read(request.user, standing_in) if name in there else nothing
            for name, (read, nothing) in ALSO_STANDING_IN.items()
        },
        "after": write_key(next_key),
        "first": first,
    }
    return render(request, "cases/mine.html", context)


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """My cases in which the customer was asked, by the next reminder."""
    _, standing_in = here_and_away(request.user, clock.now())
    after = read_key(request.GET.get("after", ""))
    rows, next_key = lists.all_waiting_for_customer(request.user, after, standing_in)
    return render(request, "cases/asked.html", {"groups": _groups(rows), "after": write_key(next_key)})


@require_safe
def up_for_taking(request: HttpRequest) -> HttpResponse:
    """Cases that nobody owns yet."""
    rows, next_key = lists.up_for_taking(request.user, read_key(request.GET.get("after", "")))
    return render(request, "cases/up_for_taking.html", {"groups": _groups(rows), "after": write_key(next_key)})


@require_safe
def queue(request: HttpRequest, department_pk: int | None = None) -> HttpResponse:
    """A department's open sub-tasks; one's own department unless another is named."""
    department = request.user.department
    if department_pk is not None and department_pk != department.pk:
        department = get_object_or_404(Department, pk=department_pk)
    whose = request.GET.get("whose", "all")
    after, held_up = read_key(request.GET.get("after", "")), "held-up" in request.GET
    rows, next_key = lists.parts_of_department(department, request.user, whose, after, held_up)
    if not held_up and next_key is None:
        # Behind the last that can be worked on stand those that cannot yet.
        held_up = True
        behind, next_key = lists.parts_of_department(department, request.user, whose, held_up=True)
        rows += behind
    context = {
        "department": department,
        "mine": department == request.user.department,
        "whose": whose if whose in ("mine", "nobodys") else "all",
        "groups": _groups(rows),
        "after": write_key(next_key),
        "held_up": held_up,
    }
    return render(request, "cases/queue.html", context)


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """All cases, for who leads: every filter stands in the address."""
    form = Find(request.GET)
    filters = form.filters()
    rows, next_key = lists.found(request.user, filters, read_key(request.GET.get("after", "")))
    chosen = {name: value for name, value in request.GET.items() if name in form.fields and value}
    tabs = [
        (which, urlencode({**chosen, "which": which.name}), which == filters.which, count)
        for which, count in _counted(how_many_due(request.user, filters.department))
    ]
    context = {
        "form": form,
        "filters": filters,
        "narrowed": bool(chosen.keys() - {"which"}),
        "tabs": tabs,
        "groups": _groups(rows),
        "next_page": urlencode({**chosen, "after": write_key(next_key)}) if next_key else "",
    }
    return render(request, "cases/found.html", context)


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What concerns me and was not looked at, by what it is about."""
    after = read_key(request.GET.get("after", ""))
    groups, next_pk = told.unread(request.user, after[1] if after else None)
    context = {
        "groups": groups,
        "up_to": max((line.pk for group in groups for line in group.lines), default=0),
        "after": write_key((None, next_pk) if next_pk else None),
        "first": after is None,
    }
    return render(request, "cases/notices.html", context)


@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """What was shown has been looked at, all of it or what is about one thing; what came meanwhile stays."""
    up_to, key = request.POST.get("up_to", ""), request.POST.get("about", "")
    lookups = told.about(key)
    if up_to.isascii() and up_to.isdigit() and len(up_to) < 19 and (lookups or not key):
        shown = Notice.objects.filter(agent=request.user, read_at=None, pk__lte=int(up_to))
        if lookups:
            shown = shown.filter(Q(**lookups, _connector=Q.OR))
        shown.update(read_at=clock.now())
    return redirect("cases:notices")


def _counted(counts: dict[str, str]) -> list[tuple[Which, str]]:
    return [(which, counts.get(which.name, "")) for which in WHICH]


def _groups(rows: list[lists.Row]) -> list[tuple[str, str, list[lists.Row]]]:
    found = ((name, title, [row for row in rows if row.group == name]) for name, title in GROUPS)
    return [group for group in found if group[2]]


def _lead(rows: list[lists.Row]) -> str:
    """The page in a sentence: "One promise is late. Three more are due today."."""
    late = sum(row.group == "late" for row in rows)
    today = sum(row.group == "today" for row in rows)
    if not rows:
        return ""
    if not late and not today:
        return "Nothing more is due today."
    said = [f"{_number(late)} {'is' if late == 1 else 'are'} late." if late else "Nothing is late."]
    if today:
        said.append(f"{_number(today)} {'more ' if late else ''}{'is' if today == 1 else 'are'} due today.")
    return " ".join(said)


def _number(count: int) -> str:
    words = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[count] if count < len(words) else str(count)
