"""What an agent is told: in words, with why, by what it is about, and only what they may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import notices
from cases.models import Notice
from cases.models.timeline import Kind
from cases.verbs import (
    closing,
    complaints,
    confidentiality,
    conversation,
    ownership,
    promises,
    refusals,
    subtasks,
)
from staff.models import Absence
from supportdesk import clock
from supportdesk.announce import announce
from tests.cases.test_beats import NO
from tests.cast import TUESDAY, WEDNESDAY, a_case, first_promise, fresh, pledge
from tests.pages import said, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

DAY = timedelta(days=1)


def told(agent) -> list[tuple[str, str]]:
    """What the agent reads, with why, newest first."""
    groups, _ = notices.unread(agent)
    return [(line.sentence, line.why) for group in groups for line in group.lines]


def away(agent, cover, **facts) -> Absence:
    facts = {"starts_at": TUESDAY, "ends_at": TUESDAY + 2 * DAY, "announced_at": TUESDAY, **facts}
    return Absence.objects.create(agent=agent, cover=cover, announced_by=agent, **facts)


def of_absence(absence, reaction, agent, why="cover") -> Notice:
    return Notice.objects.create(absence=absence, reaction=reaction, agent=agent, why=why, made_at=clock.now())


def due_soon(case, agent, why="owner") -> Notice:
    promise = first_promise(case)
    return Notice.objects.create(promise=promise, reaction="due_soon", agent=agent, why=why, made_at=clock.now())


class TestInWords:
    def test_the_owner_reads_what_happened_and_that_they_own_it(self, case, cast):
        conversation.customer_writes(case, "Hello?", by=cast.carla)
        announce()
        assert told(cast.nadia) == [("The customer wrote", "You get this because you own the case.")]

    def test_whoever_stands_in_reads_it_too_and_for_whom(self, case, cast):
        away(cast.nadia, cast.ben)
        conversation.customer_writes(case, "Hello?", by=cast.carla)
        announce()
        assert told(cast.ben) == [
            ("The customer wrote", "You get this because you stand in for Nadia, who owns the case.")
        ]
        assert len(told(cast.nadia)) == 1

    def test_whoever_stood_in_before_does_not(self, case, cast):
        away(cast.nadia, cast.ben, starts_at=TUESDAY - DAY, ends_at=TUESDAY)
        conversation.customer_writes(case, "Hello?", by=cast.carla)
        announce()
        assert told(cast.ben) == []

    def test_every_other_reason_is_said(self, case, cast):
        offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
        ownership.accept(offer, by=cast.ben)
        part = subtasks.accept(
            subtasks.ask(case, cast.hardware, "Test", by=cast.ben), committed_at=WEDNESDAY, by=cast.olga
        )
        behind = subtasks.ask(case, cast.warranty, "Then pay", after=part, by=cast.ben)
        subtasks.accept(behind, committed_at=WEDNESDAY, by=cast.wanda)
        subtasks.drop(part, reason="Not needed.", by=cast.ben)
        refusal = refusals.refuse(case, **NO, by=cast.ben)
        refusals.ask_for_another_look(refusal, by=cast.carla)
        complaints.complain(case, "I was hung up on.", about=[cast.sam], by=cast.carla)
        announce()
        ownership.take_over(case, reason="Mine.", by=cast.sue)
        refusals.look_again(refusal, look="changed", words="You are right.", by=cast.sam)
        announce()
        reasons = {
            agent.first_name: {why.removeprefix("You get this because ").rstrip(".") for _, why in told(agent)}
            for agent in (cast.nadia, cast.ben, cast.olga, cast.wanda, cast.sam, cast.sue)
        }
        assert reasons == {
            "Nadia": {"the case was yours when it was offered"},
            "Ben": {"it was offered to you", "you own the case", "you said no", "you owned the case"},
            "Olga": {"you have this part"},
            "Wanda": {"your part comes after it"},
            "Sam": {"you may look at it"},
            "Sue": {"you may look at it", "you answer it, or may take it", "you own the case"},
        }

    def test_whoever_owned_it_until_a_supervisor_took_over_reads_why_in_their_words(self, case, cast):
        ownership.take_over(case, reason="Two promises broke, and Carla asked for me.", by=cast.sam)
        announce()
        sentence = "Sam Sato took over: Two promises broke, and Carla asked for me."
        assert told(cast.nadia) == [(sentence, "You get this because you owned the case.")]
        assert sentence in said(signed_in(cast.nadia).get("/notices/"))

    def test_what_is_due_soon_says_by_when(self, case, cast):
        due_soon(case, cast.nadia)
        assert told(cast.nadia) == [
            ("Due soon: be in touch with you, by Tue 10 Mar, 14:00", "You get this because you own the case.")
        ]

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({}, "You stand in for Nadia until Thu 12 Mar, 10:00: Nadia’s cases are among yours"),
            ({"ends_at": None}, "You stand in for Nadia until further notice: Nadia’s cases are among yours"),
            ({"ends_at": TUESDAY}, "Nadia is not away after all: nobody has to stand in"),
        ],
    )
    def test_an_absence_says_whose_and_until_when(self, cast, facts, sentence):
        absence = away(cast.nadia, cast.ben, **facts)
        of_absence(absence, "you_stand_in", cast.ben)
        (group,), _ = notices.unread(cast.ben)
        assert (group.title, group.url) == ("Nadia Novak", f"/away/{absence.pk}/")
        assert [(line.sentence, line.url) for line in group.lines] == [(sentence, group.url)]

    def test_whoever_comes_back_is_welcomed(self, cast):
        of_absence(away(cast.nadia, cast.ben), "welcome_back", cast.nadia, why="own")
        assert told(cast.nadia) == [
            (
                "What happened to your cases from Tue 10 Mar, 10:00 until Thu 12 Mar, 10:00",
                "You get this because you were away.",
            )
        ]

    @pytest.mark.parametrize(
        ("why", "words"),
        [
            ("owner", "the rule tells the owner"),
            ("cover", "the rule tells whoever stands in"),
            ("lead", "the rule tells the lead"),
            ("supervisor", "the rule tells supervisors"),
        ],
    )
    def test_of_a_flag_it_says_that_a_rule_tells_it(self, case, cast, why, words):
        Notice.objects.create(
            entry=case.entries.first(), reaction="tell_by_rule", why=why, agent=cast.nadia, made_at=TUESDAY
        )
        assert [because for _, because in told(cast.nadia)] == [f"You get this because {words}."]

    def test_every_kind_that_is_told_has_a_sentence(self):
        from cases.sentences import _SENTENCES
        from supportdesk.reactions import REACTIONS

        assert set(REACTIONS) <= set(_SENTENCES)


def test_the_owner_reads_each_act_of_a_colleague_on_their_case_and_none_of_their_own(case, cast):
    for by in (cast.sam, cast.nadia):
        promises.move(
            fresh(case).next_promise, pledge(hours=30 if by == cast.sam else 50), reason="A part is late.", by=by
        )
    closing.override(case, reason="A double.", by=cast.sam)
    closing.reopen(case, reason="It is none.", next_promise=pledge(), by=cast.sam)
    announce()
    kinds_told = Notice.objects.filter(agent=cast.nadia).order_by("pk").values_list("entry__kind", flat=True)
    assert list(kinds_told) == [Kind.PROMISE_MOVED, Kind.CLOSED, Kind.REOPENED]
    sentences = [sentence for sentence, _ in told(cast.nadia)]
    assert sentences[0] == "Sam Sato: Open again with the same owner"
    assert all(sentence.count("Sam Sato") == 1 for sentence in sentences), sentences


class TestThePage:
    def test_groups_by_case_newest_first(self, case, cast):
        other = a_case(cast.mallory)
        ownership.take_over(other, reason="x", by=cast.sam)
        ownership.accept(ownership.hand_over(other, cast.nadia, brief="Yours.", by=cast.sam), by=cast.nadia)
        conversation.customer_writes(case, "One", by=cast.carla)
        conversation.customer_writes(other, "Two", by=cast.mallory)
        conversation.customer_writes(case, "Three", by=cast.carla)
        announce()
        groups, _ = notices.unread(cast.nadia)
        assert [(group.title, len(group.lines)) for group in groups] == [("Carla Conti", 2), ("Mallory Moss", 2)]

    def test_shows_all_three_kinds_in_few_queries(self, case, cast, django_assert_max_num_queries):
        for turn in range(20):
            part = subtasks.ask(case, cast.hardware, f"Board {turn}?", by=cast.nadia)
            subtasks.done(part, outcome="B.", by=cast.olga)
        complaints.complain(case, "I was hung up on.", by=cast.carla)
        refusals.ask_for_another_look(refusals.refuse(case, **NO, by=cast.nadia), by=cast.carla)
        announce()
        due_soon(case, cast.nadia)
        of_absence(away(cast.ben, cast.nadia), "you_stand_in", cast.nadia)
        client = signed_in(cast.nadia)
        with django_assert_max_num_queries(8):
            page = client.get("/notices/")
        for words in (
            "Hardware is done: Board 7?",
            "Due soon: be in touch with you",
            "You stand in for Ben",
            "A complaint about how we dealt with this",
            "asks another person to look at the no",
            "Because you own the case",
        ):
            assert words in said(page)

    def test_is_paged_by_key_and_shows_each_once(self, case, cast):
        for turn in range(notices.PAGE + 7):
            conversation.customer_writes(case, f"Word {turn}", by=cast.carla)
        announce()
        client = signed_in(cast.nadia)
        first = client.get("/notices/")
        second = client.get("/notices/", {"after": first.context["after"]})
        shown = [line.pk for page in (first, second) for group in page.context["groups"] for line in group.lines]
        assert len(shown) == len(set(shown)) == notices.PAGE + 7
        assert second.context["after"] == ""
        assert client.get("/notices/", {"after": "rubbish"}).context["first"]

    def test_reading_all_leaves_what_came_meanwhile(self, case, cast):
        conversation.customer_writes(case, "One", by=cast.carla)
        announce()
        client = signed_in(cast.nadia)
        up_to = client.get("/notices/").context["up_to"]
        conversation.customer_writes(case, "Two", by=cast.carla)
        announce()
        client.post("/notices/read/", {"up_to": up_to})
        assert len(told(cast.nadia)) == 1

    def test_reading_one_case_leaves_the_others(self, case, cast):
        conversation.customer_writes(case, "One", by=cast.carla)
        announce()
        due_soon(case, cast.nadia)
        of_absence(away(cast.ben, cast.nadia), "you_stand_in", cast.nadia)
        client = signed_in(cast.nadia)
        page = client.get("/notices/")
        up_to = page.context["up_to"]
        client.post("/notices/read/", {"up_to": up_to, "about": f"case-{case.pk}"})
        assert [why for _, why in told(cast.nadia)] == ["You get this because you stand in."]
        absence = Absence.objects.get()
        client.post("/notices/read/", {"up_to": up_to, "about": f"absence-{absence.pk}"})
        assert told(cast.nadia) == []
        assert "Nothing new." in said(client.get("/notices/"))

    @pytest.mark.parametrize("about", ["case-", "case-x", "nothing-1", "1", "case-²", "case-99999999999999999999"])
    def test_what_names_no_group_reads_nothing(self, case, cast, about):
        conversation.customer_writes(case, "One", by=cast.carla)
        announce()
        signed_in(cast.nadia).post("/notices/read/", {"up_to": "99999", "about": about})
        assert len(told(cast.nadia)) == 1

    def test_nobody_reads_for_somebody_else(self, case, cast):
        conversation.customer_writes(case, "One", by=cast.carla)
        announce()
        signed_in(cast.ben).post("/notices/read/", {"up_to": "99999999"})
        assert len(told(cast.nadia)) == 1


class TestWhoMayNotSeeIt:
    def test_neither_reads_nor_counts_notices_of_a_confidential_case(self, case, cast):
        """Paula’s department was never asked; what she was told before is hers no more."""
        due_soon(case, cast.olga)
        conversation.customer_writes(case, "One", by=cast.carla)
        announce()
        Notice.objects.filter(agent=cast.nadia).update(agent=cast.olga)
        client = signed_in(cast.olga)
        assert len(told(cast.olga)) == 2
        assert client.get("/notices/").context["shell"]["unread"] == "2"
        confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
        assert told(cast.olga) == []
        assert client.get("/notices/").context["shell"]["unread"] == ""

    def test_the_count_knows_notices_without_an_entry(self, case, cast):
        due_soon(case, cast.nadia)
        of_absence(away(cast.ben, cast.nadia), "you_stand_in", cast.nadia)
        for agent in (cast.nadia, cast.sam):
            Notice.objects.update(agent=agent)
            assert signed_in(agent).get("/notices/").context["shell"]["unread"] == "2"

    def test_what_was_due_soon_is_not_counted_when_it_has_ended(self, case, cast):
        from cases.verbs import promises

        due_soon(case, cast.nadia)
        promises.keep(
            fresh(first_promise(case)),
            said="We spoke.",
            next_promise=promises.Pledge("call you", WEDNESDAY),
            by=cast.nadia,
        )
        assert told(cast.nadia) == []
        assert signed_in(cast.nadia).get(reverse("cases:notices")).context["shell"]["unread"] == ""
