"""What the customer does from their page: add something, answer, complain, dispute a no.

Each is a small page of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.verbs import agreeing, appeals, complaints, conversation, refusals
from portal import answers
from portal.forms import (
    AddForm,
    AnotherLookForm,
    ComplaintForm,
    DidNotHelpForm,
    HelpedForm,
    NewTimeForm,
    NotAcceptForm,
    NotYetForm,
    SomeoneElseForm,
    YesForm,
)
from portal.links import reader_behind
from portal.reading import Reading, read, read_as
from portal.seclusion import nothing_here, open_to_all
from supportdesk.errors import Conflict, Refused

Act = Callable[[HttpRequest, Reading], HttpResponse]


def _behind_a_link(may: Callable[[Reading], bool]) -> Callable[[Act], Act]:
    """An act on the problem behind the token, drawn in the reader's zone.

    Args:
        may: who may do it. To anybody else the page is not there.
    """

    def guarded(act: Act) -> Act:
        @open_to_all
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(act)
        def answer(request: HttpRequest, token: str, **about) -> HttpResponse:
            reader = reader_behind(token)
            reading = read_as(reader) if reader else None
            if reading is None or not may(reading):
                return nothing_here(request)
            with timezone.override(reading.zone):
                return act(request, reading, **about)

        return answer

    return guarded


by_who_answers = _behind_a_link(lambda reading: reading.may_answer)
by_everybody = _behind_a_link(lambda reading: True)
by_the_customer = _behind_a_link(lambda reading: reading.participant is None)


@by_everybody
def add(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Add something to what has been told."""
    case = reading.case
    form = AddForm(request.POST or None)
    if not form.is_valid():
        return _step(request, "add", reading, form)
    words, once = form.cleaned_data["words"], form.once_for(case)
    return _do(
        request, "add", reading, form, lambda: conversation.customer_writes(case, words, by=reading.person, once=once)
    )


