"""A calendar's open stretches as rows, so that the database can reckon in business time too.

``desk_business_due`` and ``desk_business_between``, functions of the database, look into them; ``staff.openings`` keeps
them. ``staff.businesstime`` stays the rule: a test holds the functions against it.
"""

from __future__ import annotations

from django.db import models


class Opening(models.Model):
    """One stretch in which a calendar is open."""

    calendar = models.ForeignKey("staff.Calendar", models.CASCADE, related_name="openings", db_index=False)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    before = models.BigIntegerField(help_text="Seconds of business time in this calendar's earlier rows.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "opens_at"], name="one_opening_at_a_time"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="opens_before_it_closes"
            ),
        ]
        indexes = [models.Index(name="openings_by_time_passed", fields=["calendar", "before"])]

    def __str__(self):
        return f"{self.opens_at:%Y-%m-%d %H:%M} to {self.closes_at:%H:%M}"
