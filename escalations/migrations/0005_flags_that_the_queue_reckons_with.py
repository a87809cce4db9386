"""Which flags the queue has not reckoned with yet."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_someone_else_takes_it"),
        ("escalations", "0004_what_was_looked_at_and_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="flag",
            name="reckoned",
            field=models.BooleanField(
                db_default=False, help_text="Its case's stay in the queue reckons with it as it is."
            ),
        ),
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(condition=models.Q(("reckoned", False)), fields=["id"], name="flags_to_reckon"),
        ),
    ]
