"""Indexes for what the flag rules look for, and messages that came back among the attempts."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_what_departments_took"),
        ("customers", "0003_words_of_names_and_ended_addresses"),
        ("staff", "0005_the_company_and_business_time_in_the_database"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="entry",
            name="events",
        ),
        migrations.AlterField(
            model_name="attempt",
            name="how",
            field=models.CharField(
                choices=[
                    ("voice_mail", "voice mail"),
                    ("no_answer", "no answer"),
                    ("engaged", "engaged"),
                    ("bounced", "a message that came back"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("next_step", "promise")),
                fields=["we_wrote_at", "owned_since"],
                name="quiet_cases",
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
                            "call_taken",
                        ),
                    )
                ),
                fields=["kind", "at"],
                name="events",
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                condition=models.Q(
                    ("state", "open"),
                    models.Q(("backed_by__isnull", False), ("backed_by_concession__isnull", False), _connector="OR"),
                ),
                fields=["due_at"],
                name="promises_backed",
            ),
        ),
        migrations.AddIndex(
            model_name="subtask",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("seen_at", None)), fields=["asked_at"], name="subtasks_unseen"
            ),
        ),
        migrations.AddIndex(
            model_name="subtask",
            index=models.Index(
                condition=models.Q(("after__isnull", False), ("ended_at", None), ("seen_at", None)),
                fields=["after"],
                name="subtasks_unseen_after",
            ),
        ),
    ]
