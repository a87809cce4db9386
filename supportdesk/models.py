"""What the desk itself has to remember: reactions that failed, and what was taken out for good."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Begun(models.Model):
    """An entry that somebody has begun to announce.

    Written before the work and taken away with it: what is left over has killed its process, or died with a batch in
    which another one did.
    """

    entry = models.OneToOneField("cases.Entry", models.CASCADE, primary_key=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.entry_id}, {self.attempts}"


class FailedReaction(models.Model):
    """A reaction that failed on one entry: tried again by later bells, holding nobody else back."""

    entry = models.ForeignKey("cases.Entry", models.CASCADE, related_name="+")
    reaction = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=1)
    error = models.CharField(max_length=300)
    try_again_at = models.DateTimeField(null=True, help_text="Null: given up.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "reaction"], name="one_failure_per_reaction")]
        indexes = [
            models.Index(name="reactions_to_try", fields=["try_again_at"], condition=Q(try_again_at__isnull=False))
        ]

    def __str__(self):
        return f"{self.reaction}: {self.error}"


class Erasure(models.Model):
    """Something that was taken out for good: what kind, where, on what grounds; never what it was.

    Kept so that it can be done again after a backup was restored that is older.
    """

    class What(models.TextChoices):
        PASSAGE = "passage", "a passage"
        PERSON = "person", "a person"

    class Grounds(models.TextChoices):
        WISH = "wish", "the person wishes it"
        PAYMENT = "payment", "card or bank details"
        SECRET = "secret", "a password or key"
        SENSITIVE = "sensitive", "health or another protected matter"
        OTHERS = "others", "it is about somebody else"
        LAW = "law", "the law asks for it"

    what = models.CharField(max_length=8, choices=What)
    grounds = models.CharField(max_length=12, choices=Grounds)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Null: done again after a backup that does not know who it was.",
    )
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    people = models.JSONField(default=list, help_text="Ids of the rows that were this person.")
    spans = models.JSONField(default=list, help_text="Where it stood: table, row, column, length, places.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="erased_from_a_case_or_a_person",
                condition=Q(what="passage", case__isnull=False) | Q(what="person", customer__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.get_what_display()}, {self.at}"
