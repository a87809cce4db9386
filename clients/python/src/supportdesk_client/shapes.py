"""What the desk tells. A newer desk may tell more: what is not named here is there all the same."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Scope = Literal["read", "write", "admin"]


class Named(TypedDict):
    id: int
    name: str


class Agent(TypedDict):
    id: int
    name: str
    department: Named
    is_supervisor: bool
    is_service: bool
    can_work: bool


class Me(Agent):
    """Whoever the token acts as, and what it may do."""

    scope: Scope
    departments: list[int]


class Department(TypedDict):
    id: int
    name: str
    name_for_customers: str
    calendar: Named
    is_default: bool
    second_line: Named | None
    lead: Named | None


class Topic(TypedDict):
    id: int
    name: str
    department: Named
    position: int


class Address(TypedDict):
    id: int
    kind: str
    value: str
    ended_at: str | None


class Customer(TypedDict):
    id: int
    name: str
    zone: str
    best_time: str
    since: str
    organisation: Named | None
    merged_into: int | None
    addresses: list[Address]


class InTheWayShape(TypedDict):
    type: str
    detail: str
    anchor: str


class CaseRow(TypedDict):
    """One customer problem, as in a list."""

    number: str
    subject: str
    state: str
    outcome: str
    priority: int
    channel: str
    department: Named
    owner: Named
    is_up_for_taking: bool
    customer: Named
    opened_at: str
    closed_at: str | None
    next_step: str | None
    next_due_at: str | None
    is_late: bool
    is_confidential: bool
    customer_wrote_at: str
    we_wrote_at: str | None


class Promise(TypedDict):
    """Something said to the customer with a time."""

    id: int
    kind: str
    words: str
    due_at: str
    made_at: str
    made_by: str
    state: str
    is_owed: bool
    ended_at: str | None
    answered_at: str | None
    subtask: int | None
    replaces: int | None
    reason: str
    agreement: str


class Subtask(TypedDict):
    """One department's part of a case."""

    id: int
    department: Named
    what: str
    plain_words: str
    state: str
    agent: Named | None
    asked_at: str
    seen_at: str | None
    committed_at: str | None
    waiting_for: str
    later_at: str | None
    later_reason: str
    after: int | None
    ended_at: str | None
    outcome: str


class Resolution(TypedDict):
    id: int
    kind: str
    words: str
    proposed_at: str
    ended_at: str | None
    answer: str


class Case(CaseRow):
    """A case with its parts and promises, and what stands in the way of closing it."""

    problem: str
    desired_outcome: str
    preferences: list[str]
    promises: list[Promise]
    subtasks: list[Subtask]
    resolution: Resolution | None
    in_the_way: list[InTheWayShape]


class Message(TypedDict):
    """What went between us and the customer."""

    id: int
    direction: str
    channel: str
    body: str
    agent: Named | None
    written_at: str
    send_at: str
    delivery: str


class Note(TypedDict):
    """Said inside. The customer never sees it."""

    id: int
    body: str
    agent: Named | None
    written_at: str


class Entry(TypedDict):
    """One line of the timeline."""

    id: int
    kind: str
    at: str
    actor: str
    agent: Named | None
    about: dict[str, int]


class Flag(TypedDict):
    """One reason why a supervisor should look at a case."""

    id: int
    rule: str
    title: str
    case: str
    evidence: str
    became_true_at: str
    raised_at: str
    settled_at: str | None
    settled: str
    reason: str


class Who(TypedDict):
    """A customer of whom no id is known: known again by any of the addresses."""

    name: str
    mail: NotRequired[str]
    phone: NotRequired[str]
