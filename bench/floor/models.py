"""Tickets as plain as they can be, as many as the desk has cases; ``bench.floor.filling`` makes and fills them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Agent(AbstractBaseUser):
    """The desk's own agents."""

    email = models.EmailField(unique=True)
    name = models.TextField()
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


class Department(models.Model):
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "staff_department"

    def __str__(self):
        return self.name


class Case(models.Model):
    """The desk's own cases, for telling a machine the same rows."""

    subject = models.TextField()
    problem = models.TextField()
    desired_outcome = models.TextField()
    state = models.TextField()
    outcome = models.TextField()
    priority = models.IntegerField()
    channel = models.TextField()
    department = models.ForeignKey(Department, models.PROTECT)
    owner = models.ForeignKey(Agent, models.PROTECT)
    customer = models.ForeignKey(Customer, models.PROTECT)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    next_step = models.TextField()
    next_due_at = models.DateTimeField()
    customer_wrote_at = models.DateTimeField()
    we_wrote_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "cases_case"

    def __str__(self):
        return self.subject


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
