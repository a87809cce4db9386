"""What somebody is named for beside their work: leading, deciding, standing above the supervisors."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BigIntegerField, Value

from staff.models import Agent, Company, Department

_WHAT = {
    "lead": "who leads {}",
    "decider": "who decides what owners in {} may not give alone",
    "head": "as the head, above the supervisors",
    "ombudsperson": "as the last rung, whose name customers read",
}


@dataclass(frozen=True)
class Role:
    """Attributes:
    kind: ``lead``, ``decider``, ``head`` or ``ombudsperson``.
    department_id: whose lead or decider; None: the company's head or last rung.
    department: its name.
    """

    kind: str
    department_id: int | None
    department: str

    @property
    def what(self) -> str:
        """What somebody else has to be named for, behind “Name somebody else ”."""
        return _WHAT[self.kind].format(self.department)


def roles_of(agent: Agent) -> tuple[Role, ...]:
    """Everything that somebody is named for, in one query."""
    named = [
        _of("lead", Department.objects.filter(lead=agent), "pk", "name"),
        _of("decider", Department.objects.filter(mandate__decider=agent), "pk", "name"),
        _of("head", Company.objects.filter(head=agent), Value(None, BigIntegerField()), Value("")),
        _of("ombudsperson", Company.objects.filter(ombudsperson=agent), Value(None, BigIntegerField()), Value("")),
    ]
    rows = named[0].union(*named[1:], all=True)
    return tuple(sorted((Role(*row) for row in rows), key=lambda role: (list(_WHAT).index(role.kind), role.department)))


def _of(kind: str, found, *department):
    return found.order_by().values_list(Value(kind), *department)
