"""Customers and the addresses at which they can be reached."""

from __future__ import annotations

from django.db import models

from staff.origins import OriginField


class Customer(models.Model):
    """A person who told us about a problem. Not a user: customers come in by links."""

    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=60, blank=True, help_text="IANA zone; empty: the owner's department's.")
    language = models.CharField(max_length=12, blank=True)
    best_time = models.CharField(max_length=120, blank=True, help_text="When they like to be reached.")
    since = models.DateTimeField()
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
