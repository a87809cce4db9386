"""What promises hang on, how they are made right, who else is asked, and how people are told."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import cases.models.once


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_squashed_0006_all_at_once"),
        ("customers", "0003_words_of_names_and_ended_addresses"),
        ("staff", "0004_hours_absences_mandates_and_the_company"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Amends",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("apology", models.TextField(help_text="In a person's own words.")),
                ("why", models.TextField(help_text="Why it was broken.")),
                ("doing", models.TextField(help_text="What we do about it.")),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField(blank=True, help_text="What the customer says, if anything.")),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("helped", models.BooleanField(help_text="What the customer says of the answer.", null=True)),
                ("helped_at", models.DateTimeField(null=True)),
                ("once", cases.models.once.OnceField()),
            ],
        ),
        migrations.CreateModel(
            name="Concession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("refund", "a refund"), ("replacement", "a replacement"), ("courtesy", "a courtesy")],
                        max_length=12,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="In settings.CURRENCY; none for a replacement.",
                        max_digits=10,
                        null=True,
                    ),
                ),
                ("words", models.CharField(help_text="What it is.", max_length=300)),
                ("why", models.TextField(help_text="Why the customer should have it.")),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="By when it is decided.")),
                ("decided_at", models.DateTimeField(null=True)),
                ("granted", models.BooleanField(null=True)),
                ("answer", models.TextField(blank=True, help_text="What the decider says to it.")),
                ("once", cases.models.once.OnceField()),
            ],
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=200, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("uncertain", "uncertain"),
                            ("given_up", "given up"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "try_at",
                    models.DateTimeField(help_text="Not before this instant; while sending, when the lease ends."),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="entry",
            name="entries_never_change",
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="events",
        ),
        migrations.AddField(
            model_name="notice",
            name="absence",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="staff.absence",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="promise",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="cases.promise",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="why",
            field=models.CharField(
                choices=[
                    ("owner", "You own this case."),
                    ("cover", "You stand in for its owner."),
                    ("worker", "You have a part of it."),
                    ("lead", "You lead the department."),
                    ("supervisor", "You supervise."),
                    ("asked", "You were asked."),
                    ("own", "It is about you."),
                ],
                default="owner",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="agreed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="promise",
            name="backed_by",
            field=models.ForeignKey(
                help_text="The department's part on which it hangs (design rule 6).",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="backs",
                to="cases.subtask",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="covered_in",
            field=models.ForeignKey(
                help_text="Left to who stands in.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="left_to_cover",
                to="staff.absence",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="not_agreed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("taken", "Taken"),
                    ("handover_offered", "Handover Offered"),
                    ("handover_accepted", "Handover Accepted"),
                    ("handover_given_back", "Handover Given Back"),
                    ("taken_over", "Taken Over"),
                    ("message_to_customer", "Message To Customer"),
                    ("message_from_customer", "Message From Customer"),
                    ("noted", "Noted"),
                    ("promise_made", "Promise Made"),
                    ("promise_kept", "Promise Kept"),
                    ("promise_broken", "Promise Broken"),
                    ("promise_answered", "Promise Answered"),
                    ("promise_renegotiated", "Promise Renegotiated"),
                    ("promise_moved", "Promise Moved"),
                    ("promise_moot", "Promise Moot"),
                    ("subtask_asked", "Subtask Asked"),
                    ("subtask_seen", "Subtask Seen"),
                    ("subtask_accepted", "Subtask Accepted"),
                    ("subtask_date_moved", "Subtask Date Moved"),
                    ("subtask_done", "Subtask Done"),
                    ("subtask_not_ours", "Subtask Not Ours"),
                    ("subtask_dropped", "Subtask Dropped"),
                    ("subtask_waits", "Subtask Waits"),
                    ("subtask_goes_on", "Subtask Goes On"),
                    ("subtask_later_asked", "Subtask Later Asked"),
                    ("subtask_later_refused", "Subtask Later Refused"),
                    ("subtask_not_reproduced", "Subtask Not Reproduced"),
                    ("resolution_proposed", "Resolution Proposed"),
                    ("reminded", "Reminded"),
                    ("unconfirmed", "Unconfirmed"),
                    ("customer_said_yes", "Customer Said Yes"),
                    ("customer_said_not_yet", "Customer Said Not Yet"),
                    ("customer_understood", "Customer Understood"),
                    ("customer_did_not_accept", "Customer Did Not Accept"),
                    ("customer_withdrew", "Customer Withdrew"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                    ("wrote_after_closing", "Wrote After Closing"),
                    ("only_thanks", "Only Thanks"),
                    ("put_aside", "Put Aside"),
                    ("taken_back_in", "Taken Back In"),
                    ("joined", "Joined"),
                    ("joined_here", "Joined Here"),
                    ("unjoined", "Unjoined"),
                    ("unjoined_here", "Unjoined Here"),
                    ("split_off", "Split Off"),
                    ("attempted", "Attempted"),
                    ("estimated", "Estimated"),
                    ("complained", "Complained"),
                    ("complaint_handed_on", "Complaint Handed On"),
                    ("complaint_answered", "Complaint Answered"),
                    ("refused", "Refused"),
                    ("another_look_asked", "Another Look Asked"),
                    ("looked_again", "Looked Again"),
                    ("call_taken", "Call Taken"),
                    ("made_sure", "Made Sure"),
                    ("made_confidential", "Made Confidential"),
                    ("no_longer_confidential", "No Longer Confidential"),
                    ("participant_added", "Participant Added"),
                    ("participant_changed", "Participant Changed"),
                    ("participant_ended", "Participant Ended"),
                    ("promise_agreed", "Promise Agreed"),
                    ("promise_not_agreed", "Promise Not Agreed"),
                    ("promise_left_to_cover", "Promise Left To Cover"),
                    ("made_right", "Made Right"),
                    ("concession_asked", "Concession Asked"),
                    ("concession_granted", "Concession Granted"),
                    ("concession_declined", "Concession Declined"),
                    ("owner_away", "Owner Away"),
                    ("owner_back", "Owner Back"),
                    ("someone_else_asked", "Someone Else Asked"),
                    ("someone_else_answered", "Someone Else Answered"),
                    ("answer_helped", "Answer Helped"),
                    ("answer_did_not_help", "Answer Did Not Help"),
                    ("message_did_not_arrive", "Message Did Not Arrive"),
                    ("note_to_owner", "Note To Owner"),
                    ("went_higher", "Went Higher"),
                    ("redacted", "Redacted"),
                    ("erased", "Erased"),
                    ("flag_raised", "Flag Raised"),
                    ("flag_settled", "Flag Settled"),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="delivery",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("status_page", "on the status page"),
                    ("spoken", "spoken"),
                    ("not_arrived", "did not arrive"),
                ],
                help_text="How it reaches the other side.",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="cases.entry",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    ("closed_at", None),
                    models.Q(
                        ("we_wrote_at", None), ("customer_wrote_at__gt", models.F("we_wrote_at")), _connector="OR"
                    ),
                ),
                fields=["customer_wrote_at"],
                name="unanswered_cases",
            ),
        ),
        migrations.AddField(
            model_name="amends",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="amends", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="amends",
            name="made_by_agent",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="amends",
            name="message",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.message"
            ),
        ),
        migrations.AddField(
            model_name="amends",
            name="promise",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="amends", to="cases.promise"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="amends",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.amends",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="answer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.message",
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="answered_by_agent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="appeals", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="promise",
            field=models.ForeignKey(
                db_index=False,
                help_text="By when a person answers.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.promise",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="appeal",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.appeal",
            ),
        ),
        migrations.AddField(
            model_name="concession",
            name="asked_by_agent",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="concession",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="concessions", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="concession",
            name="decider",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="concessions_to_decide",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="concession",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.concession",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="backed_by_concession",
            field=models.ForeignKey(
                help_text="The decision on which it hangs.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="backs",
                to="cases.concession",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "closed",
                            "promise_broken",
                            "another_look_asked",
                            "customer_did_not_accept",
                            "customer_said_not_yet",
                            "message_from_customer",
                            "wrote_after_closing",
                            "someone_else_asked",
                            "answer_did_not_help",
                            "message_did_not_arrive",
                            "message_to_customer",
                            "taken",
                            "handover_accepted",
                            "taken_over",
                            "subtask_asked",
                        ),
                    )
                ),
                fields=["kind", "at"],
                name="events",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreed_at", None), ("not_agreed_at", None), _connector="OR"), name="agreed_or_not"
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="agent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="digests", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="digest",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="notices", to="cases.digest"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("digest", None), ("read_at", None)), fields=["made_at"], name="notices_to_mail"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("promise__isnull", False)),
                fields=("promise", "reaction", "agent"),
                name="told_once_of_a_promise",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("absence__isnull", False)),
                fields=("absence", "reaction", "agent"),
                name="told_once_of_an_absence",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("absence", None), ("entry__isnull", False), ("promise", None)),
                    models.Q(("absence", None), ("entry", None), ("promise__isnull", False)),
                    models.Q(("absence__isnull", False), ("entry", None), ("promise", None)),
                    _connector="OR",
                ),
                name="notice_is_about_one_thing",
            ),
        ),
        migrations.AddIndex(
            model_name="amends",
            index=models.Index(fields=["case", "id"], name="amends_of_case"),
        ),
        migrations.AddIndex(
            model_name="amends",
            index=models.Index(fields=["made_at"], name="amends_by_time"),
        ),
        migrations.AddConstraint(
            model_name="amends",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("apology", ""), _negated=True),
                    models.Q(("why", ""), _negated=True),
                    models.Q(("doing", ""), _negated=True),
                ),
                name="made_right_in_words",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="amends",
            trigger=pgtrigger.compiler.Trigger(
                name="amends_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."apology" IS DISTINCT FROM (NEW."apology") OR OLD."why" IS DISTINCT FROM (NEW."why") OR OLD."doing" IS DISTINCT FROM (NEW."doing") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5261b00424aaaa47b51215f5f8552a9ede4c9e9a",
                    operation="UPDATE",
                    pgid="pgtrigger_amends_stay_cefa9",
                    table="cases_amends",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["case", "id"], name="appeals_of_case"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)), fields=("case",), name="one_open_appeal"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", None), ("answered_at", None), ("answered_by_agent", None)),
                    models.Q(
                        ("answer__isnull", False), ("answered_at__isnull", False), ("answered_by_agent__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="answered_appeal_says_who_and_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("helped", None), ("helped_at", None)), ("answered_at__isnull", False), _connector="OR"
                ),
                name="only_an_answer_helps",
            ),
        ),
        migrations.AddIndex(
            model_name="concession",
            index=models.Index(fields=["case", "id"], name="concessions_of_case"),
        ),
        migrations.AddIndex(
            model_name="concession",
            index=models.Index(
                condition=models.Q(("decided_at", None)), fields=["decider", "due_at"], name="concessions_to_decide"
            ),
        ),
        migrations.AddConstraint(
            model_name="concession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("granted", None)),
                    models.Q(("decided_at__isnull", False), ("granted__isnull", False)),
                    _connector="OR",
                ),
                name="decided_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="concession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount", None), ("kind", "replacement")),
                    models.Q(models.Q(("kind", "replacement"), _negated=True), ("amount__gt", 0)),
                    _connector="OR",
                ),
                name="replacement_has_no_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("state__in", ("pending", "sending"))), fields=["try_at"], name="digests_to_send"
            ),
        ),
        # Behind every column that it compares.
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="entries_never_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."note_id" IS DISTINCT FROM (NEW."note_id") OR OLD."promise_id" IS DISTINCT FROM (NEW."promise_id") OR OLD."subtask_id" IS DISTINCT FROM (NEW."subtask_id") OR OLD."handover_id" IS DISTINCT FROM (NEW."handover_id") OR OLD."resolution_id" IS DISTINCT FROM (NEW."resolution_id") OR OLD."attempt_id" IS DISTINCT FROM (NEW."attempt_id") OR OLD."estimate_id" IS DISTINCT FROM (NEW."estimate_id") OR OLD."complaint_id" IS DISTINCT FROM (NEW."complaint_id") OR OLD."refusal_id" IS DISTINCT FROM (NEW."refusal_id") OR OLD."participant_id" IS DISTINCT FROM (NEW."participant_id") OR OLD."amends_id" IS DISTINCT FROM (NEW."amends_id") OR OLD."concession_id" IS DISTINCT FROM (NEW."concession_id") OR OLD."appeal_id" IS DISTINCT FROM (NEW."appeal_id") OR OLD."other_case_id" IS DISTINCT FROM (NEW."other_case_id") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."data" IS DISTINCT FROM (NEW."data"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="b6a52b8f6178afb76c3bceb9e855cdf07fbb6143",
                    operation="UPDATE",
                    pgid="pgtrigger_entries_never_change_edb7a",
                    table="cases_entry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
