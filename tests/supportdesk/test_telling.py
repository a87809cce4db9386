"""What nobody looked at goes out by mail: gathered, never twice, and nothing in it that should not be."""

from __future__ import annotations

import email
import email.policy
import smtplib
import stat
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest
from django.core import mail
from django.db import connection

from cases.models import Case, Digest, Notice
from cases.verbs import confidentiality, conversation, promises
from customers.models import Customer
from escalations import flags, rules
from escalations.sweep import sweep_now
from staff import mailing
from staff.models import Absence, Agent
from supportdesk import clock, tasks
from supportdesk.announce import announce
from supportdesk.errors import NotAllowed
from supportdesk.health import readiness
from supportdesk.telling import backends, gathering, letters, sending
from supportdesk.telling.gathering import NEWS, gather
from supportdesk.telling.sending import GIVE_UP_AFTER, LEASE, State, Verdict, judge, send_due
from tests.cast import TUESDAY, WEDNESDAY, a_case, at_once, first_promise, fresh
from tests.pages import said, signed_in
from tests.supportdesk.post_office import hangs_up, opened, waits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def written(case, cast) -> Case:
    """Carla has written on Nadia’s case, and Nadia has not looked."""
    conversation.customer_writes(case, "Hello?", by=cast.carla)
    announce()
    return case


@pytest.fixture
def office(settings):
    """A real mail server, to which the desk sends."""
    with opened() as office:
        settings.EMAIL_BACKEND = "supportdesk.telling.backends.Smtp"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 1
        yield office


def minutes(later: float):
    return clock.at(TUESDAY + later * MINUTE)


def round_at(later: float) -> int:
    """What the clock does every minute; how many mails were sent."""
    with minutes(later):
        gather(clock.now())
        return send_due()


def only_mail():
    (letter,) = mail.outbox
    return letter


# -- gathering ---------------------------------------------------------------------------------------------------------


class TestGathering:
    def test_what_was_not_looked_at_within_two_minutes_goes_out_once(self, written):
        assert [round_at(1.9), round_at(2), round_at(3), round_at(60)] == [0, 1, 0, 0]
        digest = Digest.objects.get()
        assert (digest.state, digest.sent_at, digest.attempts) == ("sent", TUESDAY + 2 * MINUTE, 1)
        assert only_mail().to == ["Nadia Novak <nadia@desk.example>"]

    def test_what_comes_within_the_two_minutes_goes_with_it(self, written, cast):
        with minutes(1.5):
            conversation.customer_writes(written, "Are you there?", by=cast.carla)
            announce()
        round_at(2)
        assert len(mail.outbox) == 1
        assert only_mail().body.count("The customer wrote") == 2
        assert round_at(10) == 0

    def test_one_mail_for_each_agent(self, written, cast):
        notice = Notice.objects.get()
        Notice.objects.create(entry=notice.entry, reaction="x", agent=cast.sam, made_at=TUESDAY)
        round_at(2)
        assert sorted(letter.to[0] for letter in mail.outbox) == [
            "Nadia Novak <nadia@desk.example>",
            "Sam Sato <sam@desk.example>",
        ]

    @pytest.mark.parametrize(
        "facts",
        [{"wants_mail": False}, {"can_sign_in": False}, {"is_active": False}, {"email": "n@replayed.invalid"}],
        ids=str,
    )
    def test_nothing_is_gathered_for_who_wants_none_or_cannot_look(self, written, cast, facts):
        Agent.objects.filter(pk=cast.nadia.pk).update(**facts)
        round_at(2)
        assert not Digest.objects.exists() and mail.outbox == []

    def test_what_is_a_day_old_is_no_news(self, written):
        with clock.at(TUESDAY + NEWS):
            assert gather(clock.now()) == 0

    def test_what_was_read_before_is_not_gathered(self, written):
        Notice.objects.update(read_at=TUESDAY)
        assert round_at(2) == 0
        assert not Digest.objects.exists()

    def test_in_batches_of_agents(self, written, cast, monkeypatch):
        monkeypatch.setattr(gathering, "BATCH", 2)
        entry = Notice.objects.get().entry
        for agent in (cast.ben, cast.olga, cast.wanda, cast.sam):
            Notice.objects.create(entry=entry, reaction="x", agent=agent, made_at=TUESDAY)
        with minutes(2):
            assert gather(clock.now()) == 5

    def test_the_bell_of_the_mails_rings_only_when_something_waits(self, written, monkeypatch):
        rung = []
        monkeypatch.setattr("supportdesk.telling.gathering.current_app.send_task", lambda name, **o: rung.append(name))
        gathering.ring_if_some_wait()
        assert rung == []
        with minutes(2):
            gathering.ring_if_some_wait()
        assert rung == ["supportdesk.tell"]

    @pytest.mark.django_db(transaction=True)
    def test_four_at_one_moment_make_one_digest(self, written):
        with minutes(2):
            made = at_once(*[lambda: gather(clock.now())] * 4)
        assert sorted(made) == [0, 0, 0, 1]
        assert Digest.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_four_who_send_at_one_moment_send_it_once(self, written, office):
        with minutes(2):
            gather(clock.now())
            assert sorted(at_once(*[send_due] * 4)) == [0, 0, 0, 1]
        assert len(office.taken) == 1

    @pytest.mark.django_db(transaction=True)
    def test_of_four_who_begin_at_one_moment_one_waits_for_a_slow_server(self, written, cast, office):
        for agent in (cast.ben, cast.olga, cast.wanda):
            Notice.objects.create(entry=written.entries.last(), reaction="tell_owner", agent=agent, made_at=clock.now())
        office.answers = {"CONNECT": waits(0.5, "220 post.example")}
        with minutes(2):
            assert gather(clock.now()) == 4
            assert sorted(at_once(*[send_due] * 4)) == [0, 0, 0, 4]
        assert office.calls == 1


