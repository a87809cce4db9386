"""From the first moment there is a department for every problem and an owner for every case."""

from django.db import migrations


def make(apps, schema_editor):
    calendar = apps.get_model("staff", "Calendar").objects.create(name="Office hours")
    department = apps.get_model("staff", "Department").objects.create(
        name="Support", plain_name="our support team", calendar=calendar, is_default=True, origin=""
    )
    apps.get_model("staff", "Agent").objects.create(
        name="Nobody yet",
        email="nobody@desk.invalid",
        password="!",
        department=department,
        can_sign_in=False,
        is_fallback=True,
        origin="",
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_start")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
