"""The customer's forms. They ask once, keep what was typed, and say what is wrong beside the field."""

from __future__ import annotations

import hashlib
import re
import secrets

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Preference, Promise
from cases.verbs.opening import LONGEST_PROBLEM
from staff.models import Topic

MOST_TOPICS = 6
FEWEST_DIGITS = 6


class Words(forms.CharField):
    """What somebody writes: line ends as one character, and no character that cannot be kept."""

    def __init__(self, *, max_length: int = LONGEST_PROBLEM, too_long: str = "", **options):
        too_long = too_long or _("Please stay below %(limit_value)s characters. You have written %(show_value)s.")
        messages = {"max_length": too_long, **options.pop("error_messages", {})}
        super().__init__(max_length=max_length, error_messages=messages, **options)
        self.validators = [check for check in self.validators if not isinstance(check, ProhibitNullCharactersValidator)]
        self.validators.append(
            ProhibitNullCharactersValidator(message=_("There is a character in it that cannot be kept. Type it anew."))
        )

    def to_python(self, value):
        # A browser sends two characters for each end of line, and counts one.
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return super().to_python(value)

    def widget_attrs(self, widget):
        # Nothing is cut off while it is pasted: too much is said beside the field.
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


def _writing(rows: int = 6, **attributes) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "said", "rows": rows, **attributes})


class OnceForm(forms.Form):
    """A form that counts once, however often it is sent."""

    once = forms.RegexField(r"^[A-Za-z0-9_-]{1,64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial={"once": secrets.token_urlsafe(16), **(initial or {})})

    def once_for(self, case: Case) -> str:
        """The key for this case alone: one that was sent for another case means nothing here."""
        once = self.cleaned_data["once"]
        return hashlib.sha256(f"{case.key}:{once}".encode()).hexdigest()[:32] if once else ""


class AddForm(OnceForm):
    words = Words(
        label=_("What would you like to add?"),
        widget=_writing(),
        error_messages={"required": _("Write what you would like to add.")},
    )


class ComplaintForm(OnceForm):
    words = Words(
        label=_("What went wrong?"),
        widget=_writing(),
        error_messages={"required": _("Write what went wrong in how we dealt with you.")},
    )


class AnotherLookForm(OnceForm):
    words = Words(label=_("Would you like to say why?"), required=False, widget=_writing(4))


class NewTimeForm(OnceForm):
    """Whether a new time is all right."""

    answer = forms.ChoiceField(
        choices=[("yes", ""), ("no", "")], error_messages={"required": _("Say whether that is all right.")}
    )
    words = Words(label=_("Would you like to say anything about it?"), required=False, widget=_writing(2))

    @classmethod
    def about(cls, promise: Promise, data=None) -> NewTimeForm:
        """The form for one promise: several can stand on one page, so each has ids of its own."""
        form = cls(data)
        form.auto_id = f"promise_{promise.pk}_%s"
        return form


class SomeoneElseForm(OnceForm):
    words = Words(label=_("What should they know?"), required=False, widget=_writing(4))


class HelpedForm(OnceForm):
    """Which answer it is about stands in the form: what has come since is read first."""

    appeal = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class DidNotHelpForm(HelpedForm):
    words = Words(label=_("What is still wrong?"), required=False, widget=_writing(4))


class AnswerForm(OnceForm):
    """An answer to the proposal that stands on the page."""

    about = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class NotYetForm(AnswerForm):
    words = Words(label=_("What is still missing?"), required=False, widget=_writing())


class NotAcceptForm(NotYetForm):
    words = Words(label=_("What would you like us to know?"), required=False, widget=_writing())


class YesForm(AnswerForm):
    """A yes, or another word that ends it, and whatever the customer wants to say with it.

    Words count only once they have been shown back: ``shown`` carries what was shown.
    """

    words = Words(label=_("Would you like to say anything about it?"), required=False, widget=_writing(4))
    shown = Words(required=False, widget=forms.HiddenInput, strip=True)

    @property
    def must_be_shown_first(self) -> bool:
        return bool(self.cleaned_data["words"]) and self.cleaned_data["words"] != self.cleaned_data["shown"]

    def shown_back(self) -> YesForm:
        """The same form with the words in it as they are shown."""
        return YesForm(initial={**self.cleaned_data, "shown": self.cleaned_data["words"]})


# -- intake ----------------------------------------------------------------------------------------------------------


class WordsForm(forms.Form):
    """Step 1: what happened, in the customer's own words."""

    words = Words(
        label=_("Your words"),
        help_text=_("In your own words, as you would tell a person. You will not need to repeat it."),
        widget=_writing(9),
        error_messages={"required": _("Tell us what happened, in your own words.")},
    )
    # The choices are read where one is looked at or chosen, not each time the step is gone over again.
    about = forms.ChoiceField(
        label=_("What is it about?"), required=False, widget=forms.RadioSelect, choices=lambda: _topics()
    )

    def offers_topics(self) -> bool:
        """Whether there is anything to choose from."""
        return any(self.fields["about"].choices)


def _topics() -> list[tuple[str, str]]:
    return [(str(topic.pk), topic.name) for topic in Topic.objects.all()[:MOST_TOPICS]]


class WishesForm(forms.Form):
    """Step 2: what would put it right. Nobody has to know."""

    desired_outcome = Words(label=_("What would put this right?"), required=False, max_length=4000, widget=_writing(4))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for rank, label in enumerate(RANKS, start=1):
            self.fields[f"wish_{rank}"] = Words(
                label=label,
                required=False,
                max_length=300,
                too_long=_("Please say this wish in at most %(limit_value)s characters."),
            )

    def wish_fields(self) -> list:
        return [self[f"wish_{rank}"] for rank in range(1, Preference.MOST + 1)]


RANKS = (_("Best"), _("Else"), _("Or else"), _("At the very least"))


class ReachForm(forms.Form):
    """Step 3: how the customer can be reached. A mail address or a telephone number is enough."""

    name = Words(
        label=_("Your name"),
        max_length=120,
        too_long=_("Please use at most %(limit_value)s characters for your name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Tell us your name, so that we know whom to ask for.")},
    )
    mail = forms.EmailField(
        label=_("Mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={
            "invalid": _("This mail address cannot be right. It looks like name@example.org."),
            "max_length": _("This mail address is too long to be right."),
        },
    )
    phone = Words(
        label=_("Telephone"),
        required=False,
        max_length=40,
        too_long=_("This telephone number is too long to be right."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    best_time = Words(
        label=_("When is a good time?"),
        required=False,
        max_length=120,
        too_long=_("Please say it in at most %(limit_value)s characters."),
    )

    def clean_name(self) -> str:
        return _on_one_line(self.cleaned_data["name"])

    def clean_best_time(self) -> str:
        return _on_one_line(self.cleaned_data["best_time"])

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        digits = re.sub(r"\D", "", phone)
        if phone and (len(digits) < FEWEST_DIGITS or not re.fullmatch(r"[\d\s+()/.\-–]*", phone)):
            raise forms.ValidationError(_("This telephone number cannot be right. It needs at least six digits."))
        return phone

    def clean(self) -> dict:
        given = super().clean()
        untouched = "mail" not in self.errors and "phone" not in self.errors
        if untouched and not given.get("mail") and not given.get("phone"):
            self.add_error("mail", _("Give a mail address or a telephone number, so that we can reach you."))
        return given


def _on_one_line(words: str) -> str:
    return " ".join(words.split())
