"""What becomes of an ordinary problem: courses through the verbs, in minutes of working time counted back from now."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases.models import Case, Promise
from cases.verbs import answering, conversation, promises, proposing, silence, subtasks
from cases.verbs.locking import lock
from escalations import flags
from escalations.models import Flag
from escalations.rules import BY_NAME
from staff.businesstime import business_time_between
from supportdesk import clock
from supportdesk.demo.diary import Diary
from supportdesk.demo.ordinary import problems
from supportdesk.demo.ordinary.problems import Problem
from supportdesk.demo.people import Cast

HOUR, DAY = 60, 480


class Ordinary:
    """One ordinary problem while it is told. Time only goes forward: each step says how long after the one before.

    Args:
        left: minutes of working time between the opening and now.
    """

    def __init__(self, cast: Cast, diary: Diary, numbers: random.Random, problem: Problem, case: Case, left: int):
        self.cast, self.diary, self.numbers, self.problem, self.case = cast, diary, numbers, problem, case
        self._left = left

    # -- time ----------------------------------------------------------------------------------------------------------

    def after(self, least: int, most: int):
        """Live some minutes later, never later than now."""
        self._left = max(self._left - self.numbers.randint(least, most), 1)
        return clock.at(self.diary.at(f"{self._left}m ago"))

    def until(self, left: int):
        """Live at this many minutes before now."""
        self._left = left
        return clock.at(self.diary.at(f"{left}m ago"))

    def due(self, least: int, most: int) -> datetime:
        """A time to promise, some minutes of working time from here, at a multiple of five."""
        minutes = self._left - self.numbers.randint(least, most)
        return self.diary.due(f"{minutes}m ago" if minutes > 0 else f"in {1 - minutes}m")

    # -- steps ---------------------------------------------------------------------------------------------------------

    def owner_answers(self, least: int = 20, most: int = 170, *, again: tuple[int, int] = (DAY // 2, 2 * DAY)) -> None:
        """The owner writes first, and says when the customer hears again."""
        with self.after(least, most):
            self._write(self.problem.answer, promises.Pledge("tell you what was found", self.due(*again)))

    def department_is_asked(self) -> None:
        with self.after(3, 25):
            self.part = subtasks.ask(
                self.case,
                self.cast.department(self.problem.department),
                self._filled(self.problem.ask),
                plain_words=self.problem.plain,
                by=self.case.owner,
            )

    def department_works(self, *, within: tuple[int, int] = (HOUR, DAY)) -> None:
        with self.after(15, 180):
            self.part = subtasks.accept(self.part, committed_at=self.due(*within), by=self._specialist())

    def department_is_done(self) -> None:
        with self.after(40, 5 * HOUR):
            self.part = subtasks.done(self.part, outcome=self.problem.found, by=self._specialist())

    def customer_chases(self) -> None:
        with self.after(60, 6 * HOUR):
            conversation.customer_writes(self.case, self.numbers.choice(problems.CHASES), by=self.case.customer)

    def promise_breaks(self) -> None:
        """Its time passes, and it lands in front of the supervisors."""
        due_at = self.case.promises.owed().earliest("due_at").due_at
        with clock.at(due_at):
            promises.break_late(lock(self.case), due_at)
            flags.raise_all(BY_NAME["promise_broken"], due_at, cases=[self.case.pk])
        self._left = self._minutes_since(due_at)

    def owner_makes_up_for_it(self) -> None:
        with self.after(25, 4 * HOUR):
            words = self.numbers.choice(problems.SORRY) + self.problem.found
            self._write(words, promises.Pledge("tell you that it is done", self.due(DAY // 2, DAY)))
            self._supervisor_settles()

    def proposes(self, kind: str = "solved", **more) -> None:
        """The owner says what was done and asks; that keeps what was promised."""
        with self.after(10, 3 * HOUR):
            resolution = proposing.propose(
                self.case,
                kind=kind,
                words=self.problem.end,
                meets=self.case.preferences.first(),
                given_as="owed",
                keeps=self._all_owed(),
                by=self.case.owner,
                **more,
            )
            self.case = resolution.case

    def customer_says_yes(self) -> None:
        with self.after(15, 2 * DAY):
            self.case = answering.say_yes(self.case, by=self.case.customer, words=self.numbers.choice(problems.THANKS))

    def customer_says_not_yet(self) -> None:
        with self.after(30, DAY):
            words = self.numbers.choice(problems.NOT_YET)
            self.case = answering.say_not_yet(self.case, by=self.case.customer, words=words)

    def silence(self) -> None:
        """Three reminders, and nobody answers."""
        asked_at = self.case.resolutions.get(ended_at=None).proposed_at
        for days in (2, 5, 8, 10):
            left = self._minutes_since(asked_at) - days * DAY - 30
            if left < 1:
                return
            with self.until(left):
                now = clock.now()
                silence.remind_due(now, cases=[self.case.pk])
                silence.unconfirm_due(now, cases=[self.case.pk])

    def is_closed_unanswered(self) -> None:
        with self.after(2 * HOUR, DAY):
            self.case = silence.close_unanswered(self.case, by=self.cast.agent("Ruth"))

    # -- what the steps need -------------------------------------------------------------------------------------------

    def _write(self, words: str, pledge: promises.Pledge) -> None:
        conversation.write_to_customer(
            self.case, words, by=self.case.owner, keeps=self._all_owed(), next_promise=pledge
        )

    def _all_owed(self) -> list[Promise]:
        return list(self.case.promises.owed().order_by("due_at", "pk"))

    def _supervisor_settles(self) -> None:
        for flag in Flag.objects.standing().filter(case=self.case):
            flags.settle(flag, reason="Spoken about; the customer has a new time.", by=self.cast.agent("Ruth"))

    def _specialist(self):
        return next(agent for agent in self.cast.agents.values() if agent.department_id == self.part.department_id)

    def _filled(self, words: str) -> str:
        return words.format(order=f"H-{self.numbers.randint(20_000, 39_999)}")

    def _minutes_since(self, instant: datetime) -> int:
        """Minutes of working time between an instant and now."""
        return max(int(business_time_between(instant, self.diary.now, self.diary.hours).total_seconds() // 60), 1)


# -- courses -----------------------------------------------------------------------------------------------------------


def _solved(told: Ordinary) -> None:
    told.owner_answers()
    told.proposes()
    told.customer_says_yes()


def _solved_by_department(told: Ordinary) -> None:
    told.owner_answers()
    told.department_is_asked()
    told.department_works()
    told.department_is_done()
    told.proposes()
    told.customer_says_yes()


def _solved_late(told: Ordinary) -> None:
    told.owner_answers(again=(3 * HOUR, DAY))
    told.department_is_asked()
    told.promise_breaks()
    told.customer_chases()
    told.owner_makes_up_for_it()
    told.department_works()
    told.department_is_done()
    told.proposes()
    told.customer_says_yes()


def _solved_the_second_time(told: Ordinary) -> None:
    told.owner_answers()
    told.proposes()
    told.customer_says_not_yet()
    told.owner_answers()
    told.department_is_asked()
    told.department_works()
    told.department_is_done()
    told.proposes()
    told.customer_says_yes()


def _way_round(told: Ordinary) -> None:
    told.owner_answers()
    told.department_is_asked()
    told.department_works()
    told.department_is_done()
    told.proposes("way_round")
    told.customer_says_yes()


def _never_answered(told: Ordinary) -> None:
    told.owner_answers()
    told.proposes()
    told.silence()
    told.is_closed_unanswered()


def _just_come_in(told: Ordinary) -> None:
    pass


def _answered(told: Ordinary) -> None:
    told.owner_answers(10, 60)


def _asked_a_department(told: Ordinary) -> None:
    told.owner_answers()
    told.department_is_asked()


def _department_works(told: Ordinary) -> None:
    told.owner_answers(again=(2 * DAY, 4 * DAY))
    told.department_is_asked()
    told.department_works(within=(2 * DAY, 4 * DAY))


def _department_has_answered(told: Ordinary) -> None:
    told.owner_answers(again=(2 * DAY, 4 * DAY))
    told.department_is_asked()
    told.department_works()
    told.department_is_done()


def _customer_has_written_again(told: Ordinary) -> None:
    told.owner_answers(again=(2 * DAY, 4 * DAY))
    told.department_is_asked()
    told.customer_chases()


def _is_asked(told: Ordinary) -> None:
    told.owner_answers()
    told.proposes()
    told.silence()


def _came_back(told: Ordinary) -> None:
    told.owner_answers(again=(DAY, 2 * DAY))
    told.proposes()
    told.customer_says_not_yet()


@dataclass(frozen=True)
class Course:
    """One way that a problem can go.

    Attributes:
        tell: its steps.
        often: how often among a hundred.
        least, most: how long ago it began, in minutes of working time.
    """

    tell: Callable[[Ordinary], None]
    often: int
    least: int
    most: int


# Sixty days are some forty-three working days.
SIXTY_DAYS = 43 * DAY

COURSES = (
    Course(_solved, 24, 4 * DAY, SIXTY_DAYS),
    Course(_solved_by_department, 27, 6 * DAY, SIXTY_DAYS),
    Course(_solved_late, 6, 9 * DAY, SIXTY_DAYS),
    Course(_solved_the_second_time, 6, 10 * DAY, SIXTY_DAYS),
    Course(_way_round, 6, 7 * DAY, SIXTY_DAYS),
    Course(_never_answered, 5, 14 * DAY, SIXTY_DAYS),
    Course(_just_come_in, 3, 5, 2 * HOUR),
    Course(_answered, 4, 2 * HOUR, 5 * HOUR),
    Course(_asked_a_department, 4, 4 * HOUR, 6 * HOUR),
    Course(_department_works, 4, DAY, 2 * DAY),
    Course(_department_has_answered, 3, 2 * DAY, 3 * DAY),
    Course(_customer_has_written_again, 2, DAY + 2 * HOUR, 2 * DAY),
    Course(_is_asked, 5, DAY, 8 * DAY),
    Course(_came_back, 1, 2 * DAY, 2 * DAY + 4 * HOUR),
)
