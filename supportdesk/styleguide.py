"""The style guide: every component in every state, and every screen's skeleton with sample people. No database.

Page authors copy structure from ``templates/styleguide/``; the accessibility and picture checks run on these pages.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.forms.fields import time_to_promise
from supportdesk import clock

STAFF_SCREENS = ("my-cases", "queue", "escalations", "case")
CUSTOMER_SCREENS = ("status", "intake")

TYPE = [
    ("clock", "15:00", "Inter 500, 48 / 44, −0.038 em: the promise’s time"),
    ("first", "Nobody calls me back.", "Source Serif 400, 34 / 44, −0.014 em"),
    ("sentence", "Mia will call by 5 pm.", "Inter 400 and 650, 34 / 42, −0.018 em"),
    ("h1", "My cases", "Inter 600, 26 / 34, −0.02 em"),
    ("said", "I have the receipt, and I kept a picture of the page.", "Source Serif 400, 20 / 30"),
    ("ours", "Nobody will ask you for the receipt again.", "Inter 400, 17 / 26"),
    ("plain", "Licensing, Raj Patel, in work since 14:05", "Inter 400, 15 / 24"),
    ("key", "Ctrl K", "Inter 500, 13 / 16, key caps only"),
]
COLOURS = [
    *("paper", "paper-raised", "paper-sunk", "ink", "ink-quiet", "line", "line-strong", "edge"),
    *("accent", "accent-fill", "accent-strong", "on-accent", "late", "soon", "kept"),
    *("inside", "inside-hatch", "inside-ink"),
]
SPACES = (4, 8, 12, 16, 24, 32, 48, 72)


class PromiseForm(forms.Form):
    """A form with one field of each sort."""

    what = forms.CharField(label="What do you promise?", help_text="Jo reads this sentence as it stands.")
    due_at = time_to_promise("By when?")
    channel = forms.ChoiceField(
        label="How does Jo hear it?",
        choices=[("call", "By telephone"), ("page", "On the status page")],
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(label="What kind?", choices=[("call", "A call"), ("update", "Some news")])
    reason = forms.CharField(label="Why, in a sentence", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    told = forms.BooleanField(label="Jo has been told")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        t = times(clock.now())
        words = {"due": "Today by 17:00, for Jo 11:00", "tomorrow": "Tomorrow morning, Wed 12:00, for Jo 06:00"}
        self.fields["due_at"].widget.times = [(t[name], said) for name, said in words.items()]
        self.fields["due_at"].widget.hint = "For Jo it is 6 h earlier than that."

    def clean_due_at(self) -> str:
        raise forms.ValidationError("Licensing needs until 16:00. Choose a later time.")


class IntakeForm(forms.Form):
    """The first step of intake."""

    words = forms.CharField(label="Your words", widget=forms.Textarea(attrs={"class": "said"}))


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    return render(request, "styleguide.html", samples())


@require_safe
def styleguide_screen(request: HttpRequest, screen: str) -> HttpResponse:
    """One screen's skeleton, alone and as it will stand. Raises 404 for a name that is not one of the screens."""
    if screen in STAFF_SCREENS:
        frame = "styleguide/staff_frame.html"
    elif screen in CUSTOMER_SCREENS:
        frame = "styleguide/customer_frame.html"
    else:
        raise Http404
    return render(request, frame, samples() | {"skeleton": f"styleguide/{screen}.html", "screen": screen})


def samples() -> dict:
    """The sample values of all pages of the guide."""
    t = times(clock.now())
    filled = {"what": "Call with both codes", "due_at": t["tomorrow"], "channel": "call", "kind": "call"}
    wrong = PromiseForm({**filled, "due_at": "", "due_at_plain": t["in_two_days"].isoformat()})
    wrong.is_valid()
    return {
        "company": "Halden Software",
        "help_phone": "0800 300 400",
        "type": TYPE,
        "colours": COLOURS,
        "spaces": SPACES,
        "empty_form": PromiseForm(initial=filled, prefix="empty"),
        "wrong_form": wrong,
        "intake_form": IntakeForm(initial={"words": "I bought two licences because the upgrade was promised free."}),
        "t": t,
        "long_words": "I have told this story to twelve people. " * 18,
    }


def times(now: datetime) -> dict[str, datetime]:
    """Instants around now, named for what they show. All aware, UTC."""
    return {
        "now": now,
        "late": now - timedelta(minutes=40),
        "later": now - timedelta(minutes=100),
        "soon": now + timedelta(minutes=50),
        "due": now + timedelta(minutes=80),
        "due_after": now + timedelta(minutes=110),
        "tomorrow": now + timedelta(hours=18, minutes=20),
        "in_two_days": now + timedelta(hours=44, minutes=20),
        "in_three_days": now + timedelta(hours=65, minutes=20),
        "next_week": now + timedelta(days=9),
        "recent": now - timedelta(minutes=28),
        "yesterday": now - timedelta(hours=23),
        "earlier": now - timedelta(days=1, hours=5, minutes=37),
        "first": now - timedelta(days=2, hours=6, minutes=28),
        "old": now - timedelta(days=40),
    }
