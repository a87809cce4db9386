"""Five days of “working on it”: six kind chats, six surveys, and nobody who owned Ingrid's problem.

To be played on: Ada (second line) finishes the repair; Mia tells Ingrid who installs it, and gives a date in place of
“we do not know yet”. Sam decides on the two months that Mia would like to give.
"""

from __future__ import annotations

from supportdesk.demo.people import SECOND_LINE
from supportdesk.demo.telling import CALL, Stage, Story


def tell(stage: Stage) -> None:
    story = _ingrid_asks_who_is_there(stage)
    _mia_is_there(story)
    _the_place_is_found(story)
    _nobody_knows_when_yet(story)
    _mia_would_like_to_give_more_than_she_may(story)
    _ingrid_rings_at_lunch(story)


def _ingrid_asks_who_is_there(stage: Stage) -> Story:
    return stage.opens(
        "5d 1h 40m ago",
        customer="Ingrid Solheim",
        phone="+47 22 55 01 77",
        owner=stage.cast.agent("Mia"),
        topic="A program that does not do what it should",
        subject="Five days of “working on it”",
        problem=(
            "My invoices have not gone out since the last update. I have written in your chat six times. Each time"
            " somebody kind tells me that you are working on it, and then I am asked to rate the conversation. I rated"
            " them all five stars. My invoices have still not gone out."
        ),
        desired_outcome="To know who has it, what is being done, and by when.",
        preferences=("Invoices go out again", "Until then, a way to send them by hand that you show me"),
        priority=2,
    )


def _mia_is_there(story: Story) -> None:
    story.writes(
        "4d 7h 10m ago",
        "Ingrid, I am Mia, and I have it. Nobody is working on “it” any more: I am working on your invoices. Software"
        " follows one of them through the queue.",
        promising=story.promise("tell you what the queue shows", "2d ago"),
    )
    queue = story.asks(
        "4d 7h ago",
        "Software",
        "Follow one invoice through the queue: where does it stop?",
        plainly="Following one invoice",
    )
    queue.seen("4d 5h 20m ago", "Jonas").in_work("4d 5h ago", "Jonas", until="2d 4h ago")
    queue.done(
        "2d 5h 45m ago",
        "Jonas",
        "It stops at the tax number: the update trips over the space in it. Fix is in test.",
    )


def _nobody_knows_when_yet(story: Story) -> None:
    story.estimates_when_known(
        "1d 1h 40m ago", story.promise("tell you when it will be over", "in 3h"), hangs_on="what the test shows"
    )


def _the_place_is_found(story: Story) -> None:
    story.writes(
        "2d 3h 15m ago",
        "We have found the place: since the update, a tax number with a space in it holds the invoice back. Yours has"
        " one. A repair is being tested. Until then I send your four invoices by hand, with you on the telephone.",
        promising=story.promise("call you to send the four invoices together", "1d 2h ago", CALL),
    )
    story.calls(
        "1d 4h ago",
        "Sent all four with Ingrid on the line; she saw them go. She says that it is the first time that something"
        " happened while she was looking.",
        promising=story.promise("tell you who installs it and what comes next", "in 1h 30m"),
    )
    repair = story.asks(
        "1d 3h 40m ago",
        SECOND_LINE,
        "When is the repair for the tax number out of test? Ingrid waits for nothing else.",
        plainly="Testing the repair",
    )
    repair.seen("1d 2h ago", "Ada").in_work("1d 1h 50m ago", "Ada", until="in 6h")


def _mia_would_like_to_give_more_than_she_may(story: Story) -> None:
    story.gives(
        "2h 40m ago",
        "courtesy",
        "60.00",
        what="Two months without a bill",
        why="Her invoices stood still for a week because of our update, and she rated us five stars six times.",
    )


def _ingrid_rings_at_lunch(story: Story) -> None:
    story.somebody_takes_a_call(
        "2h 20m ago", "Ben", "Thank you for a sentence with a cause in it. I only want to know that it goes on."
    )
