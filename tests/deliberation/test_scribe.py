import pytest
from django.contrib.messages import get_messages

from deliberation.actions import rounds
from deliberation.live.phone import table_html
from deliberation.models import Point, Response, Submission
from tests import builders
from tests.deliberation.phones import Phone
from workshops import identity
from workshops.actions import joining, scribes
from workshops.models import ScribeLease

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop(attribution="anonymous")


@pytest.fixture
def scribe(workshop):
    phone = Phone(workshop, table=3)
    scribes.take_role(participant=phone.who)
    return phone


def open_prompt(workshop, **fields):
    prompt = builders.make_prompt(workshop, **{"asks_tables": True, **fields})
    return builders.open_round(prompt)


def messages_of(page):
    return [str(message) for message in get_messages(page.wsgi_request)]


# ---- the role ----


def test_role_is_taken_by_one_person_a_table(workshop):
    first, second = Phone(workshop, table=3), Phone(workshop, table=3)

    taken = first.post("table/take/", {})
    late = second.post("table/take/", {})
    late_data = second.send("table/take/", {})

    assert taken.url == "/w/day/"
    assert messages_of(taken) == ["You write for Table 3 now."]
    holder = identity.shown_as(first.who)
    assert late.status_code == late_data.status_code == 409
    assert late_data.json() == {
        "error": "taken",
        "message": f"{holder} writes for the table already.",
    }
    assert ScribeLease.objects.get().participant == first.who


def test_role_needs_a_table(workshop):
    page = Phone(workshop, table=None).post("table/take/", {})

    assert page.url == "/w/day/seat/"


@pytest.mark.parametrize(
    ("attribution", "shown"),
    [
        ("named", "Seat One"),
        ("organisation", "Works, Seat {ref}"),
        ("chatham-house", "Seat {ref}"),
        ("anonymous", "Seat {ref}"),
    ],
)
def test_who_writes_is_shown_as_the_attribution_rule_allows(attribution, shown):
    workshop = builders.make_workshop(attribution=attribution)
    who = joining.join(
        workshop=workshop,
        name="Seat One",
        organisation="Works",
        table=workshop.tables.get(number=3),
    )
    scribes.take_role(participant=who)

    html = table_html(workshop.pk, 3)

    assert f"{shown.format(ref=who.ref[:4])} writes for Table 3." in html
    assert who.ref not in html


def test_role_is_handed_over_to_a_neighbour(workshop, scribe):
    neighbour = Phone(workshop, table=3)
    elsewhere = Phone(workshop, table=1)

    page = scribe.get("table/hand-over/")
    wrong = scribe.post("table/hand-over/", {"to": elsewhere.who.ref})
    unsaid = scribe.post("table/hand-over/", {})
    right = scribe.post("table/hand-over/", {"to": neighbour.who.ref})

    assert identity.shown_as(neighbour.who) in page.text
    assert wrong.status_code == unsaid.status_code == 422
    assert right.url == "/w/day/"
    assert ScribeLease.objects.get().participant == neighbour.who
    assert scribe.post("table/hand-over/", {"to": ""}).status_code == 409


def test_role_is_given_back(scribe):
    scribe.post("table/hand-over/", {"to": ""})

    assert ScribeLease.objects.count() == 0


# ---- the table's answer ----


def test_table_answer_is_stored_by_its_scribe(workshop, scribe):
    this_round = open_prompt(workshop)

    page = scribe.send(
        f"table-answer/{this_round.pk}/",
        {"answer.p1": "difficult", "answer.p2": "not-discussed", "version": "0"},
    )

    response = Response.objects.get()
    assert page.json()["version"] == 1
    assert (page.json()["answered"], page.json()["of"]) == (2, 3)
    assert (response.voice, response.table.number) == ("tables", 3)
    assert Submission.objects.get().entered_by == scribe.who
    assert "Difficult to deliver" in table_html(workshop.pk, 3)
    assert "Nothing is entered yet." in table_html(workshop.pk, 1)


def test_table_answer_is_for_its_scribe_alone(workshop, scribe):
    this_round = open_prompt(workshop)
    neighbour, nowhere = Phone(workshop, table=3), Phone(workshop, table=None)
    path = f"table-answer/{this_round.pk}/"

    pages = [
        phone.send(path, {"answer.p1": "difficult"}) for phone in (neighbour, nowhere)
    ]
    page = neighbour.post(path, {"answer.p1": "difficult"})

    assert [page.json()["error"] for page in pages] == ["not-scribe"] * 2
    assert page.status_code == 409
    assert "1 Principle number 1: Difficult to deliver" in page.text
    assert Response.objects.count() == 0


