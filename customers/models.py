"""Customers and the addresses at which they can be reached."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q, Subquery
from django.db.models.functions import Coalesce, Collate, Reverse

from staff.origins import OriginField
from supportdesk.quick import Quick

# A name's words, and a number from its end: what `customers.search` looks for. The index is used for these very words.
WORDS_OF_NAME = SearchVector("name", config="simple")
BACKWARDS = Collate(Reverse("value"), "C")


class Organisation(models.Model):
    """A company or household that several customers belong to."""

    name = models.CharField(max_length=120, unique=True)
    origin = OriginField()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class CustomerQuerySet(models.QuerySet):
    def person(self, customer):
        """All rows of the one person that this customer is: several, when some were merged."""
        # Asked anew: the row in hand may have been merged since it was read.
        kept = Customer.objects.filter(pk=customer.pk).values(kept=Coalesce("merged_into", "pk"))
        return self.filter(Q(pk=Subquery(kept)) | Q(merged_into=Subquery(kept)))

    def people(self):
        """One row for each person."""
        return self.filter(merged_into=None)


class Customer(Quick):
    """A person who told us about a problem. Not a user: customers come in by links.

    One person may have several rows: ``merged_into`` leads from each of them to the one that is kept, never farther.
    """

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

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(WORDS_OF_NAME, name="words_of_names")]

    def __str__(self):
        return self.name

    @property
    def person_id(self) -> int:
        """The row that is kept of this person; two rows are one person when it is the same."""
        return self.merged_into_id or self.pk

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name else ""


class AddressQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(ended_at=None)

    def of_person(self, customer):
        """Where this person can be reached, by whichever of their rows."""
        return self.in_use().filter(customer__in=Customer.objects.person(customer))


class Address(models.Model):
    """A mail address or telephone number of a customer, normalised so that it is found again.

    One that ended stays as a record; it may belong to somebody else since.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", "mail"
        PHONE = "phone", "telephone"
        OTHER = "other", "other"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=254)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="None: the customer gave it."
    )
    ended_at = models.DateTimeField(null=True, help_text="From when it is not theirs any more.")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = AddressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=Q(ended_at=None), name="one_customer_per_address_in_use"
            ),
            models.CheckConstraint(
                name="ended_address_says_by_whom",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(BACKWARDS, name="numbers_from_their_end", condition=Q(kind="phone", ended_at=None)),
        ]

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
