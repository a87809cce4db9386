"""What else is on the desk: small cases, so that a newcomer sees lists as they are on an ordinary day."""

from __future__ import annotations

from supportdesk.demo.telling import CALL, RESULT, Stage


def charged_twice(stage: Stage) -> None:
    """Walter has been asked whether it is over, and has not answered yet."""
    story = stage.opens(
        "7d 2h 30m ago",
        customer="Walter Brandt",
        owner=stage.cast.agent("Mia"),
        topic="A payment or an invoice",
        subject="Charged twice for one month",
        problem="You have taken the same month twice from my account. The second payment is still on my statement.",
        desired_outcome="The second payment back, and a line that I can show my bank.",
        preferences=("The money back on my account", "A credit for next month"),
    )
    story.writes(
        "7d 25m ago",
        "You are right, Walter: there are two payments, a minute apart. The second is ours to give back.",
        promising=story.promise("send you proof of the refund", "1d ago", RESULT),
    )
    story.gives(
        "1d 1h 30m ago",
        "refund",
        "29.00",
        what="The second payment for the month",
        why="The bank shows two payments, a minute apart.",
    )
    story.proposes(
        "1d 1h 20m ago",
        "The second payment left us today and will stand on your account within two working days. The bank’s"
        " reference is on this page, in case they ask. Is it over for you once you see it there?",
        meets=1,
    )


def flickering_screen(stage: Stage) -> None:
    """Priya's part in Hardware is late; the promise to her is not, yet: it was moved, and her page asks about it."""
    story = stage.opens(
        "4d 3h 35m ago",
        customer="Priya Nair",
        owner=stage.cast.agent("Ana"),
        topic="A computer or another device",
        subject="Screen flickers, and term is about to start",
        problem=(
            "The screen flickers as soon as I open more than one window. I teach from it. Take the time you need, as"
            " long as it works before term starts."
        ),
        desired_outcome="A screen I can teach from when term starts.",
    )
    story.writes(
        "4d 1h 10m ago",
        "Priya, your laptop is on Hardware’s bench and I have written the day on which term starts beside it.",
        promising=story.promise("tell you whether it is the cable or the screen", "in 2h"),
    )
    bench = story.asks(
        "4d 1h ago",
        "Hardware",
        "Is it the cable or the screen? She teaches from it, and term is about to start.",
        plainly="Finding out whether it is the cable or the screen",
    )
    bench.seen("3d 4h 15m ago", "Ben").in_work("3d 4h ago", "Ben", until="2h 40m ago")
    story.moves(
        "2h 20m ago",
        story.promise("tell you whether it is the cable or the screen", "in 7h", behind=bench),
        why="our hardware team has not finished, and I would rather bring you an answer than a guess.",
    )


def screen_goes_dark(stage: Stage) -> None:
    """Ana is away from tomorrow and offers Georg's case to Mia; Hardware has asked her for a day more."""
    story = stage.opens(
        "2d 6h 5m ago",
        customer="Georg Weiss",
        phone="+44 20 7946 0266",
        owner=stage.cast.agent("Ana"),
        topic="A computer or another device",
        subject="Screen goes dark when warm",
        problem=(
            "After an hour the screen goes dark. It comes back when the machine is cold. I do not like to write;"
            " please ring."
        ),
        desired_outcome="That it stays light for a whole evening.",
        preferences=("A repair", "A different screen, even an older one"),
    )
    story.writes(
        "2d 4h 45m ago",
        "Georg, I have asked the workshop for a day, and I will ring you with it rather than write.",
        promising=story.promise("call you with the workshop’s date", "1d 2h ago", CALL),
    )
    bench = story.asks(
        "2d 4h 30m ago",
        "Hardware",
        "Warm it up and watch the backlight. When can it be on the bench?",
        plainly="Finding a day in the workshop",
    )
    bench.seen("1d 7h 20m ago", "Ben").in_work("1d 7h 10m ago", "Ben", until="in 1d")
    story.calls(
        "1d 6h 40m ago",
        "Told Georg the day on the bench. He asked to be rung once it has been looked at, not before.",
        promising=story.promise("call you with what the workshop has found", "in 1d 3h", CALL, behind=bench),
    )
    bench.waits("3h 20m ago", "Ben", "the backlight tester, which Parts has lent out")
    bench.asks_for_later("3h 10m ago", "Ben", until="in 2d", why="The tester is back tomorrow evening, not before.")
    story.is_offered_to(
        "2h 10m ago",
        "Mia",
        brief=(
            "I am away from tomorrow. Georg knows, and is glad of the telephone. The workshop’s date comes from"
            " Ben; it has only to be passed on. He has told the story twice, please not a third time."
        ),
    )


