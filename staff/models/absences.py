"""When somebody is away, and who stands in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q


def cover_is_there(now) -> Q:
    """Of an absence, that its cover is still with us, let in, and not away at ``now`` (aware datetime)."""
    away_too = Absence.objects.at(now).filter(agent=OuterRef("cover"))
    return Q(cover__is_active=True, cover__can_sign_in=True) & ~Q(Exists(away_too))


class AbsenceQuerySet(models.QuerySet):
    def at(self, now):
        """Whoever is away at ``now`` (aware datetime)."""
        return self.filter(starts_at__lte=now).filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def covered(self, now):
        """Of those at ``now`` the ones whose cover is there."""
        return self.at(now).filter(cover_is_there(now))

    def overlapping(self, start, end):
        """Those that share an instant with a time from ``start`` to ``end`` (aware datetimes; an end of None: open)."""
        # What was called off has no length, and shares nothing.
        found = self.filter(Q(ends_at=None) | Q(ends_at__gt=start) & Q(ends_at__gt=F("starts_at")))
        return found if end is None else found.filter(starts_at__lt=end)

    def not_over(self, now):
        """Those that last at ``now`` or are still ahead."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now))


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
    changed_at = models.DateTimeField(null=True, help_text="When its times or its cover last changed.")
    cover_since = models.DateTimeField(
        null=True, help_text="Since when this cover, or none, is named, if that changed."
    )
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

    @property
    def is_called_off(self) -> bool:
        return self.ends_at == self.starts_at

    def is_over(self, now) -> bool:
        """Whether it has ended, or was called off, at ``now`` (aware datetime)."""
        return self.ends_at is not None and self.ends_at <= now or self.is_called_off

    def is_at(self, now) -> bool:
        """Whether it lasts at ``now`` (aware datetime)."""
        return self.starts_at <= now and (self.ends_at is None or self.ends_at > now)
