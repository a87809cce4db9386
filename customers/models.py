"""Customers and the addresses at which they can be reached."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from staff.origins import OriginField


class Organisation(models.Model):
    """A company or household that several customers belong to."""

    name = models.CharField(max_length=120, unique=True)
    origin = OriginField()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Customer(models.Model):
    """A person who told us about a problem. Not a user: customers come in by links."""

    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=60, blank=True, help_text="IANA zone; empty: the owner's department's.")
    language = models.CharField(max_length=12, blank=True)
    best_time = models.CharField(max_length=120, blank=True, help_text="When they like to be reached.")
    since = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="people")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="also_known_as", help_text="The same person, known by this row."
    )
    erased_at = models.DateTimeField(null=True, help_text="When everything personal was taken out.")
    origin = OriginField()

    def __str__(self):
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""


class Address(models.Model):
    """A mail address or telephone number of a customer, normalised so that it is found again."""

    class Kind(models.TextChoices):
        MAIL = "mail", "mail"
        PHONE = "phone", "telephone"
        OTHER = "other", "other"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_customer_per_address")]

    def __str__(self):
        return self.value


class Merging(models.Model):
    """Two rows turned out to be one person. A record, so that it can be undone."""

    kept = models.ForeignKey(Customer, models.PROTECT, related_name="merged_here")
    merged = models.ForeignKey(Customer, models.PROTECT, related_name="mergings")
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="merged_into_one_person"),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merged_with_somebody_else"),
        ]

    def __str__(self):
        return f"{self.merged} → {self.kept}"
