"""``manage.py replay_complaints``: complaints to an authority, each promised an answer, through the verbs."""

from __future__ import annotations

from pathlib import Path

from supportdesk.replay import complaints
from supportdesk.replay.command import ConversationsCommand


class Command(ConversationsCommand):
    help = (
        "Replay complaints to the CFPB: a case each, its company’s answer promised within 15 days. "
        "What is there already stays: an interrupted replay goes on when it is started again."
    )

    def handle(self, *args, file: Path, **options) -> None:
        self.run(complaints.LOG_OF_COMPLAINTS, file, options)
