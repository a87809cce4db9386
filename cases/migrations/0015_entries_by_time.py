import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    """Everything since an instant is found without reading the whole timeline."""

    dependencies = [("cases", "0014_agreement_that_was_heard")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="entries_by_time"),
        ),
    ]
