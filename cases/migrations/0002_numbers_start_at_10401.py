"""Case numbers are said on the telephone: all of one length, and the first is not "one"."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_start")]
    operations = [
        migrations.RunSQL("ALTER TABLE cases_case ALTER COLUMN id RESTART WITH 10401", migrations.RunSQL.noop)
    ]
