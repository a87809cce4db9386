"""Write to the customer, and inside."""

from __future__ import annotations

from cases.forms.fields import CaseForm, KeepsWord, NextPromise, Once, long_text


class Message(CaseForm, Once, NextPromise, KeepsWord):
    body = long_text("Your message", rows=5)

    def prepare(self, customer):
        self.offer(self.case.next_promise, self.case.owner.first_name)


class Note(CaseForm, Once):
    body = long_text("Inside note", rows=5)
