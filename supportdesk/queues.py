"""In which queue each task waits. A worker takes all queues or those it is told, so what is slow holds nothing else up.

A new task gets a line here. A new queue also gets a worker of its own in ``docker-compose.yml``; a test says so.
"""

from __future__ import annotations

QUEUE_OF = {
    "supportdesk.announce": "default",
    "supportdesk.forget_deliveries": "default",
    "supportdesk.forget_done_once": "default",
    "supportdesk.forget_mail_files": "default",
    "supportdesk.forget_sessions": "default",
    "supportdesk.sweep": "sweep",
    "supportdesk.tell": "mail-out",  # waits for a mail server
    "supportdesk.deliver": "webhooks",  # waits for other people's servers
}
DEFAULT = "default"
QUEUES = tuple(dict.fromkeys(QUEUE_OF.values()))


def chosen(words: str) -> tuple[str, ...]:
    """The queues that somebody named, with commas between them; none named: all.

    Raises:
        ValueError: there is no such queue; the text is a sentence for people.
    """
    named = tuple(dict.fromkeys(name for name in words.replace(" ", "").split(",") if name)) or QUEUES
    unknown = [name for name in named if name not in QUEUES]
    if unknown:
        raise ValueError(f"There is no queue {', '.join(unknown)}; there are {', '.join(QUEUES)}.")
    return named