# -- the letter --------------------------------------------------------------------------------------------------------


class TestTheLetter:
    def test_says_what_why_where_and_when_in_the_agents_zone(self, written, cast, settings):
        settings.BASE_URL = "https://desk.example"
        calendar = cast.support.calendar
        calendar.zone = "Europe/Berlin"
        calendar.save(update_fields=["zone"])
        round_at(2)
        letter = only_mail()
        assert letter.subject == f"{written.number}: The customer wrote"
        page, kind = letter.alternatives[0]
        assert kind == "text/html"
        for text in (letter.body, page):
            assert "Nadia, this concerns you:" in text
            assert "Carla Conti" in text and written.subject in text
            assert "The customer wrote" in text and "today 11:00" in text
            assert "You get this because you own the case." in text
            assert f"https://desk.example/cases/{written.number}/" in text
            assert "https://desk.example/settings/notices/" in text
            assert "Europe/Berlin" in text

    def test_says_that_a_machine_wrote_it_and_keeps_its_id(self, written):
        round_at(2)
        headers = only_mail().message()
        assert headers["Auto-Submitted"] == "auto-generated"
        assert headers["X-Auto-Response-Suppress"] == "All"
        assert headers["Message-ID"] == Digest.objects.get().message_id
        assert headers["Message-ID"].endswith("@localhost>")

    def test_what_was_read_in_the_page_before_it_goes_is_not_in_it(self, written, cast):
        with minutes(2):
            gather(clock.now())
            Notice.objects.update(read_at=clock.now())
            assert send_due() == 0
        assert Digest.objects.get().state == State.NOT_NEEDED
        assert mail.outbox == []
        assert round_at(9) == 0, "and it is not gathered again"

    @pytest.mark.parametrize("facts", [{"wants_mail": False}, {"can_sign_in": False}], ids=str)
    def test_whoever_wants_none_any_more_gets_none(self, written, cast, facts):
        with minutes(2):
            gather(clock.now())
        Agent.objects.filter(pk=cast.nadia.pk).update(**facts)
        assert round_at(2) == 0
        assert Digest.objects.get().state == State.NOT_NEEDED

    def test_what_is_due_soon_stands_first_and_in_the_subject(self, written, cast):
        promise = first_promise(written)
        Notice.objects.create(promise=promise, reaction="due_soon", agent=cast.nadia, made_at=TUESDAY)
        round_at(2)
        letter = only_mail()
        assert letter.subject == f"Due soon: 2 notices: {written.number}"
        assert letter.body.index("Due soon: be in touch with you, by Tue 10 Mar, 14:00") < letter.body.index("wrote")

    def test_what_was_due_soon_and_has_ended_is_not_told(self, case, cast):
        promise = first_promise(case)
        Notice.objects.create(promise=promise, reaction="due_soon", agent=cast.nadia, made_at=TUESDAY)
        with minutes(2):
            gather(clock.now())
        promises.keep(promise, said="We spoke.", next_promise=promises.Pledge("call you", WEDNESDAY), by=cast.nadia)
        assert round_at(2) == 0
        assert Digest.objects.get().state == State.NOT_NEEDED

    def test_an_absence_leads_to_its_page(self, cast):
        absence = Absence.objects.create(
            agent=cast.ben, cover=cast.nadia, starts_at=TUESDAY, announced_at=TUESDAY, announced_by=cast.ben
        )
        Notice.objects.create(absence=absence, reaction="you_stand_in", agent=cast.nadia, why="cover", made_at=TUESDAY)
        round_at(2)
        letter = only_mail()
        assert letter.subject.startswith("You stand in for Ben until")
        assert f"/away/{absence.pk}/" in letter.body

    def test_a_thousand_flags_at_once_are_one_mail_with_the_first_twenty(
        self, case, cast, django_assert_max_num_queries
    ):
        """More flags than anybody reads: the mail names twenty and how many more there are."""
        for turn in range(119):
            promises.make(case, promises.Pledge(f"call you, {turn}", WEDNESDAY), by=cast.nadia)
        with clock.at(WEDNESDAY):
            promises.break_due(WEDNESDAY)
            flags.raise_all(rules.BY_NAME["promise_broken"], WEDNESDAY)
            announce()
            assert Notice.objects.filter(agent=cast.sam).count() == 120
        with clock.at(WEDNESDAY + 3 * MINUTE):
            assert gather(clock.now()) == 3
            with django_assert_max_num_queries(40):
                assert send_due() == 3
        letter = next(letter for letter in mail.outbox if "sam@" in letter.to[0])
        assert letter.body.count("Flag raised: promise broken") == 20
        assert "and 100 more" in letter.body and "and 100 more" in letter.alternatives[0][0]
        assert letter.subject == f"120 notices: {case.number}"
        with clock.at(WEDNESDAY + 10 * MINUTE):
            assert (gather(clock.now()), send_due()) == (0, 0)

    def test_of_a_confidential_case_only_its_number_goes_by_mail(self, written, cast):
        Notice.objects.create(promise=first_promise(written), reaction="due_soon", agent=cast.nadia, made_at=TUESDAY)
        Case.objects.filter(pk=written.pk).update(subject="Cancer treatment")
        confidentiality.make_confidential(written, reason="It is about her health.", by=cast.nadia)
        round_at(2)
        letter = only_mail()
        assert letter.subject == f"Due soon: 2 notices: {written.number}"
        for text in (letter.body, letter.alternatives[0][0]):
            assert f"{written.number}" in text and "confidential" in text
            assert "Something new: read it on the desk" in text
            assert "A promise is due by today 14:00" in text
            for word in ("Carla", "Conti", "Cancer", "be in touch", "The customer wrote"):
                assert word not in text

    def test_one_notice_of_a_confidential_case_has_no_words_in_its_subject(self, written, cast):
        confidentiality.make_confidential(written, reason="It is about her health.", by=cast.nadia)
        round_at(2)
        assert only_mail().subject == f"{written.number}, something new"

    def test_whoever_may_not_see_it_any_more_is_not_told_of_it(self, written, cast):
        Notice.objects.update(agent=cast.olga)
        with minutes(2):
            gather(clock.now())
        confidentiality.make_confidential(written, reason="It is about her health.", by=cast.nadia)
        assert round_at(2) == 0
        assert mail.outbox == []

    def test_a20_words_from_outside_make_no_header(self, written, cast, office):
        evil = "Hi\r\nBcc: victim@home.example\r\n\r\n\x00<b>\u202e"
        Agent.objects.filter(pk=cast.nadia.pk).update(name="Nadia\r\nBcc: a@b.example, <x@y.example>")
        promise = first_promise(written)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cases_promise SET words = %s WHERE id = %s", [evil.replace("\x00", ""), promise.pk])
        Notice.objects.all().delete()
        Notice.objects.create(promise=promise, reaction="due_soon", agent=cast.nadia, made_at=TUESDAY)
        assert round_at(2) == 1
        (taken,) = office.taken
        assert taken["Bcc"] is None
        assert "\n" not in taken["Subject"] and "\u202e" not in taken["Subject"]
        assert taken["To"].addresses[0].addr_spec == "nadia@desk.example" and len(taken["To"].addresses) == 1

    def test_a53_links_begin_with_the_configured_address_whatever_a_request_says(self, written, cast, settings):
        settings.ALLOWED_HOSTS = ["*"]
        settings.BASE_URL = "https://desk.example"
        signed_in(cast.nadia).get("/notices/", headers={"Host": "evil.example"})
        round_at(2)
        assert "evil.example" not in only_mail().message().as_string()

    def test_a63_words_are_words_in_both_halves(self, written, cast):
        hostile = "<img src=x onerror=alert(1)> {{ settings.SECRET_KEY }} & more"
        Customer.objects.filter(pk=cast.carla.pk).update(name=hostile)
        round_at(2)
        letter = only_mail()
        page = letter.alternatives[0][0]
        assert hostile in letter.body, "plain text is not escaped"
        assert "<img" not in page and "&lt;img src=x onerror=alert(1)&gt; {{ settings.SECRET_KEY }} &amp; more" in page

    def test_the_html_half_loads_nothing(self, written):
        round_at(2)
        page = only_mail().alternatives[0][0]
        for reach in ("<img", "<script", "<link", "<style", "src=", "url(", "<form", "<iframe"):
            assert reach not in page


