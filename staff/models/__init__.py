from staff.models.absences import Absence
from staff.models.agents import Agent, SignInLink
from staff.models.calendars import Calendar
from staff.models.company import Company
from staff.models.departments import Department, Topic
from staff.models.mandates import Mandate
from staff.models.openings import Opening
from staff.models.tokens import AccessToken, DoneOnce

__all__ = [
    "Absence",
    "AccessToken",
    "Agent",
    "Calendar",
    "Company",
    "Department",
    "DoneOnce",
    "Mandate",
    "Opening",
    "SignInLink",
    "Topic",
]
