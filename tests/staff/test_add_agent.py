import io
import os
import re
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from staff import signing_in
from staff.models import Agent, Department, SignInLink

pytestmark = pytest.mark.django_db


def printed_by_add_agent(*arguments: str, **environment: str) -> str:
    out = io.StringIO()
    with mock.patch.dict(os.environ, {"PUBLIC_URL": "", "PORT": "8000", **environment}):
        call_command("add_agent", *arguments, stdout=out)
    return out.getvalue()


def refusal_of_add_agent(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as refusal:
        printed_by_add_agent(*arguments)
    assert not SignInLink.objects.exists()
    return refusal.value


def token_in(printed: str) -> str:
    return re.search(r"^http://127\.0\.0\.1:8000/sign-in/([\w-]+)/$", printed, re.MULTILINE)[1]


def test_a_new_agent_gets_a_link_that_works_once_and_no_password():
    printed = printed_by_add_agent("nadia.novak@desk.example", "--department", "Support")
    nadia = Agent.objects.get(email="nadia.novak@desk.example")
    assert (nadia.name, nadia.department.name, nadia.origin) == ("Nadia Novak", "Support", "")
    assert not (nadia.is_supervisor or nadia.is_admin or nadia.has_usable_password())
    assert "Added: Nadia Novak (nadia.novak@desk.example), Support." in printed
    token = token_in(printed)
    assert signing_in.redeem(token) == nadia
    assert signing_in.redeem(token) is None


@pytest.mark.parametrize(
    ("flag", "is_supervisor", "is_admin", "word"),
    [("--supervisor", True, False, "supervisor"), ("--admin", False, True, "administrator")],
)
def test_a_role_is_given(flag, is_supervisor, is_admin, word):
    printed = printed_by_add_agent("sam@desk.example", "--department", "Support", flag)
    sam = Agent.objects.get(email="sam@desk.example")
    assert (sam.is_supervisor, sam.is_admin) == (is_supervisor, is_admin)
    assert f"Support, {word}." in printed


def test_both_roles_at_once_are_refused():
    with pytest.raises(CommandError):
        printed_by_add_agent("sam@desk.example", "--department", "Support", "--admin", "--supervisor")
    assert not Agent.objects.filter(email="sam@desk.example").exists()


def test_the_name_that_is_given_stands():
    printed_by_add_agent("nn@desk.example", "--department", "Support", "--name", " Nadia Novak ")
    assert Agent.objects.get(email="nn@desk.example").name == "Nadia Novak"


def test_address_and_department_are_found_in_any_case_of_letters():
    printed_by_add_agent("Nadia@Desk.Example", "--department", "SUPPORT")
    assert Agent.objects.get(email="nadia@desk.example").department == Department.objects.get(is_default=True)


def test_who_is_there_gets_a_new_link_and_the_role_and_nothing_else_changes():
    printed_by_add_agent("nadia@desk.example", "--department", "Support", "--name", "Nadia Novak")
    hardware = Department.objects.create(name="Hardware", calendar=Department.objects.get(is_default=True).calendar)
    printed = printed_by_add_agent("NADIA@desk.example", "--department", hardware.name, "--supervisor", "--name", "N.")
    nadia = Agent.objects.get(email="nadia@desk.example")
    assert (nadia.name, nadia.department.name, nadia.is_supervisor) == ("Nadia Novak", "Support", True)
    assert "Was there already: Nadia Novak (nadia@desk.example), Support, supervisor." in printed
    assert SignInLink.objects.count() == 2
    assert signing_in.redeem(token_in(printed)) == nadia


def test_a_role_is_never_taken_away_by_leaving_the_flag_out():
    printed_by_add_agent("sam@desk.example", "--department", "Support", "--supervisor")
    printed_by_add_agent("sam@desk.example", "--department", "Support")
    assert Agent.objects.get(email="sam@desk.example").is_supervisor


def test_an_unknown_department_is_refused_with_those_there_are():
    refusal = refusal_of_add_agent("nadia@desk.example", "--department", "Hardwear")
    assert refusal.returncode == 2
    assert str(refusal) == "There is no department “Hardwear”. There are: Support."
    assert not Agent.objects.filter(email="nadia@desk.example").exists()
    assert Department.objects.count() == 1


@pytest.mark.parametrize("address", ["nadia", "nadia@", "@desk.example", "nadia novak@desk.example", ""])
def test_what_is_no_address_is_refused(address):
    refusal = refusal_of_add_agent(address, "--department", "Support")
    assert refusal.returncode == 2 and "is not a mail address" in str(refusal)


def test_who_is_not_let_in_gets_no_link():
    refusal = refusal_of_add_agent("nobody@desk.invalid", "--department", "Support", "--admin")
    assert refusal.returncode == 2 and "is not let in" in str(refusal)
    assert not Agent.objects.get(email="nobody@desk.invalid").is_admin


def test_the_link_begins_with_the_public_address():
    printed = printed_by_add_agent("a@desk.example", "--department", "Support", PUBLIC_URL="https://desk.example/")
    assert re.search(r"^https://desk\.example/sign-in/[\w-]+/$", printed, re.MULTILINE)
    printed = printed_by_add_agent("b@desk.example", "--department", "Support", PORT="8123")
    assert re.search(r"^http://127\.0\.0\.1:8123/sign-in/[\w-]+/$", printed, re.MULTILINE)
