"""What we give: within the mandate at once, beyond it as a named person decides, who is never who asked or owns it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.actors import LOG
from cases.models import Case, Concession, Notice
from cases.models.timeline import Kind
from cases.sentences import sentence
from cases.verbs import concessions, confidentiality, joining, ownership, promises, splitting
from cases.verbs.promises import Pledge
from escalations.models import Flag
from escalations.sweep import sweep
from portal.links import status_path
from staff import absences
from staff.models import Company, Mandate
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import SUNDAY, TUESDAY, WEDNESDAY, a_case, an_agent, everything, fresh, kinds, latest_entry
from tests.pages import said, signed_in

FRIDAY_AT_FOUR = TUESDAY + timedelta(days=3, hours=6)


@pytest.fixture
def mandate(cast) -> Mandate:
    """Support refunds up to fifty and gives twenty as a courtesy; Sam decides beyond it."""
    amounts = {"refund_up_to": 50, "courtesy_up_to": 20, "replacement": True}
    return Mandate.objects.create(department=cast.support, **amounts, decider=cast.sam)


def give(case, by, kind="refund", amount="40", **more) -> Concession:
    amount = None if amount is None else Decimal(amount)
    told = {"words": "The second licence", "why": "It was charged twice.", **more}
    return concessions.give(case, kind, amount=amount, **told, by=by)


def refused(act) -> Refused:
    before = everything()
    with pytest.raises(Refused) as refusal:
        act()
    assert everything() == before
    return refusal.value


# -- giving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "amount", "granted"),
    [
        ("refund", "50", True),
        ("refund", "50.01", None),
        ("courtesy", "20", True),
        ("courtesy", "20.01", None),
        ("replacement", None, True),
    ],
)
def test_the_mandate_says_what_is_given_at_once(case, cast, mandate, kind, amount, granted):
    start = latest_entry()
    given = give(case, cast.nadia, kind, amount)
    assert given.granted is granted
    assert given.decider == (cast.nadia if granted else cast.sam)
    assert kinds(case, start) == [Kind.CONCESSION_GRANTED if granted else Kind.CONCESSION_ASKED]
    assert given.due_at == (TUESDAY if granted else WEDNESDAY)


def test_a_supervisor_has_no_more_than_the_owners_department(case, cast, mandate):
    assert give(case, cast.sue, amount="51").granted is None


def test_no_mandate_is_nothing(case, cast):
    Company.objects.update(head=cast.sue)
    assert give(case, cast.nadia, amount="0.01").decider == cast.sue
    assert give(case, cast.nadia, "replacement", None).granted is None


@pytest.mark.parametrize("in_pieces", [("30", "20", "0.01"), ("50", "0.01")])
def test_small_pieces_are_not_less(case, cast, mandate, in_pieces):
    *within, beyond = in_pieces
    for amount in within:
        assert give(case, cast.nadia, amount=amount).granted
    assert give(case, cast.nadia, amount=beyond).granted is None
    assert give(case, cast.nadia, "courtesy", "20").granted, "Another kind has its own limit."


def test_what_the_decider_granted_counts_too(case, cast, mandate):
    concessions.decide(give(case, cast.nadia, amount="80"), granted=True, by=cast.sam)
    assert give(case, cast.nadia, amount="1").granted is None


def test_what_was_declined_or_is_only_asked_does_not_count(case, cast, mandate):
    concessions.decide(give(case, cast.nadia, amount="80"), granted=False, answer="Too much.", by=cast.sam)
    give(case, cast.nadia, amount="90")
    assert give(case, cast.nadia, amount="50").granted


def test_one_replacement_is_the_limit_of_replacements(case, cast, mandate):
    assert give(case, cast.nadia, "replacement", None).granted
    assert give(case, cast.nadia, "replacement", None).granted is None


def test_what_a_joined_problem_was_given_counts_where_it_goes_on(case, cast, mandate):
    again = a_case(cast.carla, "Told again.")
    give(again, cast.sam, amount="50")
    joining.join(again, case, by=cast.sam)
    assert give(case, cast.nadia, amount="1").granted is None
    assert give(again, cast.nadia, amount="1").case == case


def test_splitting_a_problem_does_not_double_the_mandate(case, cast, mandate):
    give(case, cast.nadia, amount="50")
    second = splitting.split_off(case, "The upgrade", by=cast.nadia)
    assert give(second, cast.nadia, amount="1").granted is None
    give(second, cast.nadia, "courtesy", "20")
    assert give(case, cast.nadia, "courtesy", "1").granted is None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "voucher"}, "kind"),
        ({"amount": None}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "1e20"}, "amount"),
        ({"kind": "replacement", "amount": "5"}, "amount"),
        ({"words": " "}, "words"),
        ({"words": "x" * 301}, "words"),
        ({"why": ""}, "why"),
    ],
)
def test_what_cannot_be_given_is_refused_beside_its_field(case, cast, mandate, more, field):
    assert refused(lambda: give(case, cast.nadia, **more)).field == field


def test_a_closed_problem_is_given_nothing(case, cast, mandate):
    Case.objects.filter(pk=case.pk).update(
        state="closed", outcome="override", override_reason="x", closed_at=TUESDAY, closed_by="log"
    )
    assert refused(lambda: give(case, cast.nadia)).code == "case_closed"


def test_a_person_gives_and_no_log(case, mandate):
    with pytest.raises(NotAllowed):
        give(case, LOG)


# -- who decides -------------------------------------------------------------------------------------------------------


def test_who_is_named_decides_else_the_lead_else_the_head(case, cast, mandate):
    Company.objects.update(head=cast.sue)
    cast.support.lead = cast.ben
    cast.support.save(update_fields=["lead"])
    assert give(case, cast.nadia, amount="60").decider == cast.sam
    Mandate.objects.update(decider=None)
    assert give(case, cast.nadia, amount="60").decider == cast.ben
    cast.ben.can_sign_in = False
    cast.ben.save(update_fields=["can_sign_in"])
    assert give(case, cast.nadia, amount="60").decider == cast.sue


def test_nobody_is_asked_about_their_own(case, cast, mandate):
    Company.objects.update(head=cast.sue)
    assert give(case, cast.sam, amount="60").decider == cast.sue, "Sam asks, so another decides."
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    assert refused(lambda: give(case, cast.sue, amount="60")).code == "nobody_decides", "Sue asks, and Sam owns it."


def test_without_anybody_it_says_what_an_administrator_has_to_do(case, cast):
    refusal = refused(lambda: give(case, cast.nadia))
    assert refusal.code == "nobody_decides"
    assert "An administrator has to name who decides" in refusal.sentence


def test_a_decider_who_may_not_see_it_is_not_asked(case, cast, mandate):
    paula = an_agent("Paula Petit", cast.warranty)
    Mandate.objects.update(decider=paula)
    Company.objects.update(head=cast.sue)
    confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
    assert give(case, cast.nadia, amount="60").decider == cast.sue


def test_it_is_due_a_business_day_later_in_the_deciders_hours(case, cast, mandate):
    with clock.at(FRIDAY_AT_FOUR):
        assert give(case, cast.nadia, amount="60").due_at == FRIDAY_AT_FOUR + timedelta(days=3)
    with clock.at(SUNDAY + timedelta(days=7)):
        assert give(case, cast.nadia, amount="60").due_at.strftime("%a %H") == "Tue 09"


# -- deciding ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(case, cast, mandate) -> Concession:
    return give(case, cast.nadia, amount="80")


def test_a_yes_needs_no_words_and_a_no_does(case, cast, asked):
    assert refused(lambda: concessions.decide(asked, granted=False, by=cast.sam)).field == "answer"
    decided = concessions.decide(asked, granted=True, by=cast.sam)
    assert (decided.granted, decided.decided_at, decided.answer) == (True, TUESDAY, "")
    assert case.entries.latest("pk").kind == Kind.CONCESSION_GRANTED


def test_what_was_decided_stays(cast, asked):
    concessions.decide(asked, granted=False, answer="Too much.", by=cast.sam)
    with pytest.raises(Conflict):
        concessions.decide(asked, granted=True, by=cast.sam)
    assert fresh(asked).granted is False


@pytest.mark.parametrize("who", ["nadia", "ben", "sue", "olga"])
def test_nobody_else_decides(cast, asked, who):
    with pytest.raises(NotAllowed):
        concessions.decide(asked, granted=True, by=getattr(cast, who))


def test_the_head_of_the_company_may_and_stands_there_as_who_did(cast, asked):
    Company.objects.update(head=cast.sue)
    assert concessions.decide(asked, granted=True, by=cast.sue).decider == cast.sue


def test_a_decider_who_owns_it_by_now_does_not_decide(case, cast, asked):
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    with pytest.raises(NotAllowed, match="Nobody decides what they have asked for themselves"):
        concessions.decide(asked, granted=True, by=cast.sam)


def test_those_whom_it_concerns_are_told(case, cast, mandate):
    asked = give(case, cast.sue, amount="80")
    concessions.decide(asked, granted=False, answer="Too much.", by=cast.sam)
    announce()
    told = set(Notice.objects.values_list("agent__name", "reaction"))
    assert told == {
        ("Sam Sato", "tell_decider"),
        ("Nadia Novak", "tell_owner"),
        ("Sue Singh", "tell_who_asked"),
    }


# -- another decides ---------------------------------------------------------------------------------------------------


@pytest.fixture
def head(cast) -> None:
    Company.objects.update(head=cast.sue)


def test_who_is_away_is_asked_only_where_no_other_named_person_is_here(case, cast, mandate, head):
    absences.announce(cast.sam, TUESDAY, WEDNESDAY, None, by=cast.sue)
    assert give(case, cast.nadia, amount="60").decider == cast.sue
    absences.announce(cast.sue, TUESDAY, WEDNESDAY, None, by=cast.sam)
    assert give(case, cast.nadia, amount="60").decider == cast.sam


def test_another_named_person_decides_where_who_was_asked_is_away(case, cast, asked, head):
    with clock.at(WEDNESDAY):
        passed = concessions.pass_on(asked, cast.sue, reason="Sam is ill.", by=cast.nadia)
    assert (passed.decider, passed.due_at) == (cast.sue, WEDNESDAY + timedelta(days=1))
    lines = [sentence(entry) for entry in case.entries.order_by("pk")]
    assert lines[-1] == (
        "Nadia Novak let Sue Singh decide instead of Sam Sato, by Thu 12 Mar, 10:00: a refund of 80.00 EUR (The second"
        " licence)"
    )
    assert case.entries.latest("pk").note.body == "Sam is ill."
    assert any(line.endswith("to be decided by Wed 11 Mar, 10:00") for line in lines), "What was said then stays so."
    with clock.at(WEDNESDAY):
        assert concessions.decide(passed, granted=True, by=cast.sue).granted


def test_who_was_asked_passes_it_on_and_decides_no_more(cast, asked, head):
    concessions.pass_on(asked, cast.sue, reason="I am away.", by=cast.sam)
    with pytest.raises(NotAllowed):
        concessions.decide(asked, granted=True, by=cast.sam)


def test_both_the_owner_and_who_asked_are_told(case, cast, mandate, head):
    ada = an_agent("Ada Adams", cast.support, is_supervisor=True)
    asked = give(case, ada, amount="80")
    announce()
    Notice.objects.all().delete()
    concessions.pass_on(asked, cast.sue, reason="Sam is ill.", by=case.owner)
    announce()
    assert set(Notice.objects.values_list("agent__name", "reaction")) == {
        ("Sue Singh", "tell_decider"),
        ("Sam Sato", "tell_who_had_it"),
        ("Ada Adams", "tell_who_asked"),
    }


@pytest.mark.parametrize("whom", ["ben", "nadia", "olga"])
def test_only_a_named_person_decides_instead(cast, asked, head, whom):
    refusal = refused(lambda: concessions.pass_on(asked, getattr(cast, whom), reason="x", by=cast.sam))
    assert (refusal.code, refusal.field) == ("does_not_decide", "to")
    assert refusal.sentence.endswith("does not decide here: ask Sue Singh.")


def test_where_nobody_else_is_named_it_says_what_an_administrator_has_to_do(cast, asked):
    refusal = refused(lambda: concessions.pass_on(asked, cast.sue, reason="x", by=cast.sam))
    assert refusal.code == "nobody_decides" and "An administrator has to name somebody" in refusal.sentence


def test_they_read_why_and_what_is_decided_is_passed_to_nobody(cast, asked, head):
    assert refused(lambda: concessions.pass_on(asked, cast.sue, reason=" ", by=cast.sam)).field == "reason"
    concessions.decide(asked, granted=True, by=cast.sam)
    with pytest.raises(Conflict, match="decided already"):
        concessions.pass_on(asked, cast.sue, reason="x", by=cast.nadia)


def test_a_promise_that_hangs_on_it_is_at_risk_where_the_new_time_is_later(case, cast, asked, head):
    told = Pledge("tell you about the money", WEDNESDAY, backed_by_concession=asked)
    promises.make(case, told, by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=2)):
        concessions.pass_on(asked, cast.sue, reason="Sam is ill.", by=cast.nadia)
        sweep(clock.now())
    flag = Flag.objects.get(rule="promise_at_risk", evidence__endswith="about the money")
    assert flag.evidence == "Who decides about it has until later: tell you about the money"
    assert flag.became_true_at == TUESDAY + timedelta(hours=2)


# -- a promise hangs on it ---------------------------------------------------------------------------------------------


def test_a_promise_waits_for_the_decision(case, cast, asked):
    early = Pledge("tell you about the money", WEDNESDAY - timedelta(hours=1), backed_by_concession=asked)
    refusal = refused(lambda: promises.make(case, early, by=cast.nadia))
    assert (refusal.code, refusal.field) == ("before_the_decision", "due_at")
    assert "Sam Sato decides by Wed 11 Mar, 10:00." in refusal.sentence
    assert refusal.offers[0].due_at == WEDNESDAY + timedelta(hours=1)
    made = promises.make(case, Pledge(early.words, WEDNESDAY, backed_by_concession=asked), by=cast.nadia)
    assert made.backed_by_concession == asked
    assert "Hangs on Sam Sato, who decides by Wed 11 Mar, 10:00" in said(
        signed_in(cast.nadia).get(case.get_absolute_url())
    )


def test_once_it_is_granted_nothing_is_waited_for_and_what_was_declined_backs_nothing(case, cast, asked):
    early = Pledge("send it", TUESDAY + timedelta(hours=2), backed_by_concession=asked)
    concessions.decide(asked, granted=True, by=cast.sam)
    assert promises.make(case, early, by=cast.nadia).backed_by_concession == asked
    other = give(case, cast.nadia, amount="90")
    concessions.decide(other, granted=False, answer="Too much.", by=cast.sam)
    refusal = refused(
        lambda: promises.make(case, Pledge("send it", WEDNESDAY, backed_by_concession=other), by=cast.sam)
    )
    assert refusal.code == "declined" and "Too much." in refusal.sentence


def test_a_decision_of_another_case_backs_nothing(case, cast, asked):
    other = a_case(cast.mallory)
    told = Pledge("send it", WEDNESDAY, backed_by_concession=asked)
    assert refused(lambda: promises.make(other, told, by=cast.sam)).code == "not_this_case"


# -- pages -------------------------------------------------------------------------------------------------------------


class TestOnThePages:
    TYPED = {"kind": "refund", "amount": "80", "words": "Both licences", "why": "Twice.", "once": "a" * 22}

    def test_the_form_says_what_one_may_give_and_one_press_asks(self, case, cast, mandate):
        url = reverse("cases:give", args=[case.pk])
        nadia = signed_in(cast.nadia)
        page = said(nadia.get(url))
        assert "You may give by yourself: a refund up to 50.00 EUR, a courtesy up to 20.00 EUR, a replacement." in page
        assert "What goes beyond it, Sam Sato decides" in page
        response = nadia.post(url, self.TYPED, follow=True)
        assert "Sam Sato has been asked." in said(response)
        assert "A refund of 80.00 EUR" in said(response) and "Sam Sato decides." in said(response)
        assert "Carla knows of it once you write it." in said(response)

    def test_without_a_mandate_it_says_so(self, case, cast):
        url = reverse("cases:give", args=[case.pk])
        page = said(signed_in(cast.nadia).get(url))
        assert "Nothing can be given without asking." in page and "Nobody is named who decides" in page
        response = signed_in(cast.nadia).post(url, self.TYPED)
        assert response.status_code == 422
        assert "An administrator has to name who decides" in said(response)

    @pytest.mark.parametrize("amount", ["lots", "12,5,0", "1.234", "9" * 12])
    def test_an_amount_that_is_none_comes_back_beside_its_field(self, case, cast, mandate, amount):
        url = reverse("cases:give", args=[case.pk])
        response = signed_in(cast.nadia).post(url, {**self.TYPED, "amount": amount})
        assert response.status_code == 422 and "amount" in response.context["form"].errors

    def test_waits_on_the_deciders_list_also_when_it_is_late(self, case, cast, asked):
        assert "To decide 1" in said(signed_in(cast.sam).get("/"))
        assert "To decide" not in said(signed_in(cast.sue).get("/"))
        with clock.at(WEDNESDAY + timedelta(hours=2)):
            page = said(signed_in(cast.sam).get("/"))
            assert "A refund of 80.00 EUR: The second licence" in page and "2 h late" in page
        concessions.decide(asked, granted=True, by=cast.sam)
        assert "To decide" not in said(signed_in(cast.sam).get("/"))

    def test_is_passed_on_from_the_case(self, case, cast, asked, head):
        url = reverse("cases:pass_on", args=[asked.pk])
        nadia = signed_in(cast.nadia)
        assert url in nadia.get(case.get_absolute_url()).content.decode()
        assert url not in signed_in(cast.ben).get(case.get_absolute_url()).content.decode()
        assert "Sue Singh, Support" in said(nadia.get(url)) and "Ben Becker" not in said(nadia.get(url))
        wrong = nadia.post(url, {"to": "", "reason": ""})
        assert wrong.status_code == 422 and {"to", "reason"} <= wrong.context["form"].errors.keys()
        shown = nadia.post(url, {"to": cast.sue.pk, "reason": "Sam is ill."}, follow=True)
        assert "Sue Singh has been asked, and decides by Wed 11 Mar, 10:00." in said(shown)
        assert "Sue Singh decides." in said(shown)

    def test_where_nobody_else_is_named_the_page_says_so_and_leads_there(self, case, cast, asked):
        url = reverse("cases:pass_on", args=[asked.pk])
        shown = signed_in(cast.nadia).get(url)
        assert "There is nobody else who could decide it." in said(shown) and "Ask them" not in said(shown)
        sue = cast.sue
        sue.is_admin = True
        sue.save(update_fields=["is_admin"])
        assert f"/hours/departments/{cast.support.pk}/" in signed_in(sue).get(url).content.decode()

    def test_is_decided_on_a_page_of_its_own(self, case, cast, asked):
        url = reverse("cases:decide", args=[asked.pk])
        assert url in signed_in(cast.sam).get(case.get_absolute_url()).content.decode()
        assert url not in signed_in(cast.nadia).get(case.get_absolute_url()).content.decode()
        assert signed_in(cast.nadia).get(url).status_code == 403
        assert "It was charged twice." in said(signed_in(cast.sam).get(url))
        response = signed_in(cast.sam).post(url, {"granted": "no", "answer": ""})
        assert response.status_code == 422 and "Say why not: Nadia reads it." in said(response)
        assert signed_in(cast.sam).post(url, {"granted": "no", "answer": "Too much."}).status_code == 302
        page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
        assert "declined" in page and "Sam: Too much." in page

    def test_the_customer_reads_nothing_of_it(self, case, cast, asked, client):
        concessions.decide(asked, granted=True, answer="UNSEEN", by=cast.sam)
        page = client.get(status_path(case)).content.decode()
        assert not any(words in page for words in ("80.00", "second licence", "UNSEEN", "charged twice"))
