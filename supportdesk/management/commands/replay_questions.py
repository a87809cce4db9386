"""``manage.py replay_questions``: questions and the answers that people were given, through the verbs."""

from __future__ import annotations

from pathlib import Path

from supportdesk.replay import questions
from supportdesk.replay.command import ConversationsCommand


class Command(ConversationsCommand):
    help = (
        "Replay questions about Thunderbird: a case each, with every answer as a message. "
        "What is there already stays: an interrupted replay goes on when it is started again."
    )
    file_help = "CSV or CSV.gz of questions, with the answers beside it under the same name; or a folder of both"

    def handle(self, *args, file: Path, **options) -> None:
        self.run(questions.LOG_OF_QUESTIONS, file, options)