# -- sending -----------------------------------------------------------------------------------------------------------


class TestSending:
    def test_by_a_real_server(self, written, office):
        assert round_at(2) == 1
        (taken,) = office.taken
        assert taken["Message-ID"] == Digest.objects.get().message_id
        assert taken.get_body(("plain",)).get_content().startswith("Nadia, this concerns you:")

    def test_several_over_one_line(self, written, cast, office):
        entry = Notice.objects.get().entry
        for agent in (cast.ben, cast.olga):
            Notice.objects.create(entry=entry, reaction="x", agent=agent, made_at=TUESDAY)
        assert round_at(2) == 3
        assert (len(office.taken), office.calls) == (3, 1)

    @pytest.mark.parametrize(
        "answers",
        [
            {"CONNECT": ["421 busy"]},
            {"CONNECT": [hangs_up]},
            {"MAIL": ["451 later"]},
            {"RCPT": ["450 greylisted, come again"]},
            {"RCPT": [hangs_up]},
            {"RCPT": [waits(3)]},
            {"DATA": ["451 later"]},
            {".": ["452 full"]},
        ],
        ids=["busy", "gone", "not_now", "greylisted", "gone_at_rcpt", "silent_at_rcpt", "no_data", "full"],
    )
    def test_f10_what_was_not_taken_is_tried_again_and_sent_once(self, written, office, answers):
        office.answers = answers
        assert round_at(2) == 0
        digest = Digest.objects.get()
        assert (digest.state, digest.attempts) == ("pending", 1)
        assert digest.error and TUESDAY + 2 * MINUTE < digest.try_at <= TUESDAY + 4 * MINUTE
        office.answers = {}
        assert [round_at(2.5), round_at(5), round_at(9)] == [0, 1, 0]
        assert office.ids == [digest.message_id]

    @pytest.mark.parametrize("answers", [{"RCPT": "550 5.1.1 no such user"}, {".": "554 spam"}], ids=str)
    def test_f10_what_is_refused_for_good_is_given_up_with_the_reason(self, written, cast, office, answers):
        office.answers = answers
        assert [round_at(2), round_at(5), round_at(60)] == [0, 0, 0]
        digest = Digest.objects.get()
        assert (digest.state, digest.attempts) == ("given_up", 1)
        assert digest.error in ("550 5.1.1 no such user", "554 spam")
        assert Notice.objects.unread_by(cast.nadia).count() == 1, "it stands in the page"
        assert "not sent" in said(signed_in(cast.nadia).get("/settings/notices/"))

    @pytest.mark.parametrize("answer", [waits(3), hangs_up], ids=["silence", "gone"])
    def test_f09_what_may_have_been_taken_is_uncertain_and_never_sent_again(self, written, cast, office, answer):
        office.answers = {".": answer}
        assert round_at(2) == 0
        office.answers = {}
        assert [round_at(3), round_at(30), round_at(60 * 30)] == [0, 0, 0]
        assert Digest.objects.get().state == State.UNCERTAIN
        assert len(office.taken) == 1
        assert "perhaps sent" in said(signed_in(cast.nadia).get("/settings/notices/"))

    def test_f10_refused_by_nobody_being_there(self, written, settings, office):
        settings.EMAIL_PORT = 1
        assert round_at(2) == 0
        digest = Digest.objects.get()
        assert (digest.state, digest.error) == ("pending", "ConnectionRefusedError Connection refused")

    def test_f11_after_six_hours_without_a_server_everything_goes_once(self, written, cast, office):
        office.answers = {"CONNECT": "421 down"}
        entry = Notice.objects.get().entry
        agents = [cast.nadia, cast.ben, cast.olga, cast.wanda, cast.sam]
        for turn, agent in enumerate(agents[1:], start=1):
            Notice.objects.create(entry=entry, reaction="x", agent=agent, made_at=TUESDAY + turn * MINUTE)
        for later in range(2, 360, 2):
            assert round_at(later) == 0
        office.answers, calls = {}, office.calls
        assert calls <= 180, "the server was asked once in a round"
        sent = 0
        for later in range(360, 440):
            sent += round_at(later)
        assert sent == 5 and sorted(office.ids) == sorted(Digest.objects.values_list("message_id", flat=True))

    def test_the_gaps_grow_and_end_within_a_day(self, written, office):
        office.answers = {"MAIL": "451 later"}
        tried = [2]
        round_at(2)
        while (digest := Digest.objects.get()).state != State.GIVEN_UP:
            due = ceil((digest.try_at - TUESDAY) / MINUTE)
            for later in (tried[-1] + 1, due - 1):  # until then nobody tries, from one minute to the next
                if later < due:
                    round_at(later)
            assert Digest.objects.get().attempts == len(tried)
            round_at(due)
            tried.append(due)
            assert Digest.objects.get().attempts == len(tried)
        gaps = [after - before for before, after in zip(tried, tried[1:], strict=False)]
        assert gaps[0] <= 2 and gaps[3] in range(6, 11) and max(gaps) <= 73
        assert (digest.state, digest.error) == ("given_up", "451 later")
        assert TUESDAY + tried[-1] * MINUTE <= digest.made_at + GIVE_UP_AFTER

    def test_one_refused_mail_holds_no_other_back(self, written, cast, office):
        Notice.objects.create(entry=Notice.objects.get().entry, reaction="x", agent=cast.ben, made_at=TUESDAY)
        office.answers = {"RCPT": ["550 no such user"]}
        assert round_at(2) == 1
        assert sorted(Digest.objects.values_list("state", flat=True)) == ["given_up", "sent"]

    def test_a_letter_that_cannot_be_written_holds_no_other_back(self, written, cast, monkeypatch):
        Notice.objects.create(entry=Notice.objects.get().entry, reaction="x", agent=cast.ben, made_at=TUESDAY)
        whole = letters.write

        def only_bens(digest):
            if digest.agent == cast.nadia:
                raise KeyError("who?")
            return whole(digest)

        monkeypatch.setattr(letters, "write", only_bens)
        assert round_at(2) == 1
        assert Digest.objects.get(agent=cast.nadia).error == "KeyError"

    def test_a_round_ends_and_the_next_goes_on(self, written, cast, monkeypatch):
        monkeypatch.setattr(sending, "MOST", 2)
        entry = Notice.objects.get().entry
        for agent in (cast.ben, cast.olga):
            Notice.objects.create(entry=entry, reaction="x", agent=agent, made_at=TUESDAY)
        assert [round_at(2), round_at(3)] == [2, 1]

    def test_while_somebody_sends_nobody_else_does(self, written, cast):
        with minutes(2):
            gather(clock.now())
            other = Digest.objects.create(
                agent=cast.ben, message_id="x", state="sending", made_at=clock.now(), try_at=clock.now() + LEASE
            )
            assert send_due() == 0
        assert round_at(2 + LEASE / MINUTE) == 1
        assert fresh(other).state == "pending", "whoever claimed it has died: it is tried again, later"

    def test_f15_who_wakes_up_when_the_claim_has_run_out_hands_nothing_over(self, written, monkeypatch):
        """Stopped between the greeting and the handing over; somebody else has sent it meanwhile."""
        opened_before = sending.Line.open

        def sleeps(line):
            monkeypatch.setattr(sending.Line, "open", opened_before)
            assert round_at(2 + LEASE / MINUTE) == 0  # taken back
            assert round_at(9) == 1
            opened_before(line)

        monkeypatch.setattr(sending.Line, "open", sleeps)
        round_at(2)
        assert len(mail.outbox) == 1
        assert Digest.objects.get().state == State.SENT

    def test_a66_the_password_is_nowhere(self, written, settings, office, caplog):
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", "canary-4711"
        office.answers = {"EHLO": "250-post\r\n250 AUTH PLAIN", "AUTH": "535 canary-4711 is wrong"}
        assert round_at(2) == 0
        digest = Digest.objects.get()
        assert (digest.state, digest.error) == ("pending", "535 … is wrong")
        assert "canary-4711" not in caplog.text and "535" in caplog.text

    @pytest.mark.parametrize(
        ("failed", "handed", "verdict"),
        [
            (smtplib.SMTPServerDisconnected("x"), False, Verdict.LATER),
            (smtplib.SMTPServerDisconnected("x"), True, Verdict.UNCERTAIN),
            (TimeoutError(), True, Verdict.UNCERTAIN),
            (smtplib.SMTPDataError(451, b"x"), True, Verdict.LATER),
            (smtplib.SMTPDataError(554, b"x"), True, Verdict.NEVER),
            (smtplib.SMTPNotSupportedError("x"), False, Verdict.NEVER),
            (ValueError("Invalid address"), False, Verdict.NEVER),
            (RuntimeError("of another backend"), True, Verdict.UNCERTAIN),
        ],
        ids=str,
    )
    def test_what_a_failure_means(self, failed, handed, verdict):
        assert judge(failed, handed=handed).verdict is verdict


