"""A confidential case is seen by its owner, the departments asked on it, whoever it is offered to, and supervisors."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from cases.actors import LOG
from cases.models import Case, Notice
from cases.verbs import (
    appeals,
    complaints,
    concessions,
    confidentiality,
    conversation,
    ownership,
    promises,
    refusals,
    subtasks,
)
from escalations import flags
from escalations.rules import BY_NAME
from staff import absences
from staff.models import Agent, Department, Mandate
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, Refused
from supportdesk.shell import _counts
from tests.cast import SUNDAY, TUESDAY, a_case, an_agent, everything, first_promise, fresh, kinds, takes_part
from tests.pages import less_tokens, said, signed_in

CANARY = "zanzibar"
pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def paula(cast):
    """Of a department that nobody has asked anything; administrator, which opens no case."""
    elsewhere = Department.objects.create(name="Billing", calendar=cast.support.calendar)
    return an_agent("Paula Petit", elsewhere, is_admin=True)


def made_confidential(case, by):
    return confidentiality.make_confidential(case, reason=f"It is about her {CANARY}.", by=by)


@pytest.fixture
def secret(cast, tuesday):
    """Nadia's confidential case with everything that can hang on one; the canary stands in every text."""
    case = a_case(cast.carla, problem=f"My {CANARY} was read out.", subject=f"The {CANARY}", preferences=[CANARY])
    subtasks.ask(case, cast.hardware, f"Look for the {CANARY}.", by=cast.nadia)
    ownership.hand_over(case, cast.ben, brief=f"She minds her {CANARY}.", by=cast.nadia)
    takes_part(case, cast.mallory, relation=f"her {CANARY}", by=cast.nadia)
    conversation.note(case, CANARY, by=cast.nadia)
    promises.make(case, promises.Pledge(f"send the {CANARY}", TUESDAY + timedelta(days=3)), by=cast.nadia)
    complaints.complain(case, f"My {CANARY} was laughed at.", by=cast.carla)
    told = {"asked": f"A new {CANARY}", "ground": f"The {CANARY} was opened by you.", "read_before": CANARY}
    refusals.refuse(case, kind="not_entitled", **told, decider=f"Wanda of {CANARY}", by=cast.nadia)
    Mandate.objects.create(department=cast.support, decider=cast.sam)
    given = {"words": f"A new {CANARY}", "why": f"Her {CANARY} is broken."}
    concessions.give(case, "replacement", **given, by=cast.nadia)
    appeals.ask(case, "Somebody else, please.", by=cast.carla)
    return made_confidential(case, cast.nadia)


class TestWhoSeesIt:
    def test_owner_asked_departments_the_one_it_is_offered_to_and_supervisors(self, secret, cast, paula):
        seeing = {
            name for name in vars(cast) if getattr(getattr(cast, name), "email", "") and _sees(cast, name, secret)
        }
        assert seeing == {"nadia", "olga", "ben", "sam", "sue"}
        assert secret not in Case.objects.visible_to(paula)

    def test_what_is_not_confidential_everybody_sees(self, case, paula):
        assert case in Case.objects.visible_to(paula)

    def test_a_department_that_has_ended_its_part_goes_on_seeing_it(self, secret, cast):
        subtasks.not_ours(secret.subtasks.get(), reason="It is software.", by=cast.olga)
        assert secret in Case.objects.visible_to(cast.olga)

    def test_an_offer_given_back_ends_the_sight_of_it(self, secret, cast):
        ownership.give_back(secret.handovers.get(), reason="I know her.", by=cast.ben)
        assert secret not in Case.objects.visible_to(cast.ben)

    def test_taken_over_it_is_gone_for_who_owned_it_and_no_notice_leads_there(self, secret, cast):
        ownership.take_over(secret, reason="I look after it.", by=cast.sam)
        announce()
        assert secret not in Case.objects.visible_to(cast.nadia)
        assert not Notice.objects.filter(agent=cast.nadia).exists()

    def test_opened_again_everybody_sees_it(self, secret, cast, paula):
        confidentiality.open_to_staff(secret, reason="Carla wants it so.", by=cast.sam)
        assert secret in Case.objects.visible_to(paula)

    def test_whoever_has_left_sees_nothing(self, secret, case, cast):
        cast.nadia.is_active = False
        assert not Case.objects.visible_to(cast.nadia).exists()


