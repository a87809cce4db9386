from django.db import migrations, models


class Migration(migrations.Migration):
    """Everything since an instant is found without reading the whole timeline."""

    dependencies = [("cases", "0014_agreement_that_was_heard")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["at"], name="entries_by_time"),
        ),
    ]
