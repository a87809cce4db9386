"""What every act on a case has in common: a page with one form, which calls one verb."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from django.views.generic import FormView

from cases import permissions
from cases.forms.fields import Nothing, Promising, can_stand_behind
from cases.models import Case
from cases.prepared import built_once_for_agents
from cases.views.ways_back import WayBack, begun_at
from supportdesk.errors import NotAllowed, Refused

# Where the promise that comes next stands beside other fields, its own carry a longer name; a later date is typed where
# an earlier one would be; and where there is nothing to choose from, the field beside it takes what is said.
BESIDE = {"words": "next_words", "due_at": "next_due", "later_at": "committed_at", "into": "number"}

NOT_YOURS = "{owner} owns this case; this is not yours to do."


class Act(FormView):
    """A page with one form. Without JavaScript it is a page; with it the same page opens in a dialog.

    Attributes:
        title: heading, what the act is; may name ``{customer}``, ``{first}`` or ``{owner}``.
        lead: a sentence under it, likewise.
        submit: the button's words.
        said: what is confirmed afterwards, likewise.
        not_yours: what is read by whom the form is not shown, likewise.
    """

    # Each act is a form that is read and sent; Django's own would take a PUT for a POST without what was sent.
    http_method_names = ["get", "head", "post"]
    template_name = "cases/act.html"
    form_class = Nothing
    title = lead = submit = said = busy = ""
    not_yours = NOT_YOURS
    case: Case

    def call(self, found: dict):
        """Call the verb with what the form found."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        self.case = self.find(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def may(self) -> bool:
        """Whether this agent is shown the form; the verb itself asks again."""
        return permissions.may_speak(self.request.user, self.case)

    def require_may(self) -> None:
        """Raise ``NotAllowed`` unless this agent is shown the form: empty, or again with what was wrong in it."""
        if not self.may():
            raise NotAllowed("not_yours", self.words(self.not_yours))

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        self.require_may()
        return super().get(request, *args, **kwargs)

    def find(self, pk: int) -> Case:
        """The case that this agent may see, or 404."""
        return visible_case(self.request.user, pk)

    def form_valid(self, form) -> HttpResponse:
        try:
            with transaction.atomic():
                self.call(form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refusal:
            return self.refuse(form, refusal)
        way_back = begun_at(self.request)
        if self.said:
            messages.success(self.request, self.confirmed(way_back))
        return go_on(self.request, way_back.done if way_back else self.back())

    def confirmed(self, way_back: WayBack | None) -> str:
        """What is confirmed afterwards; where many cases stand, with the way to this one."""
        said = self.words(self.said)
        if not (way_back and way_back.is_a_list):
            return said
        which = f"{self.case.customer.name}, {self.case.number}"
        return format_html('{} <a href="{}">{}</a>', said, self.case.get_absolute_url(), which)

    def form_invalid(self, form) -> HttpResponse:
        self.require_may()
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def refuse(self, form, refusal: Refused) -> HttpResponse:
        """The form again, with the refusal beside the field that it is about."""
        self.require_may()
        put_beside_field(form, refusal)
        context = self.get_context_data(form=form, hindrances=refusal.hindrances)
        return self.render_to_response(context, status=refusal.status)

    def render_to_response(self, context: dict, **answer) -> HttpResponse:
        way_back = begun_at(self.request)
        if way_back:
            context |= {"back": way_back.url, "back_to": way_back.title}
        return super().render_to_response(context, **answer)

    def back(self) -> str:
        return self.case.get_absolute_url()

    def words(self, pattern: str) -> str:
        return pattern.format(
            customer=self.case.customer.name,
            first=self.case.customer.first_name,
            owner=self.case.owner.first_name,
            number=self.case.number,
        )

    def get_form_kwargs(self) -> dict:
        # In a dialog the form stands beside the composer's: their fields must not share an id.
        return {**super().get_form_kwargs(), "case": self.case, "agent": self.request.user, "auto_id": "act_%s"}

    def get_context_data(self, **context) -> dict:
        return super().get_context_data(
            case=self.case,
            title=self.words(self.title),
            lead=self.words(self.lead),
            submit=self.words(self.submit),
            busy=self.busy,
            back=self.back(),
            **context,
        )


def go_on(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on after an act. A dialog is told where to: what is confirmed is read there, not by the dialog's request."""
    if request.headers.get("X-Dialog"):
        return HttpResponse(status=204, headers={"X-Go-On": url})
    return redirect(url)


def visible_case(agent, pk: int) -> Case:
    """The case to which this number leads, with customer and owner, if this agent may see it.

    Raises:
        Http404: there is none, or not for this agent.
    """
    case = next(iter(_visible(agent, pk)), None)
    if case is None:
        raise Http404
    return case


@built_once_for_agents
def _visible(agent, pk: int):
    about = ("customer", "owner__department__calendar", "next_promise")
    return Case.objects.visible_to(agent).select_related(*about).annotate(**can_stand_behind()).behind(pk)


def put_beside_field(form, refusal: Refused) -> None:
    """Say the refusal beside the field that it is about, or on top if the form has no such field."""
    if isinstance(form, Promising):
        form.take_refusal(refusal)
    names = (refusal.field, BESIDE.get(refusal.field))
    form.add_error(next((name for name in names if name in form.fields), None), refusal.sentence)
