"""When somebody is away, and who stands in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class AbsenceQuerySet(models.QuerySet):
    def at(self, now):
        """Whoever is away at ``now`` (aware datetime)."""
        return self.filter(starts_at__lte=now).filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def overlapping(self, start, end):
        """Those that share an instant with a time from ``start`` to ``end`` (aware datetimes; an end of None: open)."""
        found = self.filter(Q(ends_at=None) | Q(ends_at__gt=start))
        return found if end is None else found.filter(starts_at__lt=end)


class Absence(models.Model):
    """One time away. Cut short or called off, its end is moved; what has been stays on record.

    ``ends_at`` is empty while nobody knows when the person comes back.
    """

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="covers",
        db_index=False,
        help_text="Who stands in; the owner stays the owner.",
    )
    announced_at = models.DateTimeField()
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    began_at = models.DateTimeField(null=True, help_text="When the desk wrote its beginning into the cases.")
    ended_at = models.DateTimeField(null=True, help_text="When the desk wrote its end into the cases.")
    once = models.CharField(max_length=32, blank=True, default="", editable=False, help_text="Key of the form.")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["once"], condition=~Q(once=""), name="absence_announced_once"),
            models.CheckConstraint(condition=Q(cover=None) | ~Q(cover=F("agent")), name="covered_by_somebody_else"),
        ]
        indexes = [
            models.Index(name="absences_of_agent", fields=["agent", "starts_at"]),
            models.Index(name="absences_covered", fields=["cover", "starts_at"], condition=Q(cover__isnull=False)),
            models.Index(name="absences_not_over", fields=["starts_at"], condition=Q(ended_at=None)),
        ]

    def __str__(self):
        return f"{self.agent} from {self.starts_at:%Y-%m-%d %H:%M}"

    def is_at(self, now) -> bool:
        """Whether it lasts at ``now`` (aware datetime)."""
        return self.starts_at <= now and (self.ends_at is None or self.ends_at > now)
