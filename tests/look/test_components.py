"""The parts that pages are put together from: their words, their ties for readers by ear, and that they escape."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django import forms
from django.template import engines

from cases.forms.fields import time_to_promise
from supportdesk import clock

NOW = datetime(2025, 11, 25, 15, 40, tzinfo=UTC)
HOSTILE = '"><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def plain_files_at_a_fixed_time(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    with clock.at(NOW):
        yield


def drawn(source: str, **shown) -> str:
    return engines["django"].from_string(source).render(shown)


class ReplyForm(forms.Form):
    what = forms.CharField(label="What do you promise?", help_text="Jo reads this.")
    why = forms.CharField(label="Why", required=False)
    how = forms.ChoiceField(label="How?", choices=[("a", "By mail"), ("b", "By telephone")], widget=forms.RadioSelect)
    due_at = time_to_promise("By when?")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_at"].widget.times = [(NOW, HOSTILE)]
        self.fields["due_at"].widget.hint = HOSTILE


@pytest.mark.parametrize(("length", "size"), [(120, "first"), (121, "longer"), (320, "longer"), (321, None)])
def test_first_words_shrink_by_their_length(length, size):
    html = drawn('{% quote words "first" %}', words="a" * length)
    assert (f'data-size="{size}"' in html) if size else ("<details>" in html and "data-size" not in html)


@pytest.mark.parametrize(
    ("due_at", "state", "words"),
    [
        (NOW + timedelta(minutes=200), "due", "in 3 h 20"),
        (NOW + timedelta(minutes=40), "soon", "in 40 min"),
        (NOW - timedelta(minutes=40), "late", "40 min late"),
        (None, "none", "no next promise"),
    ],
)
def test_a_promise_says_how_it_stands_by_the_clock(due_at, state, words):
    html = drawn('{% promise what="Mia calls" due_at=due_at %}{% endpromise %}', due_at=due_at)
    assert f'<section class="promise" data-state="{state}">' in html
    assert words in html.replace("\xa0", " ")
    assert "promise-acts" not in html


def test_a_moved_promise_shows_both_dates():
    shown = {"due_at": NOW + timedelta(hours=2), "was": NOW}
    html = drawn('{% promise what="x" state="moved" due_at=due_at was=was %}<b>act</b>{% endpromise %}', **shown)
    assert "<del>15:40</del>" in html and "17:40" in html and "moved by 2\xa0h" in html
    assert '<div class="promise-acts"><b>act</b></div>' in html


def test_a_field_ties_label_hint_and_error_to_its_box():
    html = drawn("{% field form.what %}", form=ReplyForm({}))
    assert '<label class="field-label" for="id_what">' in html
    assert 'id="id_what_helptext"' in html and 'id="id_what_error"' in html
    assert 'aria-describedby="id_what_helptext id_what_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_field_that_may_stay_empty_says_so():
    assert "(optional)" in drawn("{% field form.why %}", form=ReplyForm())
    assert "(optional)" not in drawn("{% field form.what %}", form=ReplyForm())


def test_a_time_to_promise_is_a_select_with_ones_own_time_beside_it_each_with_its_label():
    html = drawn("{% field form.due_at %}", form=ReplyForm({"due_at_plain": "own", "due_at": "2025-11-26T12:00"}))
    assert '<label class="field-label" for="id_due_at_plain">' in html and 'id="id_due_at_plain"' in html
    assert '<label for="id_due_at">' in html and 'value="2025-11-26T12:00"' in html
    assert '<option value="own" selected>' in html
    wrong = drawn("{% error_summary form %}{% field form.due_at %}", form=ReplyForm({}))
    assert 'href="#id_due_at_plain"' in wrong and 'aria-invalid="true"' in wrong
    assert 'aria-describedby="id_due_at_error"' in wrong


def test_choices_stand_in_a_fieldset_with_its_question():
    html = drawn("{% field form.how %}", form=ReplyForm())
    assert "<legend" in html and html.count('type="radio"') == 2 and html.count("<label") == 2


def test_the_summary_links_to_what_is_wrong_and_is_absent_when_nothing_is():
    html = drawn("{% error_summary form %}", form=ReplyForm({}))
    assert 'role="alert"' in html and 'href="#id_what"' in html and 'href="#id_how"' in html
    whole = drawn("{% error_summary form %}{% field form.how %}", form=ReplyForm({}))
    assert 'id="id_how"' in whole
    assert drawn("{% error_summary form %}", form=ReplyForm()).strip() == ""


def test_a_state_stands_in_a_sentence_without_a_blank_before_the_comma():
    assert drawn('{% state "new" "New reply" %}, waiting').endswith("</span>, waiting")


def test_a_button_is_a_link_where_it_leads_somewhere():
    assert drawn('{% button "Look" href="/x" key="l" %}').startswith('<a class="button" href="/x" data-key="l"')
    assert drawn('{% button "Send" kind="filled" busy="Sending…" %}').startswith(
        '<button class="button button--filled"'
    )


def test_htmx_elements_carry_this_answers_nonce():
    assert drawn("<p {% hx_nonce %}>", CSP_NONCE="abc") == '<p hx-nonce="abc">'


class Tags(HTMLParser):
    """Collects the names of the elements that a browser would make."""

    def __init__(self):
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)


@pytest.mark.parametrize(
    "source",
    [
        "{% quote words %}",
        '{% quote words "first" %}',
        '{% state "late" words %}',
        "{% person words words %}",
        "{% button words %}",
        "{% button words href=words key=words sign=words more=words %}",
        "{% promise what=words to=words backing=words words=words %}{{ words }}{% endpromise %}",
        "{% promise what=words heading=words note=words %}{% endpromise %}",
        "{% promise what=words hangs_on=words there=words %}{% endpromise %}",
        "{% field form.due_at %}",
        "{% fold words count=words note=words %}{{ words }}{% endfold %}",
        "{% empty words words %}{{ words }}{% endempty %}",
        "{% banner words %}{{ words }}{% endbanner %}",
        "{% field form.what label=words hint=words %}",
        "{% icon words %}",
    ],
)
def test_words_from_outside_never_become_elements(source):
    seen = Tags()
    seen.feed(drawn(source, words=HOSTILE, form=ReplyForm({"what": HOSTILE, "due_at": HOSTILE})))
    assert "img" not in seen.names
