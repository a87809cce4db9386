"""The addresses of cases: lists, the whole of one, and one for each verb."""

from __future__ import annotations

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import acts, finding, reads, shapes, told
from cases.models import Case, Complaint, Entry, Handover, Preference, Promise, Refusal, Resolution, Subtask
from cases.models.case import seen_by
from cases.rollup import OpenPart, hindrances_of
from cases.verbs.locking import lock
from cases.verbs.opening import open_case
from customers.identity import recognise
from staff.api import versions
from staff.api.described import acting, listing, reading
from staff.api.doors import Door
from staff.api.pages import page_of
from staff.api.problems import RULES
from supportdesk import clock
from supportdesk.errors import Refused
from supportdesk.statements import built_together

_FILTERS = [
    OpenApiParameter("order", str, enum=["number", "due"], description="due: the open ones, what is due first on top."),
    OpenApiParameter("mine", bool, description="Owned by whoever asks."),
    OpenApiParameter("late", bool, description="What comes next is past its time."),
    OpenApiParameter("waiting", str, enum=["customer", "department"], description="For whom it waits."),
    OpenApiParameter("state", str, many=True, enum=Case.State.values),
    OpenApiParameter("outcome", str, enum=Case.Outcome.values),
    OpenApiParameter("department", int, description="Id of a department."),
    OpenApiParameter("topic", int, description="Id of a topic."),
    OpenApiParameter("customer", int, description="Id of a customer: all rows of that person."),
    OpenApiParameter("priority", int, enum=[1, 2, 3, 4]),
    OpenApiParameter("since", str, description="Opened at this instant or later (RFC 3339)."),
]


class Cases(Door):
    takes = reads.Opening

    @listing(
        "cases",
        "Cases, in the order in which they were opened, or the open ones by what is due next",
        shapes.CaseRow,
        *_FILTERS,
    )
    def get(self, request: Request) -> Response:
        cases = finding.filtered(request, finding.cases_of(request))
        by, now = "", clock.now()
        if finding.is_by_due(request):  # only what is open has anything due, and an index for it
            cases, by = cases.open(), "next_due_at"
        lines = cases.values_list(*told.OF_A_LINE, named=True)
        return page_of(request, lines, lambda row: told.line(row, now), by=by, names=("order", *finding.FILTERS))

    @acting("open_case", "Open a case in the customer’s own words", reads.Opening, shapes.CaseWhole, makes=True)
    def post(self, request: Request) -> Response:
        def do() -> Response:
            versions.require_same(request, "")  # nobody has read what there is not yet
            given = self.given(request)
            customer, who = given.pop("customer", None), given.pop("who", None)
            case = open_case(customer or _recognised(who), given.pop("problem"), by=request.user, **given)
            # Nobody has changed it since: it is told as it was written, without reading it anew.
            location = f"{request.path}/{case.number}"
            told = whole(case, has_parts=False)
            return self.one(request, told, finding.version(case), status=201, Location=location)

        return self.once(request, do)


def _recognised(who: dict):
    if not (who.get("mail", "").strip() or who.get("phone", "").strip()):
        raise Refused("address_needed", "Say how the customer is reached: “mail” or “phone”.", field="who")
    return recognise(who["name"], mail=who.get("mail", ""), phone=who.get("phone", ""))


class OneCase(Door):
    @reading("case", "The whole of a case", shapes.CaseWhole)
    def get(self, request: Request, number: int) -> Response:
        case = finding.case_behind(request, number)
        return self.one(request, whole(case), finding.version_read(case))


def answer_whole(door: Door, request: Request, pk: int) -> Response:
    """A case after an act, with its new version; as little as is left where whoever acted no longer sees it."""
    case = finding.case_seen_after(request, pk)
    return door.one(request, whole(case), finding.version_read(case))


def whole(case: Case, *, has_parts: bool = True) -> dict:
    """A case with what hangs on it; ``has_parts``: whether any department can have been asked yet."""
    now = clock.now()
    hanging = _hanging(case.pk, has_parts, case.awaits_answer)
    parts, proposed = hanging.get("parts", ()), next(iter(hanging.get("proposed", ())), None)
    open_parts = [OpenPart(part.pk, part.department.name, part.state, part.ask) for part in parts if not part.ended_at]
    in_the_way = hindrances_of(case, open_parts, case.is_ended_by_customer) if case.is_open else ()
    return told.case(case, now) | {
        "problem": case.problem,
        "desired_outcome": case.desired_outcome,
        "preferences": [wish.words for wish in hanging["preferences"]],
        "promises": [told.promise(row, now) for row in hanging["promises"]],
        "subtasks": [told.subtask(part) for part in parts],
        "resolution": told.resolution(proposed) if proposed else None,
        "in_the_way": [{"type": RULES + one.code, "detail": one.sentence, "anchor": one.anchor} for one in in_the_way],
    }


