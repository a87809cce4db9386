"""A mail that nobody needs any more, and those that went wrong, found by an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_promises_made_well"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="digest",
            name="agent",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="digests",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="digest",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "pending"),
                    ("sending", "sending"),
                    ("sent", "sent"),
                    ("uncertain", "uncertain"),
                    ("given_up", "given up"),
                    ("not_needed", "not needed"),
                ],
                default="pending",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("state__in", ("uncertain", "given_up"))),
                fields=["made_at"],
                name="digests_in_trouble",
            ),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(fields=["agent", "-id"], name="digests_of_agent"),
        ),
    ]
