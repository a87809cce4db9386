"""How the log is read, sentence by sentence, on cases written by hand."""

from __future__ import annotations

import pytest

from cases.models import Case, Entry, Promise, Subtask
from cases.models.timeline import Kind
from escalations.rules import RULES
from staff.models import Agent, Department
from tests.replay.logs import at, replayed, row

pytestmark = pytest.mark.usefixtures("cast")

NOTHING_RAISED = {rule.name: 0 for rule in RULES}


def parts(case) -> list[tuple[str, str]]:
    return list(case.subtasks.order_by("pk").values_list("department__name", "state"))


def promised(case, words: str) -> Promise:
    return case.promises.get(words__contains=words)


def first_promise(case) -> Promise:
    return promised(case, "be in touch")


def kinds(case) -> list[str]:
    return list(case.entries.order_by("pk").values_list("kind", flat=True))


# -- opening -----------------------------------------------------------------------------------------------------------


def test_the_case_opens_at_its_own_time_with_a_promise_of_four_business_hours(tmp_path):
    case, _ = replayed(tmp_path, row("1/3/2016 10:05", opened_at="1/3/2016 15:00"))
    assert case.opened_at == at(1, 15)
    assert first_promise(case).due_at == at(2, 11)
    assert (case.origin, case.priority, case.channel) == ("replay:uci", 2, Case.Channel.PHONE)
    assert case.department.name == "Group 1"


def test_the_owner_is_the_first_person_of_the_first_group(tmp_path):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00", assignment_group="?", assigned_to="Resolver 1"),
        row("1/3/2016 10:10", assigned_to="?"),
        row("1/3/2016 10:20", assignment_group="Group 2", assigned_to="Resolver 2"),
        row("1/3/2016 10:30", assigned_to="Resolver 3"),
        row("1/3/2016 10:40", assigned_to="Resolver 4"),
    )
    assert case.owner.name == "Resolver 3"
    assert figures["owner_changes"] == figures["cases_without_owner"] == 0
    assert figures["agents"] == 4


def test_without_a_person_in_the_first_group_the_first_person_owns_it(tmp_path):
    case, _ = replayed(
        tmp_path,
        row("1/3/2016 10:00"),
        row("1/3/2016 10:10", assignment_group="Group 2", assigned_to="Resolver 2"),
    )
    assert case.owner.name == "Resolver 2"


def test_without_any_person_the_owner_is_found_by_rule(tmp_path):
    case, figures = replayed(tmp_path, row("1/3/2016 10:00"))
    assert case.owner.is_fallback
    assert figures["agents"] == 0


def test_the_people_of_the_log_cannot_sign_in_and_have_addresses_that_lead_nowhere(tmp_path):
    case, _ = replayed(tmp_path, row("1/3/2016 10:00", assigned_to="Resolver 1"))
    agent = Agent.objects.get(name="Resolver 1")
    assert (agent.can_sign_in, agent.has_usable_password(), agent.origin) == (False, False, "replay:uci")
    assert agent.email.endswith(".invalid")
    assert case.customer.name == "Caller 7"
    assert case.customer.addresses.get().value.endswith(".invalid")
    assert Department.objects.get(name="Group 1").origin == "replay:uci"


def test_a_group_with_the_name_of_a_real_department_is_another_department(tmp_path, cast):
    case, _ = replayed(tmp_path, row("1/3/2016 10:00", assignment_group=cast.hardware.name))
    assert case.department != cast.hardware
    assert case.subtasks.get().department == case.department


def test_unknown_callers_are_strangers_to_each_other(tmp_path):
    first, _ = replayed(tmp_path, row("1/3/2016 10:00", caller_id="?"))
    replayed(tmp_path, row("1/3/2016 10:00", caller_id="?", number="INC2"), row("1/3/2016 10:00"))
    assert first.customer != Case.objects.get(origin_ref="INC2").customer


