from cases.models.amends import Amends
from cases.models.appeal import Appeal
from cases.models.assurance import Assurance
from cases.models.attempt import Attempt
from cases.models.case import Case, Preference
from cases.models.closing import Reminder, Resolution
from cases.models.complaint import Complaint
from cases.models.concession import Concession
from cases.models.conversation import Message, Note
from cases.models.estimate import Estimate
from cases.models.handover import Handover
from cases.models.joining import Joining
from cases.models.notice import Digest, Matter, Notice
from cases.models.participant import Participant
from cases.models.promise import Promise
from cases.models.refusal import Refusal
from cases.models.subtask import Subtask
from cases.models.timeline import Entry

__all__ = [
    "Amends",
    "Appeal",
    "Assurance",
    "Attempt",
    "Case",
    "Complaint",
    "Concession",
    "Digest",
    "Entry",
    "Estimate",
    "Handover",
    "Joining",
    "Matter",
    "Message",
    "Note",
    "Notice",
    "Participant",
    "Preference",
    "Promise",
    "Refusal",
    "Reminder",
    "Resolution",
    "Subtask",
]