def _sees(cast, name, case) -> bool:
    return Case.objects.visible_to(getattr(cast, name)).filter(pk=case.pk).exists()


class TestSayingSo:
    def test_the_reason_stands_inside_and_never_in_the_timeline_itself(self, secret, cast):
        entry = secret.entries.get(kind="made_confidential")
        assert (entry.note.body, entry.data) == (f"It is about her {CANARY}.", {})
        page = said(signed_in(cast.olga).get(secret.get_absolute_url()))
        assert "Nadia Novak made this confidential" in page and f"It is about her {CANARY}." in page

    def test_the_customer_reads_nothing_of_it(self, secret, cast):
        assert "onfidential" not in said(signed_in(cast.sam).get(f"/help/view/{secret.number}/"))

    def test_for_another_reason_it_is_a_conflict_not_a_silence(self, secret, cast):
        with pytest.raises(Conflict):
            confidentiality.make_confidential(secret, reason="Another.", by=cast.nadia)

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
    def test_without_a_reason_that_is_read_nothing_changes(self, case, cast, reason):
        with pytest.raises(Refused) as refused:
            confidentiality.make_confidential(case, reason=reason, by=cast.nadia)
        assert refused.value.field == "reason"

    def test_on_the_page_owner_and_supervisor_say_it_and_take_it_back(self, case, cast):
        nadia = signed_in(cast.nadia)
        assert "Make confidential…" in said(nadia.get(case.get_absolute_url()))
        assert "Make confidential…" not in said(signed_in(cast.olga).get(case.get_absolute_url()))
        nadia.post(f"{case.get_absolute_url()}confidential/", {"reason": "Her health."})
        assert fresh(case).is_confidential
        signed_in(cast.sam).post(f"{case.get_absolute_url()}open-to-staff/", {"reason": "Over."})
        assert not fresh(case).is_confidential
        assert kinds(case)[-2:] == ["made_confidential", "no_longer_confidential"]


# -- every address ---------------------------------------------------------------------------------------------------

# What an address takes, and the row of the secret case that it would lead to.
ROWS = {
    "handover_pk": lambda case: case.handovers.get(),
    "promise_pk": first_promise,
    "subtask_pk": lambda case: case.subtasks.get(),
    "participant_pk": lambda case: case.participants.get(),
    "complaint_pk": lambda case: case.complaints.get(),
    "refusal_pk": lambda case: case.refusals.get(),
    "appeal_pk": lambda case: case.appeals.get(),
    "concession_pk": lambda case: case.concessions.get(),
    "flag_pk": lambda case: case.flags.earliest("pk"),
    "absence_pk": lambda case: absences.announce(case.owner, None, None, None, by=Agent.objects.get(name="Sam Sato")),
    "number": lambda case: case,
}
# Not about a case, or seen by everybody.
ABOUT_NO_CASE = {
    "department_pk",
    "calendar_pk",
    "agent_pk",
    "name",
    "token",
    "screen",
    "customer_pk",
    "address_pk",
    "merging_pk",
    "object_id",
    "app_label",
}
# The administrators' own, and what asks for a token: tests/api look at those.
OF_ANOTHER_KIND = ("admin/", "api/", "settings/webhooks/")
MISSING = 999_999_999


def ways_to_a_case():
    """Every address that takes the id of a case or of what hangs on one, with the name of what it takes."""
    for path in addresses():
        if path.startswith(OF_ANOTHER_KIND):
            continue
        for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", path):
            if name not in ABOUT_NO_CASE:
                yield pytest.param(path, name, converter, id=path)


def addresses(patterns=None, before=""):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield path


def leads_to(path, name, converter, pk) -> str:
    value = f"C-{pk}" if converter == "case" else str(pk)
    return "/" + re.sub(rf"<\w*:?{name}>", value, path)


