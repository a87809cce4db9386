"""A case in hand: many verbs, one look, one writing."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.actors import LOG
from cases.holding import hold
from cases.models import Case, Resolution
from cases.verbs import closing, conversation, next_step, proposing, silence
from cases.verbs.locking import lock
from supportdesk import clock
from supportdesk.errors import Refused
from tests.cast import first_promise, fresh


def propose(case: Case, **more) -> Resolution:
    return proposing.propose(case, kind="solved", words="Paid back.", why_none="None named.", by=LOG, **more)


def what_is_next(case: Case) -> tuple:
    case = fresh(case)
    return case.next_step, case.next_promise_id, case.next_due_at


def test_a_held_case_is_read_and_written_once(case, tuesday):
    with (
        transaction.atomic(),
        CaptureQueriesContext(connection) as asked,
        hold(lock(case)),
    ):
        propose(case, keeps=[first_promise(case)])
        silence.unconfirm(case, by=LOG)
        silence.close_unanswered(case, by=LOG)
    statements = [query["sql"] for query in asked]
    assert len([sql for sql in statements if sql.startswith('UPDATE "cases_case"')]) == 1
    assert len([sql for sql in statements if "FOR NO KEY UPDATE" in sql]) == 1
    assert (fresh(case).state, fresh(case).outcome) == (Case.State.CLOSED, Case.Outcome.NO_ANSWER)


@pytest.mark.parametrize("held", [True, False])
def test_held_or_not_the_same_comes_next(case, tuesday, held):
    steps = [
        lambda: conversation.write_to_customer(case, "We look into it.", by=LOG),
        lambda: propose(case, keeps=[first_promise(case)]),
        lambda: silence.unconfirm(case, by=LOG),
        lambda: closing.reopen(case, reason="Not over.", by=LOG),
        lambda: propose(case),
    ]
    for count in range(1, len(steps) + 1):
        with transaction.atomic():
            if held:
                with hold(lock(case)):
                    for step in steps[:count]:
                        step()
            else:
                for step in steps[:count]:
                    step()
            kept = what_is_next(case)
            next_step.refresh_all([case.pk], clock.now())
            assert what_is_next(case) == kept
            transaction.set_rollback(True)


def test_after_a_refusal_nothing_of_a_held_case_is_written(case, tuesday):
    with pytest.raises(Refused), transaction.atomic(), hold(lock(case)):
        propose(case)
        closing.override(case, reason=" ", by=LOG)
    assert fresh(case).state == Case.State.OPEN