@built_together
def _hanging(case_pk: int, has_parts: bool, awaits_answer: bool):
    """What hangs on a case and is told with it."""
    parts = Subtask.objects.filter(case=case_pk).select_related("department", "agent").order_by("pk")
    proposed = Resolution.objects.filter(case=case_pk, ended_at=None).order_by("pk")[:1]
    there_may_be = {"parts": parts} if has_parts else {}
    there_may_be |= {"proposed": proposed} if awaits_answer else {}
    return there_may_be | {
        "preferences": Preference.objects.filter(case=case_pk).order_by("rank"),
        "promises": Promise.objects.filter(case=case_pk).owed().order_by("due_at", "pk"),
    }


class Acting(Door):
    """One verb. ``act`` says which."""

    act: acts.Act

    def about(self, request: Request, **where) -> tuple[object, Case]:
        """What is acted on, and its case."""
        raise NotImplementedError

    def do(self, request: Request, **where) -> Response:
        row, case = self.about(request, **where)
        if versions.is_asked(request):
            versions.require_same(request, finding.version(lock(case)))
        result = self.act.call(row, self.read(request, case), request.user)
        if self.act.told is None:
            return answer_whole(self, request, case.pk)
        return Response(self.act.told(result), status=201 if self.act.makes else 200)

    def read(self, request: Request, case: Case) -> dict:
        if self.act.reads is None:
            return {}
        reader = self.act.reads(data=request.data, context={"request": request, "case": case})
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)


class ActingOnCase(Acting):
    def about(self, request: Request, number: int) -> tuple[Case, Case]:
        find = finding.case_itself if self.act.itself else finding.case_behind
        case = find(request, number)
        return case, case


class ActingOnPart(Acting):
    """On what hangs on a case: a sub-task, a promise, an offer, a complaint, a no."""

    model: type

    def about(self, request: Request, pk: int, number: int | None = None) -> tuple[object, Case]:
        row = self.model.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        case = finding.case_behind(request, row.case_id)
        if number is not None and case.pk != finding.case_behind(request, number).pk:
            raise Http404
        return row, case


def _posting(view: type[Acting], act: acts.Act, name: str) -> type[Acting]:
    """A view of its own for one verb, with its description."""

    def post(self, request: Request, **where) -> Response:
        return self.once(request, lambda: self.do(request, **where))

    described = acting(name, act.summary, act.reads, act.shape or shapes.CaseWhole, makes=act.makes)(post)
    return type(name.title().replace("_", ""), (view,), {"act": act, "takes": act.reads, "post": described})


# -- lists ---------------------------------------------------------------------------------------------------------


def _of_case(name: str, summary: str, shape, rows, tell, act: acts.Act | None = None) -> type[Door]:
    """What hangs on one case, as a list; with the verb that makes another one at the same address."""

    def get(self, request: Request, number: int) -> Response:
        case = finding.case_behind(request, number)
        return page_of(request, rows(case), tell)

    described = listing(name, summary, shape)(get)
    base = _posting(ActingOnCase, act, f"add_{name}") if act else Door
    return type(name.title().replace("_", "") + "List", (base,), {"get": described})


def _everywhere(name: str, summary: str, shape, rows, tell, **order) -> type[Door]:
    """Over all cases that the token sees."""

    def get(self, request: Request) -> Response:
        return page_of(request, rows(request), tell, **order)

    return type(name.title() + "Everywhere", (Door,), {"get": listing(name, summary, shape)(get)})


def _one(name: str, summary: str, shape, model, related, tell) -> type[Door]:
    def get(self, request: Request, pk: int) -> Response:
        row = model.objects.select_related(*related).filter(pk=pk).first()
        if row is None:
            raise Http404
        finding.case_behind(request, row.case_id)
        return self.one(request, tell(row))

    return type("One" + name.title(), (Door,), {"get": reading(name, summary, shape)(get)})


