"""A sync glitch became a rebuilt computer. The fault is nearly mended; how it was handled stands beside it.

To be played on: Mia sends the two steps and asks whether it is over; Sam answers the complaint, which outlives the
fault, whatever Tomás says to the steps.
"""

from __future__ import annotations

from supportdesk.demo.telling import CALL, Stage, Story


def tell(stage: Stage) -> None:
    story = _tomas_has_rebuilt_his_computer(stage)
    _a_promise_without_its_maker(story)
    _two_minutes_instead_of_a_weekend(story)
    _tomas_complains(story)
    _nobody_at_home(story)


def _tomas_has_rebuilt_his_computer(stage: Stage) -> Story:
    return stage.opens(
        "5d 4h 25m ago",
        customer="Tomás Rivera",
        phone="+34 91 117 60 20",
        owner=stage.cast.agent("Mia"),
        topic="A program that does not do what it should",
        subject="Calendar stopped syncing",
        problem=(
            "My calendar no longer syncs. The last person had me erase and rebuild the computer, which took a"
            " weekend, and it still does not. I was told that somebody would ring within 48 hours, and nobody has."
            " Please do not make me rebuild the whole machine again."
        ),
        desired_outcome="My calendar on both devices, without erasing anything.",
        preferences=("Sync as it was", "The entries of the last month copied over by hand"),
        priority=2,
    )


def _a_promise_without_its_maker(story: Story) -> None:
    story.writes(
        "5d 2h 50m ago",
        "Tomás, nothing will be erased. I have asked our software team to look at the account from our side, where it"
        " costs you nothing. They answer me by tomorrow evening, so I can tell you the morning after.",
        promising=story.promise("tell you what they found", "3d 5h ago"),
    )
    account = story.asks(
        "5d 2h 40m ago",
        "Software",
        "Read his sync account from our side. No step for him to do.",
        plainly="Reading the account",
    )
    account.seen("4d 6h 30m ago", "Jonas").in_work("4d 6h 20m ago", "Jonas", until="3d 6h ago")
    account.done("3d 7h 40m ago", "Jonas", "Two devices carry the same name. One rename, two minutes, nothing is lost.")


def _two_minutes_instead_of_a_weekend(story: Story) -> None:
    story.notes(
        "3d 6h ago",
        "Mia",
        "The weekend that he lost cannot be given back, and I will not begin with “technically solved”. I ring him.",
    )
    story.calls(
        "3d 5h 45m ago",
        "Told Tomás the cause: two devices with one name. He was silent for a while, because of the weekend. He wants"
        " the two steps in writing, with a picture.",
        promising=story.promise("send you the two steps, one at a time", "in 2h"),
    )


def _tomas_complains(story: Story) -> None:
    story.customer_complains(
        "3d 2h ago",
        "Two minutes. I gave you a weekend for two minutes, because somebody read it from a list and did not look."
        " Then 48 hours of waiting for a call that nobody meant to make. When I asked to speak with somebody about"
        " that, I was told: the technical problem will be solved, that is all we do here. I do not want a voucher."
        " I want to know who reads this, and what you will do so that the next one is not told to erase first.",
    )


def _nobody_at_home(story: Story) -> None:
    story.tries_to_call("1d 5h ago", "voice_mail")
    story.promises_too("1d 4h 50m ago", story.promise("ring you when you are home", "in 1d", CALL))
