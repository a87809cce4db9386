"""Questions about Thunderbird on Mozilla's support site, with everybody's answers: two files, one of each.

Whoever answers first owns the question, and all others speak beside them as the log. Nothing says what helped, so an
answered question stays open with nothing promised, and one without an answer with its first promise broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import transaction

from cases import timeline
from cases.actors import LOG
from cases.holding import hold
from cases.models import Case, Promise
from cases.verbs import conversation, opening, promises
from staff.origins import Origin
from supportdesk import clock
from supportdesk.replay import rows as reading
from supportdesk.replay.figures import OF_CONVERSATIONS
from supportdesk.replay.people import People
from supportdesk.replay.plaintext import cut, words_of
from supportdesk.replay.reading import BadFile, Malformed
from supportdesk.replay.rows import Format, Row, Source

QUESTIONS = ("id", "created", "title", "content", "topic", "creator")
ANSWERS = ("id", "question_id", "created", "content", "creator", "is_spam")


def question_from(line: int, cells: dict[str, str]) -> Iterator[Row]:
    """The row that opens a case.

    Raises:
        Malformed: no number, no time, no words, or nobody who asks.
    """
    title, asker = cells["title"].strip(), _somebody(cells)
    words = "\n\n".join(part for part in (title, words_of(cells["content"], opening.LONGEST_PROBLEM)) if part)
    if not words:
        raise Malformed("it asks nothing")
    at = reading.seconds(cells, "created")
    yield Row(
        number=reading.number(cells, "id"),
        nth=-1,
        line=line,
        opened_at=at,
        updated_at=at,
        team=reading.name(cut(cells["topic"].strip(), reading.LONGEST_NAME), "topic"),
        caller=asker,
        about=" ".join(title.split()),
        words=cut(words, opening.LONGEST_PROBLEM),
    )


def answer_from(line: int, cells: dict[str, str]) -> Iterator[Row]:
    """One more word on a question.

    Raises:
        Malformed: no number, no time, no words, nobody who says them, or spam.
    """
    if cells["is_spam"].strip() == "true":
        raise Malformed("it is marked as spam")
    words = words_of(cells["content"], conversation.LONGEST)
    if not words:
        raise Malformed("it says nothing")
    at = reading.seconds(cells, "created")
    yield Row(
        number=reading.number(cells, "question_id"),
        nth=at,
        line=line,
        updated_at=at,
        person=_somebody(cells),
        about=reading.number(cells, "id"),
        says=reading.TO_CUSTOMER,
        words=words,
    )


@transaction.atomic
def drive(number: str, rows: Sequence[Row], people: People, form: Format) -> Case:
    """Write one question and its answers, in the order in which they were given."""
    asked = rows[0]
    owner = next((row.person for row in rows if row.person), None)
    with timeline.written_together():
        with clock.at(reading.opened_at(rows)):
            case = opening.open_case(
                people.customer(asked.caller, number),
                asked.words,
                by=LOG,
                subject=cut(asked.about, opening.LONGEST_SUBJECT),
                first_promise=promises.Pledge("answer you", reading.first_answer_due(clock.now())),
                owner=people.agent(owner) if owner else None,
                department=people.department(asked.team),
                origin_ref=number,
            )
        with hold(case):
            _converse(case, rows)
    return case


def _converse(case: Case, rows: Sequence[Row]) -> None:
    owed: list[Promise] = [case.next_promise]
    at, said = case.opened_at, set()
    for row in rows:
        # The files of two periods may both have it.
        if row.opened_at is not None or row.about in said:
            continue
        said.add(row.about)
        at = max(at, reading.instant(row.updated_at))
        with clock.at(at):
            if row.person:
                conversation.write_to_customer(case, row.words, by=LOG, keeps=owed)
                owed = []
            else:
                conversation.customer_writes(case, row.words, by=case.customer)
                owed = owed or list(case.promises.filter(state=Promise.State.OPEN))


def _somebody(cells: dict[str, str]) -> str:
    name = reading.name(cells["creator"].strip(), "creator")
    if name is None:
        raise Malformed("it does not say who wrote it")
    return name


def _sources(path: Path) -> Sequence[Source]:
    """Files of questions, each with the answers that lie beside it under the same name."""
    found = sorted(path.glob("*questions*.csv*")) if path.is_dir() else [path]
    if not found:
        raise BadFile(f"There is no file of questions in {path}.")
    if not path.is_dir() and "questions" not in path.name:
        raise BadFile(f"{path.name} does not say that it holds questions: name the file of the questions, or a folder.")
    sources = []
    for questions in found:
        sources.append(Source(questions, QUESTIONS, question_from))
        answers = questions.with_name(questions.name.replace("questions", "answers"))
        if answers.is_file():
            sources.append(Source(answers, ANSWERS, answer_from))
    return sources


LOG_OF_QUESTIONS = Format(
    name="sumo",
    title="questions about Thunderbird",
    origin=Origin.REPLAY_SUMO,
    sources=_sources,
    reopens=lambda before, row: False,
    drive=drive,
    figures=OF_CONVERSATIONS,
    begins_with_opening=True,
)
