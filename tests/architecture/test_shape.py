"""The shape of the program: one clock, verbs with actors, no hidden chains."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest

from tests.architecture.source import PACKAGES, ROOT, dotted, parsed, python_files

EVERYWHERE = [
    path for package in PACKAGES for path in python_files(package) if path.parts[:2] != ("supportdesk", "embedded")
]
OTHER_CLOCKS = re.compile(r"(^|\.)(timezone\.now|datetime\.(now|utcnow|today)|date\.today|time\.time|time\.time_ns)$")
# Turn an instant into a zone's; asked without one, they look at the machine's clock.
NOW_UNLESS_TOLD = re.compile(r"(^|\.)(timezone\.)?(localdate|localtime)$")
TIME_BY_ITSELF = {"auto_now", "auto_now_add"}
# Who may live at another instant, by the names of their folders and files.
# A question that is kept is built for an instant that is none, in whose place the present one is put.
MAY_SET_THE_CLOCK = re.compile(r"(replay|import|load|demo|sweep|prepared)")
SQL_CLOCKS = re.compile(r"\b(now\(\)|current_timestamp|clock_timestamp\(\)|statement_timestamp\(\))", re.IGNORECASE)
VERB_MODULES = sorted(path.stem for path in python_files("cases") if path.parts[:2] == ("cases", "verbs"))


def where(path, node) -> str:
    return f"{path}:{node.lineno}"


def calls(path):
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


# -- one clock ---------------------------------------------------------------------------------------------------------


def test_nobody_asks_another_clock():
    asked = [
        where(path, call)
        for path in EVERYWHERE
        for call in calls(path)
        if OTHER_CLOCKS.search(dotted(call.func))
        or (NOW_UNLESS_TOLD.search(dotted(call.func)) and not (call.args or call.keywords))
    ]
    assert asked == []


def test_no_column_fills_itself_with_the_time():
    found = [
        where(path, call)
        for path in EVERYWHERE
        for call in calls(path)
        if TIME_BY_ITSELF & {keyword.arg for keyword in call.keywords} or dotted(call.func).split(".")[-1] == "Now"
    ]
    assert found == []


def test_no_statement_of_an_app_asks_the_databases_clock():
    found = [
        where(path, node)
        for path in EVERYWHERE
        if path.parts[0] != "supportdesk"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_CLOCKS.search(_code(node.value))
    ]
    assert found == []


def _code(text: str) -> str:
    """A text without what it quotes in backticks: a docstring may name what it forbids."""
    return re.sub(r"`[^`]*`", "", text) if re.search(r"SELECT|UPDATE|INSERT", text) else ""


def test_only_what_replays_or_tells_stories_lives_at_another_instant():
    found = [
        where(path, call)
        for path in EVERYWHERE
        for call in calls(path)
        if dotted(call.func) == "clock.at" and not MAY_SET_THE_CLOCK.search(str(path))
    ]
    assert found == []


# -- rows and what follows ---------------------------------------------------------------------------------------------


def test_every_save_names_what_it_saves_or_makes_a_new_row():
    found = [
        where(path, call)
        for path in EVERYWHERE
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "save"
        and not {"update_fields", "force_insert"} & {keyword.arg for keyword in call.keywords}
        and not _is_inherited(call.func)
    ]
    assert found == []


def _is_inherited(method: ast.Attribute) -> bool:
    """``super().save``: what is saved was named by whoever called."""
    return isinstance(method.value, ast.Call) and dotted(method.value.func) == "super"


@pytest.mark.parametrize("hidden", ["django.dispatch", "django.db.models.signals", "django.contrib.contenttypes"])
def test_nothing_follows_by_signal_and_nothing_points_at_anything(hidden):
    found = [
        where(path, node)
        for path in EVERYWHERE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(hidden)
        or isinstance(node, ast.Import)
        and any(name.name.startswith(hidden) for name in node.names)
    ]
    assert found == []


def test_only_the_timeline_writes_entries_one_by_one():
    writers = {
        str(path)
        for path in EVERYWHERE
        for call in calls(path)
        if dotted(call.func) in ("Entry.objects.create", "Entry.objects.bulk_create", "Entry")
    }
    assert writers == {"cases/timeline.py"}


def test_no_drawer_without_a_meaning():
    names = {"utils", "helpers", "common", "misc", "lib", "tools"}
    assert [str(path) for path in EVERYWHERE if names & set(path.with_suffix("").parts)] == []


# -- verbs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VERB_MODULES)
def test_every_verb_says_who_acts_or_takes_the_time(name):
    module = importlib.import_module("cases.verbs" if name == "__init__" else f"cases.verbs.{name}")
    for verb, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ != module.__name__ or verb.startswith("_"):
            continue
        parameters = inspect.signature(function).parameters
        if hasattr(function, "__wrapped__"):  # it has a transaction of its own: a verb
            by = parameters.get("by")
            assert by is not None, f"{name}.{verb} does not say who acts."
            assert by.kind is by.KEYWORD_ONLY and by.default is by.empty, f"{name}.{verb}: by= is asked of everybody."
        assert function.__doc__, f"{name}.{verb} says nothing about itself."


def test_a_set_form_takes_the_time_first():
    from cases import due_soon
    from cases.verbs import absences, afterwards, promises, silence
    from escalations import flags, sweep

    for form, place in (
        (promises.break_due, 0),
        (due_soon.tell_due_soon, 0),
        (absences.begin_due, 0),
        (absences.end_due, 0),
        (silence.remind_due, 0),
        (silence.unconfirm_due, 0),
        (afterwards.reopen_undecided, 0),
        (sweep.sweep, 0),
        (flags.raise_all, 1),
        (flags.settle_ended, 1),
    ):
        assert list(inspect.signature(form).parameters)[place] == "now"


def test_the_readers_of_this_file_see_the_whole_program():
    assert {"staff", "customers", "cases", "escalations", "channels", "supportdesk"} <= set(PACKAGES)
    assert len(EVERYWHERE) > 50
    assert (ROOT / "manage.py").exists()
