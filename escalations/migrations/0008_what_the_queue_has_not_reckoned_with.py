import django.db.models.deletion
from django.db import migrations, models

CARRY_OVER = """
INSERT INTO escalations_unreckoned (case_id) SELECT DISTINCT case_id FROM escalations_flag WHERE NOT reckoned
"""
CARRY_BACK = """
UPDATE escalations_flag f
   SET reckoned = NOT EXISTS (SELECT 1 FROM escalations_unreckoned u WHERE u.case_id = f.case_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_parts_in_hand"),
        ("escalations", "0007_flags_to_reckon_by_case"),
    ]

    operations = [
        migrations.CreateModel(
            name="Unreckoned",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(CARRY_OVER, CARRY_BACK),
        migrations.RemoveIndex(model_name="flag", name="flags_to_reckon"),
        migrations.RemoveField(model_name="flag", name="reckoned"),
    ]
