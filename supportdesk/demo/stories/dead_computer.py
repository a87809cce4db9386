"""Kemi Adeyemi's computer is dead. Four departments worked on four parts, and each asked whether it may close its own.

To be played on: Ben (Hardware) saves the files, Ines (Warranty) decides on a replacement, Mia brings both together, and
only Kemi says that it is over.
"""

from __future__ import annotations

from supportdesk.demo.telling import CALL, Stage, Story


def tell(stage: Stage) -> None:
    story = _kemi_tells_us(stage)
    serial = stage.number("N")
    _mia_gathers_the_parts(story, serial)
    _software_and_hardware_answer(story)
    _parts_cannot(story)
    _kemi_hears_what_was_found(story)
    _warranty_takes_a_day_more(story, serial)
    _the_files_wait_for_hardware(story)


def _kemi_tells_us(stage: Stage) -> Story:
    return stage.opens(
        "8d 5h 15m ago",
        customer="Kemi Adeyemi",
        phone="+44 20 7946 0417",
        owner=stage.cast.agent("Mia"),
        topic="A computer or another device",
        subject="Laptop still dead after two repairs",
        problem=(
            "My laptop is dead. I closed it in the evening and in the morning it did not turn on. It has been with"
            " you twice since.\n\n"
            "Software says it is not the software. Hardware says that they have done their part. Parts read me a"
            " number and asked for it back. Warranty asked when I bought it. Each of them then wrote to me: is"
            " problem number so and so resolved, can I close it out? I did not answer one of those letters, and"
            " they closed it as “solved, customer happy”.\n\n"
            "I have one problem, not four. It does not turn on. My thesis is on it."
        ),
        desired_outcome="A laptop that turns on, with my files on it.",
        preferences=(
            "This laptop repaired, with everything still on it",
            "Another one of the same kind, with my files copied over",
            "My money back, and my files on a disk",
        ),
        priority=2,
    )


def _mia_gathers_the_parts(story: Story, serial: str) -> None:
    story.writes(
        "8d 3h 5m ago",
        "Kemi, I am Mia. From now on there is one of us, and one problem: it does not turn on."
        f"\n\nI have the serial number {serial}, the day you bought it and both repair slips, so nobody will ask you"
        " for them again. Four departments still have work to do; that is mine to bring together. None of them will"
        " ask you whether something may be closed. Only you say when this is over."
        "\n\nYour thesis comes first: nothing leaves the house before your files are safe.",
        promising=story.promise("tell you what each of the departments has found", "5d ago"),
    )


def _software_and_hardware_answer(story: Story) -> None:
    log = story.asks(
        "8d 2h 50m ago",
        "Software",
        "Read the last log: did anything of ours turn it off?",
        plainly="Reading the last log",
    )
    board = story.asks(
        "8d 2h 45m ago",
        "Hardware",
        "Open it once more, with the repair slips beside you: what is dead, and is the disk alive?",
        plainly="Finding out what is broken inside",
    )
    log.seen("8d 1h 20m ago", "Jonas").in_work("8d 1h 15m ago", "Jonas", until="7d ago")
    board.seen("7d 6h 10m ago", "Ben").in_work("7d 6h ago", "Ben", until="5d 4h ago")
    log.done(
        "7d 3h 30m ago",
        "Jonas",
        "The log stops in the middle of a line: the power was gone. No update was running. It is not the software.",
    )
    board.done(
        "6d 1h 40m ago",
        "Ben",
        "The power board is dead, and so is the second one that we put in: the fault behind it kills them. The disk"
        " is alive, it reads in another machine.",
    )


def _parts_cannot(story: Story) -> None:
    spare = story.asks(
        "5d 7h 25m ago",
        "Parts",
        "Is there a main board for it, and when?",
        plainly="Looking for the part that is broken",
    )
    spare.seen("5d 6h 40m ago", "Pia").in_work("5d 6h 35m ago", "Pia", until="4d ago")
    story.notes(
        "5d 4h 20m ago",
        "Mia",
        "To everybody on this: please do not write to Kemi yourselves. She has had four letters asking whether it"
        " may be closed. What you find, write here; I tell her.",
    )
    spare.done("5d 2h 10m ago", "Pia", "None in any store. The maker says seven weeks, and does not promise it.")


def _kemi_hears_what_was_found(story: Story) -> None:
    story.writes(
        "5d 1h 5m ago",
        "Here is what each has found, Kemi. The software is not to blame. The power board died twice, because"
        " something behind it kills it. The part that would cure it is seven weeks away, and I do not want you to"
        " wait for that."
        "\n\nYour disk is alive. Your files can be saved, and they will be before anything leaves the house."
        "\n\nSo your first wish is out of reach. I am asking Warranty for your second one: another laptop of the same"
        " kind, with your files on it.",
        promising=story.promise("call you about a replacement", "1d ago", CALL),
    )


def _warranty_takes_a_day_more(story: Story, serial: str) -> None:
    replacement = story.asks(
        "4d 7h 30m ago",
        "Warranty",
        f"Two repairs did not cure {serial}, and the part is seven weeks away. May we send another one of the same"
        " kind? If not: on what ground, and who can say yes?",
        plainly="Deciding on another laptop for you",
    )
    replacement.seen("4d 2h 20m ago", "Noor")
    replacement.in_work("3d 6h 50m ago", "Ines", until="1d 2h ago")
    replacement.asks_for_later(
        "1d 4h 10m ago",
        "Ines",
        until="in 30m",
        why="The third repair was never written up, and without Hardware’s word I cannot say yes.",
    )
    replacement.is_given_it("1d 3h 50m ago", "Mia")
    story.agrees_on(
        "1d 3h 30m ago",
        story.promise("call you about a replacement", "in 50m", CALL, behind=replacement),
        how="On the telephone: “That is fine, if it is really then.”",
        why="Warranty has asked for a day more, and I would rather bring you an answer than half of one.",
    )


def _the_files_wait_for_hardware(story: Story) -> None:
    story.asks(
        "1d 2h 40m ago",
        "Hardware",
        "Copy everything from the disk to a new one before anything leaves the house. The folder “thesis” first;"
        " tell me how many files there were and how many you have.",
        plainly="Copying your files, the thesis first",
    )
    story.notes(
        "1h 25m ago",
        "Ines",
        "I can agree if Hardware says that a third repair makes no sense. I read that between the lines of Ben’s"
        " answer, but it does not stand there.",
    )
    story.customer_writes("5m ago", "Four people have asked me whether they may close it. It still does not turn on.")
