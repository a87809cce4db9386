"""Jo Marsh bought two licences because the upgrade was promised free. The code is refused, and nobody calls him.

To be played on: Ines (Warranty) confirms the entitlement, Sam looks again at the no, Mia calls Jo with both codes and
asks whether it is over.
"""

from __future__ import annotations

from supportdesk.demo.telling import CALL, Stage, Story


def tell(stage: Stage) -> None:
    story = _jo_tells_us(stage)
    order = stage.number("H")
    _mia_listens(story, order)
    _offers_and_licensing_answer(story, order)
    _day_five_passes(story)
    _a_second_number_for_the_same_problem(stage, story)
    _warranty_has_to_confirm(story, order)
    _the_next_promise_passes_too(story)


def _jo_tells_us(stage: Stage) -> Story:
    return stage.opens(
        "6d 2h 20m ago",
        customer="Jo Marsh",
        phone="+44 20 7946 0931",
        owner=stage.cast.agent("Mia"),
        topic="A licence, a key or an upgrade",
        subject="Free upgrade will not redeem",
        problem=(
            "I bought two licences because your page promised the next version free to everybody who buys before the"
            " end of the month. I bought both in one order, in time. Now the upgrade page says “code not eligible”"
            " for the one and for the other.\n\n"
            "I have the receipt, and I kept a picture of the page. I rang, and was told that I would hear"
            " from you. I would like what was promised, and I would like to tell this only once."
        ),
        desired_outcome="Both licences on the new version, and not a third time on the telephone for it.",
        preferences=(
            "The larger edition for both at the upgrade price. I would pay the difference",
            "Both upgrades at half the price of the new version",
            "Both upgrades free, as your page says",
            "One upgrade free, and my money back for the other licence",
        ),
        priority=2,
    )


def _mia_listens(story: Story, order: str) -> None:
    story.writes(
        "6d 7m ago",
        "Thank you for telling it so clearly, Jo. I am Mia, and I look after this until you tell me that it is over."
        f"\n\nI have your order {order}, the receipt and the picture of the page. They stand at the top of my notes,"
        " so nobody needs to ask you for them again. I have also read your four wishes, in your order."
        "\n\nI am asking what exactly the offer promised, and why the code is refused. I will call you within five"
        " working days with both answers, whatever they are.",
        promising=story.promise("call you with what the offer says and why the code is refused", "1d 1h ago", CALL),
    )


def _offers_and_licensing_answer(story: Story, order: str) -> None:
    text = story.asks(
        "5d 7h 45m ago",
        "Offers",
        "Find the text of the free upgrade offer: who is in it, until when, and does it leave out resellers?",
        plainly="Looking up what exactly the offer promised",
    )
    codes = story.asks(
        "5d 7h 40m ago",
        "Licensing",
        f"Why is the upgrade refused for order {order}? If the offer covers it, prepare both codes by hand.",
        plainly="Making your two upgrade codes by hand",
    )
    text.seen("5d 5h 10m ago", "Olga").in_work("5d 5h 5m ago", "Olga", until="4d ago")
    codes.seen("5d 2h 15m ago", "Raj").in_work("4d 6h 30m ago", "Raj", until="3d ago")
    text.done(
        "4d 1h 25m ago",
        "Olga",
        "It names every order placed up to the last day of the month, from us or from a reseller. Jo’s order is three"
        " days inside. He read the page correctly.",
    )
    story.is_refused(
        "3d 6h ago",
        "Ruth",
        asked="Both upgrades free, as your page says",
        kind="not_entitled",
        ground="Your order is not on the list of orders that the free upgrade was made for.",
        read_before="The list of eligible orders of that month. Not the page of the offer itself.",
        decider="Olga Petrenko, Offers",
    )
    codes.asks_for_later(
        "3d 2h 20m ago",
        "Raj",
        until="1d 4h ago",
        why="The offer covers him, but the list refuses him, and I want to know why before I go round it.",
    )
    codes.is_given_it("3d 2h ago", "Mia")
    story.notes(
        "2d 5h 10m ago",
        "Raj",
        "The list of eligible orders was loaded without resellers, and Jo bought from one. That is the whole reason."
        " Nobody is wrong about him; the list is wrong.",
    )
    story.customer_wants_another_look(
        "1d 6h 30m ago",
        "Please read the page and not the list. I have a picture of it. Somebody typed that list, and I am not on it"
        " because I bought from your reseller, as the page says one may.",
    )
    codes.done(
        "1d 5h 35m ago",
        "Raj",
        "Both codes are made and locked. I may not release them myself: Warranty has to confirm the entitlement.",
    )


def _a_second_number_for_the_same_problem(stage: Stage, story: Story) -> None:
    other = stage.opens(
        "7h 14m ago",
        ref=f"{stage.ref}-again",
        customer="Jo Marsh",
        owner=stage.cast.agent("Ana"),
        topic="A licence, a key or an upgrade",
        subject="Upgrade refused, rang the hot line",
        problem=(
            "Upgrade refused twice, rang in, was told there is no open problem under my name and given this number"
            " instead of the other one. It is still the same two licences."
        ),
    )
    story.is_joined_by("7h 8m ago", other)


def _day_five_passes(story: Story) -> None:
    story.nobody_keeps_it("1d 58m ago")
    story.customer_writes(
        "7h 20m ago",
        "You said five working days. It is day six, and I am the one who calls. Fifty minutes of music, and then a"
        " kind person who could see a number and nothing else. I told it all again.\n\nIs anybody looking at this?",
    )


def _warranty_has_to_confirm(story: Story, order: str) -> None:
    entitlement = story.asks(
        "7h 5m ago",
        "Warranty",
        f"Confirm the entitlement for order {order} and release the two codes that Raj has made. The offer’s text is"
        " in Olga’s answer: he is inside it. Please ask me, not Jo, if anything is missing.",
        plainly="Confirming that both codes are yours, and releasing them",
    )
    entitlement.seen("7h ago", "Ines").in_work("6h 55m ago", "Ines", until="1h 40m ago")
    story.makes_right(
        "6h 50m ago",
        apology="Jo, I promised to call you and I did not. That was mine to do, and I am sorry that you lost an hour"
        " over it.",
        why="I was waiting for the last of three answers, and wanted to ring you with all of them. I should have rung"
        " you with two.",
        doing="Here is what you should have heard from me: you read the page correctly, and your order is inside the"
        " offer. The list behind the upgrade page was loaded without resellers; that is why it refuses you. Both codes"
        " are made. Our warranty team has to release them, and has told me by when. Then I will ring you with both.",
        promising=story.promise("call you with both codes", "40m ago", CALL, behind=entitlement),
    )


def _the_next_promise_passes_too(story: Story) -> None:
    story.notes(
        "2h 15m ago", "Mia", "Asked Ines how far she is: I have a call to make to Jo, and a time. No answer yet."
    )
    story.customer_writes("18m ago", "This is the third time that I am the one who calls.")