class TestFiles:
    @pytest.fixture(autouse=True)
    def into_files(self, settings, tmp_path):
        settings.EMAIL_BACKEND = "supportdesk.telling.backends.Folder"
        settings.MAIL_FOLDER = tmp_path / "mail"

    def test_each_mail_is_a_file_that_only_we_can_read(self, written, cast, settings):
        Notice.objects.create(entry=Notice.objects.get().entry, reaction="x", agent=cast.ben, made_at=TUESDAY)
        assert round_at(2) == 2
        files = sorted(settings.MAIL_FOLDER.iterdir())
        assert len(files) == 2 and all(file.suffix == ".eml" for file in files)
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
        assert stat.S_IMODE(settings.MAIL_FOLDER.stat().st_mode) == 0o700
        letters_in_them = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        assert {letter["To"].addresses[0].addr_spec for letter in letters_in_them} == {
            "nadia@desk.example",
            "ben@desk.example",
        }

    def test_files_are_deleted_after_thirty_days_and_nothing_that_is_not_ours(self, written, settings):
        assert round_at(2) == 1
        [mail] = settings.MAIL_FOLDER.iterdir()
        draft = settings.MAIL_FOLDER / f".{mail.name}"
        kept = settings.MAIL_FOLDER / "20200101-notes.txt"
        for file in (draft, kept):
            file.write_text("x")
        assert backends.forget_old_files(TUESDAY + 30 * DAY) == 0
        with clock.at(TUESDAY + 31 * DAY):
            tasks.forget_mail_files()
            tasks.forget_mail_files()
        assert list(settings.MAIL_FOLDER.iterdir()) == [kept]

    def test_where_a_server_takes_the_mails_or_none_was_written_nothing_is_deleted(self, settings, tmp_path):
        for folder in (None, tmp_path / "none"):
            settings.MAIL_FOLDER = folder
            assert backends.forget_old_files(TUESDAY) == 0

    def test_what_cannot_be_written_is_tried_again(self, written, settings, tmp_path):
        settings.MAIL_FOLDER.write_text("no folder")
        assert round_at(2) == 0
        digest = Digest.objects.get()
        assert (digest.state, digest.error) == ("pending", "FileExistsError File exists")
        settings.MAIL_FOLDER.unlink()
        assert round_at(5) == 1


