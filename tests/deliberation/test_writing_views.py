"""The draft in the console: written, kept, gone back on, and told what is missing."""

import re

import pytest
from django.test import Client

from deliberation.actions import rounds, writing
from deliberation.models import Decision, Passage
from deliberation.writeup import builder
from deliberation.writeup.structure import Text
from tests import builders

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}
URL = "/console/day/write-up/"
PLACE = "framework/principles"


@pytest.fixture
def workshop():
    """A workshop whose tables have judged three principles."""
    workshop = builders.make_workshop(tables=3)
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    for number in (1, 2, 3):
        scribe = builders.scribe_of(workshop, table=number)
        answered = {"p1": 1, "p2": number, "p3": 2}
        builders.judge(this_round, scribe, answered, voice="tables", table=scribe.table)
    rounds.close_round(round_id=this_round.pk)
    return workshop


def account(workshop, name: str = "anna", role: str = "owner") -> Client:
    anna = Client()
    anna.force_login(builders.make_facilitator(workshop, name=name, role=role))
    return anna


@pytest.fixture
def anna(workshop):
    return account(workshop)


def html_of(answer) -> str:
    return answer.content.decode()


def computed_text(workshop) -> Text:
    """Return a text of the draft that is computed."""
    return next(
        block
        for _depth, section in builder.draft(workshop).walk()
        for block in section.blocks
        if isinstance(block, Text) and block.sentences
    )


def fields(place: str, **values) -> dict:
    return {"place": place, "version": "0", "digest": "", "computed": ""} | values


def test_the_draft_offers_every_text_to_be_written(anna, workshop):
    page = anna.get(URL)

    offered = re.findall(r'data-place="([^"]+)"', html_of(page))
    expected = [
        block.place
        for _depth, section in builder.draft(workshop).walk()
        for block in section.blocks
        if isinstance(block, Text)
    ]
    assert page.status_code == 200
    assert offered == expected


def test_what_is_written_stands_in_the_draft(anna):
    answer = anna.post(URL, fields("intro", text="A **day**.", do="save"))

    assert (answer.status_code, answer["Location"]) == (302, f"{URL}#at-intro")
    assert "<p>A <strong>day</strong>.</p>" in html_of(anna.get(URL))


def test_markup_is_shown_as_text(anna):
    anna.post(URL, fields("intro", text="<b onclick=x>bold</b>"))

    page = html_of(anna.get(URL))
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;bold&lt;/b&gt;" in page


def test_a_script_is_told_what_was_saved(anna):
    answer = anna.post(URL, fields("intro", text="A day."), headers=JSON)

    said = answer.json()
    shown = (said["version"], said["html"], said["who"])
    assert (answer.status_code, *shown) == (200, 1, "<p>A day.</p>\n", "anna")


def test_a_script_is_shown_what_somebody_else_saved(anna, workshop):
    other = account(workshop, "ben", "facilitator")
    other.post(URL, fields("intro", text="Theirs"))

    answer = anna.post(URL, fields("intro", text="Mine"), headers=JSON)

    said = answer.json()
    assert (answer.status_code, said["text"], said["who"]) == (409, "Theirs", "ben")
    assert Passage.objects.get().text == "Theirs"


def test_without_script_both_texts_are_shown_and_nothing_is_lost(anna, workshop):
    other = account(workshop, "ben", "facilitator")
    other.post(URL, fields("intro", text="Theirs"))

    answer = anna.post(URL, fields("intro", text="Mine"))
    page = html_of(answer)

    assert answer.status_code == 409
    assert "ben saved another text here" in page
    assert '<pre class="kept-text">Theirs</pre>' in page
    assert ">Mine</textarea>" in page
    # The form goes on from what was shown.
    anna.post(URL, fields("intro", text="Mine", version="1"))
    assert Passage.objects.get().text == "Mine"


