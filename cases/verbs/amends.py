"""Make it right: what a broken promise opens. In a person's own words; a standard text settles nothing."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Lower

from cases import permissions, timeline
from cases.actors import Actor
from cases.models import Amends, Case, Promise
from cases.models.timeline import Kind
from cases.verbs import conversation, promises
from cases.verbs.locking import lock_with
from supportdesk import clock
from supportdesk.errors import Conflict, Refused

LONGEST = 5000
SAID_BEFORE_WITHIN = timedelta(days=365)

# What is said to everybody. Nobody can tell a true apology from a false one by its words; but these are none.
STOCK_PHRASES = (
    "we apologise for any inconvenience this may have caused you",
    "we apologise for any inconvenience this may have caused",
    "we apologise for any inconvenience this has caused",
    "we apologise for any inconvenience caused",
    "we apologise for any inconvenience",
    "we apologise for the inconvenience caused",
    "we apologise for the inconvenience",
    "we are sorry for any inconvenience caused",
    "we are sorry for any inconvenience",
    "we are sorry for the inconvenience",
    "i apologise for any inconvenience caused",
    "i apologise for any inconvenience",
    "i apologise for the inconvenience",
    "i am sorry for any inconvenience",
    "i am sorry for the inconvenience",
    "sorry for any inconvenience",
    "sorry for the inconvenience",
    "please accept our sincere apologies",
    "please accept our apologies",
    "please accept my apologies",
    "our sincere apologies",
    "our apologies",
    "my apologies",
    "we sincerely apologise",
    "we apologise for the delay",
    "we are sorry for the delay",
    "sorry for the delay",
    "thank you for your patience and understanding",
    "thank you for your understanding",
    "thank you for your patience",
    "we appreciate your patience",
    "we value your business",
    "your satisfaction is important to us",
    "we regret any inconvenience",
    "we apologise",
    "i apologise",
    "apologies",
    "we are sorry",
    "i am sorry",
    "sorry",
)
FEWEST_WORDS = 3
_WORD = re.compile(r"[\w']+")


@transaction.atomic
def make(
    promise: Promise, *, apology: str, why: str, doing: str, by: Actor, next_promise: promises.Pledge | None = None
) -> Amends:
    """Make one broken promise right: one message to the customer, of an apology, why, and what we do about it.

    It counts as speaking about the promise: one that is still owed is answered by it.

    Args:
        apology: in the writer's own words, as nobody was told before.
        why: why it was broken.
        doing: what we do about it.
        next_promise: what is promised next; needed when this answers the last promise of an open case.

    Raises:
        NotAllowed: the actor is neither owner nor supervisor.
        Conflict: it has been made right in other words.
        Refused: the promise is not broken, the case is closed, words are missing, or the apology is a standard text.
    """
    case, promise = lock_with(promise)
    permissions.require(
        permissions.may_make_right(by, case),
        "not_your_case",
        f"Only {case.owner.name}, who owns this case, or a supervisor can do this.",
    )
    told = {"apology": apology.strip(), "why": why.strip(), "doing": doing.strip()}
    if (made := Amends.objects.filter(promise=promise).first()) is not None:
        _require_same(made, told)
        return made
    _require_possible(case, promise, told)
    _require_own_words(case, told["apology"])
    message = conversation.say(case, "\n\n".join(told.values()), by=by)
    made = Amends.objects.create(
        case=case, promise=promise, message=message, made_at=clock.now(), made_by_agent=by, **told
    )
    timeline.record(case, Kind.MADE_RIGHT, by=by, amends=made, promise=promise, message=message)
    promises.end_by_act(case, [promise], message, by=by)
    promises.settle(case, next_promise, by=by)
    return made


def is_standard(apology: str) -> bool:
    """Whether an apology says nothing beside the usual phrases."""
    plain = apology.lower().replace("’", "'").replace("apologize", "apologise")
    plain = plain.replace("we're", "we are").replace("i'm", "i am")
    left = f" {' '.join(_WORD.findall(plain))} "
    for phrase in STOCK_PHRASES:
        left = left.replace(f" {phrase} ", " ")
    return len(left.split()) < FEWEST_WORDS


# -- steps -------------------------------------------------------------------------------------------------------------


def _require_same(made: Amends, told: dict[str, str]) -> None:
    if any(getattr(made, name) != words for name, words in told.items()):
        raise Conflict("made_right_already", f"{made.made_by_agent.name} has made this right already.")


def _require_possible(case: Case, promise: Promise, told: dict[str, str]) -> None:
    first = case.customer.first_name
    if not promise.is_broken(clock.now()):
        raise Refused("not_broken", "This promise is not broken: there is nothing to make right.")
    if not case.is_open:
        raise Refused("case_closed", f"This problem is closed. Reopen it to write to {first}.")
    missing = {
        "apology": "Say it in your own words",
        "why": "Say why it was broken",
        "doing": "Say what we do about it",
    }
    for field, sentence in missing.items():
        if not told[field]:
            raise Refused("words_needed", f"{sentence}: {first} reads it.", field=field)
        if len(told[field]) > LONGEST:
            raise Refused("words_too_long", f"Say it in at most {LONGEST:,} characters.", field=field)


def _require_own_words(case: Case, apology: str) -> None:
    """What others were told in this year already, or is told to everybody, is no apology to this customer."""
    if is_standard(apology) or _said_before(apology):
        raise Refused(
            "in_your_own_words",
            f"Say it in your own words: what happened to {case.customer.first_name}, and what you are sorry for."
            " A standard text settles nothing.",
            field="apology",
        )


def _said_before(apology: str) -> bool:
    since = clock.now() - SAID_BEFORE_WITHIN
    lately = Amends.objects.filter(made_at__gte=since)
    return lately.annotate(plain=_plain(F("apology"))).filter(plain=_plain(Value(apology))).exists()


def _plain(words) -> Func:
    """The letters and digits alone, as the database reads them."""
    letters = (Lower(words), Value("[^[:alnum:]]+"), Value(""), Value("g"))
    return Func(*letters, function="regexp_replace", output_field=TextField())