# -- who looks after it ------------------------------------------------------------------------------------------------


def test_health_says_what_waits_what_was_refused_and_what_nobody_knows(cast, tuesday):
    real = datetime.now(UTC)  # what waits is measured by the database's clock
    facts = {"agent": cast.nadia, "made_at": real - 20 * MINUTE, "try_at": real - MINUTE}
    for state in ("pending", "given_up", "given_up", "uncertain", "sent", "not_needed"):
        Digest.objects.create(message_id=f"<{state}{Digest.objects.count()}>", state=state, **facts)
    # One that is being handed over, and one that is long forgotten.
    Digest.objects.create(message_id="<a>", state="uncertain", **{**facts, "try_at": real + MINUTE})
    Digest.objects.create(message_id="<b>", state="given_up", **{**facts, "made_at": real - 8 * DAY})
    sweep_now()
    report = readiness()
    assert (report["mails_given_up"], report["mails_uncertain"]) == (2, 1)
    assert 1190 < report["oldest_mail_age"] < 1400
    words = " ".join(report["warnings"])
    assert "Mails to staff wait" in words and "were refused" in words and "nobody knows" in words


def test_an_administrator_reads_what_became_of_each_and_changes_nothing(cast, written, office):
    office.answers = {"RCPT": "550 no such user"}
    round_at(2)
    Agent.objects.filter(pk=cast.sam.pk).update(is_admin=True)
    admin = signed_in(fresh(cast.sam))
    page = admin.get("/admin/cases/digest/")
    assert "550 no such user" in said(page) and "Nadia Novak" in said(page)
    assert admin.get("/admin/cases/digest/add/").status_code == 403
    digest = Digest.objects.get()
    assert admin.post(f"/admin/cases/digest/{digest.pk}/change/", {"state": "pending"}).status_code == 403
    assert admin.post(f"/admin/cases/digest/{digest.pk}/delete/", {"post": "yes"}).status_code == 403