# -- what is unknown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unknown", [{"incident_state": "?"}, {"incident_state": "-100"}, {"assignment_group": "?"}, {"assigned_to": "?"}]
)
def test_what_is_unknown_changes_nothing(tmp_path, unknown):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00", assigned_to="Resolver 1"),
        row("1/3/2016 10:10", **{"assigned_to": "Resolver 1", **unknown}),
        row("1/3/2016 10:20", assigned_to="Resolver 1"),
    )
    assert kinds(case) == ["opened", "promise_made", "subtask_asked"]
    assert first_promise(case).state == Promise.State.OPEN
    assert (figures["events"], figures["handoffs"], figures["subtasks"]) == (3, 0, 1)


# -- departments -------------------------------------------------------------------------------------------------------


def test_another_group_ends_the_running_sub_task_and_asks_the_next(tmp_path):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00"),
        row("1/3/2016 11:00", assignment_group="Group 2"),
        row("1/3/2016 12:00", assignment_group="?"),
        row("1/3/2016 13:00", assignment_group="Group 1"),
    )
    assert parts(case) == [("Group 1", "done"), ("Group 2", "done"), ("Group 1", "asked")]
    second = case.subtasks.order_by("pk")[1]
    assert (second.asked_at, second.ended_at) == (at(1, 11), at(1, 13))
    assert (figures["subtasks"], figures["handoffs"]) == (3, 2)


def test_a_group_that_comes_after_resolved_leaves_its_sub_task_open_and_closing_is_an_override(tmp_path):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00"),
        row("1/3/2016 11:00", "Resolved"),
        row("1/3/2016 12:00", "Resolved", assignment_group="Group 2"),
        row("1/3/2016 13:00", "Closed", assignment_group="Group 2"),
    )
    assert parts(case) == [("Group 1", "done"), ("Group 2", "asked")]
    assert case.outcome == Case.Outcome.OVERRIDE
    assert figures["flags"] == {**NOTHING_RAISED, "closed_over_open_subtasks": 1, "closed_by_override": 1}
    assert (figures["closed_by_override"], figures["closed_no_answer"]) == (1, 0)


def test_group_and_resolved_in_one_row_the_group_comes_first(tmp_path):
    case, _ = replayed(tmp_path, row("1/3/2016 10:00"), row("1/3/2016 11:00", "Resolved", assignment_group="Group 2"))
    assert parts(case) == [("Group 1", "done"), ("Group 2", "done")]
    ends = (Kind.SUBTASK_ASKED, Kind.SUBTASK_DONE, Kind.RESOLUTION_PROPOSED)
    assert [kind for kind in kinds(case) if kind in ends][1:] == [
        Kind.SUBTASK_DONE,
        Kind.SUBTASK_ASKED,
        Kind.SUBTASK_DONE,
        Kind.RESOLUTION_PROPOSED,
    ]


def test_a_closed_case_that_is_handed_on_has_its_sub_task_and_is_closed_by_override(tmp_path):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00", "Resolved"),
        row("1/3/2016 11:00", "Closed"),
        row("1/3/2016 12:00", "Closed", assignment_group="Group 2"),
    )
    assert parts(case) == [("Group 1", "done"), ("Group 2", "asked")]
    assert (case.state, case.outcome) == (Case.State.CLOSED, Case.Outcome.OVERRIDE)
    assert (figures["handoffs"], figures["subtasks"], figures["reopened"]) == (1, 2, 0)


# -- promises ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"incident_state": "Active"}, {"assignment_group": "Group 2"}, {"assigned_to": "Resolver 1"}]
)
def test_the_first_later_row_that_changes_something_keeps_the_first_promise(tmp_path, change):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00", "New"),
        row("1/3/2016 10:30", "New"),
        row("1/3/2016 11:00", **{"incident_state": "New", **change}),
    )
    assert (first_promise(case).state, first_promise(case).ended_at) == (Promise.State.KEPT, at(1, 11))
    assert figures["promises"]["kept"] == 1


