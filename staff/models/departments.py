"""Departments and the topics that lead to them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from staff.origins import OriginField
from supportdesk.quick import Quick


class DepartmentQuerySet(models.QuerySet):
    def with_hours(self):
        """All of them, each with its calendar at hand."""
        return self.select_related("calendar")


class Department(Quick):
    """A group of specialists who do one kind of work."""

    name = models.CharField(max_length=80, unique=True)
    plain_name = models.CharField(
        max_length=80, blank=True, help_text="What customers read: “the licence team”. Empty: the name."
    )
    calendar = models.ForeignKey("staff.Calendar", models.PROTECT, related_name="departments")
    hours_chosen_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was last said whose hours it keeps."
    )
    hours_chosen_by = models.ForeignKey("staff.Agent", models.PROTECT, null=True, editable=False, related_name="+")
    is_default = models.BooleanField(default=False, help_text="Takes what names no topic. Exactly one.")
    second_line = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Takes over what this department cannot reproduce.",
    )
    lead = models.ForeignKey(
        "staff.Agent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Is told when the department is late.",
    )
    origin = OriginField()

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_department")
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Lines go upwards: nobody stands behind themselves, however far round."""
        above, passed = self.second_line, {self.pk}
        while above is not None:
            if above.pk in passed:
                raise ValidationError({"second_line": "This would lead back to a department that comes before it."})
            passed.add(above.pk)
            above = above.second_line

    @property
    def name_for_customers(self) -> str:
        return self.plain_name or self.name


class Topic(models.Model):
    """What a problem can be about, in the customer's words; leads to a department."""

    name = models.CharField(max_length=80, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="topics")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order on the form")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self):
        return self.name