def swollen_battery(stage: Stage) -> None:
    """Hana was told that it is wear. Warranty has not seen the question yet."""
    story = stage.opens(
        "1d 5h 50m ago",
        customer="Hana Sato",
        owner=stage.cast.agent("Ana"),
        topic="A repair or a warranty",
        subject="Swollen battery called “wear”",
        problem=(
            "The battery has swollen and lifts the keyboard. The shop says that is wear and not covered. It is eleven"
            " months old and I am a little afraid of it."
        ),
        desired_outcome="A battery that is safe, and an answer that somebody stands behind.",
        preferences=("A new battery under warranty", "A new battery at cost, today"),
        priority=2,
    )
    story.writes(
        "1d 4h 15m ago",
        "Hana, please leave it switched off and away from the bed; you do not have to do anything else for now."
        " Whether it is covered is not for the shop to say. I am asking those who decide it.",
        promising=story.promise("tell you whether the battery is covered, and on what ground", "in 5h"),
    )
    safety = story.asks(
        "1d 4h ago",
        "Hardware",
        "Is a swollen battery after eleven months ever wear? One sentence is enough.",
        plainly="Saying what a swollen battery means",
    )
    story.asks(
        "1d 3h 55m ago",
        "Warranty",
        "Eleven months old, swollen, refused by the shop as wear. Covered or not, and on what ground?",
        plainly="Deciding whether the battery is covered",
    )
    safety.seen("5h 45m ago", "Marek")


def while_the_owner_is_away(stage: Stage) -> None:
    """Tove is away and Mia stands in: what Lucia was promised falls into it, and Mia keeps it."""
    story = stage.opens(
        "3d 2h 20m ago",
        customer="Lucia Ferrari",
        phone="+44 20 7946 0411",
        owner=stage.cast.agent("Tove"),
        topic="A program that does not do what it should",
        subject="The export cuts off the last names",
        problem=(
            "Every name in the export ends after twelve letters. The list goes to the printer on the day after"
            " tomorrow, and I am correcting it by hand."
        ),
        desired_outcome="An export with whole names, before the list is printed.",
    )
    story.writes(
        "3d 1h ago",
        "Lucia, I can see it here too. Please do not correct any more of them by hand; I am making you the list.",
        promising=story.promise("send you the list with whole names", "in 6h", RESULT),
    )
    absence = stage.goes_away("1d 1h ago", "Tove", since="2h ago", until="in 3d", cover="Mia")
    story.is_left_to_cover("1d 55m ago", absence)
    story.notes(
        "1d 50m ago",
        "Tove",
        "Mia, the list is made, only the last two hundred names are to be looked through. Ada helps.",
    )


def after_the_owner_is_back(stage: Stage) -> None:
    """Tove is back before this is due: Anders waits for Tove, and can ask Mia meanwhile."""
    story = stage.opens(
        "5d 4h 10m ago",
        customer="Anders Holm",
        owner=stage.cast.agent("Tove"),
        topic="A program that does not do what it should",
        subject="Search forgets what was filed last year",
        problem="What I filed last year is there when I open the folder. When I search for it, it is not.",
        desired_outcome="A search that finds it, or to know that it never will.",
    )
    story.writes(
        "5d 1h ago",
        "Anders, nothing is lost; the index stops at the new year. It is built again next week, and takes a night.",
        promising=story.promise("tell you that the search finds it again", "in 4d", RESULT),
    )