def test_a_preview_saves_nothing(anna):
    answer = anna.post(URL, fields("intro", text="A *day*.", do="preview"))

    assert "<p>A <em>day</em>.</p>" in html_of(answer)
    assert ">A *day*.</textarea>" in html_of(answer)
    assert Passage.objects.count() == 0


def test_a_text_that_is_too_long_is_kept_on_the_page(anna):
    text = "x" * (writing.LONGEST + 3)
    page = anna.post(URL, fields("intro", text=text))
    told = anna.post(URL, fields("intro", text=text), headers=JSON)

    assert (page.status_code, told.status_code) == (422, 422)
    assert text in html_of(page)
    assert "3 characters too long" in told.json()["message"]


@pytest.mark.parametrize("place", ["", "a b", "x" * 201, "<b>"])
def test_a_place_that_cannot_be_is_refused(anna, place):
    assert anna.post(URL, fields(place, text="Said")).status_code == 422


def test_a_text_says_when_the_records_have_moved(anna, workshop):
    text = computed_text(workshop)
    seen = {"digest": "0" * 64, "computed": "Nobody answered."}
    anna.post(URL, fields(text.place, text="In my words.") | seen)

    page = html_of(anna.get(URL))
    assert "The records have moved since you wrote this." in page
    assert re.search(r"<del><span class=\"vh\">removed: </span>Nobody", page)

    holds = {"digest": text.digest, "computed": text.computed}
    anna.post(URL, fields(text.place, version="1", do="seen") | holds)
    assert "The records have moved" not in html_of(anna.get(URL))
    assert Passage.objects.get().text == "In my words."


def test_one_goes_back_to_the_computed_sentences_and_forth(anna, workshop):
    text = computed_text(workshop)
    about = {"digest": text.digest, "computed": text.computed}
    anna.post(URL, fields(text.place, text="In my words.") | about)
    anna.post(URL, fields(text.place, version="1", do="computed") | about)

    assert computed_text(workshop).written is None
    assert ">In my words.</textarea>" in html_of(anna.get(URL))
    anna.post(URL, fields(text.place, version="2", do="again") | about)
    assert "<p>In my words.</p>" in html_of(anna.get(URL))


def test_going_back_keeps_what_was_typed_last(anna, workshop):
    text = computed_text(workshop)
    about = {"digest": text.digest, "computed": text.computed}
    anna.post(URL, fields(text.place, text="In my") | about)
    typed = fields(text.place, text="In my words.", version="1", do="computed")
    anna.post(URL, typed | about)

    kept = Passage.objects.get()
    assert (kept.text, kept.is_aside) == ("In my words.", True)


def test_what_was_written_for_a_part_that_is_gone_is_not_lost(anna, workshop):
    writing.write(workshop=workshop, place="no/longer", text="Kept", version=0)

    assert "Written for parts that are gone" in html_of(anna.get(URL))


def test_an_observer_reads_and_writes_nothing(workshop):
    looking_on = account(workshop, "carl", "observer")

    page = looking_on.get(URL)
    assert (page.status_code, "<textarea" in html_of(page)) == (200, False)
    assert looking_on.post(URL, fields("intro", text="Said")).status_code == 403
    assert Passage.objects.count() == 0


# ---- what is missing ----


def test_what_is_missing_is_put_in_or_left_out_for_a_reason(anna):
    url = f"{URL}missing/"
    record = "item:framework/principles/p3"
    refused = anna.post(url, {"record": record, "do": "leave-out", "reason": " "})
    anna.post(url, {"record": record, "do": "leave-out", "reason": "Said before"})

    assert refused.status_code == 422
    assert Decision.objects.get().reason == "Said before"
    page = html_of(anna.get(url))
    assert "Left out, because: Said before" in page
    assert "Principle number 3" in page
    anna.post(url, {"record": record, "do": "undo"})
    assert Decision.objects.count() == 0
    anna.post(url, {"record": record, "do": "put-in"})
    assert Decision.objects.get().put_in is True
