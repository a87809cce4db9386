"""Everything at once, for a new desk; the steps that it replaces stay for desks that are on their way.

Case numbers are said on the telephone: all of one length, and the first is not "one".
"""

import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import cases.models.case
import cases.models.once
import staff.origins


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("cases", "0001_start"),
        ("cases", "0002_numbers_start_at_10401"),
        ("cases", "0003_written_once"),
        ("cases", "0004_the_rest_of_the_verbs"),
        ("cases", "0005_by_when_another_person_looks"),
        ("cases", "0006_confidential_cases_and_who_said_it"),
    ]

    dependencies = [
        ("customers", "0003_words_of_names_and_ended_addresses"),
        ("staff", "0003_second_lines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(default=cases.models.case.new_key, editable=False, max_length=22, unique=True),
                ),
                (
                    "link_version",
                    models.PositiveSmallIntegerField(default=1, help_text="Raised to make every status link dead."),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="customers.customer",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "on the web"), ("phone", "by telephone")], default="portal", max_length=12
                    ),
                ),
                ("subject", models.CharField(help_text="The owner's one-line wording.", max_length=120)),
                ("problem", models.TextField(help_text="The customer's own words, as given.")),
                ("desired_outcome", models.TextField(blank=True)),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.topic",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="staff.department",
                    ),
                ),
                ("priority", models.PositiveSmallIntegerField(default=3)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_cases",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("owned_since", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("proposed", "resolution proposed"),
                            ("unconfirmed", "unconfirmed"),
                            ("closed", "closed"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closed_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agent", "agent"),
                            ("customer", "customer"),
                            ("desk", "the desk"),
                            ("log", "the log"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "closed_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "confirmed by the customer"),
                            ("understood", "understood by the customer"),
                            ("withdrawn", "withdrawn by the customer"),
                            ("no_answer", "no answer"),
                            ("joined", "joined into another case"),
                            ("not_a_case", "not a case"),
                            ("override", "closed by override"),
                        ],
                        max_length=12,
                    ),
                ),
                ("override_reason", models.TextField(blank=True)),
                ("yes_at", models.DateTimeField(null=True)),
                (
                    "withdrawn_at",
                    models.DateTimeField(help_text="When the customer said that they no longer need it.", null=True),
                ),
                (
                    "not_a_case",
                    models.CharField(
                        blank=True,
                        choices=[("spam", "spam"), ("mistake", "opened by mistake"), ("test", "a test")],
                        max_length=8,
                    ),
                ),
                (
                    "joined_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined_cases",
                        to="cases.case",
                    ),
                ),
                (
                    "split_from",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="split_cases",
                        to="cases.case",
                    ),
                ),
                ("decide_by", models.DateTimeField(null=True)),
                ("confidential_since", models.DateTimeField(null=True)),
                ("confidential_reason", models.TextField(blank=True)),
                (
                    "next_step",
                    models.CharField(
                        choices=[
                            ("promise", "a promise"),
                            ("reminder", "a reminder"),
                            ("supervisors", "the supervisors’ answer"),
                            ("nothing", "nothing promised"),
                        ],
                        default="nothing",
                        max_length=12,
                    ),
                ),
                ("next_due_at", models.DateTimeField(help_text="When it is due; with nothing promised, since when.")),
                ("latest_words", models.CharField(blank=True, max_length=300)),
                ("customer_wrote_at", models.DateTimeField()),
                ("we_wrote_at", models.DateTimeField(null=True)),
                ("once", cases.models.once.OnceField()),
                ("origin", staff.origins.OriginField()),
                ("origin_ref", models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["owner", "next_due_at", "id"], name="my_cases"
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["department", "next_due_at", "id"],
                        name="department_cases",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["next_due_at", "id"], name="open_cases"
                    ),
                    models.Index(
                        condition=models.Q(("closed_at__isnull", False)),
                        fields=["-closed_at", "-id"],
                        name="closed_cases",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["owner"],
                        include=("priority",),
                        name="owner_load",
                    ),
                    models.Index(fields=["customer", "-opened_at"], name="last_owner"),
                    models.Index(fields=["owner", "-owned_since"], name="owner_since"),
                    models.Index(
                        condition=models.Q(("state", "unconfirmed")),
                        fields=["next_due_at", "id"],
                        name="unconfirmed_cases",
                    ),
                    models.Index(condition=models.Q(("outcome", "override")), fields=["closed_at"], name="overridden"),
                    models.Index(
                        condition=models.Q(("outcome", "not_a_case")), fields=["-closed_at", "id"], name="not_cases"
                    ),
                    models.Index(
                        condition=models.Q(("decide_by__isnull", False)),
                        fields=["owner", "decide_by"],
                        name="to_decide",
                    ),
                    models.Index(
                        condition=models.Q(("decide_by__isnull", False)), fields=["decide_by"], name="decide_by"
                    ),
                    models.Index(
                        condition=models.Q(("joined_into__isnull", False)), fields=["joined_into"], name="joined_cases"
                    ),
                    models.Index(
                        condition=models.Q(("outcome", "confirmed")),
                        fields=["department", "-closed_at", "-id"],
                        name="confirmed_cases",
                    ),
                    models.Index(
                        condition=models.Q(("confidential_since__isnull", False)),
                        fields=["id"],
                        name="confidential_cases",
                    ),
                    models.Index(
                        condition=models.Q(("split_from__isnull", False)), fields=["split_from"], name="split_cases"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                                models.Q(("closed_by", ""), _negated=True),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at", None),
                                ("closed_by", ""),
                                ("closed_by_agent", None),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="closed_says_when_who_and_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_by", "agent"), ("closed_by_agent__isnull", False)),
                            models.Q(models.Q(("closed_by", "agent"), _negated=True), ("closed_by_agent", None)),
                            _connector="OR",
                        ),
                        name="closed_by_agent_names_the_agent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "confirmed"), _negated=True),
                            models.Q(("closed_by", "customer"), ("yes_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="confirmed_by_the_customer_alone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "understood"), _negated=True),
                            models.Q(("closed_by", "customer"), ("yes_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="understood_by_the_customer_alone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "withdrawn"), _negated=True),
                            models.Q(("closed_by", "customer"), ("withdrawn_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="withdrawn_by_the_customer_alone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("joined_into__isnull", False), ("outcome", "joined")),
                            models.Q(models.Q(("outcome", "joined"), _negated=True), ("joined_into", None)),
                            _connector="OR",
                        ),
                        name="joined_says_into_which",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "not_a_case"), models.Q(("not_a_case", ""), _negated=True)),
                            models.Q(models.Q(("outcome", "not_a_case"), _negated=True), ("not_a_case", "")),
                            _connector="OR",
                        ),
                        name="not_a_case_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decide_by", None), ("state", "closed"), _connector="OR"),
                        name="only_a_closed_case_waits_for_a_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidential_since", None),
                            models.Q(("confidential_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="confidential_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "override"), _negated=True),
                            models.Q(("override_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="override_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__range", (1, 4))), name="priority_from_1_to_4"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("origin_ref", ""), _negated=True),
                        fields=("origin", "origin_ref"),
                        name="brought_in_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="cases.case",
                    ),
                ),
                ("words", models.TextField(help_text="The customer's own words, as given.")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_complaints",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "heard_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who wrote it down.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("due_at", models.DateTimeField(help_text="By when the customer has been promised an answer.")),
                ("answer", models.TextField(blank=True, help_text="What the customer reads.")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("once", cases.models.once.OnceField()),
                ("about", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "id"], name="complaints_of_case"),
                    models.Index(
                        condition=models.Q(("answered_at", None)), fields=["due_at", "id"], name="complaints_open"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None), ("answered_by_agent", None)),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by_agent__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="answered_complaint_says_what_when_who",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handovers",
                        to="cases.case",
                    ),
                ),
                (
                    "from_agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handovers_to_answer",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("brief", models.TextField(help_text="Why, and what the customer should not have to tell again.")),
                ("offered_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "offered"),
                            ("accepted", "accepted"),
                            ("given_back", "given back"),
                            ("overtaken", "overtaken"),
                        ],
                        default="offered",
                        max_length=12,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, help_text="Why it was given back.")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "offered")), fields=["to_agent", "id"], name="handovers_open"
                    ),
                    models.Index(fields=["case", "id"], name="handovers_of_case"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "offered")), fields=("case",), name="one_open_handover"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_agent", models.F("to_agent")), _negated=True),
                        name="handed_to_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("state", "offered")),
                            models.Q(models.Q(("state", "offered"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_handover_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Joining",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="joinings", to="cases.case"
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="joined_here", to="cases.case"
                    ),
                ),
                ("joined_at", models.DateTimeField()),
                (
                    "joined_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "undone_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("case",), name="joined_into_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("case", models.F("into")), _negated=True), name="joined_into_another"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="cases.case"
                    ),
                ),
                ("body", models.TextField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("written_at", models.DateTimeField()),
                ("once", cases.models.once.OnceField()),
            ],
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="cases.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="takes_part", to="customers.customer"
                    ),
                ),
                (
                    "relation",
                    models.CharField(help_text="Who they are to the customer: “her daughter”.", max_length=80),
                ),
                (
                    "sees",
                    models.CharField(
                        choices=[
                            ("status", "who looks after it, what is promised, the steps"),
                            ("messages", "everything that the customer sees"),
                        ],
                        default="status",
                        max_length=8,
                    ),
                ),
                (
                    "speaks_for",
                    models.BooleanField(default=False, help_text="Answers for the customer, who wants it so."),
                ),
                (
                    "link_version",
                    models.PositiveSmallIntegerField(default=1, help_text="Raised to make the person's link dead."),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "added_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["case", "id"], name="participants_of_case")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("case", "person"), name="takes_part_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preferences",
                        to="cases.case",
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField()),
                ("words", models.CharField(max_length=300)),
            ],
            options={
                "ordering": ["rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "rank"), name="one_preference_per_rank"),
                    models.CheckConstraint(condition=models.Q(("rank__range", (1, 4))), name="rank_from_1_to_4"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subtask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subtasks",
                        to="cases.case",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subtasks",
                        to="staff.department",
                    ),
                ),
                ("ask", models.TextField(help_text="What is needed.")),
                (
                    "plain_words",
                    models.CharField(blank=True, help_text="What the customer reads about it.", max_length=200),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        help_text="Who has it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subtasks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "not seen yet"),
                            ("seen", "seen"),
                            ("in_work", "in work"),
                            ("waiting", "waiting"),
                            ("done", "done"),
                            ("not_ours", "not ours"),
                            ("dropped", "dropped"),
                            ("not_reproduced", "could not reproduce"),
                        ],
                        default="asked",
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("once", cases.models.once.OnceField()),
                (
                    "asked_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "committed_at",
                    models.DateTimeField(help_text="By when the department has said it will be done.", null=True),
                ),
                ("waiting_for", models.CharField(blank=True, help_text="What it is waiting for.", max_length=200)),
                ("waiting_since", models.DateTimeField(null=True)),
                (
                    "later_at",
                    models.DateTimeField(help_text="A later date that the owner has been asked for.", null=True),
                ),
                ("later_reason", models.TextField(blank=True, help_text="Why the later date is needed.")),
                (
                    "after",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The part that has to end first.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="before",
                        to="cases.subtask",
                    ),
                ),
                (
                    "follows",
                    models.OneToOneField(
                        help_text="What the first line could not reproduce.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="cases.subtask",
                    ),
                ),
                (
                    "carried_from",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Asked on a case that was joined into this one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("outcome", models.TextField(blank=True, help_text="What came of it, or why not.")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "id"], name="subtasks_of_case"),
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["department", "committed_at", "id"],
                        name="subtasks_open",
                    ),
                    models.Index(condition=models.Q(("ended_at", None)), fields=["committed_at"], name="subtasks_due"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state__in", ("asked", "seen", "in_work", "waiting"))),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ("done", "not_ours", "dropped", "not_reproduced")),
                            ),
                            _connector="OR",
                        ),
                        name="ended_subtask_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in_work"), _negated=True),
                            ("committed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="in_work_with_a_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "waiting"),
                                ("waiting_since__isnull", False),
                                models.Q(("waiting_for", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("waiting_for", ""),
                                ("waiting_since", None),
                            ),
                            _connector="OR",
                        ),
                        name="waiting_says_what_for",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("later_at", None),
                            models.Q(models.Q(("later_reason", ""), _negated=True), ("ended_at", None)),
                            _connector="OR",
                        ),
                        name="later_date_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("after", models.F("id")), _negated=True), name="not_after_itself"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="cases.case",
                    ),
                ),
                (
                    "direction",
                    models.CharField(choices=[("in", "from the customer"), ("out", "to the customer")], max_length=3),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "on the status page"), ("phone", "by telephone")], max_length=8
                    ),
                ),
                ("body", models.TextField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who said it, if not the customer.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.participant",
                    ),
                ),
                ("written_at", models.DateTimeField()),
                ("once", cases.models.once.OnceField()),
                ("send_at", models.DateTimeField(help_text="From this instant the customer can read it.")),
                (
                    "delivery",
                    models.CharField(
                        choices=[("received", "received"), ("status_page", "on the status page"), ("spoken", "spoken")],
                        help_text="How it reaches the other side.",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "id"], name="conversation")],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="cases.case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("callback", "a call"),
                            ("update", "an update"),
                            ("resolution", "a resolution"),
                            ("other", "something else"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(help_text="As told to the customer.", max_length=200)),
                ("due_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.CharField(
                        choices=[
                            ("agent", "agent"),
                            ("customer", "customer"),
                            ("desk", "the desk"),
                            ("log", "the log"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "made_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "carried_from",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Made on a case that was joined into this one.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="cases.promise",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("kept", "kept"),
                            ("broken", "broken"),
                            ("renegotiated", "renegotiated"),
                            ("moved", "moved"),
                            ("moot", "moot"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("ended_at", models.DateTimeField(help_text="A broken promise ended at its due time.", null=True)),
                (
                    "kept_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keeps",
                        to="cases.message",
                    ),
                ),
                ("answered_at", models.DateTimeField(help_text="Broken, and spoken about at this instant.", null=True)),
                ("reason", models.TextField(blank=True, help_text="Why the date moved, as told to the customer.")),
                ("agreement", models.TextField(blank=True, help_text="How the customer agreed to the new date.")),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["due_at"], name="promises_due"),
                    models.Index(
                        condition=models.Q(
                            ("state", "open"), models.Q(("answered_at", None), ("state", "broken")), _connector="OR"
                        ),
                        fields=["case", "due_at", "id"],
                        name="promises_owed",
                    ),
                    models.Index(fields=["case", "id"], name="promises_of_case"),
                    models.Index(condition=models.Q(("state", "broken")), fields=["ended_at"], name="promises_broken"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="ended_promise_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "broken"), _negated=True),
                            ("ended_at", models.F("due_at")),
                            _connector="OR",
                        ),
                        name="broken_at_its_due_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answered_at", None), ("state", "broken"), _connector="OR"),
                        name="only_a_broken_promise_is_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "renegotiated"), _negated=True),
                            models.Q(("agreement", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="renegotiated_with_agreement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assurance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assurances",
                        to="cases.case",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who makes sure.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assurances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.message",
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The owner will be in touch.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.promise",
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(help_text="When the owner had spoken.", null=True)),
                ("once", cases.models.once.OnceField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["agent", "id"], name="assurances_standing"
                    ),
                    models.Index(condition=models.Q(("ended_at", None)), fields=["case"], name="assurances_of_case"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="cases.case",
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        help_text="What it was to keep.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="cases.promise",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[("voice_mail", "voice mail"), ("no_answer", "no answer"), ("engaged", "engaged")],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("once", cases.models.once.OnceField()),
            ],
            options={
                "indexes": [models.Index(fields=["case", "id"], name="attempts_of_case")],
            },
        ),
        migrations.CreateModel(
            name="Estimate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="estimates",
                        to="cases.case",
                    ),
                ),
                (
                    "over_by",
                    models.DateTimeField(
                        help_text="When we expect it to be over; null: we do not know yet.", null=True
                    ),
                ),
                ("like_it", models.PositiveIntegerField(help_text="From how many cases like this one.", null=True)),
                (
                    "hangs_on",
                    models.CharField(blank=True, help_text="On whom or what it hangs, as told.", max_length=200),
                ),
                (
                    "tell_by",
                    models.ForeignKey(
                        db_index=False,
                        help_text="When we will know.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.promise",
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "made_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("once", cases.models.once.OnceField()),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-id"], name="estimates_of_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("over_by__isnull", False), ("tell_by", None)),
                            models.Q(("over_by", None), ("tell_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_date_or_when_we_will_know",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="cases.case",
                    ),
                ),
                ("asked", models.CharField(help_text="What the customer asked for.", max_length=300)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("not_entitled", "not entitled"),
                            ("not_possible", "not possible"),
                            ("not_ours", "not ours to give"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ground", models.TextField(help_text="What the no rests on, as the customer reads it.")),
                (
                    "read_before",
                    models.CharField(
                        help_text="What was read before it: the offer, the terms, the receipt.", max_length=300
                    ),
                ),
                ("decider", models.CharField(help_text="Who may say yes.", max_length=120)),
                ("said_at", models.DateTimeField()),
                (
                    "said_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "another_look_at",
                    models.DateTimeField(help_text="When the customer asked for another look.", null=True),
                ),
                (
                    "look_by",
                    models.ForeignKey(
                        db_index=False,
                        help_text="By when another person looks, as promised.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.promise",
                    ),
                ),
                (
                    "looker",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who looked again.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("looked_at", models.DateTimeField(null=True)),
                (
                    "look",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not looked at again"),
                            ("upheld", "the no stands"),
                            ("changed", "the no is taken back"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "look_words",
                    models.TextField(blank=True, help_text="What the second person found, as the customer reads it."),
                ),
                ("once", cases.models.once.OnceField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "id"], name="refusals_of_case"),
                    models.Index(
                        condition=models.Q(("another_look_at__isnull", False), ("looked_at", None)),
                        fields=["another_look_at"],
                        name="refusals_disputed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ground", ""), _negated=True), models.Q(("read_before", ""), _negated=True)
                        ),
                        name="a_no_has_a_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("look", ""), ("looked_at", None), ("looker", None)),
                            models.Q(
                                models.Q(("look", ""), _negated=True),
                                ("looked_at__isnull", False),
                                ("looker__isnull", False),
                                models.Q(("look_words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="looked_again_says_who_and_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("looker", None),
                            models.Q(("looker", models.F("said_by_agent")), _negated=True),
                            _connector="OR",
                        ),
                        name="another_person_looks",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resolutions",
                        to="cases.case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("solved", "solved"),
                            ("way_round", "a way round"),
                            ("another", "another must do it"),
                            ("cannot", "we cannot"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(help_text="What the customer reads.")),
                (
                    "meets",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.preference",
                    ),
                ),
                ("why_none", models.TextField(blank=True, help_text="Why it meets none of the customer's wishes.")),
                (
                    "given_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("owed", "owed"),
                            ("put_right", "to put right what we did"),
                            ("courtesy", "a courtesy"),
                        ],
                        help_text="On what it rests.",
                        max_length=10,
                    ),
                ),
                (
                    "another",
                    models.CharField(blank=True, help_text="Who must do it, introduced by us.", max_length=200),
                ),
                (
                    "check_back",
                    models.OneToOneField(
                        help_text="Our date to ask whether they did.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.promise",
                    ),
                ),
                ("tried", models.TextField(blank=True, help_text="What was tried before we said that we cannot.")),
                ("proposed_at", models.DateTimeField()),
                (
                    "proposed_by_agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unconfirmed_due_at",
                    models.DateTimeField(
                        help_text="From when silence makes the case unconfirmed; null: the customer has spoken since.",
                        null=True,
                    ),
                ),
                ("unconfirmed_at", models.DateTimeField(null=True)),
                (
                    "supervisors_by",
                    models.DateTimeField(help_text="By when a supervisor looks at the silence.", null=True),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "no answer"),
                            ("yes", "yes"),
                            ("not_yet", "not yet"),
                            ("understood", "I understand"),
                            ("not_accepted", "I do not accept it"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(help_text="Answered, taken back, or closed without an answer.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "id"], name="resolutions_of_case"),
                    models.Index(
                        condition=models.Q(("ended_at", None), ("unconfirmed_at", None)),
                        fields=["unconfirmed_due_at"],
                        name="silent_resolutions",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("case",), name="one_standing_resolution"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer", ""), ("ended_at__isnull", False), _connector="OR"),
                        name="answer_ends_the_resolution",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("meets__isnull", False), models.Q(("why_none", ""), _negated=True), _connector="OR"
                        ),
                        name="meets_a_wish_or_says_why_none",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="cases.case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
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
                            ("redacted", "Redacted"),
                            ("erased", "Erased"),
                            ("flag_raised", "Flag Raised"),
                            ("flag_settled", "Flag Settled"),
                        ],
                        max_length=32,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.CharField(
                        choices=[
                            ("agent", "agent"),
                            ("customer", "customer"),
                            ("desk", "the desk"),
                            ("log", "the log"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.message",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.note",
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.promise",
                    ),
                ),
                (
                    "subtask",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.subtask",
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.handover",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.resolution",
                    ),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.attempt",
                    ),
                ),
                (
                    "estimate",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.estimate",
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.complaint",
                    ),
                ),
                (
                    "refusal",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.refusal",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.participant",
                    ),
                ),
                (
                    "other_case",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who owns the case from here.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("data", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "announced_at",
                    models.DateTimeField(help_text="When what follows from it was written; null: not yet.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "id"], name="timeline"),
                    models.Index(
                        condition=models.Q(("owner__isnull", False)), fields=["case", "id"], name="owners_of_case"
                    ),
                    models.Index(
                        condition=models.Q(
                            ("kind__in", ("closed", "promise_broken", "another_look_asked", "customer_did_not_accept"))
                        ),
                        fields=["kind", "at"],
                        name="events",
                    ),
                    models.Index(condition=models.Q(("announced_at", None)), fields=["id"], name="unannounced"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("actor", "agent"), ("agent__isnull", False), ("customer", None)),
                            models.Q(("actor", "customer"), ("agent", None), ("customer__isnull", False)),
                            models.Q(("actor__in", ("desk", "log")), ("agent", None), ("customer", None)),
                            _connector="OR",
                        ),
                        name="entry_names_its_actor",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "resolution",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="cases.resolution",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="cases.case",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("waived_at", models.DateTimeField(help_text="Not needed any more.", null=True)),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at", None), ("waived_at", None)),
                        fields=["due_at"],
                        name="reminders_due",
                    ),
                    models.Index(
                        condition=models.Q(("sent_at", None), ("waived_at", None)),
                        fields=["case", "due_at"],
                        name="reminders_of_case",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("resolution", "position"), name="one_reminder_per_position"),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("waived_at", None), _connector="OR"),
                        name="sent_or_waived",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="cases.entry",
                    ),
                ),
                ("reaction", models.CharField(max_length=40)),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("read_at", None)), fields=["agent", "id"], name="unread_notices")
                ],
                "constraints": [models.UniqueConstraint(fields=("entry", "reaction", "agent"), name="told_once")],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="next_promise",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.promise",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("next_step", "nothing")),
                fields=["next_due_at"],
                name="without_next_promise",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_promise__isnull", False), ("next_step", "promise")),
                    models.Q(models.Q(("next_step", "promise"), _negated=True), ("next_promise", None)),
                    _connector="OR",
                ),
                name="next_step_promise_names_it",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="complaint",
            trigger=pgtrigger.compiler.Trigger(
                name="what_was_complained_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."words" IS DISTINCT FROM (NEW."words") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e739e6cb759909860a9aa6f0d663b0fbd5a11081",
                    operation="UPDATE",
                    pgid="pgtrigger_what_was_complained_stays_cbd6f",
                    table="cases_complaint",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="notes_are_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="c2d95fdab1bbc8cd65b4c9bb52299d6b55f88abe",
                    operation="DELETE",
                    pgid="pgtrigger_notes_are_never_deleted_6f649",
                    table="cases_note",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="what_was_noted_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e0a26311947feefc9114a86f3fd00216548784cd",
                    operation="UPDATE",
                    pgid="pgtrigger_what_was_noted_stays_76db2",
                    table="cases_note",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="messages_are_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="7ba778e7798ff50664b87703eecde50df63d54c2",
                    operation="DELETE",
                    pgid="pgtrigger_messages_are_never_deleted_790e0",
                    table="cases_message",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="what_was_said_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."direction" IS DISTINCT FROM (NEW."direction") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="45dc3e6bdc5f79d91e030cc84199dce9d2d1663b",
                    operation="UPDATE",
                    pgid="pgtrigger_what_was_said_stays_e9284",
                    table="cases_message",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="first_words_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."problem" IS DISTINCT FROM (NEW."problem") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="830670de95b536f659353460ead3c43c04adbbbf",
                    operation="UPDATE",
                    pgid="pgtrigger_first_words_stay_34e0f",
                    table="cases_case",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="cases_are_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="8f3e890afbf4bf633eab128d9c38335f48db368b",
                    operation="DELETE",
                    pgid="pgtrigger_cases_are_never_deleted_ae9a8",
                    table="cases_case",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="no_closing_over_open_subtasks",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"state\" = 'closed' AND NOT (OLD.\"state\" = 'closed'))",
                    func="\n                    IF NEW.outcome <> 'override' AND EXISTS (\n                        SELECT 1 FROM cases_subtask s WHERE s.case_id = NEW.id AND s.ended_at IS NULL\n                    ) THEN\n                        RAISE EXCEPTION 'case % has open sub-tasks', NEW.id;\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="be869f1783b543adb797b1efaeea0960d8150bb9",
                    operation="UPDATE",
                    pgid="pgtrigger_no_closing_over_open_subtasks_7d638",
                    table="cases_case",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="owner_stands_in_the_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n                    IF NEW.owner_id IS DISTINCT FROM (\n                        SELECT e.owner_id FROM cases_entry e\n                        WHERE e.case_id = NEW.id AND e.owner_id IS NOT NULL ORDER BY e.id DESC LIMIT 1\n                    ) AND NEW.owner_id = (SELECT c.owner_id FROM cases_case c WHERE c.id = NEW.id) THEN\n                        RAISE EXCEPTION 'the timeline of case % does not name its owner', NEW.id;\n                    END IF;\n                    RETURN NULL;\n                ",
                    hash="4d36042c540b66e564d817e54a4781dd9c12f0e0",
                    operation='INSERT OR UPDATE OF "owner_id"',
                    pgid="pgtrigger_owner_stands_in_the_timeline_df2bf",
                    table="cases_case",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refusal",
            trigger=pgtrigger.compiler.Trigger(
                name="the_no_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."asked" IS DISTINCT FROM (NEW."asked") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."ground" IS DISTINCT FROM (NEW."ground") OR OLD."read_before" IS DISTINCT FROM (NEW."read_before") OR OLD."said_at" IS DISTINCT FROM (NEW."said_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="4885ec27008d6557ed972d06883ab11f4f718ac1",
                    operation="UPDATE",
                    pgid="pgtrigger_the_no_stays_c1db7",
                    table="cases_refusal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="entries_are_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="05062b5c871ec00c799b17a66dbacc2790dbc0c3",
                    operation="DELETE",
                    pgid="pgtrigger_entries_are_never_deleted_e1da8",
                    table="cases_entry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="entries_never_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."note_id" IS DISTINCT FROM (NEW."note_id") OR OLD."promise_id" IS DISTINCT FROM (NEW."promise_id") OR OLD."subtask_id" IS DISTINCT FROM (NEW."subtask_id") OR OLD."handover_id" IS DISTINCT FROM (NEW."handover_id") OR OLD."resolution_id" IS DISTINCT FROM (NEW."resolution_id") OR OLD."attempt_id" IS DISTINCT FROM (NEW."attempt_id") OR OLD."estimate_id" IS DISTINCT FROM (NEW."estimate_id") OR OLD."complaint_id" IS DISTINCT FROM (NEW."complaint_id") OR OLD."refusal_id" IS DISTINCT FROM (NEW."refusal_id") OR OLD."participant_id" IS DISTINCT FROM (NEW."participant_id") OR OLD."other_case_id" IS DISTINCT FROM (NEW."other_case_id") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."data" IS DISTINCT FROM (NEW."data"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="78b57fef18e5b198547bda8566cf0e9882c31f7b",
                    operation="UPDATE",
                    pgid="pgtrigger_entries_never_change_edb7a",
                    table="cases_entry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="entries_are_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF current_setting('desk.test', true) IS DISTINCT FROM '1' THEN\n                        RAISE EXCEPTION 'the timeline cannot be truncated';\n                    END IF;\n                    RETURN NULL;\n                ",
                    hash="935482eb8a25ec3e9a1ccaaee108d108799bb8c7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_entries_are_never_truncated_4ea7a",
                    table="cases_entry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL("ALTER TABLE cases_case ALTER COLUMN id RESTART WITH 10401", migrations.RunSQL.noop),
    ]
