"""What must be so after every experiment, whatever broke (the numbers of the fault table)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F

from cases import digest
from cases.models import Case, Digest, Entry, Message, Notice, Promise
from escalations.models import Flag
from supportdesk import clock
from tests.supportdesk.post_office import PostOffice


@dataclass
class Told:
    """One thing that a customer has told, and what they were answered each time they tried."""

    words: str
    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    without_retry_after: int = 0

    @property
    def accepted(self) -> bool:
        return 302 in self.statuses

    def answered(self, status: int, seconds: float, retry_after: str | None = None) -> int:
        self.statuses.append(status)
        self.seconds.append(seconds)
        self.without_retry_after += status == 503 and not retry_after
        return status


class Ledger:
    """What the customers remember."""

    def __init__(self):
        self.told: list[Told] = []
        self.until: int | None = None
        self.timeline: digest.Digest | None = None

    def notes_the_timeline(self) -> None:
        """In a quiet moment: what stands there now must stand there at the end."""
        self.until = Entry.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        self.timeline = digest.of_the_timeline(self.until)

    def keeps(self, customer):
        self.told.append(customer.told)
        return customer

    @property
    def accepted(self) -> list[Told]:
        return [told for told in self.told if told.accepted]

    def slowest(self) -> float:
        return max(seconds for told in self.told for seconds in told.seconds)


def check(ledger: Ledger | None = None, announced: bool = True, office: PostOffice | None = None) -> None:
    """Ask all of them.

    Args:
        ledger: of the customers who came by the door.
        announced: the workers had their time, so nothing waits any more.
        office: the mail server that took what was sent.
    """
    if ledger:
        i1_what_was_accepted_is_there_once(ledger)
        i8_nobody_read_an_error(ledger)
    i2_one_owner_whom_the_timeline_names()
    i3_what_is_past_due_has_one_flag_with_its_own_time()
    if office:
        i4_what_was_sent_was_taken_once(office)
    i5_nothing_is_closed_over_open_parts()
    i6_what_was_written_stands_and_has_an_actor(ledger)
    if announced:
        nothing_waits()
    nobody_was_told_twice()


def i1_what_was_accepted_is_there_once(ledger: Ledger) -> None:
    cases = Counter(Case.objects.values_list("problem", flat=True))
    messages = Counter(Message.objects.filter(direction="in").values_list("body", flat=True))
    for told in ledger.told:
        least = 1 if told.accepted else 0
        assert least <= cases[told.words] <= 1, (told, cases[told.words])
        assert messages[told.words] == cases[told.words], told


def i2_one_owner_whom_the_timeline_names() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM cases_case c LEFT JOIN LATERAL (SELECT owner_id FROM cases_entry e"
            " WHERE e.case_id = c.id AND e.owner_id IS NOT NULL ORDER BY e.id DESC LIMIT 1) said ON true"
            " WHERE said.owner_id IS DISTINCT FROM c.owner_id"
        )
        assert cursor.fetchall() == []


def i3_what_is_past_due_has_one_flag_with_its_own_time() -> None:
    """Every promise that was broken has one entry and one flag, both its own; none came early."""
    broken = Promise.objects.filter(state="broken")
    flags = Flag.objects.filter(rule="promise_broken")
    assert sorted(broken.values_list("pk", "due_at")) == sorted(flags.values_list("subject", "became_true_at"))
    entries = Entry.objects.filter(kind="promise_broken").values_list("promise", flat=True)
    assert sorted(entries) == sorted(broken.values_list("pk", flat=True))
    assert not broken.exclude(ended_at=F("due_at")).exists()
    assert not broken.filter(due_at__gt=clock.now()).exists()


def i4_what_was_sent_was_taken_once(office: PostOffice) -> None:
    """No mail twice; each that is said to be sent was taken, and none that is said to be refused."""
    assert set(Counter(office.ids).values()) <= {1}
    states = dict(Digest.objects.values_list("message_id", "state"))
    assert set(states.values()) <= {"sent", "uncertain", "given_up", "not_needed"}, "Something still waits."
    assert set(office.ids) <= states.keys()
    for message_id, state in states.items():
        assert state == "uncertain" or (message_id in office.ids) == (state == "sent"), (message_id, state)


def i5_nothing_is_closed_over_open_parts() -> None:
    over = Case.objects.filter(state="closed", subtasks__ended_at=None, subtasks__isnull=False)
    assert not over.exclude(outcome="override").exists()


def i6_what_was_written_stands_and_has_an_actor(ledger: Ledger | None) -> None:
    if ledger and ledger.timeline:
        assert digest.of_the_timeline(ledger.until) == ledger.timeline
    assert not Entry.objects.filter(actor="").exists()
    opened = Counter(Entry.objects.filter(kind="opened").values_list("case", flat=True))
    assert opened == Counter(Case.objects.values_list("pk", flat=True))


def i8_nobody_read_an_error(ledger: Ledger) -> None:
    """Accepted, refused with a sentence, asked to come again, or cut off: never a broken page."""
    for told in ledger.told:
        assert all(status in (0, 302, 409, 422, 429, 503) for status in told.statuses), told
        assert not told.without_retry_after, told


def nothing_waits() -> None:
    assert not Entry.objects.unannounced().exists()


def nobody_was_told_twice() -> None:
    of_entries = Counter(Notice.objects.exclude(entry=None).values_list("entry", "agent"))
    of_promises = Counter(Notice.objects.exclude(promise=None).values_list("promise", "reaction", "agent"))
    assert set((of_entries + of_promises).values()) <= {1}
