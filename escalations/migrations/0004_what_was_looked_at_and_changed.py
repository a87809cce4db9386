"""How far the sweep has looked, and who wished which rule how."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("escalations", "0003_rules_as_wished_and_the_queue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="lastsweep",
            name="all_looked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="lastsweep",
            name="entries_until",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("is_on", models.BooleanField()),
                ("numbers", models.JSONField(default=dict)),
                ("tells", models.JSONField(default=list)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["rule", "-id"], name="changes_of_rule")],
            },
        ),
    ]
