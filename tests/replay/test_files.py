"""Files that are no log, and rows that are no rows: said in words, and never at the price of memory."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from django.core.management import call_command

from cases.models import Case
from staff.models import Agent, Department
from supportdesk.replay import uci
from supportdesk.replay.reading import MEGABYTE, BadFile, Record, read
from supportdesk.replay.running import replay
from tests.replay.logs import COLUMNS, Silent, course, row, written

GIGABYTE = 1024 * MEGABYTE
HEADER = (",".join(COLUMNS) + "\n").encode()
ROW = b"INC1,New,0,Caller 7,1/3/2016 10:00,1/3/2016 10:00,Phone,3 - Moderate,Category 5,Group 1,?\n"


def cut_gzip(path):
    whole = gzip.compress(HEADER + ROW * 5000)
    path.write_bytes(whole[: len(whole) - 9])


def damaged_gzip(path):
    whole = bytearray(gzip.compress(HEADER + ROW * 5000))
    whole[-5] ^= 0xFF  # its checksum
    path.write_bytes(whole)


def endless_line(path):
    with path.open("wb") as file:
        file.write(HEADER + ROW)
        file.truncate(GIGABYTE)


def endless_line_in_gzip(path):
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(HEADER + ROW)
        for _ in range(64):
            file.write(b"a" * MEGABYTE)


BAD = {
    "empty": lambda path: path.write_bytes(b""),
    "empty gzip": lambda path: path.write_bytes(gzip.compress(b"")),
    "other columns": lambda path: path.write_bytes(b"case,when\n1,2\n"),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 50),
    "only the beginning of a gzip": lambda path: path.write_bytes(b"\x1f\x8b"),
    "cut gzip": cut_gzip,
    "damaged gzip": damaged_gzip,
    "a line of 1 GB": endless_line,
    "a long line in a small gzip": endless_line_in_gzip,
    "a header and nothing else": lambda path: path.write_bytes(HEADER),
    "only malformed rows": lambda path: path.write_bytes(HEADER + b"a,b\n" * 3),
    "a folder": lambda path: path.mkdir(),
    "nothing there": lambda path: None,
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_ends_with_one_sentence_and_nothing_written(kind, tmp_path, db, capsys):
    path = tmp_path / "log.csv"
    BAD[kind](path)
    before = Agent.objects.count(), Department.objects.count()
    with pytest.raises(SystemExit) as left:
        call_command("replay", str(path), format="uci", json=True)
    assert left.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    last = said.err.strip().splitlines()[-1]
    assert last.endswith(".") and "Traceback" not in said.err
    assert not Case.objects.exists()
    assert (Agent.objects.count(), Department.objects.count()) == before


@pytest.mark.parametrize("kind", ["a line of 1 GB", "a long line in a small gzip"])
def test_an_endless_line_costs_no_memory(kind, tmp_path):
    path = tmp_path / "log.csv"
    BAD[kind](path)
    tracemalloc.start()
    try:
        with pytest.raises(BadFile):
            list(read(path, uci.NEEDED))
        assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_line_just_below_a_megabyte_is_read(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER + ROW.replace(b"Category 5", b"x" * (MEGABYTE - 200)))
    assert [type(found) for found in read(path, uci.NEEDED)] == [Record]


def test_a_quoted_cell_may_go_on_over_lines(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER + ROW.replace(b"Category 5", b'"Category\n5, ""main"""') + ROW)
    first, second = read(path, uci.NEEDED)
    assert (first.line, first.cells["category"]) == (2, 'Category\n5, "main"')
    assert second.line == 4


def test_a_stray_quote_costs_its_own_row_only(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER + ROW + ROW.replace(b"Phone", b'"Phone') + ROW * 9000)
    found = list(read(path, uci.NEEDED))
    assert [record.line for record in found if not isinstance(record, Record)] == [3]
    assert len(found) == 9002


MALFORMED = {
    "too few columns": b"INC1,New,0\n",
    "too many columns": ROW[:-1] + b",more\n",
    "no number": ROW.replace(b"INC1", b"?"),
    "no count": ROW.replace(b",0,", b",first,"),
    "no such day": ROW.replace(b",1/3/2016 10:00,Phone", b",31/2/2016 10:00,Phone"),
    "another form of date": ROW.replace(b"1/3/2016 10:00,1", b"2016-03-01T10:00,1"),
    "a NUL": ROW.replace(b"Group 1", b"Group\x00 1"),
    "not UTF-8": ROW.replace(b"Group 1", b"Gr\xfcppe"),
    "an endless name": ROW.replace(b"Group 1", b"G" * 500),
    "a quote that never closes": ROW.replace(b"Phone", b'"Phone'),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_row_is_named_and_skipped(kind, tmp_path, cast, capsys):
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER + ROW + MALFORMED[kind] + ROW.replace(b"INC1", b"INC2"))
    call_command("replay", str(path), format="uci", processes=1)
    said = capsys.readouterr()
    assert "Row 2 (line 3 of the file) is skipped: " in said.err
    assert "1 rows skipped" in said.out
    assert set(Case.objects.values_list("origin_ref", flat=True)) == {"INC1", "INC2"}


def test_rows_need_not_stand_together_nor_in_order(tmp_path, cast):
    rows = course(
        row("1/3/2016 10:00"),
        row("1/3/2016 11:00", assignment_group="Group 2"),
        row("1/3/2016 12:00", "Resolved", assignment_group="Group 2"),
        row("1/3/2016 13:00", "Closed", assignment_group="Group 2"),
    )
    other = course(row("1/3/2016 10:00", number="INC2"), row("1/3/2016 11:00", "Closed", number="INC2"))
    mixed = [rows[3], other[1], rows[1], rows[0], other[0], rows[2]]
    figures = replay(written(tmp_path, mixed), Silent())
    case = Case.objects.get(origin_ref="INC1")
    assert case.outcome == Case.Outcome.NO_ANSWER
    assert list(case.subtasks.order_by("pk").values_list("department__name", flat=True)) == ["Group 1", "Group 2"]
    assert (figures["cases"], figures["events"], figures["closed_by_override"]) == (2, 6, 1)
    assert list(Case.objects.order_by("pk").values_list("origin_ref", flat=True)) == ["INC1", "INC2"]