class TestByMailOrNot:
    def test_an_agent_says_so_on_their_own_page(self, cast):
        nadia = signed_in(cast.nadia)
        page = nadia.get("/settings/notices/")
        assert "nadia@desk.example" in said(page)
        assert nadia.post("/settings/notices/", {"by_mail": "no"}).status_code == 302
        assert not fresh(cast.nadia).wants_mail
        assert "Notices stand in the page alone." in said(nadia.get("/settings/notices/"))
        nadia.post("/settings/notices/", {"by_mail": "yes"})
        assert fresh(cast.nadia).wants_mail

    @pytest.mark.parametrize("sent", [{}, {"by_mail": "perhaps"}])
    def test_what_says_neither_is_refused_beside_its_field(self, cast, sent):
        page = signed_in(cast.nadia).post("/settings/notices/", sent)
        assert page.status_code == 422 and "Say yes or no." in said(page)
        assert fresh(cast.nadia).wants_mail

    def test_the_page_takes_few_queries(self, cast, written, django_assert_max_num_queries):
        round_at(2)
        client = signed_in(cast.nadia)
        with django_assert_max_num_queries(6):
            assert "sent" in said(client.get("/settings/notices/"))

    def test_nobody_says_so_for_somebody_else(self, cast):
        with pytest.raises(NotAllowed):
            mailing.want_mail(cast.nadia, False, by=cast.sam)
        assert fresh(cast.nadia).wants_mail

    def test_said_twice_it_changes_nothing(self, cast, django_assert_num_queries):
        mailing.want_mail(cast.nadia, False, by=cast.nadia)
        with django_assert_num_queries(3):  # a savepoint, its end, and looking
            mailing.want_mail(cast.nadia, False, by=cast.nadia)


def test_a_second_case_of_one_customer_is_named_by_its_number(written, cast):
    other = a_case(cast.carla)
    assert other.owner == cast.nadia
    conversation.customer_writes(other, "And this.", by=cast.carla)
    announce()
    round_at(2)
    assert only_mail().subject == f"2 notices: {written.number}, {other.number}"
