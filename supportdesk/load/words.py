"""What made-up people say: sentences with gaps, filled by chance, so that no two messages read alike."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def _each(text: str, between: str) -> tuple[str, ...]:
    return tuple(text.split(between))


FIRST = _each(
    "Mia Jonas Amina Pavel Ingrid Tomás Wren Oskar Leila Hugo Freya Mateo Nora Emil Zara Louis Petra Samir "
    "Astrid Felix Rosa Viktor Hana Bruno Elif Anton Clara Idris Maren Theo Yasmin Gustav Livia Rafael Signe "
    "Omar Greta Nils Priya Ben",
    " ",
)
LAST = _each(
    "Lindqvist Okafor Marín Petrov Haddad Solberg Weiss Novak Baptiste Aalto Rossi Kaya Dubois Hansen Silva "
    "Fischer Moreau Kowalski Ahmadi Berg Costa Lehmann Nielsen Ortega Varga Keller Duarte Eriksen Farouk "
    "Gruber Horvat Ivanova Jansen Kone Laurent Mbeki Nakamura Olsen Pereira Quist",
    " ",
)
THING = _each(
    "the licence key|my invoice|the desktop programme|the backup|the second seat|the print module|the "
    "update|our shared calendar|the mail archive|the mobile app|the export to the tax office|the receipt "
    "scanner|the new laptop|the annual plan|the discount|the order from the web shop|the time sheet|the "
    "address book|the signature pad|the report",
    "|",
)
WHEN = _each(
    "on Monday|since Tuesday|last Wednesday|on Thursday evening|since the 3rd|over the weekend|this "
    "morning|two weeks ago|since the last update|right after lunch|every time I start|since we moved office|at"
    " the end of the month",
    "|",
)
FAULT = _each(
    "stops with error {number}|shows an amount of {number} euros that I do not know|asks for a password that I"
    " never set|is {number} minutes behind|cannot find our server any more|prints every page twice|has lost "
    "{number} entries|says that it has run out|opens empty|was charged twice|will not let me sign in|freezes "
    "at {number} per cent",
    "|",
)
EFFECT = _each(
    "I cannot close the month like this|two colleagues are waiting for me|my customer has asked three times|I "
    "have to write everything by hand|we miss the delivery on Friday|the tax adviser needs it by the {day}th|I"
    " have been on hold for {number} minutes|nobody in the office can work|I had to pay it myself first|it is "
    "the third time this year",
    "|",
)
ACT = _each(
    "looked at the log of your machine|asked our accounts department|sent the key once more|compared both "
    "invoices|put the older version back|spoken with the people who deliver it|tried the same steps "
    "here|opened the archive of the {day}th|checked order {number}|written off the second charge|freed the "
    "seat that was left over",
    "|",
)

CUSTOMER = (
    "Something is wrong with {thing}: it {fault}.",
    "It began {when}, and {effect}.",
    "{When} {thing} {fault}, although nothing was changed here.",
    "I have tried it {number} times, also with {thing}, and always the same comes.",
    "Your colleague told me {when} that it would be put right, but {effect}.",
    "Please do not send me the instructions again, I followed them {when}.",
    "The number on the letter is {number}, if that helps you.",
    "Could it have to do with {thing}? That came {when} as well.",
    "For us this means that {effect}.",
    "What I need is simple: {thing} as it was before.",
    "I can be reached after {hour} o'clock, best by telephone.",
    "I would also take the money back for {thing}.",
)
AGENT = (
    "Thank you for telling us so exactly what happened {when}.",
    "I have {act}, and {thing} is where it goes wrong.",
    "What you saw comes from {thing}; it {fault} on our side too.",
    "I know that {effect}, so I keep this on my desk until it is done.",
    "You need not do anything about {thing} for now.",
    "Meanwhile {thing} can be used from the web page, with the same name and password.",
    "My colleague has {act}; the number for that is {number}.",
    "If it {fault} once more, please write to me with the time, nothing else is needed.",
    "I will call you before {hour} o'clock, also if there is nothing new.",
    "We have {act} {when}, and it has held since then.",
    "I am sorry that you had to ask twice about {thing}.",
)
ASK = (
    "Find out why {thing} {fault}",
    "Check {thing} of order {number}",
    "Give back what was charged for {thing}",
    "Make a new key for {thing}, the old one ran out {when}",
    "Look at {thing}: it {fault} {when}",
)
OUTCOME = (
    "Done: we have {act}.",
    "It was {thing}. Put right and tried {number} times.",
    "We have {act}; nothing more is left to do.",
)
PROMISE = (
    "call you about {thing}",
    "send you what came of {thing}",
    "write to you when {thing} is done",
    "tell you what the department says about {thing}",
)


def sentence(patterns: Sequence[str], rng: Random) -> str:
    """One of these sentences, its gaps filled."""
    chance = rng.random
    number = int(chance() * 890) + 11
    gaps = {"number": number, "day": number % 27 + 1, "hour": number % 9 + 9}
    when = WHEN[int(chance() * len(WHEN))]
    return patterns[int(chance() * len(patterns))].format(
        thing=THING[int(chance() * len(THING))],
        when=when,
        When=when[0].upper() + when[1:],
        fault=FAULT[int(chance() * len(FAULT))].format_map(gaps),
        effect=EFFECT[int(chance() * len(EFFECT))].format_map(gaps),
        act=ACT[int(chance() * len(ACT))].format_map(gaps),
        **gaps,
    )


def message(patterns: Sequence[str], rng: Random, length: int = 630) -> str:
    """A message of about so many characters."""
    said: list[str] = []
    size = 0
    while size < length - 40:
        said.append(sentence(patterns, rng))
        size += len(said[-1]) + 1
    return "\n\n".join((" ".join(said[:3]), " ".join(said[3:]))) if len(said) > 4 else " ".join(said)


def name(rng: Random) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"
