from cases.models.case import Case, Preference
from cases.models.closing import Reminder, Resolution
from cases.models.conversation import Message, Note
from cases.models.handover import Handover
from cases.models.notice import Notice
from cases.models.promise import Promise
from cases.models.subtask import Subtask
from cases.models.timeline import Entry

__all__ = [
    "Case",
    "Entry",
    "Handover",
    "Message",
    "Note",
    "Notice",
    "Preference",
    "Promise",
    "Reminder",
    "Resolution",
    "Subtask",
]
