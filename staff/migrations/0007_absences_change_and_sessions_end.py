"""When an absence changed, since when its cover is named, and how often an agent’s sessions were ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0006_business_time_by_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="absence",
            name="changed_at",
            field=models.DateTimeField(help_text="When its times or its cover last changed.", null=True),
        ),
        migrations.AddField(
            model_name="absence",
            name="cover_since",
            field=models.DateTimeField(
                help_text="Since when this cover, or none, is named, if that changed.", null=True
            ),
        ),
        migrations.AddField(
            model_name="agent",
            name="sessions_ended",
            field=models.PositiveIntegerField(
                default=0, editable=False, help_text="Raised to end every session there is."
            ),
        ),
    ]
