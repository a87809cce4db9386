"""Own open days, absences with their cover, mandates, the company, and openings as rows."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_second_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="left_at",
            field=models.DateTimeField(editable=False, help_text="When they left us.", null=True),
        ),
        migrations.AddField(
            model_name="agent",
            name="wants_mail",
            field=models.BooleanField(default=True, help_text="Notices come by mail too."),
        ),
        migrations.AddField(
            model_name="calendar",
            name="open_days",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text='Own open days with their blocks, such as {"2026-12-19": "10:00-14:00"}',
            ),
        ),
        migrations.AddField(
            model_name="calendar",
            name="openings_from",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="calendar",
            name="openings_of",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="calendar",
            name="openings_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="department",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                help_text="Is told when the department is late.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("announced_at", models.DateTimeField()),
                (
                    "began_at",
                    models.DateTimeField(help_text="When the desk wrote its beginning into the cases.", null=True),
                ),
                ("ended_at", models.DateTimeField(help_text="When the desk wrote its end into the cases.", null=True)),
                (
                    "once",
                    models.CharField(
                        blank=True, default="", editable=False, help_text="Key of the form.", max_length=32
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "announced_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who stands in; the owner stays the owner.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["agent", "starts_at"], name="absences_of_agent"),
                    models.Index(
                        condition=models.Q(("cover__isnull", False)),
                        fields=["cover", "starts_at"],
                        name="absences_covered",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["starts_at"], name="absences_not_over"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                        name="ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("once", ""), _negated=True), fields=("once",), name="absence_announced_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cover", None), models.Q(("cover", models.F("agent")), _negated=True), _connector="OR"
                        ),
                        name="covered_by_somebody_else",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ombudsperson_contact",
                    models.CharField(
                        blank=True,
                        help_text="How customers reach the last rung: an address, a telephone number.",
                        max_length=200,
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        help_text="Everybody's hours.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.calendar",
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        blank=True,
                        help_text="Looks at what the supervisors have left unanswered.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ombudsperson",
                    models.ForeignKey(
                        blank=True,
                        help_text="The last rung, outside the queue: customers read this name.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supervisors_calendar",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: everybody's hours.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.calendar",
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_company")],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("refund_up_to", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("courtesy_up_to", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("replacement", models.BooleanField(default=False, help_text="May send a replacement.")),
                (
                    "decider",
                    models.ForeignKey(
                        blank=True,
                        help_text="Decides what goes beyond it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "department",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mandate", to="staff.department"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("courtesy_up_to__gte", 0), ("refund_up_to__gte", 0)),
                        name="no_negative_mandate",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                (
                    "before",
                    models.BigIntegerField(help_text="Seconds of business time in this calendar's earlier rows."),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="openings",
                        to="staff.calendar",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["calendar", "before"], name="openings_by_time_passed")],
                "constraints": [
                    models.UniqueConstraint(fields=("calendar", "opens_at"), name="one_opening_at_a_time"),
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opens_at"))), name="opens_before_it_closes"
                    ),
                ],
            },
        ),
    ]
