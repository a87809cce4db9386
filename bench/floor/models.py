"""Tickets as plain as they can be, as many as the desk has cases; ``bench.floor.filling`` makes and fills them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Agent(AbstractBaseUser):
    """The desk's own agents."""

    email = models.EmailField(unique=True)
    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "staff_agent"


class Customer(models.Model):
    name = models.CharField(max_length=120)

    class Meta:
        managed = False
        db_table = "customers_customer"

    def __str__(self):
        return self.name


class Ticket(models.Model):
    customer = models.ForeignKey(Customer, models.PROTECT)
    owner = models.ForeignKey(Agent, models.PROTECT)
    subject = models.TextField()
    words = models.TextField()
    promised = models.TextField()
    state = models.TextField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "floor_ticket"

    def __str__(self):
        return self.subject


class Message(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages")
    author = models.TextField()
    body = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "floor_message"

    def __str__(self):
        return self.body[:60]