def test_the_first_row_alone_keeps_nothing(tmp_path):
    case, figures = replayed(tmp_path, row("1/3/2016 10:20", "Resolved"))
    assert first_promise(case).state == Promise.State.OPEN
    assert figures["promises"] == {"made": 1, "kept": 0, "broken": 0, "moved": 0}


def test_a_first_promise_past_its_hours_is_broken_and_answered(tmp_path):
    case, figures = replayed(tmp_path, row("1/3/2016 10:00", "New"), row("1/3/2016 14:00", "Active"))
    promise = first_promise(case)
    assert (promise.state, promise.ended_at, promise.answered_at) == (Promise.State.BROKEN, at(1, 14), at(1, 14))
    assert figures["flags"]["promise_broken"] == 1


def test_awaiting_somebody_promises_two_business_days_and_the_row_that_leaves_keeps_it(tmp_path):
    case, _ = replayed(
        tmp_path,
        row("1/3/2016 10:00", "Active"),
        row("3/3/2016 11:00", "Awaiting Vendor"),
        row("4/3/2016 11:00", "Awaiting Vendor", assignment_group="Group 2"),
        row("7/3/2016 10:59", "Active"),
    )
    promise = promised(case, "Awaiting Vendor")
    assert (promise.made_at, promise.due_at) == (at(3, 11), at(7, 11))
    assert (promise.state, promise.ended_at) == (Promise.State.KEPT, at(7, 10, 59))


def test_leaving_an_awaiting_state_too_late_finds_the_promise_broken(tmp_path):
    case, _ = replayed(
        tmp_path,
        row("1/3/2016 10:00", "Active"),
        row("3/3/2016 11:00", "Awaiting User Info"),
        row("7/3/2016 11:00", "Resolved"),
    )
    promise = promised(case, "Awaiting User Info")
    assert (promise.state, promise.ended_at, promise.answered_at) == (Promise.State.BROKEN, at(7, 11), at(7, 11))
    assert promise.kept_by == case.resolutions.get().case.messages.filter(direction="out").latest("pk")


def test_from_one_awaiting_state_to_another_one_promise_is_kept_and_one_made(tmp_path):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00", "Awaiting Vendor"),
        row("1/3/2016 11:00", "Awaiting Problem"),
    )
    assert promised(case, "Awaiting Vendor").state == Promise.State.KEPT
    assert promised(case, "Awaiting Problem").state == Promise.State.OPEN
    assert figures["promises"] == {"made": 3, "kept": 2, "broken": 0, "moved": 0}
    assert case.messages.filter(direction="out").count() == 1  # one word keeps both


def test_the_sweep_at_the_end_breaks_what_is_due_an_hour_after_the_last_row(tmp_path):
    case, figures = replayed(tmp_path, row("1/3/2016 13:00", "New"))
    assert first_promise(case).state == Promise.State.BROKEN
    assert figures["flags"]["promise_broken"] == 1


def test_the_log_alone_may_leave_an_open_case_without_a_promise_and_that_is_flagged(tmp_path):
    case, figures = replayed(tmp_path, row("1/3/2016 10:00", "New"), row("1/3/2016 11:00", "Active"))
    assert case.next_step == Case.NextStep.NOTHING
    assert figures["flags"] == {**NOTHING_RAISED, "no_next_promise": 1}


# -- closing and opening again -----------------------------------------------------------------------------------------


def test_closed_after_resolved_goes_through_unconfirmed_to_no_answer(tmp_path):
    case, figures = replayed(
        tmp_path, row("1/3/2016 10:00"), row("1/3/2016 11:00", "Resolved"), row("6/3/2016 11:00", "Closed")
    )
    assert (case.outcome, case.closed_by, case.closed_at) == (Case.Outcome.NO_ANSWER, "log", at(6, 11))
    assert kinds(case)[-2:] == [Kind.UNCONFIRMED, Kind.CLOSED]
    assert not case.reminders.filter(waived_at=None).exists()
    assert parts(case) == [("Group 1", "done")]
    assert figures["flags"] == NOTHING_RAISED


