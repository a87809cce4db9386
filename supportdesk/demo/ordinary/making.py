"""Drawing the ordinary problems and telling them, each in a transaction of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator

from django.db import transaction
from django.utils.text import slugify

from cases.models import Case
from cases.verbs import opening
from customers.identity import recognise
from staff import origins
from staff.models import Department
from staff.origins import Origin
from supportdesk import clock
from supportdesk.demo import people
from supportdesk.demo.diary import Diary
from supportdesk.demo.ordinary.courses import COURSES, Course, Ordinary
from supportdesk.demo.ordinary.problems import AFTER, BEFORE, FIRST_NAMES, LAST_NAMES, PROBLEMS, Problem

HOW_MANY = 200
ORDINARY = "ordinary-"

# Who owns them: colleagues mostly, so that the newcomer's own list stays the stories.
OWNERS = ("Ana", "Ana", "Jonas", "Marek", "Raj", "Noor", "Olga", "Pia", "Mia")


def make_ordinary(*, seed: int, how_many: int = HOW_MANY) -> Iterator[int]:
    """Tell the ordinary problems that this database does not know yet; yields after each how many are told.

    Stopped and started again it goes on. The same seed at the same instant makes the same rows.
    """
    told = set(
        Case.objects.filter(origin=Origin.DEMO, origin_ref__startswith=ORDINARY).values_list("origin_ref", flat=True)
    )
    now = clock.now()
    with origins.bringing_in(Origin.DEMO):
        with clock.at(now):
            cast = people.bring_in()
        diary = Diary(now, Department.objects.get(is_default=True).calendar.hours)
        for number, (course, problem) in enumerate(_drawn(seed, how_many), start=1):
            ref = f"{ORDINARY}{number:03}"
            if ref not in told:
                _tell(ref, cast, diary, random.Random(f"{seed}:{ref}"), course, problem)
            yield number


def _drawn(seed: int, how_many: int) -> list[tuple[Course, Problem]]:
    """Courses as often as they say, and problems one after the other, mixed."""
    numbers = random.Random(seed)
    weights = [course.often for course in COURSES]
    courses = [course for course, often in zip(COURSES, weights, strict=True) for _ in range(often * how_many // 100)]
    while len(courses) < how_many:
        courses += numbers.choices(COURSES, weights)
    numbers.shuffle(courses)
    problems = [PROBLEMS[number % len(PROBLEMS)] for number in range(how_many)]
    numbers.shuffle(problems)
    return list(zip(courses, problems, strict=True))


@transaction.atomic
def _tell(ref: str, cast: people.Cast, diary: Diary, numbers: random.Random, course: Course, problem: Problem) -> None:
    left = numbers.randint(course.least, course.most)
    order = f"H-{numbers.randint(20_000, 39_999)}"
    name = f"{numbers.choice(FIRST_NAMES)} {numbers.choice(LAST_NAMES)}"
    words = f"{numbers.choice(BEFORE)}{problem.words}{numbers.choice(AFTER).format(order=order)}"
    with clock.at(diary.at(f"{left}m ago")):
        customer = recognise(name, mail=f"{slugify(name)}@customer.invalid")
        case = opening.open_case(
            customer,
            words,
            by=customer,
            subject=problem.subject,
            desired_outcome=f"I would like {problem.wish}.",
            preferences=(f"{problem.wish[0].upper()}{problem.wish[1:]}",),
            topic=cast.topic(problem.topic),
            priority=numbers.choices((1, 2, 3, 4), (1, 4, 12, 3))[0],
            owner=cast.agent(numbers.choice(OWNERS)),
            origin_ref=ref,
        )
    course.tell(Ordinary(cast, diary, numbers, problem, case, left))
