"""When somebody is there, in words: reading, writing, the weeks ahead, and the verbs that change it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from staff import company, departments, hours, hours_in_words, mandates, places
from staff.businesstime import BusinessHours, add_business_time
from staff.english_names import ENGLISH_NAMES
from staff.models import Calendar, Company, Department, Mandate
from staff.weeks_ahead import weeks_ahead
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, WEDNESDAY, an_agent, at_once, fresh

NINE_TO_FIVE = ((time(9), time(17)),)
OFFICE = {day: "09:00-17:00" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
BERLIN = {"zone": "Europe/Berlin", **OFFICE}


def read(**words) -> BusinessHours:
    return hours_in_words.read({**BERLIN, **words})


def refusal(**words) -> Refused:
    with pytest.raises(Refused) as refused:
        read(**words)
    return refused.value


# -- reading -----------------------------------------------------------------------------------------------------------


def test_words_become_hours():
    found = read(
        tuesday="13:30-17:00,09:00 – 12:30",
        saturday="22:00-24:00",
        country="Germany",
        subdivision="bayern",
        closed_days="2026-12-24 to 2026-12-26\n2026-05-05",
        open_days="2026-12-19 10:00-14:00, 15:00-16:00\n2026-12-20: 9:00-10:00",
    )
    assert found == BusinessHours(
        "Europe/Berlin",
        (
            NINE_TO_FIVE,
            ((time(9), time(12, 30)), (time(13, 30), time(17))),
            *(NINE_TO_FIVE,) * 3,
            ((time(22), time(0)),),
            (),
        ),
        "DE",
        "BY",
        frozenset({date(2026, 5, 5), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26)}),
        {
            date(2026, 12, 19): ((time(10), time(14)), (time(15), time(16))),
            date(2026, 12, 20): ((time(9), time(10)),),
        },
    )


def test_what_is_read_can_be_kept_and_written_and_read_again():
    found = read(saturday="22:00-24:00", country="GB", subdivision="Scotland", closed_days="2026-12-24 to 2027-01-02")
    calendar = Calendar(name="Mine", **hours_in_words.columns(found))
    assert calendar.hours == found
    written = hours_in_words.write(calendar)
    assert written["closed_days"] == "2026-12-24 to 2027-01-02" and written["saturday"] == "22:00-24:00"
    assert hours_in_words.read(written) == found


@pytest.mark.parametrize(
    "country, typed, code",
    [
        ("DE", "Bavaria", "BY"),
        ("DE", "north rhine westphalia", "NW"),
        ("DE", "Nordrhein-Westfalen", "NW"),
        ("CA", "Ontario", "ON"),
        ("CA", "Québec", "QC"),
        ("CA", "Nouvelle-Écosse", "NS"),
        ("CH", "Zurich", "ZH"),
        ("AT", "Vienna", "9"),
        ("IT", "Florence", "FI"),
        ("ES", "Catalonia", "CT"),
    ],
)
def test_a_part_of_a_country_is_known_by_its_code_its_names_and_in_english(country, typed, code):
    assert read(country=country, subdivision=typed).subdivision == code


def test_every_english_name_is_of_a_part_that_there_is_and_of_no_other():
    for country, named in ENGLISH_NAMES.items():
        assert named.keys() <= dict(places.parts(country)).keys()
        for code, names in named.items():
            assert {places.find_part(country, name) for name in names} == {code}


def test_what_is_nearly_an_english_name_is_understood_too():
    assert "Did you mean Bayern (BY)?" in str(refusal(country="DE", subdivision="Bavarai"))


@pytest.mark.parametrize(
    "field, words, way_out",
    [
        ("zone", "", "by continent and city, such as Europe/Berlin"),
        ("zone", "Mars/Olympus", "There is no time zone “Mars/Olympus”. Name it by continent"),
        ("zone", "Europe/Berln", "Did you mean Europe/Berlin"),
        ("zone", "berlin", "Did you mean Europe/Berlin?"),
        ("zone", "New York", "Did you mean America/New_York?"),
        ("zone", "localtime", "There is no time zone"),
        ("zone", "../../etc/passwd", "There is no time zone"),
        ("monday", "nine to five", "Write it like 09:00-17:00"),
        ("monday", "9-17", "Write it like 09:00-17:00"),
        ("monday", "25:00-26:00", "Write it like 09:00-17:00"),
        ("monday", "09:00-13:00, 12:00-17:00", "09:00-13:00 and 12:00-17:00 overlap. .* make them one: 09:00-17:00"),
        ("monday", "09:00-24:00, 22:00-23:00", "overlap. .* make them one: 09:00-24:00"),
        ("monday", "22:00-06:00", "A night is two blocks: 22:00-24:00 on one day, and 00:00-06:00 on the next"),
        ("monday", "09:00-09:00", "For a whole day write 00:00-24:00"),
        ("monday", ", ".join(f"{h:02}:00-{h:02}:30" for h in range(10)), "at most nine"),
        ("country", "XX", "No public holidays are known for a country “XX”. Leave it empty"),
        ("country", "Germny", r"Did you mean Germany \(DE\)"),
        ("closed_days", "24.12.2026", "Write it like 2026-12-24"),
        ("closed_days", "24 Dec 2026", "Write it like 2026-12-24"),
        ("closed_days", "Christmas", "Write it like 2026-12-24"),
        ("closed_days", "2026-02-30", "There is no day 2026-02-30"),
        ("closed_days", "2026-12-24 to 2026-12-20", "Write the earlier day first: 2026-12-20 to 2026-12-24"),
        ("closed_days", "2026-01-01 to 2027-01-02", "more than a year on end"),
        ("closed_days", "0001-01-01", "too far away"),
        ("closed_days", "\n".join(f"{year}-01-01 to {year}-12-31" for year in (2026, 2027, 2028)), "1,096 days"),
        ("open_days", "2026-12-19", "Say when it is open on 2026-12-19: 2026-12-19 10:00-14:00"),
        ("open_days", "2026-12-19 ten", "2026-12-19: “ten” is not a working block"),
        ("open_days", "19.12.2026 10:00-14:00", "Write it like 2026-12-19"),
        ("open_days", "2026-12-19 14:00-10:00", "2026-12-19: 14:00-10:00 ends before it has begun"),
        ("open_days", "2026-12-19 10:00-11:00\n2026-12-19 12:00-13:00", "named twice. Put all its blocks on one line"),
    ],
)
def test_words_that_mean_no_hours_are_refused_beside_their_field_with_the_way_out(field, words, way_out):
    refused = refusal(**{field: words})
    assert refused.field == field
    with pytest.raises(Refused, match=way_out):
        raise refused


@pytest.mark.parametrize(
    "words, field, way_out",
    [
        (dict.fromkeys(OFFICE, ""), "monday", "Not one hour of the week is open"),
        ({"subdivision": "BY"}, "subdivision", "Choose the country, or leave this empty"),
        ({"country": "DE", "subdivision": "BX"}, "subdivision", "In Germany there are Augsburg, BW, BY"),
        ({"country": "US", "subdivision": "Texaz"}, "subdivision", r"Did you mean Texas \(TX\)?"),
        ({"country": "VA", "subdivision": "X"}, "subdivision", "the same ones everywhere: leave this empty"),
        (
            {"closed_days": "2026-12-19", "open_days": "2026-12-19 10:00-14:00"},
            "open_days",
            "2026-12-19 stands under the closed days too. Take it out of one of the two",
        ),
    ],
)
def test_words_that_are_wrong_only_together_too(words, field, way_out):
    refused = refusal(**words)
    assert refused.field == field
    with pytest.raises(Refused, match=way_out):
        raise refused


def test_everything_that_is_wrong_is_said_at_once():
    refused = refusal(zone="Mars", monday="x", country="XX", subdivision="BY", closed_days="y", open_days="z")
    assert [each.anchor for each in refused.hindrances] == ["zone", "monday", "country", "closed_days", "open_days"]


@pytest.mark.parametrize("typed", ["", " ", "a", "Ω", "x" * 400, "\0", "Europe", "Europe/", "/", "%"])
def test_whatever_is_typed_as_a_place_is_only_looked_for(typed):
    assert places.zones_near(typed) is not None
    assert places.countries_near(typed) is not None
    assert places.find_part("DE", typed) is None and places.parts_near("DE", typed) is not None


def test_every_country_and_part_that_is_offered_has_holidays_and_fits():
    assert len(places.countries()) > 200
    for code, name in places.countries():
        assert len(code) == 2 and places.find_country(name) == places.find_country(code) == code
    for code, name in places.parts("DE"):
        found = read(country="DE", subdivision=name)
        assert (found.subdivision, len(code) <= 8) == (code, True)


def test_a_week_is_said_in_a_sentence():
    assert hours_in_words.week(read(saturday="10:00-12:00")) == ("Monday to Friday 09:00–17:00; Saturday 10:00–12:00")
    assert hours_in_words.place(read()) == "Europe/Berlin, no public holidays"
    assert hours_in_words.place(read(country="DE", subdivision="BY")) == (
        "Europe/Berlin, public holidays of Bayern, Germany"
    )


# -- the weeks ahead ---------------------------------------------------------------------------------------------------


def days_ahead(found: BusinessHours, now=TUESDAY, **options):
    return {str(day.date): day for week in weeks_ahead(found, now, **options) for day in week.days}


def test_four_weeks_are_shown_from_today_in_the_zone_of_the_hours():
    weeks = weeks_ahead(read(), TUESDAY)
    assert [len(week.days) for week in weeks] == [6, 7, 7, 7, 1]
    assert sum((week.lasts for week in weeks), timedelta()) == timedelta(hours=160)
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # already Wednesday in Berlin
    assert weeks_ahead(read(), late)[0].days[0].date == date(2026, 3, 11)


def test_each_day_says_what_makes_it_other_than_its_weekday():
    found = read(
        country="DE", closed_days="2026-03-12", open_days="2026-03-14 10:00-14:00\n2026-04-03 09:00-10:00", zone="UTC"
    )
    days = days_ahead(found)
    assert (days["2026-03-11"].words, days["2026-03-11"].why) == ("09:00–17:00", "")
    assert (days["2026-03-12"].words, days["2026-03-12"].why) == ("", "own closed day")
    assert (days["2026-03-14"].words, days["2026-03-14"].why) == ("10:00–14:00", "own open day")
    assert (days["2026-04-03"].words, days["2026-04-03"].why) == ("09:00–10:00", "own open day, Good Friday")
    assert (days["2026-04-06"].words, days["2026-04-06"].why) == ("", "Easter Monday")


def test_a_night_and_a_day_on_which_the_clocks_change_are_as_they_really_are():
    found = read(**dict.fromkeys((*OFFICE, "saturday", "sunday"), "00:00-06:00, 22:00-24:00"))
    days = days_ahead(found)
    assert days["2026-03-28"].words == "00:00–06:00, 22:00–24:00"
    assert (days["2026-03-29"].why, days["2026-03-29"].lasts) == ("the clocks go forward", timedelta(hours=7))


def test_what_would_change_is_marked():
    days = days_ahead(read(friday="09:00-13:00"), instead_of=read())
    assert [day for day, found in days.items() if found.changed] == [
        "2026-03-13",
        "2026-03-20",
        "2026-03-27",
        "2026-04-03",
    ]
    assert not any(day.changed for day in days_ahead(read()).values())


# -- the verbs ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(cast, tuesday):
    return an_agent("Ada Winter", cast.support, is_admin=True)


def every_verb(cast, by) -> dict:
    """Each verb of this part, called once; the second call finds it done."""
    give_both = {"refund_up_to": Decimal(50), "courtesy_up_to": Decimal(0), "replacement": True, "decider": cast.sam}
    return {
        "change": lambda: hours.change(cast.support.calendar, read(), by=by),
        "give": lambda: hours.give_own_hours(cast.hardware, by=by),
        "follow": lambda: hours.follow_company(cast.hardware, by=by),
        "give supervisors": lambda: hours.give_supervisors_own_hours(by=by),
        "let supervisors follow": lambda: hours.let_supervisors_follow_company(by=by),
        "lines": lambda: departments.set_lines(cast.hardware, lead=cast.olga, second_line=cast.warranty, by=by),
        "mandate": lambda: mandates.set_mandate(cast.support, **give_both, by=by),
        "rungs": lambda: company.name_rungs(head=cast.sam, ombudsperson=cast.olga, contact="o@desk.example", by=by),
    }


def everything_kept() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Calendar, Company, Department, Mandate)]


def test_nobody_but_an_administrator_changes_anything(cast, tuesday):
    hours.give_own_hours(cast.hardware, by=an_agent("Ada Winter", cast.support, is_admin=True))
    before = everything_kept()
    gone = an_agent("Gil Gone", cast.support, is_admin=True, is_active=False)
    for by in (cast.nadia, cast.sam, cast.carla, gone, None):
        for name, verb in every_verb(cast, by).items():
            with pytest.raises(NotAllowed):
                verb()
            assert everything_kept() == before, name


def test_what_is_so_already_is_not_written_again(cast, ada, django_assert_num_queries):
    for name, verb in every_verb(cast, ada).items():
        verb()
        before = everything_kept()
        verb()
        assert everything_kept() == before, name


def test_changed_hours_are_those_of_everybody_who_shares_them(cast, ada):
    hours.change(cast.support.calendar, read(friday=""), by=ada)
    assert fresh(cast.hardware).calendar.hours == read(friday="")
    due = add_business_time(
        datetime(2026, 3, 12, 15, tzinfo=UTC), timedelta(hours=2), fresh(cast.support).calendar.hours
    )
    assert due == datetime(2026, 3, 16, 9, tzinfo=UTC)


def test_a_page_that_was_read_before_somebody_changed_the_hours_changes_nothing(cast, ada):
    calendar = cast.support.calendar
    read_as = hours.fingerprint(calendar)
    hours.change(calendar, read(friday=""), read_as=read_as, by=ada)
    with pytest.raises(Conflict, match="Load the page anew"):
        hours.change(calendar, read(monday=""), read_as=read_as, by=ada)
    assert fresh(calendar).hours == read(friday="")
    # The same wish twice is no conflict.
    hours.change(calendar, read(friday=""), read_as=read_as, by=ada)


def test_hours_with_which_nobody_would_be_there_for_a_year_are_refused(cast, ada):
    closed = read(closed_days="2026-01-01 to 2026-12-31\n2027-01-01 to 2027-12-31")
    with pytest.raises(Refused, match="for a year") as refused:
        hours.change(cast.support.calendar, closed, by=ada)
    assert refused.value.field == "closed_days"


def test_hours_that_somebody_has_spoilt_behind_our_back_can_be_mended(cast, ada):
    calendar = cast.support.calendar
    Calendar.objects.filter(pk=calendar.pk).update(monday="nine to five")
    assert hours.hours_of(fresh(calendar)) is None
    assert hours.change(calendar, read(), by=ada).hours == read()


def test_a_department_gets_hours_of_its_own_as_a_copy_and_gives_them_back(cast, ada):
    companys = cast.support.calendar
    own = hours.give_own_hours(cast.hardware, by=ada).calendar
    assert own != companys and own.hours == companys.hours and own.name == "Hours of Hardware"
    hours.change(own, read(friday=""), by=ada)
    assert fresh(companys).hours != read(friday="")
    assert hours.follow_company(cast.hardware, by=ada).calendar == companys
    assert not Calendar.objects.filter(pk=own.pk).exists()


def test_a_calendar_knows_who_changed_it_last_and_when(cast, ada):
    calendar = cast.support.calendar
    with clock.at(TUESDAY):
        hours.change(calendar, read(friday=""), by=ada)
    with clock.at(WEDNESDAY):
        hours.change(calendar, read(friday=""), by=an_agent("Adam Winter", cast.support, is_admin=True))
    assert (fresh(calendar).changed_by, fresh(calendar).changed_at) == (ada, TUESDAY), "The second changed nothing."
    with clock.at(WEDNESDAY):
        own = hours.give_own_hours(cast.hardware, by=ada).calendar
    assert (own.changed_by, own.changed_at) == (ada, WEDNESDAY)


def test_whose_hours_are_kept_is_traced_to_who_said_so(cast, ada, caplog):
    caplog.set_level("INFO", logger="staff.hours")
    with clock.at(TUESDAY):
        hours.give_own_hours(cast.hardware, by=ada)
    with clock.at(WEDNESDAY):
        hours.follow_company(cast.hardware, by=ada)
        hours.give_supervisors_own_hours(by=ada)
        hours.let_supervisors_follow_company(by=ada)
    hardware, the = fresh(cast.hardware), Company.objects.the()
    assert (hardware.hours_chosen_by, hardware.hours_chosen_at) == (ada, WEDNESDAY)
    assert (the.supervisors_hours_chosen_by, the.supervisors_hours_chosen_at) == (ada, WEDNESDAY)
    told = [line.getMessage() for line in caplog.records]
    assert len(told) == 4 and all(line.startswith(f"Agent {ada.pk} has let ") for line in told)


def test_why_nothing_can_be_reckoned_with_is_said(cast):
    calendar = cast.support.calendar
    assert hours.why_unreckonable(calendar) == ""
    calendar.monday = "nine to five"
    assert hours.why_unreckonable(calendar) == "“nine to five” is not a working block. Write it like 09:00-17:00."


def test_hours_that_another_department_has_too_stay(cast, ada):
    own = hours.give_own_hours(cast.hardware, by=ada).calendar
    Department.objects.filter(pk=cast.warranty.pk).update(calendar=own)
    hours.follow_company(cast.hardware, by=ada)
    assert fresh(cast.warranty).calendar == own
    assert hours.give_own_hours(cast.hardware, by=ada).calendar.name == "Hours of Hardware (2)"


def test_the_supervisors_answer_in_hours_of_their_own(cast, ada):
    own = hours.give_supervisors_own_hours(by=ada).supervisors_calendar
    hours.change(own, read(saturday="10:00-12:00"), by=ada)
    assert Company.objects.the().hours_of_supervisors == read(saturday="10:00-12:00")
    hours.let_supervisors_follow_company(by=ada)
    assert Company.objects.the().hours_of_supervisors == cast.support.calendar.hours
    assert not Calendar.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize(
    "given, field, way_out",
    [
        ({"refund_up_to": Decimal(-1)}, "refund_up_to", "cannot be negative. Write 0"),
        ({"courtesy_up_to": Decimal("-0.01")}, "courtesy_up_to", "cannot be negative"),
        ({"refund_up_to": Decimal("1e9")}, "refund_up_to", "at most 99,999,999.99"),
        ({"refund_up_to": Decimal("0.001")}, "refund_up_to", "two places"),
        ({"refund_up_to": Decimal("NaN")}, "refund_up_to", "Give an amount"),
        ({"refund_up_to": Decimal("Infinity")}, "refund_up_to", "Give an amount"),
        ({"decider": "nobody"}, "decider", "Nobody yet cannot sign in, and so could not decide. Name somebody who can"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused_beside_its_field(cast, ada, given, field, way_out):
    facts = {"refund_up_to": Decimal(0), "courtesy_up_to": Decimal(0), "replacement": False, "decider": None, **given}
    if facts["decider"]:
        facts["decider"] = getattr(cast, facts["decider"])
    with pytest.raises(Refused, match=way_out) as refused:
        mandates.set_mandate(cast.support, **facts, by=ada)
    assert refused.value.field == field
    assert not Mandate.objects.exists()


def test_a_mandate_is_said_in_words(cast, ada):
    assert mandates.in_words(None) == "nothing"
    facts = {"refund_up_to": Decimal("1250.50"), "courtesy_up_to": Decimal(20), "replacement": True, "decider": None}
    mandate = mandates.set_mandate(cast.support, **facts, by=ada)
    assert mandates.in_words(mandate) == "refunds up to EUR 1,250.50, courtesies up to EUR 20, replacements"


def test_lines_go_upwards_and_a_lead_can_sign_in(cast, ada):
    departments.set_lines(cast.hardware, lead=cast.olga, second_line=cast.warranty, by=ada)
    for lead, second_line, field in (
        (cast.nobody, None, "lead"),
        (None, cast.warranty, "second_line"),
        (None, cast.hardware, "second_line"),
    ):
        with pytest.raises(Refused) as refused:
            departments.set_lines(cast.warranty, lead=lead, second_line=second_line, by=ada)
        assert refused.value.field == field


@pytest.mark.parametrize(
    "head, ombudsperson, contact, field",
    [
        ("nobody", None, "", "head"),
        ("nadia", None, "", "head"),
        (None, "nobody", "x", "ombudsperson"),
        ("sam", "sam", "x", "ombudsperson"),
        ("sam", "sue", "x", "ombudsperson"),
        ("sam", "olga", " ", "contact"),
        ("sam", "olga", "x" * 201, "contact"),
    ],
)
def test_rungs_are_people_who_can_do_it(cast, ada, head, ombudsperson, contact, field):
    people = {
        "head": head and getattr(cast, head),
        "ombudsperson": ombudsperson and getattr(cast, ombudsperson),
    }
    with pytest.raises(Refused) as refused:
        company.name_rungs(**people, contact=contact, by=ada)
    assert refused.value.field == field
    assert Company.objects.the().head is None


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_who_give_a_department_hours_of_its_own_give_them_once(self, cast):
        ada = an_agent("Ada Winter", cast.support, is_admin=True)
        at_once(*[lambda: hours.give_own_hours(cast.hardware, by=ada)] * 4)
        assert Calendar.objects.filter(name__startswith="Hours of Hardware").count() == 1

    def test_the_two_halves_of_a_ring_are_never_both_set(self, cast):
        ada = an_agent("Ada Winter", cast.support, is_admin=True)
        done = at_once(
            lambda: departments.set_lines(cast.hardware, lead=None, second_line=cast.warranty, by=ada),
            lambda: departments.set_lines(cast.warranty, lead=None, second_line=cast.hardware, by=ada),
        )
        assert sorted(type(each).__name__ for each in done) == ["Department", "Refused"]

    def test_of_two_who_change_hours_read_at_the_same_time_one_is_told(self, cast):
        ada = an_agent("Ada Winter", cast.support, is_admin=True)
        calendar, read_as = cast.support.calendar, hours.fingerprint(cast.support.calendar)
        wishes = (read(friday=""), read(monday=""))
        done = at_once(*[lambda wish=wish: hours.change(calendar, wish, read_as=read_as, by=ada) for wish in wishes])
        assert sorted(type(each).__name__ for each in done) == ["Calendar", "Conflict"]