def two_answers(stage: Stage) -> None:
    """Mette was told two opposite things, and asks for someone else: a supervisor has to answer her today."""
    story = stage.opens(
        "1d 4h 20m ago",
        customer="Mette Holm",
        owner=stage.cast.agent("Ana"),
        topic="A payment or an invoice",
        subject="Two answers about the same refund",
        problem=(
            "On Monday I was told that the refund is on its way. Today I was told that there is none. Both of you were"
            " kind about it. One of you is wrong."
        ),
        desired_outcome="To know which of the two is true, in writing.",
        preferences=("The refund", "A letter that says why not"),
    )
    story.writes(
        "1d 2h 50m ago",
        "Mette, I can see both notes, and they do not go together. I have asked those who keep our offers, and will"
        " write to you when I know, not before.",
        promising=story.promise("tell you which of the two is true", "in 3h"),
    )
    bank = story.asks(
        "1d 2h 45m ago",
        "Offers",
        "Was the refund of the 3rd sent or not? She has been told both.",
        plainly="Finding out whether the refund was sent",
    )
    bank.seen("7h 10m ago", "Olga").in_work("7h ago", "Olga", until="in 2h")
    story.tries_to_call("2h 40m ago", "voice_mail")
    story.customer_needs_someone_else(
        "26m ago",
        "I have been told two opposite things by two kind people. I need someone else to look at this.",
    )


def came_in_at_closing_time(stage: Stage) -> None:
    """Nobody was on duty when Sven wrote: up for taking."""
    stage.opens(
        "1h 5m ago",
        customer="Sven Dahl",
        owner=stage.cast.nobody_yet(),
        topic="Something else",
        subject="Offline maps ask for a connection",
        problem=(
            "I paid for offline maps so that I can work on the boat. On the boat they ask for a connection. I am at"
            " sea from next week on and cannot write from there."
        ),
        desired_outcome="Maps that open without a connection, before I leave.",
    )


def name_on_the_licence(stage: Stage) -> None:
    """Over: Lena said so herself."""
    story = stage.opens(
        "6d 5h 10m ago",
        customer="Lena Fuchs",
        owner=stage.cast.agent("Mia"),
        topic="A licence, a key or an upgrade",
        subject="Name on the licence is wrong",
        problem=(
            "The licence carries my name. It is my business that is called that, not me, and my bank will not"
            " accept the bill."
        ),
        desired_outcome="The name of my business on the licence and on the bill.",
        preferences=("A new licence and a new bill", "A letter that says so"),
    )
    story.writes(
        "6d 3h 45m ago",
        "Lena, that is quickly said and should be quickly done. I have asked for both papers.",
        promising=story.promise("send you the licence and the bill with the right name", "4d ago", RESULT),
    )
    papers = story.asks(
        "6d 3h 30m ago",
        "Licensing",
        "New licence and new bill in the name of the business.",
        plainly="Writing both papers anew",
    )
    papers.seen("6d 1h ago", "Raj").in_work("6d 55m ago", "Raj", until="4d 4h ago")
    papers.done("5d 2h 35m ago", "Raj", "Both issued; the old bill is cancelled.")
    story.proposes(
        "5d 1h 50m ago",
        "Both papers are on this page, and the old bill is cancelled. Is that what you needed?",
        meets=1,
    )
    story.customer_says_yes("4d 6h 40m ago", "Yes. The bank has taken it. Thank you for not asking me why.")


def closed_over_a_repair(stage: Stage) -> None:
    """Closed without Omar's yes and over an open part: a supervisor has to look."""
    story = stage.opens(
        "9d 3h 5m ago",
        customer="Omar Haddad",
        owner=stage.cast.agent("Ana"),
        topic="A repair or a warranty",
        subject="Dock gives no power after the repair",
        problem=(
            "The dock came back from the repair and gives no power. I was told to wait for a call. The days ran out"
            " while I waited."
        ),
        desired_outcome="A dock that gives power.",
        preferences=("The dock repaired", "Another dock"),
    )
    story.writes(
        "9d 1h 15m ago",
        "Omar, I have asked for the repair to be looked at again, by somebody who did not do it.",
        promising=story.promise("tell you who looks at it", "6d ago"),
    )
    repair = story.asks(
        "9d 1h ago",
        "Warranty",
        "Was the repair itself at fault? Then it is free, whatever the date.",
        plainly="Looking at the repair again",
    )
    repair.seen("8d 2h 20m ago", "Noor")
    story.calls(
        "6d 2h 30m ago",
        "Told Omar that Noor looks at it. He said: “I hope she does.”",
        promising=story.promise("tell you what Noor found", "2d ago"),
    )
    story.is_closed_over_everything(
        "3d 5h 15m ago", "Ruth", reason="The model is no longer sold; cleared together with the rest of that list."
    )