def test_closed_straight_is_an_override_and_leaves_the_last_sub_task_open(tmp_path):
    case, figures = replayed(tmp_path, row("1/3/2016 10:00"), row("1/3/2016 11:00", "Closed"))
    assert case.outcome == Case.Outcome.OVERRIDE
    assert parts(case) == [("Group 1", "asked")]
    assert figures["flags"] == {**NOTHING_RAISED, "closed_over_open_subtasks": 1, "closed_by_override": 1}


@pytest.mark.parametrize("over", [["Resolved"], ["Resolved", "Closed"], ["Closed"]])
def test_a_reopened_case_keeps_its_owner_and_its_group_asks_nothing_anew(tmp_path, over):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00", assigned_to="Resolver 1"),
        *(row("1/3/2016 11:00", state) for state in over),
        row("1/3/2016 12:00", assigned_to="Resolver 2"),
    )
    assert (case.state, case.owner.name) == (Case.State.OPEN, "Resolver 1")
    assert figures["reopened"] == case.entries.filter(kind=Kind.REOPENED).count() == 1
    assert (figures["owner_changes"], figures["subtasks"]) == (0, 1)


def test_reopened_into_awaiting_promises_at_once(tmp_path):
    case, _ = replayed(
        tmp_path,
        row("1/3/2016 10:00"),
        row("1/3/2016 11:00", "Resolved"),
        row("1/3/2016 12:00", "Awaiting Vendor"),
        row("1/3/2016 13:00", "Active"),
    )
    assert promised(case, "Awaiting Vendor").state == Promise.State.KEPT


def test_a_closed_case_that_comes_back_to_another_group_is_open_before_the_group_is_asked(tmp_path):
    case, figures = replayed(
        tmp_path,
        row("1/3/2016 10:00"),
        row("1/3/2016 11:00", "Resolved"),
        row("1/3/2016 12:00", "Closed"),
        row("1/3/2016 13:00", assignment_group="Group 2"),
    )
    assert kinds(case)[-3:-1] == [Kind.REOPENED, Kind.SUBTASK_ASKED]
    assert (figures["reopened"], figures["subtasks"], case.state) == (1, 2, Case.State.OPEN)


def test_resolved_after_closed_is_no_reopening(tmp_path):
    case, figures = replayed(
        tmp_path, row("1/3/2016 10:00"), row("1/3/2016 11:00", "Closed"), row("1/3/2016 12:00", "Resolved")
    )
    assert (case.outcome, figures["reopened"]) == (Case.Outcome.OVERRIDE, 0)
    assert Subtask.objects.get(case=case).state == Subtask.State.DONE


# -- order and time ----------------------------------------------------------------------------------------------------


def test_rows_are_taken_in_the_order_of_their_count_and_time_never_runs_back(tmp_path):
    case, _ = replayed(
        tmp_path,
        row("1/3/2016 12:00"),
        row("1/3/2016 11:00", assignment_group="Group 2"),
        row("1/3/2016 13:00", assignment_group="Group 3"),
    )
    asked = list(case.subtasks.order_by("pk").values_list("department__name", "asked_at"))
    assert asked == [("Group 1", at(1, 12)), ("Group 2", at(1, 12)), ("Group 3", at(1, 13))]


def test_every_entry_is_the_logs_or_the_desks_and_born_announced(tmp_path):
    case, _ = replayed(
        tmp_path, row("1/3/2016 10:00"), row("7/3/2016 11:00", "Resolved"), row("8/3/2016 1:00", "Closed")
    )
    assert set(case.entries.values_list("actor", flat=True)) == {"log", "desk"}
    assert not Entry.objects.unannounced().exists()