@by_who_answers
def yes(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that it is over. A comment is shown back before anything counts."""
    return _ending(request, "yes", reading, answers.yes, may=reading.may_say_yes)


@by_who_answers
def understand(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that one understands what we cannot do, or who must do it."""
    return _ending(request, "understand", reading, answers.understand, may=reading.may_understand)


@by_who_answers
def withdraw(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that one no longer needs it. It is asked plainly before anything counts."""
    return _ending(request, "withdraw", reading, answers.withdraw, may=reading.may_withdraw)


@by_who_answers
def not_yet(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that it is not over. Words are welcome and not needed."""
    if request.method != "POST" and not reading.may_say_not_yet:
        return redirect(_fitting(reading, "not_yet"))
    return _objecting(
        request, "not_yet", reading, answers.not_yet, NotYetForm(request.POST or None, initial=_about(reading))
    )


@by_who_answers
def do_not_accept(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that one does not accept it. Words are welcome and not needed."""
    if request.method != "POST" and not reading.asks_to_understand:
        return redirect(_fitting(reading, "do_not_accept"))
    form = NotAcceptForm(request.POST or None, initial=_about(reading))
    return _objecting(request, "do_not_accept", reading, answers.do_not_accept, form)


@by_the_customer
def complaint(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say what went wrong in how we dealt with them; the problem itself is another matter."""
    case = reading.case
    form = ComplaintForm(request.POST or None)
    if not form.is_valid():
        return _step(request, "complaint", reading, form)
    words, once = form.cleaned_data["words"], form.once_for(case)
    return _do(
        request,
        "complaint",
        reading,
        form,
        lambda: complaints.complain(case, words, by=case.customer, once=once),
    )


@by_the_customer
def another_look(request: HttpRequest, reading: Reading, refusal_pk: int) -> HttpResponse:
    """Ask another person to look at a no."""
    case = reading.case
    refusal = next((refusal for refusal in reading.refusals if refusal.pk == refusal_pk), None)
    if refusal is None:
        return nothing_here(request)
    if request.method != "POST" and (refusal.is_disputed or refusal.looked_at):
        return redirect(reading.path)
    form = AnotherLookForm(request.POST or None)
    if not form.is_valid():
        return _step(request, "another_look", reading, form, refusal=refusal)
    words = form.cleaned_data["words"]
    return _do(
        request,
        "another_look",
        reading,
        form,
        lambda: refusals.ask_for_another_look(refusal, words=words, by=case.customer),
        refusal=refusal,
    )


@by_who_answers
def new_time(request: HttpRequest, reading: Reading, promise_pk: int) -> HttpResponse:
    """Say whether the new time of a promise is all right. Words are welcome and not needed."""
    promise = next((promise for promise in reading.promises if promise.pk == promise_pk), None)
    if promise is None:
        return nothing_here(request)
    if request.method != "POST" and promise not in (*reading.to_agree, *reading.to_deny):
        return redirect(reading.path)
    form = promise.question = NewTimeForm.about(promise, request.POST or None)
    if not form.is_valid():
        return _step(request, "new_time", reading, form, promise=promise, at=f"new-time/{promise.pk}")
    answer = agreeing.agree if form.cleaned_data["answer"] == "yes" else agreeing.disagree
    words = form.cleaned_data["words"]
    try:
        answer(promise, by=reading.person, words=words, once=form.once_for(reading.case))
    except Conflict:
        return _asked_no_more(request, reading, words)
    messages.success(request, "new_time", extra_tags="portal", fail_silently=True)
    return redirect(reading.path)


def _asked_no_more(request: HttpRequest, reading: Reading, words: str) -> HttpResponse:
    """The time has moved again, or was answered otherwise: the page says how it stands, and words are kept."""
    if not words:
        return redirect(reading.path)
    form = AddForm({"words": words, "once": secrets.token_urlsafe(16)})
    form.add_error(None, _("This has changed since you opened the page. Please read it, then answer."))
    return _step(request, "add", _read_anew(reading), form, status=409)


@by_the_customer
def someone_else(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Ask for someone else to look at it. Words are welcome and not needed."""
    case = reading.case
    form = SomeoneElseForm(request.POST or None)
    if not form.is_valid():
        return _step(request, "someone_else", reading, form)
    words, once = form.cleaned_data["words"], form.once_for(case)
    return _do(
        request,
        "someone_else",
        reading,
        form,
        lambda: appeals.ask(case, words, by=case.customer, once=once),
    )


@by_the_customer
def helped(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that someone else's answer helped."""
    return _of_the_answer(request, "helped", reading, HelpedForm, lambda appeal, given: appeals.helped(appeal, **given))


@by_the_customer
def did_not_help(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Say that someone else's answer did not help: the last rung looks at it. Words are welcome and not needed."""
    return _of_the_answer(
        request, "did_not_help", reading, DidNotHelpForm, lambda appeal, given: appeals.did_not_help(appeal, **given)
    )


# -- steps -----------------------------------------------------------------------------------------------------------

# The answers to what puts nothing right, and those which they take the place of.
INSTEAD = {"yes": "understand", "not_yet": "do_not_accept"}
ADDRESS = {"not_yet": "not-yet", "do_not_accept": "do-not-accept", "did_not_help": "did-not-help"}
ADDRESS["someone_else"] = "someone-else"


def _ending(request: HttpRequest, act: str, reading: Reading, answer: Callable, *, may: bool) -> HttpResponse:
    """A word that ends it: on its own at once, with a comment once that has been shown back."""
    case = reading.case
    if request.method != "POST" and not may:
        return redirect(_fitting(reading, act))
    form = YesForm(request.POST or None, initial=_about(reading))
    if not form.is_valid():
        return _step(request, act, reading, form)
    if form.must_be_shown_first:
        return _step(request, act, reading, form.shown_back(), status=200, shown_back=True)
    given = form.cleaned_data
    return _do(
        request, act, reading, form, lambda: answer(case, by=reading.person, about=given["about"], words=given["words"])
    )


def _objecting(request: HttpRequest, act: str, reading: Reading, answer: Callable, form: NotYetForm) -> HttpResponse:
    """A word that goes on with it, and counts once with the same words."""
    case = reading.case
    if not form.is_valid():
        return _step(request, act, reading, form)
    given, once = form.cleaned_data, form.once_for(case)
    return _do(
        request,
        act,
        reading,
        form,
        lambda: answer(case, by=reading.person, about=given["about"], words=given["words"], once=once),
    )


def _of_the_answer(
    request: HttpRequest, act: str, reading: Reading, form_class: type[HelpedForm], verb: Callable
) -> HttpResponse:
    """What the customer says of someone else's answer."""
    if request.method != "POST" and not reading.asks_whether_it_helped:
        return redirect(reading.path)
    form = form_class(request.POST or None, initial={"appeal": reading.appeal.pk if reading.appeal else ""})
    if not form.is_valid():
        return _step(request, act, reading, form, appeal=reading.appeal)
    appeal = next((one for one in reading.appeals if one.pk == form.cleaned_data["appeal"]), None)
    if appeal is None:
        return nothing_here(request)
    given = {"by": reading.case.customer}
    if "words" in form.cleaned_data:
        given["words"] = form.cleaned_data["words"]
    return _do(request, act, reading, form, lambda: verb(appeal, given), appeal=appeal)


def _fitting(reading: Reading, act: str) -> str:
    """Where somebody is led whose page asked for another answer than the one that is wanted now."""
    fitting = _act_instead(reading, act)
    return reading.path + (f"{ADDRESS.get(fitting, fitting)}/" if fitting != act else "")


def _act_instead(reading: Reading, act: str) -> str:
    """The answer that the proposal takes in place of this one."""
    if reading.asks_to_understand:
        return INSTEAD.get(act, act)
    if reading.resolution or act == "do_not_accept":
        return {new: old for old, new in INSTEAD.items()}.get(act, act)
    return act


def _do(
    request: HttpRequest, act: str, reading: Reading, form: Form, verb: Callable[[], object], **more
) -> HttpResponse:
    """Call the verb; a refusal stands beside the form with everything that was typed."""
    try:
        verb()
    except Conflict:
        # What has happened in the meantime is read first; the words wait in the form.
        fresh = _read_anew(reading)
        form.add_error(None, _("This has changed since you opened the page. Please read it, then answer."))
        form.data = {**form.data.dict(), **_about(fresh)}
        return _step(request, _act_instead(fresh, act), fresh, form, status=409, **more)
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return _step(request, act, reading, form, **more)
    # The status page says what happens now, from what is so when it is read.
    messages.success(request, act, extra_tags="portal", fail_silently=True)
    return redirect(reading.path)


def _read_anew(reading: Reading) -> Reading:
    case = Case.objects.select_related("customer", "owner__department__calendar").behind(reading.case.pk).get()
    return read(case, reading.participant)


def _step(
    request: HttpRequest, act: str, reading: Reading, form: Form, *, status: int | None = None, at: str = "", **more
) -> HttpResponse:
    context = {"reading": reading, "case": reading.case, "owner": reading.case.owner, "form": form, **more}
    context["voice"] = reading.voice
    context["path"] = reading.path
    # A form that came back may stand for another answer than the address: it says itself where it goes.
    context["action"] = f"{context['path']}{at or ADDRESS.get(act, act)}/"
    return render(request, f"portal/acts/{act}.html", context, status=status or (422 if form.errors else 200))


def _about(reading: Reading) -> dict[str, int | str]:
    return {"about": reading.resolution.pk if reading.resolution else ""}
