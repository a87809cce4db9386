"""Rules as a desk wishes them, and a case's stay in the supervisors' queue."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_promises_made_well"),
        ("escalations", "0002_trouble_of_the_sweep"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=40, unique=True)),
                ("is_on", models.BooleanField(default=True)),
                ("numbers", models.JSONField(default=dict, help_text="The rule's thresholds by name.")),
                ("tells", models.JSONField(default=list, help_text="Who is told: owner, cover, lead, supervisors.")),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(help_text="When the first of its flags became true.")),
                ("raised_at", models.DateTimeField()),
                (
                    "points",
                    models.PositiveIntegerField(default=0, help_text="The weights of its standing flags, added up."),
                ),
                (
                    "rung",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "the supervisors"), (2, "the head"), (3, "the last rung")], default=1
                    ),
                ),
                (
                    "answer_by",
                    models.DateTimeField(
                        help_text="When it goes one rung higher unless somebody has answered.", null=True
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(
                        help_text="When somebody of the rung first did something about it.", null=True
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["-rung", "-points", "since", "id"], name="queue"
                    ),
                    models.Index(
                        condition=models.Q(("answered_at", None), ("ended_at", None)),
                        fields=["answer_by"],
                        name="queue_clock",
                    ),
                    models.Index(fields=["case", "id"], name="stays_of_case"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("case",), name="one_stay_in_the_queue"
                    )
                ],
            },
        ),
    ]
