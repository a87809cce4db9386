"""The last parts that each department ended, and the whole desk, found by index: what forecasts rest on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_mails_not_needed_and_in_trouble"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="subtask",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("follows", None)),
                fields=["department", "-ended_at", "-id"],
                name="subtasks_ended_own",
            ),
        ),
        migrations.AddIndex(
            model_name="subtask",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("follows__isnull", False)),
                fields=["department", "-ended_at", "-id"],
                name="subtasks_ended_above",
            ),
        ),
        migrations.AddIndex(
            model_name="subtask",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)), fields=["-ended_at", "-id"], name="subtasks_ended"
            ),
        ),
        migrations.AddIndex(
            model_name="subtask",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["-asked_at", "-id"], name="subtasks_running"
            ),
        ),
    ]