def test_table_answer_sent_again_after_hand_over_is_told_what_was_stored(
    workshop, scribe
):
    this_round = open_prompt(workshop)
    answer = {"answer.p1": "difficult", "key": "lost-acknowledgement"}
    path = f"table-answer/{this_round.pk}/"
    first = scribe.send(path, answer)
    scribes.hand_over(table=scribe.who.table, to=None)

    again = scribe.send(path, answer)
    other = scribe.send(path, answer | {"key": "another-key"})

    assert again.json() == first.json() | {"repeated": True}
    assert other.json()["error"] == "not-scribe"


def test_stale_table_answer_is_refused_with_both_texts(workshop, scribe):
    this_round = open_prompt(workshop, reasons="optional")
    path = f"table-answer/{this_round.pk}/"
    scribe.send(path, {"answer.p1": "difficult", "reason.p1": "Ours", "version": "0"})
    late = {"answer.p1": "inconsistent", "reason.p1": "Mine", "version": "0"}

    data = scribe.send(path, late)
    page = scribe.post(path, late)

    assert data.status_code == page.status_code == 409
    assert data.json()["error"] == "stale"
    assert data.json()["version"] == 1
    assert data.json()["fields"] == {"answer.p1": ["difficult"], "reason.p1": ["Ours"]}
    assert "Stored by another device meanwhile" in page.text
    assert ">Mine</textarea>" in page.text
    assert "Ours" in page.text
    assert 'name="version" value="1"' in page.text
    assert Response.objects.get().version == 1


def test_required_reason_is_asked_where_the_table_judged(workshop, scribe):
    this_round = open_prompt(workshop, reasons="required")
    path = f"table-answer/{this_round.pk}/"

    judged = scribe.send(path, {"answer.p1": "difficult"})
    not_discussed = scribe.send(path, {"answer.p1": "not-discussed"})

    assert judged.json() == {
        "errors": {"reason.p1": "Please give the table's reason as well."}
    }
    assert not_discussed.status_code == 200


def test_table_answer_after_closing_is_refused(workshop, scribe):
    this_round = open_prompt(workshop)
    rounds.close_round(round_id=this_round.pk)

    page = scribe.send(f"table-answer/{this_round.pk}/", {"answer.p1": "difficult"})

    assert (page.status_code, page.json()["error"]) == (409, "closed")


def test_table_answer_to_a_question_for_people_is_refused(workshop, scribe):
    this_round = open_prompt(workshop, asks_tables=False)

    page = scribe.send(f"table-answer/{this_round.pk}/", {"answer.p1": "difficult"})

    assert (page.status_code, page.json()["error"]) == (409, "not-asked")


def test_scribe_finds_both_answers_clearly_apart(workshop, scribe):
    open_prompt(workshop)

    page = scribe.get()

    assert "My own answer" in page.text
    assert "Table 3’s answer" in page.text
    assert 'id="a-form"' in page.text
    assert 'id="t-form"' in page.text
    assert 'data-role="scribe"' in page.text


# ---- points for the table ----


def test_point_for_the_table_is_its_scribes(workshop, scribe):
    this_round = open_prompt(workshop)
    sent = {"text": "We differ", "kind": "dissent", "as": "table"}
    path = f"points/{this_round.prompt_id}/"

    page = scribe.send(path, sent)
    other = Phone(workshop, table=3).send(path, sent)

    point = Point.objects.get()
    assert page.json()["id"] == point.pk
    assert (point.voice, point.table.number, point.kind) == ("tables", 3, "dissent")
    assert (other.status_code, other.json()["error"]) == (409, "not-scribe")
    assert "We differ" in table_html(workshop.pk, 3)
    assert "We differ" not in table_html(workshop.pk, 1)


def test_point_by_who_has_just_handed_over_is_given_back(workshop, scribe):
    this_round = open_prompt(workshop)
    scribes.hand_over(table=scribe.who.table, to=None)

    page = scribe.post(
        f"points/{this_round.prompt_id}/", {"text": "We differ", "as": "table"}
    )

    assert page.status_code == 409
    assert "You no longer write for the table. Your text is below." in page.text
    assert "We differ" in page.text
    assert Point.objects.count() == 0


@pytest.mark.parametrize(("items", "answers"), [(1, 1), (12, 12)])
def test_table_answer_and_board_cost_the_same_for_any_question(
    workshop, scribe, django_assert_max_num_queries, items, answers
):
    this_round = open_prompt(workshop, items=items)
    every = {f"answer.p{n}": "difficult" for n in range(1, answers + 1)}

    with django_assert_max_num_queries(21):
        scribe.send(f"table-answer/{this_round.pk}/", every)
    with django_assert_max_num_queries(10):
        table_html(workshop.pk, 3)
