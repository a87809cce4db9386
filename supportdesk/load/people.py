"""Eight departments, fifty agents, and the customers: made once, never able to sign in, reached nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from customers.models import Address, Customer
from staff.businesstime import BusinessHours
from staff.models import Agent, Calendar, Department
from staff.origins import Origin
from supportdesk.load import words

AGENTS = 50
# So many cases in turn come from one more customer: a hundred thousand from five thousand.
CASES_A_CUSTOMER = 20
_DEPARTMENTS = (
    "Accounts", "Licensing", "Second line", "Orders", "Returns", "Mobile", "Cloud", "Field service",
)  # fmt: skip
_DOMAIN = "load.invalid"


@dataclass(frozen=True)
class People:
    """Ids of everybody who takes part.

    Attributes:
        agents: by department, each list without its supervisors.
        hours: when all of them work.
    """

    departments: tuple[int, ...]
    agents: dict[int, tuple[int, ...]]
    supervisors: tuple[int, ...]
    hours: BusinessHours


def hire() -> People:
    """Make the departments and agents who are not there yet."""
    calendar, _ = Calendar.objects.get_or_create(name="Made up, Monday to Friday 9 to 17", defaults={"country": "DE"})
    departments = [_department(name, calendar) for name in _DEPARTMENTS]
    password = make_password(None)
    known = Agent.objects.filter(origin=Origin.LOAD)
    there = set(known.values_list("email", flat=True))
    Agent.objects.bulk_create(
        Agent(
            name=words.name(Random(f"agent {number}")),
            email=email,
            department=departments[number % len(departments)],
            is_supervisor=number % 10 == 9,
            can_sign_in=False,
            password=password,
            origin=Origin.LOAD,
        )
        for number in range(AGENTS)
        if (email := f"agent-{number}@{_DOMAIN}") not in there
    )
    everybody = list(known.order_by("pk").values_list("pk", "department", "is_supervisor"))
    return People(
        departments=tuple(department.pk for department in departments),
        agents={
            department.pk: tuple(pk for pk, works_in, leads in everybody if works_in == department.pk and not leads)
            for department in departments
        },
        supervisors=tuple(pk for pk, _, leads in everybody if leads),
        hours=calendar.hours,
    )


def customers(seed: int, count: int, now: datetime) -> list[int]:
    """Ids of the first so many customers of this seed; who is not there yet is made."""
    addresses = [f"customer-{seed}-{number}@{_DOMAIN}" for number in range(count)]
    there = dict(Address.objects.filter(value__endswith=f"@{_DOMAIN}").values_list("value", "customer"))
    missing = [address for address in addresses if address not in there]
    made = Customer.objects.bulk_create(
        [
            Customer(name=words.name(Random(address)), since=now - timedelta(days=900), origin=Origin.LOAD)
            for address in missing
        ],
        batch_size=1000,
    )
    Address.objects.bulk_create(
        [
            Address(customer=customer, kind=Address.Kind.MAIL, value=address)
            for customer, address in zip(made, missing, strict=True)
        ],
        batch_size=1000,
    )
    there |= {address: customer.pk for customer, address in zip(made, missing, strict=True)}
    return [there[address] for address in addresses]


def _department(name: str, calendar: Calendar) -> Department:
    # A department of the living desk may have the same name.
    name = f"{name} (made up)"
    return Department.objects.get_or_create(name=name, defaults={"calendar": calendar, "origin": Origin.LOAD})[0]
