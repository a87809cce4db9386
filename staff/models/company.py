"""The company itself: one row, with what holds for all departments unless they say otherwise."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class CompanyManager(models.Manager):
    def the(self) -> Company:
        """The one row, with its calendars and people; the first migration makes it."""
        people = ("head__department__calendar", "ombudsperson__department__calendar")
        return self.select_related("calendar", "supervisors_calendar", *people).get(pk=1)


class Company(models.Model):
    """Whose desk this is. The rungs above the supervisors are named people: first the head, last the ombudsperson."""

    calendar = models.ForeignKey("staff.Calendar", models.PROTECT, related_name="+", help_text="Everybody's hours.")
    supervisors_calendar = models.ForeignKey(
        "staff.Calendar", models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: everybody's hours."
    )
    supervisors_hours_chosen_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was last said whose hours the supervisors keep."
    )
    supervisors_hours_chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Looks at what the supervisors have left unanswered.",
    )
    ombudsperson = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The last rung, outside the queue: customers read this name.",
    )
    ombudsperson_contact = models.CharField(
        max_length=200, blank=True, help_text="How customers reach the last rung: an address, a telephone number."
    )

    objects = CompanyManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_company")]

    def __str__(self):
        return "The company"

    @property
    def hours_of_supervisors(self):
        """The hours in which supervisors answer, as ``BusinessHours``."""
        return (self.supervisors_calendar or self.calendar).hours
