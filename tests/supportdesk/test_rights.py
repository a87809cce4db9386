"""Two roles: what serves cannot touch what is written once, by no door (A64), and lacks nothing that verbs need."""

from __future__ import annotations

from contextlib import closing

import pgtrigger
import psycopg2
import pytest
from django.conf import settings
from django.contrib.admin import ModelAdmin, site
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases import digest
from cases.models import Case, Entry, Message, Note
from cases.verbs import conversation
from supportdesk import rights
from tests.cast import WEDNESDAY, fresh

TIMELINE = (
    "UPDATE cases_entry SET at = at - interval '1 day'",
    "UPDATE cases_entry SET announced_at = NULL, agent_id = NULL",
    "DELETE FROM cases_entry",
    "TRUNCATE cases_entry CASCADE",
    "ALTER TABLE cases_entry DISABLE TRIGGER ALL",
    "ALTER TABLE cases_entry DISABLE TRIGGER USER",
    "ALTER TABLE cases_entry DROP COLUMN actor",
    "ALTER TABLE cases_entry OWNER TO desk",
    "DROP TABLE cases_entry CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON cases_entry EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO cases_entry DO INSTEAD NOTHING",
    "DROP FUNCTION pgtrigger_entries_never_change_edb7a() CASCADE",
    "CREATE TABLE mine (id int)",
    "SET session_replication_role = replica",
    "SET ROLE desk_owner",
    "SET SESSION AUTHORIZATION desk_owner",
)


@pytest.fixture
def desk(transactional_db):
    """A cursor logged in as the serving role itself, as every real process is."""
    found = settings.DATABASES["default"]
    with (
        closing(psycopg2.connect(host=found["HOST"], dbname=found["NAME"], user=settings.SERVING_ROLE)) as line,
        line.cursor() as cursor,
    ):
        yield cursor
        line.rollback()


@pytest.mark.parametrize("statement", TIMELINE)
def test_a64_the_timeline_cannot_be_tampered_with_by_a_statement(desk, case, statement):
    before = digest.of_the_timeline()
    with pytest.raises(psycopg2.Error) as refusal:
        desk.execute(statement)
    assert refusal.value.pgcode == "42501", refusal.value  # insufficient privilege
    desk.connection.rollback()
    assert digest.of_the_timeline() == before


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Entry.objects.update(at=WEDNESDAY),
        lambda: Entry.objects.all()._raw_delete("default"),
        lambda: Entry.objects.first().delete(),
        lambda: ModelAdmin(Entry, site).delete_queryset(None, Entry.objects.all()),
        lambda: ModelAdmin(Case, site).delete_queryset(None, Case.objects.all()),
        lambda: Message.objects.all()._raw_delete("default"),
    ],
    ids=["update", "delete", "delete one", "admin", "admin's case", "messages"],
)
@pytest.mark.parametrize("lifted", [False, True], ids=["", "triggers lifted"])
def test_a64_nor_by_the_models_or_the_admin_even_with_the_triggers_lifted(case, tamper, lifted):
    before = digest.of_the_timeline(), Case.objects.count(), Message.objects.count()
    with pytest.raises((DatabaseError, TypeError, AttributeError)) as refusal, transaction.atomic():
        if lifted:
            with pgtrigger.ignore():
                tamper()
        else:
            tamper()
    assert isinstance(refusal.value, DatabaseError), refusal.value
    assert (digest.of_the_timeline(), Case.objects.count(), Message.objects.count()) == before


def test_what_people_wrote_is_guarded_by_triggers_which_erasing_can_lift(cast, case):
    note = conversation.note(case, "Her number is 0170 1234567.", by=cast.ben)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(body="Erased.")
    with transaction.atomic(), pgtrigger.ignore("cases.Note:what_was_noted_stays"):
        Note.objects.filter(pk=note.pk).update(body="Erased.")
    assert fresh(note).body == "Erased."


def test_a_table_that_comes_later_can_be_used_and_its_protected_rows_not_deleted(case):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("CREATE TABLE cases_later (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
        cursor.execute(
            "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME; END $$"
        )
        cursor.execute("CREATE TRIGGER kept BEFORE DELETE ON cases_later FOR EACH ROW EXECUTE FUNCTION kept()")
        cursor.execute("SET LOCAL ROLE desk")
        cursor.execute("INSERT INTO cases_later (word) VALUES ('new')")
        cursor.execute("SET LOCAL ROLE NONE")
        rights.give(cursor, "desk", "desk_owner")
        cursor.execute("SET LOCAL ROLE desk")
        cursor.execute("UPDATE cases_later SET word = 'newer'")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("DELETE FROM cases_later")


def test_migrating_for_a_role_that_is_not_there_says_so(db, settings):
    settings.SERVING_ROLE = "nobody"
    with pytest.raises(CommandError, match="nobody"):
        call_command("migrate", verbosity=0)


def test_what_has_been_migrated_can_only_be_read(desk):
    desk.execute("SELECT count(*) FROM django_migrations")
    assert desk.fetchone()[0] > 10
    with pytest.raises(psycopg2.Error, match="permission denied"):
        desk.execute("DELETE FROM django_migrations")