def _seen(request: Request, model, *related: str):
    """Rows whose case the token sees."""
    rows = model.objects.filter(seen_by(request.user, "case__")).select_related(*related)
    if request.auth.departments:
        rows = rows.filter(case__in=finding.cases_of(request).order_by().values("pk"))
    return rows


def _promise(row: Promise) -> dict:
    return told.promise(row, clock.now())


BY_NAME = {act.name: act for act in acts.ABOUT_CASES}
_LISTS = {
    "messages": (
        "Everything said between us and the customer",
        shapes.MessageShape,
        lambda case: case.messages.select_related("agent"),
        told.message,
    ),
    "notes": ("Inside notes", shapes.NoteShape, lambda case: case.notes.select_related("agent"), told.note),
    "subtasks": (
        "The plan: what departments are asked for",
        shapes.SubtaskShape,
        lambda case: case.subtasks.select_related("department", "agent"),
        told.subtask,
    ),
    "promises": (
        "Everything promised, however it ended",
        shapes.PromiseShape,
        lambda case: Promise.objects.filter(case=case),
        _promise,
    ),
    "complaints": (
        "Complaints beside the case",
        shapes.ComplaintShape,
        lambda case: Complaint.objects.filter(case=case).select_related("case", "owner"),
        told.complaint,
    ),
    "refusals": (
        "What was refused, and on what ground",
        shapes.RefusalShape,
        lambda case: Refusal.objects.filter(case=case).select_related("case"),
        told.refusal,
    ),
    "timeline": (
        "The timeline: who, when, what",
        shapes.EntryShape,
        lambda case: Entry.objects.filter(case=case).select_related("agent"),
        told.entry,
    ),
}

handovers = _everywhere(
    "handovers",
    "Offers of ownership",
    shapes.HandoverShape,
    lambda request: _seen(request, Handover, "case", "from_agent", "to_agent"),
    told.handover,
    latest_first=True,
)
complaints = _everywhere(
    "complaints",
    "Complaints, the latest first",
    shapes.ComplaintShape,
    lambda request: _seen(request, Complaint, "case", "owner"),
    told.complaint,
    latest_first=True,
)
refusals = _everywhere(
    "refusals",
    "What was refused, the latest first",
    shapes.RefusalShape,
    lambda request: _seen(request, Refusal, "case"),
    told.refusal,
    latest_first=True,
)

_ONES = (
    (
        "handovers",
        _one("handover", "An offer", shapes.HandoverShape, Handover, ("case", "from_agent", "to_agent"), told.handover),
    ),
    (
        "complaints",
        _one("complaint", "A complaint", shapes.ComplaintShape, Complaint, ("case", "owner"), told.complaint),
    ),
    ("refusals", _one("refusal", "A refusal", shapes.RefusalShape, Refusal, ("case",), told.refusal)),
)


def _urls():
    yield path("cases", Cases.as_view(), name="cases")
    yield path("cases/<case:number>", OneCase.as_view(), name="case")
    for name, (summary, shape, rows, tell) in _LISTS.items():
        view = _of_case(f"{name}_of_case", summary, shape, rows, tell, BY_NAME.get(name))
        yield path(f"cases/<case:number>/{name}", view.as_view(), name=f"{name}_of_case")
    for act in acts.ABOUT_CASES:
        if act.name not in _LISTS:
            name = act.name.replace("-", "_")
            view = _posting(ActingOnCase, act, f"case_{name}")
            yield path(f"cases/<case:number>/{act.name}", view.as_view(), name=f"case_{name}")
    for things, (model, about) in acts.MODELS.items():
        before = "cases/<case:number>/" if things in ("subtasks", "promises") else ""
        for act in about:
            name = f"{things[:-1]}_{act.name.replace('-', '_')}"
            view = type(name, (ActingOnPart,), {"model": model})
            yield path(f"{before}{things}/<int:pk>/{act.name}", _posting(view, act, name).as_view(), name=name)
    yield path("handovers", handovers.as_view(), name="handovers")
    yield path("complaints", complaints.as_view(), name="complaints")
    yield path("refusals", refusals.as_view(), name="refusals")
    for things, view in _ONES:
        yield path(f"{things}/<int:pk>", view.as_view(), name=things[:-1])


urlpatterns = list(_urls())
