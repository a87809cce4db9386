from staff.models.agents import Agent, SignInLink
from staff.models.calendars import Calendar
from staff.models.departments import Department, Topic

__all__ = ["Agent", "Calendar", "Department", "SignInLink", "Topic"]
