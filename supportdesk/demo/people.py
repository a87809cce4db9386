"""Who is in the demo: departments, topics, agents, customers."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.hashers import check_password, make_password
from django.utils.text import slugify

from customers.identity import recognise
from customers.models import Customer
from staff.models import Agent, Calendar, Company, Department, Mandate, Topic
from staff.origins import Origin

SUPPORT = "Support"  # made by the first migration; takes what names no topic
LEAD = "Desk lead"
SECOND_LINE = "Software, second line"
OMBUDS = "Ombudsperson"

# Department, and what customers read.
DEPARTMENTS = {
    "Software": "our software team",
    SECOND_LINE: "the people who wrote the program",
    "Hardware": "our hardware team",
    "Parts": "our spare parts store",
    "Warranty": "our warranty team",
    "Licensing": "our licence team",
    "Offers": "the team that answers for our offers",
    LEAD: "the head of our support desk",
    OMBUDS: "our ombudsperson",
}

# Who is told when a department is late: somebody who signs in, so that it can be seen.
LEADS = {
    SUPPORT: "Sam",
    "Software": "Ada",
    SECOND_LINE: "Ada",
    "Hardware": "Ben",
    "Parts": "Ben",
    "Warranty": "Ines",
    "Licensing": "Ines",
    "Offers": "Ines",
    LEAD: "Ruth",
    OMBUDS: "Edda",
}

# The store opens early, shuts for lunch and is there on Saturday mornings.
_STORE_DAY = "07:30-12:00, 12:30-16:00"
HOURS_OF_THE_STORE = {
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), _STORE_DAY),
    "saturday": "09:00-12:00",
}
# What an owner in Support decides alone; beyond it Sam does.
MANDATE = {"refund_up_to": 100, "courtesy_up_to": 40, "replacement": False}

# Every choice leads to people who can sign in: what a visitor tries in office hours finds an owner.
TOPICS = {
    "A program that does not do what it should": SUPPORT,
    "A computer or another device": "Hardware",
    "A repair or a warranty": "Warranty",
    "A licence, a key or an upgrade": SUPPORT,
    "A payment or an invoice": SUPPORT,
    "Something else": SUPPORT,
}


@dataclass(frozen=True)
class Person:
    """One agent of the demo. ``what_for`` is told to the newcomer; only who has one can sign in."""

    email: str
    name: str
    department: str
    what_for: str = ""
    is_supervisor: bool = False
    is_admin: bool = False


WHO_SIGN_IN = (
    Person("owner@desk.example", "Mia Jones", SUPPORT, "owns the five stories"),
    Person("hardware@desk.example", "Ben Achebe", "Hardware", "specialist in Hardware"),
    Person("warranty@desk.example", "Ines Moreau", "Warranty", "specialist in Warranty"),
    Person("supervisor@desk.example", "Sam Okafor", LEAD, "supervisor", is_supervisor=True),
    Person("head@desk.example", "Ruth Adler", LEAD, "the head: what supervisors leave unanswered", is_supervisor=True),
    Person("admin@desk.example", "Ada Winter", SECOND_LINE, "administrator, and Software’s second line", is_admin=True),
    Person("ombudsperson@desk.example", "Edda Lorenz", OMBUDS, "the last rung, outside the queue"),
)

COLLEAGUES = (
    Person("ana.lima@desk.invalid", "Ana Lima", SUPPORT),
    Person("jonas.weber@desk.invalid", "Jonas Weber", "Software"),
    Person("tove.lind@desk.invalid", "Tove Lind", SECOND_LINE),
    Person("marek.hale@desk.invalid", "Marek Hale", "Hardware"),
    Person("pia.kowalski@desk.invalid", "Pia Kowalski", "Parts"),
    Person("noor.haddad@desk.invalid", "Noor Haddad", "Warranty"),
    Person("raj.patel@desk.invalid", "Raj Patel", "Licensing"),
    Person("olga.petrenko@desk.invalid", "Olga Petrenko", "Offers"),
)


class NotOurs(Exception):
    """An address of the demo belongs to somebody who is not of the demo."""


@dataclass
class Cast:
    """Everybody, by the name that stories use: ``cast.agent("Mia")``, ``cast.department("Parts")``."""

    agents: dict[str, Agent] = field(default_factory=dict)

    def agent(self, first_name: str) -> Agent:
        return self.agents[first_name]

    def department(self, name: str) -> Department:
        return Department.objects.get(name=name)

    def topic(self, name: str) -> Topic:
        return Topic.objects.get(name=name)

    def nobody_yet(self) -> Agent:
        """The fallback owner, whose cases are up for taking."""
        return Agent.objects.fallback_owner()

    def customer(self, name: str, *, phone: str = "") -> Customer:
        """A customer whose mail address leads nowhere."""
        return recognise(name, mail=f"{slugify(name)}@customer.invalid", phone=phone)


def bring_in() -> Cast:
    """Everybody of the demo; who is there already stays as they are.

    Raises:
        NotOurs: an address is taken by somebody who is not of the demo.
    """
    calendar = Department.objects.get(is_default=True).calendar
    for name, plain_name in DEPARTMENTS.items():
        hours = _hours_of_the_store(calendar) if name == "Parts" else calendar
        Department.objects.get_or_create(name=name, defaults={"plain_name": plain_name, "calendar": hours})
    Department.objects.filter(name="Software", second_line=None).update(second_line=_department(SECOND_LINE))
    for position, (name, department) in enumerate(TOPICS.items(), start=1):
        leads_to = _department(department)
        Topic.objects.get_or_create(name=name, defaults={"department": leads_to, "position": position})
    people = [_agent(person) for person in (*WHO_SIGN_IN, *COLLEAGUES)]
    cast = Cast({agent.first_name: agent for agent in people})
    _say_who_decides(cast)
    return cast


def let_in(password: str) -> list[Agent]:
    """Give those who can sign in this password; who has it already is not touched, so that no session ends."""
    agents = list(_those_who_sign_in())
    # Hashing is slow on purpose. All have one password, so one hash does for all.
    kept = {agent.password for agent in agents if agent.has_usable_password()}
    right = {hashed for hashed in kept if check_password(password, hashed)}
    wrong = [agent for agent in agents if agent.password not in right]
    if wrong:
        Agent.objects.filter(pk__in=[agent.pk for agent in wrong]).update(password=make_password(password))
    return agents


def _hours_of_the_store(office: Calendar) -> Calendar:
    facts = {"zone": office.zone, "country": office.country, "subdivision": office.subdivision, **HOURS_OF_THE_STORE}
    return Calendar.objects.get_or_create(name="Hours of Parts", defaults=facts)[0]


def _say_who_decides(cast: Cast) -> None:
    """Leads, a mandate, the head and the last rung, where nobody has said so yet."""
    # A desk with people of its own names them itself: customers read who the last rung is.
    if Agent.objects.filter(origin=Origin.LIVE, is_fallback=False).exists():
        return
    for name, first_name in LEADS.items():
        Department.objects.filter(pk=_department(name).pk, lead=None).update(lead=cast.agent(first_name))
    Mandate.objects.get_or_create(department=_department(SUPPORT), defaults={**MANDATE, "decider": cast.agent("Sam")})
    Company.objects.filter(head=None, ombudsperson=None).update(
        head=cast.agent("Ruth"), ombudsperson=cast.agent("Edda"), ombudsperson_contact="ombudsperson@desk.example"
    )


def _those_who_sign_in():
    addresses = [person.email for person in WHO_SIGN_IN]
    agents = {agent.email: agent for agent in Agent.objects.filter(email__in=addresses, origin=Origin.DEMO)}
    return (agents[address] for address in addresses if address in agents)


def _agent(person: Person) -> Agent:
    agent, new = Agent.objects.get_or_create(
        email=person.email,
        defaults={
            "name": person.name,
            "department": _department(person.department),
            "is_supervisor": person.is_supervisor,
            "is_admin": person.is_admin,
            "can_sign_in": bool(person.what_for),
        },
    )
    if agent.origin != Origin.DEMO:
        raise NotOurs(f"{person.email} belongs to {agent.name}, who is not of the demo.")
    if new:
        agent.set_unusable_password()
        agent.save(update_fields=["password"])
    return agent


def _department(name: str) -> Department:
    if name == SUPPORT:
        return Department.objects.get(is_default=True)
    return Department.objects.get(name=name)
