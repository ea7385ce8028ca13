"""A review by link, and a version that is published, without a script."""

import html
import re

import pytest
from django.test import Client

from deliberation.actions import points, reviewing, rounds, writing
from deliberation.models import Comment, Publication, WriteUp
from tests import builders
from tests.deliberation.phones import Phone

pytestmark = pytest.mark.django_db

URL = "/console/day/write-up/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def workshop():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop)
    return workshop


@pytest.fixture
def gap(workshop):
    """Something that was said and stands nowhere."""
    phone = Phone(workshop, table=1)
    prompt = workshop.sessions.get().prompts.get()
    said = {"kind": "point", "text": "Who pays?", "items": [], "key": "one-key"}
    return points.add_point(
        prompt=prompt, this_round=None, participant=phone.who, table=None, **said
    )


@pytest.fixture
def anna(workshop):
    anna = Client()
    anna.force_login(builders.make_facilitator(workshop, name="anna"))
    return anna


def html_of(answer) -> str:
    return answer.content.decode()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


# ---- review ----


def link_of(workshop) -> str:
    write_up = reviewing.open_review(workshop=workshop)
    return f"/review/{write_up.review_secret}/"


def said(**values) -> dict:
    return {"place": "intro", "text": "Well said", "key": "a-key-of-its-own"} | values


def test_a_review_is_opened_and_its_link_renewed(anna, workshop):
    anna.post(f"{URL}review/", {"do": "open"})
    first = f"/review/{WriteUp.objects.get().review_secret}/"
    assert first in html_of(anna.get(f"{URL}review/"))
    assert Client().get(first).status_code == 200

    anna.post(f"{URL}review/", {"do": "renew"})
    second = f"/review/{WriteUp.objects.get().review_secret}/"
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200


def test_a_stranger_says_who_they_are(anna, workshop):
    link = link_of(workshop)
    unnamed = Client().post(link, said())
    named = Client().post(link, said(name="Seat 3, Table 2"))

    assert (unnamed.status_code, named.status_code) == (422, 302)
    assert ">Well said</textarea>" in html_of(unnamed)
    assert "Seat 3, Table 2" in html_of(anna.get(URL))


def test_a_phone_that_was_there_is_recognised(workshop):
    phone = Phone(workshop, table=1)

    assert phone.client.post(link_of(workshop), said()).status_code == 302
    assert Comment.objects.get().participant == phone.who


def test_nobody_is_asked_for_a_name_under_the_chatham_house_rule():
    workshop = builders.make_workshop(attribution="chatham-house")
    phone = Phone(workshop, table=1)
    link = link_of(workshop)

    assert 'name="name"' not in html_of(Client().get(link))
    assert Client().post(link, said(name="Seat 3")).status_code == 302
    assert phone.client.post(link, said(text="Not so")).status_code == 302
    kept = Comment.objects.values_list("text", "name", "participant").order_by("text")
    assert list(kept) == [("Not so", "", None), ("Well said", "", None)]


def test_a_comment_is_sent_once_however_often_it_is_sent(workshop):
    link, name = link_of(workshop), "Seat 3"
    for _sent in range(2):
        assert Client().post(link, said(name=name), headers=JSON).status_code == 200
    Client().post(link, said(name=name, text="And more"), headers=JSON)

    texts = Comment.objects.values_list("text", flat=True)
    assert sorted(texts) == ["And more", "Well said"]


def test_what_comes_after_the_review_is_shown_to_be_copied(workshop):
    link = link_of(workshop)
    reviewing.close_review(workshop=workshop)

    page = Client().post(link, said(name="Seat 3"))
    told = Client().post(link, said(name="Seat 3"), headers=JSON)

    assert (page.status_code, told.status_code) == (409, 409)
    assert "The review is closed" in html_of(page)
    assert "Well said</textarea>" in html_of(page)
    assert Comment.objects.count() == 0
    assert "The review is closed" in html_of(Client().get(link))


def test_a_comment_stands_beside_its_place_until_it_is_settled(anna, workshop):
    Client().post(link_of(workshop), said(name="Seat 3"))
    assert "Well said" in html_of(anna.get(URL))

    comment = Comment.objects.get()
    back = {"comment": comment.pk, "do": "settle", "page": "draft"}
    answer = anna.post(f"{URL}review/", back)

    assert answer["Location"] == f"{URL}#at-intro"
    assert "Well said" not in html_of(anna.get(URL))
    assert "Well said" in html_of(anna.get(f"{URL}review/"))


def test_a_comment_is_about_one_sentence(anna, workshop):
    this_round = builders.open_round(workshop.sessions.get().prompts.get())
    for number in range(3):
        builders.judge(this_round, builders.join(workshop), {"p1": 1, "p2": 1 + number})
    rounds.close_round(round_id=this_round.pk)
    client, link = Client(), link_of(workshop)
    options = re.findall(r'<option value="([^"]+)">', html_of(client.get(link)))
    place = re.search(r'id="quote-([^"]+)"', html_of(client.get(link)))[1]

    client.post(link, said(name="Seat 3", place=place, quote=options[0]))

    comment = Comment.objects.get()
    assert (comment.place, comment.quote) == (place, html.unescape(options[0]))
    about = f'<p class="about">“{options[0]}”</p>'
    for page in (client.get(link), anna.get(URL), anna.get(f"{URL}review/")):
        assert about in html_of(page)


