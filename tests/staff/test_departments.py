"""Departments: who stands behind whom."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tests.pages import signed_in


def test_lines_go_upwards_and_never_back(cast):
    cast.hardware.second_line = cast.warranty
    cast.hardware.full_clean()
    cast.hardware.save(update_fields=["second_line"])
    for below, above in ((cast.hardware, cast.hardware), (cast.warranty, cast.hardware)):
        below.second_line = above
        with pytest.raises(ValidationError) as refused:
            below.full_clean()
        assert list(refused.value.message_dict) == ["second_line"]


def test_an_administrator_says_who_the_second_line_is(cast):
    cast.sam.is_admin = True
    cast.sam.save(update_fields=["is_admin"])
    typed = {
        "name": "Hardware",
        "plain_name": "",
        "calendar": cast.hardware.calendar_id,
        "second_line": cast.warranty.pk,
    }
    response = signed_in(cast.sam).post(f"/admin/staff/department/{cast.hardware.pk}/change/", typed)
    assert response.status_code == 302
    cast.hardware.refresh_from_db()
    assert cast.hardware.second_line == cast.warranty
