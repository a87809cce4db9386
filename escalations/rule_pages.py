"""The rules' pages: each as a sentence that can be changed, after a look at what it would have done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cases import permissions
from cases.models import Case
from cases.views.acts import put_beside_field
from escalations.looking_back import DAYS, Fired, look_back
from escalations.models import Flag, RuleChange, RuleSetting
from escalations.rule_forms import Wished
from escalations.rules import BY_NAME, ROLES, RULES, Rule, Wish, as_wished, wish_for
from escalations.wishing import last_change, wish
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused

# So many of what would have fired are listed; all are counted.
SHOWN = 100
CHANGES = 20


@dataclass(frozen=True)
class Row:
    """A rule in the list; ``change`` is None where nobody has changed it, ``standing`` how many flags it has now."""

    wish: Wish
    change: RuleSetting | None
    standing: int


@dataclass(frozen=True)
class Changed:
    """One change, in words."""

    change: RuleChange
    words: str


@dataclass(frozen=True)
class LookedBack:
    """What a rule would have done: how often as tried and as it is now, and the latest ones with their cases."""

    wish: Wish
    times: int
    times_now: int
    rows: list[tuple[Fired, Case]]
    is_new: bool

    @property
    def hidden(self) -> int:
        return self.times - len(self.rows)


def keepers_only(view):
    """Supervisors and administrators; anybody else of the staff is told that this is not theirs."""

    def allowed(agent) -> bool:
        if not permissions.may_keep_rules(agent):
            raise PermissionDenied("Supervisors and administrators say which flags rise.")
        return True

    return user_passes_test(allowed)(view)


@keepers_only
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule as a sentence, with how many of its flags stand."""
    settings = {setting.rule: setting for setting in RuleSetting.objects.select_related("changed_by")}
    standing = dict(Flag.objects.standing().order_by().values_list("rule").annotate(Count("pk")))
    rows = [
        Row(wish_for(rule, settings.get(rule.name)), settings.get(rule.name), standing.get(rule.name, 0))
        for rule in RULES
    ]
    groups = [
        ("While it is so", "These end by themselves when they are over.", [row for row in rows if _lasts(row)]),
        ("Once it has happened", "These stand until a supervisor has acted.", [row for row in rows if not _lasts(row)]),
    ]
    return render(request, "escalations/rules.html", {"groups": groups})


@keepers_only
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule: its sentence to change, what it would have done (``?try=1``), and who changed what; POST saves it."""
    found = BY_NAME.get(name)
    if found is None:
        raise Http404
    now = as_wished([found])[name]
    tried = request.POST if request.method == "POST" else request.GET if "try" in request.GET else None
    form = Wished(tried, wish=now)
    looked_back, status = None, 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            return _save(request, form)
        except NotAllowed:
            raise
        except Refused as refusal:
            put_beside_field(form, refusal)
            status = refusal.status
    elif form.is_bound:
        looked_back = _look_back(form.as_wished(), now, request.user)
    context = {
        "rule": found,
        "form": form,
        "looked_back": looked_back,
        "days": DAYS,
        "changes": list(_changes(found)),
        "as_read": last_change(found),
    }
    return render(request, "escalations/rule.html", context, status=status)


# -- steps -------------------------------------------------------------------------------------------------------------


def _lasts(row: Row) -> bool:
    return row.wish.rule.is_condition


def _save(request: HttpRequest, form: Wished) -> HttpResponse:
    wanted = form.as_wished()
    read = request.POST.get("as_read", "")
    saved = wish(
        wanted.rule,
        is_on=wanted.is_on,
        numbers=wanted.numbers,
        tells=wanted.tells,
        by=request.user,
        as_read=int(read) if read.isascii() and read.isdigit() and len(read) < 19 else None,
    )
    messages.success(request, f"Saved. {saved.sentence}" if saved.is_on else "Saved: nobody looks for it any more.")
    return redirect(reverse("escalations:rules"))


def _look_back(tried: Wish, now: Wish, agent) -> LookedBack:
    instant = clock.now()
    fired = look_back(tried, instant)
    as_now = fired if tried.numbers == now.numbers else look_back(now, instant)
    cases = Case.objects.visible_to(agent).select_related("customer").in_bulk({one.case for one in fired[:SHOWN]})
    return LookedBack(
        wish=tried,
        times=len(fired) if tried.is_on else 0,
        times_now=len(as_now) if now.is_on else 0,
        rows=[(one, cases[one.case]) for one in fired[:SHOWN] if one.case in cases] if tried.is_on else [],
        is_new=tried != now,
    )


def _changes(found: Rule) -> Iterator[Changed]:
    """The latest first, each against what was before."""
    latest = list(RuleChange.objects.filter(rule=found.name).select_related("by").order_by("-pk")[: CHANGES + 1])
    before = [*latest[1:], None]
    for change, earlier in zip(latest[:CHANGES], before, strict=False):
        yield Changed(change, "; ".join(_differences(wish_for(found, earlier), wish_for(found, change))))


def _differences(before: Wish, after: Wish) -> Iterator[str]:
    if after.is_on != before.is_on:
        yield "switched on" if after.is_on else "switched off"
    for number in after.rule.numbers:
        was, is_now = before.numbers[number.name], after.numbers[number.name]
        if was != is_now:
            yield f"{is_now:g} {number.unit} instead of {was:g}"
    for role, words in ROLES.items():
        if (role in before.tells) != (role in after.tells):
            yield f"tells {words}" if role in after.tells else f"no longer tells {words}"