def test_a_quote_that_is_too_long_is_refused(workshop):
    page = Client().post(link_of(workshop), said(name="Seat 3", quote="x" * 301))

    assert page.status_code == 422
    assert Comment.objects.count() == 0


@pytest.mark.parametrize("rule", ["named", "anonymous"])
def test_a_reply_is_shown_to_whose_comment_it_is(rule):
    workshop = builders.make_workshop(attribution=rule)
    builders.make_prompt(workshop)
    anna = Client()
    anna.force_login(builders.make_facilitator(workshop, name="anna"))
    client, link = Client(), link_of(workshop)
    client.post(link, said(name="Seat 3"))
    reply = {"comment": Comment.objects.get().pk, "do": "reply", "page": "draft"}

    answer = anna.post(f"{URL}review/", reply | {"reply": "Mended now"})

    assert answer["Location"] == f"{URL}#at-intro"
    for page in (anna.get(URL), anna.get(f"{URL}review/"), client.get(link)):
        assert "Mended now" in html_of(page)
    stranger = html_of(Client().get(link))
    assert "Mended now" not in stranger
    assert "Well said" not in stranger

    anna.post(f"{URL}review/", reply | {"reply": ""})
    assert "Mended now" not in html_of(client.get(link))
    anna.post(f"{URL}review/", reply | {"reply": "x" * 2001})
    kept = Comment.objects.values_list("reply", "replied_at").get()
    assert kept == ("", None)


def test_a_comment_of_another_workshop_is_not_settled(anna):
    other = builders.make_workshop(slug="other")
    Client().post(link_of(other), said(name="Seat 3"))

    settle = {"comment": Comment.objects.get().pk, "do": "settle"}
    assert anna.post(f"{URL}review/", settle).status_code == 404


# ---- publishing ----


def publish(anna, **values):
    """Press the button of the page as it is shown now."""
    page = html_of(anna.get(f"{URL}publish/"))
    shown = {name: hidden(page, name) for name in ("number", "seen")}
    given = {"note": "A name is right now", "reason": "Said elsewhere"}
    return anna.post(f"{URL}publish/", shown | given | values)


def test_a_version_is_published_as_it_was_shown(anna):
    answer = publish(anna)

    assert answer.status_code == 302
    published = Publication.objects.get()
    assert (published.number, published.by.username) == (1, "anna")
    assert "Version 1 was published" in html_of(anna.get(f"{URL}publish/"))


@pytest.mark.parametrize("ahead", [True, False])
def test_files_are_made_ahead(
    anna, settings, django_capture_on_commit_callbacks, ahead
):
    settings.MAKE_FILES_AHEAD = ahead

    with django_capture_on_commit_callbacks() as to_do:
        publish(anna)

    assert len(to_do) == ahead


def test_open_gaps_ask_for_a_reason(anna, gap):
    answer = publish(anna, reason="")

    assert answer.status_code == 422
    assert "Say why something is missing." in html_of(answer)
    assert Publication.objects.count() == 0


def test_a_later_version_asks_what_changed(anna, gap):
    publish(anna)
    answer = publish(anna, note="")

    assert answer.status_code == 422
    assert "Say what changed since the last version." in html_of(answer)
    assert ">Said elsewhere</textarea>" in html_of(answer)


def test_a_draft_that_changed_meanwhile_is_looked_at_again(anna, workshop):
    page = html_of(anna.get(f"{URL}publish/"))
    writing.write(workshop=workshop, place="intro", text="New", version=0)

    sent = {name: hidden(page, name) for name in ("number", "seen")}
    answer = anna.post(f"{URL}publish/", sent | {"reason": "Said elsewhere"})

    assert answer.status_code == 422
    assert "The draft has changed since this page was shown." in html_of(answer)
    assert Publication.objects.count() == 0


def test_the_second_of_two_is_told_who_was_first(anna, workshop):
    page = html_of(anna.get(f"{URL}publish/"))
    publish(anna)

    sent = {name: hidden(page, name) for name in ("number", "seen")}
    sent |= {"reason": "Said elsewhere"}
    answer = anna.post(f"{URL}publish/", sent, follow=True)

    assert "Version 1 was published by anna at" in html_of(answer)
    assert Publication.objects.count() == 1


def test_the_page_says_what_a_new_version_would_change(anna, workshop):
    publish(anna)
    writing.write(workshop=workshop, place="intro", text="A new opening", version=0)

    page = html_of(anna.get(f"{URL}publish/"))

    assert "A new opening" in page
    assert "Introduction" in page


# ---- what changed ----


def test_everybody_reads_what_changed_between_two_versions(anna, workshop):
    publish(anna)
    writing.write(workshop=workshop, place="intro", text="A <new> opening", version=0)
    publish(anna)

    page = Client().get("/write-up/day/2/changes/")

    assert page.status_code == 200
    assert "A name is right now" in html_of(page)  # the note
    assert "A &lt;new&gt; opening" in html_of(page)
    assert "<ins>" in html_of(page)


@pytest.mark.parametrize("address", ["day/1", "day/3", "nowhere/2"])
def test_a_version_without_one_before_it_has_no_changes(anna, address):
    publish(anna)

    assert Client().get(f"/write-up/{address}/changes/").status_code == 404