@pytest.mark.parametrize(("path", "name", "converter"), list(ways_to_a_case()))
def test_whoever_may_not_see_it_finds_what_finds_who_asks_for_nothing(secret, paula, path, name, converter):
    with clock.at(TUESDAY + timedelta(days=1)):
        promises.break_due(clock.now())
        flags.raise_all(BY_NAME["promise_broken"], clock.now())
        row = secret if name == "pk" else ROWS[name](secret)
        client = signed_in(paula)
        before = everything()
        for ask in (client.get, client.post):
            hidden = ask(leads_to(path, name, converter, row.pk))
            missing = ask(leads_to(path, name, converter, MISSING))
            if "escalations/" in path:
                assert hidden.status_code == 403, "Not hers, whatever is behind it."
            else:
                assert hidden.status_code in (404, 405)
            assert (hidden.status_code, less_tokens(hidden)) == (missing.status_code, less_tokens(missing))
        assert everything() == before


def test_every_way_to_a_case_is_walked():
    assert len(list(ways_to_a_case())) > 25


# -- every list --------------------------------------------------------------------------------------------------------


def lists_of(cast, case) -> list[str]:
    plain = [
        f"/{path}"
        for path in addresses()
        if "<" not in path and not path.startswith(("admin", "api/", "help", "account"))
    ]
    queues = [f"/queue/{department.pk}/" for department in Department.objects.all()]
    found = [f"/customers/?q={words}" for words in (case.number, str(case.pk), CANARY, "Carla")]
    return [*plain, *queues, *found, f"/customers/{cast.carla.pk}/", f"/customers/{cast.mallory.pk}/"]


def test_no_word_of_it_stands_on_any_list_of_who_may_not_see_it(secret, cast, paula):
    with clock.at(SUNDAY):
        free = a_case(cast.carla, problem=f"Nobody owns my {CANARY}.")
    confidentiality.make_confidential(free, reason=CANARY, by=LOG)
    ownership.take_over(secret, reason="I look after it.", by=cast.sam)
    conversation.customer_writes(secret, f"The {CANARY} again.", by=cast.carla)
    announce()
    for agent in (paula, cast.nadia, cast.wanda):
        client = signed_in(agent)
        for path in lists_of(cast, secret):
            page = client.get(path)
            assert page.status_code in (200, 302, 403, 405), path
            about = page.content.decode().replace(f'value="{CANARY}"', "").replace(f"{CANARY}: Customers", "")
            assert CANARY not in about.lower(), f"{path} shows it to {agent.name}"


def test_those_who_may_see_it_find_it_on_their_lists(secret, cast):
    assert CANARY in said(signed_in(cast.nadia).get("/"))
    assert CANARY in said(signed_in(cast.ben).get("/"))
    assert CANARY in said(signed_in(cast.olga).get("/queue/"))
    assert CANARY in said(signed_in(cast.sam).get(f"/customers/{cast.carla.pk}/"))


def test_no_count_tells_of_it(secret, cast, paula):
    part = secret.subtasks.get()
    subtasks.done(part, outcome="Found.", by=cast.olga)
    announce()
    assert _counts(cast.nadia)["notices"] == 3  # The part is done, and Carla complains and asks for someone else.
    ownership.take_over(secret, reason="Mine.", by=cast.sam)
    assert not any(_counts(cast.nadia).values())
    assert not any(_counts(paula).values())
    assert "been" in said(signed_in(paula).get(f"/customers/{cast.carla.pk}/"))
    assert "Told us none problems" not in said(signed_in(paula).get(f"/customers/{cast.carla.pk}/"))


# -- what it costs -----------------------------------------------------------------------------------------------------


def test_looking_for_what_may_be_seen_reads_no_table_from_end_to_end(case, paula):
    """As the planner sees it with sequential reading left as a last resort, however few rows a test has."""
    lists = [
        Case.objects.visible_to(paula).open().by_next_due()[:51],
        Case.objects.visible_to(paula).up_for_taking().by_next_due()[:51],
        Case.objects.visible_to(paula).filter(pk=case.pk),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for found in lists:
            statement, values = found.query.sql_with_params()
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on cases_" not in plan, plan
            assert "confidential_cases" in plan, plan
            # Both hold standing offers alone; on a table of a few rows either is as good.
            assert "handovers_open" in plan or "one_open_handover" in plan, plan
