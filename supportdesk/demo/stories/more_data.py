"""“Get me more data”: Dana told us of a fault, as two others had, and was asked to prove it.

To be played on: Ada (second line) finds the cause; Mia tells Dana, and what we do until the files are back.
"""

from __future__ import annotations

from supportdesk.demo.telling import RESULT, Stage, Story


def tell(stage: Stage) -> None:
    story = _dana_has_lost_her_evenings(stage)
    _the_proof_is_our_work(story)
    _the_first_line_sees_nothing(story)
    _a_second_problem_comes_to_light(story)


def _dana_has_lost_her_evenings(stage: Stage) -> Story:
    return stage.opens(
        "4d 3h 20m ago",
        customer="Dana Petrov",
        owner=stage.cast.agent("Mia"),
        topic="A program that does not do what it should",
        subject="Files vanish after the update",
        problem=(
            "Since the update, files that I saved in the evening are gone in the morning. I was told that there is no"
            " evidence of it, and asked for logs. You ask me for logs. I asked you for my files."
        ),
        desired_outcome="My files, and that it stops.",
        preferences=("The files back", "To know which ones are gone, so that I can write them again"),
        priority=1,
    )


def _the_proof_is_our_work(story: Story) -> None:
    story.writes(
        "4d 1h 55m ago",
        "Dana, I am sorry that you were asked to prove it. Finding the evidence is our work. Two others have told"
        " us the same, and I am comparing the three reports. You do not have to collect anything.",
        promising=story.promise("tell you what the three reports have in common", "2d 1h ago"),
    )


def _the_first_line_sees_nothing(story: Story) -> None:
    look = story.asks(
        "4d 1h 40m ago",
        "Software",
        "Three customers lose what they save in the evening. All three have the sync folder on an outer disk. Look for"
        " it from our side; no logs from them, please.",
        plainly="Looking for what the three reports have in common",
    )
    look.seen("4d ago", "Jonas").in_work("3d 7h 50m ago", "Jonas", until="2d 2h ago")
    look.cannot_reproduce(
        "2d 4h ago",
        "Jonas",
        "Saved 400 files on my machine, none is gone. But my disk does not go to sleep, and theirs do: somebody who"
        " knows the writer has to look at what it does when the disk wakes up.",
    )
    story.writes(
        "2d 2h ago",
        "All three of you save onto a disk that sleeps at night. We have not seen it happen on ours, and that is no"
        " answer to you: those who wrote this part of the program look at it now.",
        promising=story.promise("tell you what they have found, and where your files are", "in 4h"),
    )
    story.estimates("2d 1h 50m ago", over_by="in 3d", hangs_on="those who wrote that part of the program", like_it=3)


def _a_second_problem_comes_to_light(story: Story) -> None:
    story.customer_writes(
        "1d 3h ago",
        "Thank you for not asking me for anything. And while I write: my invoice still has my old street.",
    )
    invoice = story.splits_off(
        "1d 2h 40m ago", "my invoice still has my old street", subject="Old street on the invoice"
    )
    invoice.writes(
        "1d 2h 25m ago",
        "Dana, your new street stands in your account; only the invoice has kept the old one. It has a page of its own"
        " now, so that it does not wait for your files.",
        promising=invoice.promise("send you the invoice with your new street", "in 1d 4h", RESULT),
    )
