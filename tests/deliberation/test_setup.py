import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from deliberation.actions import rounds
from deliberation.forms import MOST_ITEMS
from deliberation.models import Prompt, Round, Wording
from tests import builders
from workshops.actions import templates
from workshops.models import Membership, Session, SessionTemplate, Workshop

pytestmark = pytest.mark.django_db

SMALL = b"""\
format: 1
key: small
version: 1
title: A small day
tables: 3
sessions:
  - key: talk
    title: Talk
    prompts:
      - {key: open, kind: discuss, question: What now?}
"""


@pytest.fixture
def workshop():
    return builders.make_workshop(slug="day")


@pytest.fixture
def prompt(workshop):
    return builders.make_prompt(workshop)


@pytest.fixture
def signed_in(client, workshop):
    client.force_login(builders.make_facilitator(workshop))
    return client


def address(name, *args):
    return reverse(f"setup:{name}", args=["day", *args])


def text_of(response):
    return response.content.decode()


def workshop_form(**changed):
    return {
        "title": "Autumn",
        "date": "2026-11-07",
        "place": "London",
        "tables": "3",
        "attribution": "anonymous",
        "seating": "balanced",
        "expected_people": "30",
    } | changed


def session_form(**changed):
    return {
        "title": "Whose benefit?",
        "starts_at": "09:30",
        "minutes": "45",
        "speakers": "Seat 3, Table 2\nSomebody else",
        "brief": "*Plain* text",
    } | changed


def prompt_form(prompt=None, **changed):
    """Return what the page of a prompt sends when nothing is changed on it."""
    data = {
        "question": "How do you judge each principle?",
        "guidance": "",
        "kind": "discuss",
        "voices": ["people"],
        "scale_choice": "",
        "own_scale": "",
        "criteria": "",
        "least": "",
        "most": "",
        "minutes": "",
        "reveal": "by-hand",
        "reasons": "none",
        "invites": ["points"],
        "abstain": "on",
        "new_items": "",
    }
    if prompt is not None:
        data |= {"kind": prompt.kind, "question": prompt.question}
        if prompt.scale:
            data["scale_choice"] = f"scale:{prompt.scale_id}"
        for item in prompt.items.filter(retired_at=None):
            wording = item.wordings.last()
            data[f"item-{item.pk}-text"] = wording.text
            data[f"item-{item.pk}-short"] = wording.short
            data[f"item-{item.pk}-gloss"] = wording.gloss
    return data | changed


def texts(prompt):
    items = prompt.items.filter(retired_at=None)
    return [item.wordings.last().text for item in items]


def forms_of(page):
    # The preview beside a prompt has a form of its own.
    context = next(one for one in page.context if hasattr(one.get("form"), "shown"))
    return [context["form"], *(row for _, row in context.get("rows", []))]


def sent(page):
    """Return what a page sends when nothing is changed on it, hidden or not."""
    bound = [field for form in forms_of(page) for field in form]
    fields = {field.html_name: field.value() for field in bound}
    hidden = r'<input type="hidden" name="([\w-]*shown)" value="([^"]*)">'
    return {
        name: value if isinstance(value, list) else as_sent(value)
        for name, value in fields.items()
        if value is not False
    } | dict(re.findall(hidden, text_of(page)))


def as_sent(value):
    lines = str(value).replace("\r\n", "\n").replace("\n", "\r\n")
    return {None: "", True: "on"}.get(value, lines)


def seen(page):
    """Return what stands in the fields of a page."""
    return {
        name: value for name, value in sent(page).items() if not name.endswith("shown")
    }


def mistakes(page):
    """Return the mistakes that a page names, by field."""
    return {
        form.add_prefix(name): list(errors)
        for form in forms_of(page)
        for name, errors in form.errors.items()
    }


def changed_to(theirs):
    changed = f"Somebody else changed this meanwhile to: “{theirs}”."
    return [f"{changed} Save again to keep yours."]


# ---- who may ----


def every_page(prompt):
    session = prompt.session_id
    return {
        "get": [
            address("overview"),
            address("add_session"),
            address("session", session),
            address("delete_session", session),
            address("add_prompt", session),
            address("prompt", prompt.pk),
            address("delete_prompt", prompt.pk),
            address("challenge"),
            address("delete_workshop"),
        ],
        "post": [
            address("overview"),
            address("add_session"),
            address("session", session),
            address("move_session", session),
            address("delete_session", session),
            address("add_prompt", session),
            address("prompt", prompt.pk),
            address("move_prompt", prompt.pk),
            address("delete_prompt", prompt.pk),
            address("challenge"),
            address("add_member"),
            address("remove_member", 1),
            address("duplicate"),
            address("save_as_template"),
            address("delete_workshop"),
        ],
    }


@pytest.mark.parametrize("role", ["observer", None])
def test_strangers_and_observers_find_nothing(client, workshop, prompt, role):
    if role:
        user = builders.make_facilitator(workshop, role=role)
    else:
        user = builders.make_facilitator()
    client.force_login(user)

    found = {
        getattr(client, method)(path).status_code
        for method, paths in every_page(prompt).items()
        for path in paths
    }

    assert found == {404}
    assert Workshop.objects.count() == 1


def test_who_is_not_signed_in_is_sent_to_sign_in(client, prompt):
    found = {
        getattr(client, method)(path).url.split("?")[0]
        for method, paths in every_page(prompt).items()
        for path in paths
    }

    assert found == {reverse("account_login")}


def test_every_page_can_be_opened(signed_in, prompt):
    found = {
        path: signed_in.get(path).status_code for path in every_page(prompt)["get"]
    }

    assert set(found.values()) == {200}


def test_rows_of_another_workshop_are_not_found(signed_in, prompt):
    other = builders.make_prompt(builders.make_workshop(slug="other"))

    found = {
        signed_in.get(address(name, pk)).status_code
        for name, pk in [
            ("session", other.session_id),
            ("delete_session", other.session_id),
            ("add_prompt", other.session_id),
            ("prompt", other.pk),
            ("delete_prompt", other.pk),
        ]
    }

    assert found == {404}


# ---- a new workshop ----


def test_new_makes_a_workshop_from_the_chosen_template(client):
    user = builders.make_facilitator()
    client.force_login(user)
    template, _ = templates.load(SMALL)

    response = client.post(
        reverse("console:new"),
        {"template": template.pk, "title": "Autumn", "date": "2026-11-07"},
    )

    workshop = Workshop.objects.get()
    assert response.url == reverse("setup:overview", args=["autumn"])
    assert (workshop.title, str(workshop.date), workshop.tables.count()) == (
        "Autumn",
        "2026-11-07",
        3,
    )
    assert [one.user for one in workshop.memberships.all()] == [user]


def test_new_offers_the_newest_versions_and_the_one_that_was_asked_for(client):
    client.force_login(builders.make_facilitator())
    first, _ = templates.load(SMALL)
    second, _ = templates.load(SMALL.replace(b"version: 1", b"version: 2"))

    usual = text_of(client.get(reverse("console:new")))
    wanted = text_of(client.get(reverse("console:new"), {"template": first.pk}))

    assert f'value="{first.pk}"' not in usual
    assert f'value="{second.pk}"' in usual
    assert f'value="{first.pk}"' in wanted
    made = client.post(reverse("console:new"), {"template": first.pk})
    assert made.status_code == 302
    assert Workshop.objects.get().template == first


def test_new_without_a_template_says_so_and_keeps_the_text(client):
    client.force_login(builders.make_facilitator())
    templates.load(SMALL)

    response = client.post(reverse("console:new"), {"title": "Autumn", "tables": "0"})

    assert response.status_code == 422
    assert 'value="Autumn"' in text_of(response)
    assert set(response.context["form"].errors) == {"template", "tables"}


def test_new_where_nothing_is_loaded_says_what_to_do(client):
    client.force_login(builders.make_facilitator())

    response = client.get(reverse("console:new"))

    assert reverse("templates:check") in text_of(response)


# ---- the workshop ----


def test_overview_saves_the_workshop(signed_in, workshop):
    response = signed_in.post(address("overview"), workshop_form())

    workshop.refresh_from_db()
    assert response.url == address("overview")
    assert (workshop.title, workshop.place, str(workshop.date)) == (
        "Autumn",
        "London",
        "2026-11-07",
    )
    assert (workshop.attribution, workshop.seating, workshop.expected_people) == (
        "anonymous",
        "balanced",
        30,
    )
    assert workshop.tables.count() == 3


def test_overview_keeps_what_was_typed_beside_the_mistake(signed_in, workshop):
    response = signed_in.post(
        address("overview"), workshop_form(title="", place="A <b>hall</b>", tables="x")
    )

    assert response.status_code == 422
    assert "A &lt;b&gt;hall&lt;/b&gt;" in text_of(response)
    assert set(response.context["form"].errors) == {"title", "tables"}
    assert Workshop.objects.get().title == "Migration and development"


def test_overview_keeps_the_tables_that_somebody_sits_at(signed_in, workshop):
    builders.join(workshop, table=4)

    response = signed_in.post(address("overview"), workshop_form())

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["tables"]
    assert workshop.tables.count() == 4
    assert Workshop.objects.get().title == "Migration and development"


def test_overview_keeps_the_attribution_rule_once_somebody_answered(
    signed_in, workshop, prompt
):
    this_round = builders.open_round(prompt)
    builders.judge(this_round, builders.join(workshop), {"p1": 1})

    signed_in.post(address("overview"), workshop_form(tables="4"))

    assert Workshop.objects.get().attribution == "named"


def test_overview_tells_what_was_opened(signed_in, workshop, prompt):
    this_round = builders.open_round(prompt)
    assert "open now" in text_of(signed_in.get(address("overview")))

    rounds.close_round(round_id=this_round.pk)
    assert "opened once" in text_of(signed_in.get(address("overview")))


def test_overview_needs_as_many_queries_for_more_prompts(
    signed_in, workshop, django_assert_num_queries
):
    builders.make_prompt(workshop)
    with django_assert_num_queries(17):
        signed_in.get(address("overview"))

    for number in range(3):
        session = builders.make_session(workshop, f"s{number}")
        builders.make_prompt(workshop, key=f"k{number}", session=session)
    with django_assert_num_queries(17):
        signed_in.get(address("overview"))


def test_members_are_added_and_removed(signed_in, workshop):
    get_user_model().objects.create_user("second", email="second@example.org")

    signed_in.post(
        address("add_member"), {"username": "Second@Example.org", "role": "observer"}
    )
    member = workshop.memberships.get(user__username="second")
    assert member.role == "observer"

    signed_in.post(address("remove_member", member.pk))
    assert not workshop.memberships.filter(pk=member.pk).exists()


def test_a_member_without_an_account_is_named_at_the_field(signed_in, workshop):
    response = signed_in.post(
        address("add_member"), {"username": "nobody", "role": "observer"}
    )

    assert response.status_code == 422
    assert response.context["member_form"].errors == {
        "username": ["There is no account “nobody”. An admin can make one."]
    }
    assert workshop.memberships.count() == 1


def test_the_owner_stays(signed_in, workshop):
    owner = workshop.memberships.get()

    signed_in.post(address("remove_member", owner.pk))

    assert Membership.objects.get() == owner


def test_duplicate_leads_to_the_copy(signed_in, workshop, prompt):
    response = signed_in.post(address("duplicate"))

    copy = Workshop.objects.exclude(pk=workshop.pk).get()
    assert response.url == reverse("setup:overview", args=[copy.slug])
    assert Prompt.objects.filter(session__workshop=copy).count() == 1


def test_save_as_template_loads_one(signed_in, workshop, prompt):
    data = {"template-title": "Ours", "template-key": "ours"}

    response = signed_in.post(address("save_as_template"), data)

    assert response.url == address("overview")
    assert [str(one) for one in SessionTemplate.objects.all()] == ["ours@1"]


@pytest.mark.parametrize(
    ("key", "items", "error"),
    [
        ("Our Key", 3, "Please use small letters a to z, digits and hyphens only."),
        ("ours", 0, "“How do you judge each principle?” has no items yet."),
    ],
)
def test_save_as_template_says_what_is_wrong_and_keeps_the_text(
    signed_in, workshop, key, items, error
):
    builders.make_prompt(workshop, items=items)
    data = {"template-title": "Ours, in autumn", "template-key": key}

    response = signed_in.post(address("save_as_template"), data)

    assert response.status_code == 422
    assert error in text_of(response)
    assert 'value="Ours, in autumn"' in text_of(response)
    assert SessionTemplate.objects.count() == 0


def test_delete_workshop_that_nobody_used(signed_in, workshop):
    source = builders.make_prompt(workshop)
    builders.make_prompt(workshop, kind="choose", key="pick", items_from=source)

    response = signed_in.post(address("delete_workshop"))

    assert response.url == reverse("console:list")
    assert Workshop.objects.count() == 0


def test_a_rehearsal_says_that_what_was_said_goes_with_it(signed_in, workshop, prompt):
    builders.join(workshop)
    Workshop.objects.filter(pk=workshop.pk).update(is_rehearsal=True)

    said = text_of(signed_in.get(address("overview")))

    assert "All that was said in this rehearsal goes with it." in said
    assert "Nobody has joined" not in said


def test_a_day_is_not_made_a_rehearsal_that_anybody_may_delete(admin_client, workshop):
    page = admin_client.get(f"/admin/workshops/workshop/{workshop.pk}/change/")

    fields = page.context["adminform"].form.fields
    assert "is_rehearsal" not in fields
    assert "title" in fields


def test_delete_workshop_that_was_used_is_refused(signed_in, workshop, prompt):
    builders.open_round(prompt)

    signed_in.post(address("delete_workshop"))

    assert Workshop.objects.count() == 1


# ---- sessions ----


def test_add_session_stores_it_at_the_end_with_a_key_from_its_title(
    signed_in, workshop
):
    response = signed_in.post(address("add_session"), session_form())

    session = workshop.sessions.last()
    assert response.url == f"{address('overview')}#session-{session.pk}"
    assert (session.key, session.position, session.title) == (
        "whose-benefit",
        2,
        "Whose benefit?",
    )
    assert [(one.name, one.organisation) for one in session.speakers.all()] == [
        ("Seat 3", "Table 2"),
        ("Somebody else", ""),
    ]


def test_session_is_changed(signed_in, workshop):
    session = workshop.sessions.get()

    signed_in.post(address("session", session.pk), session_form())

    session.refresh_from_db()
    assert (session.key, session.title, session.minutes) == (
        "framework",
        "Whose benefit?",
        45,
    )
    assert str(session.starts_at) == "09:30:00"


def test_session_shows_how_its_brief_will_look(signed_in, workshop):
    workshop.sessions.update(brief="What we *know*.")

    response = signed_in.get(address("session", workshop.sessions.get().pk))

    assert "What we <em>know</em>." in response.context["preview"].phone


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("minutes", "0"),
        ("starts_at", "noon"),
        ("speakers", ", Organisation only"),
        ("speakers", "x\n" * 51),
        ("brief", "With <b>HTML</b>"),
    ],
)
def test_session_says_what_is_wrong_and_keeps_the_text(
    signed_in, workshop, field, value
):
    session = workshop.sessions.get()
    data = session_form(**({"brief": "Kept as typed"} | {field: value}))

    response = signed_in.post(address("session", session.pk), data)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert field == "brief" or "Kept as typed" in text_of(response)
    assert Session.objects.get().title == "A framework"


def test_sessions_and_prompts_move(signed_in, workshop, prompt):
    second = builders.make_session(workshop, "second")
    later = builders.make_prompt(workshop, key="later")

    response = signed_in.post(address("move_session", second.pk), {"to": "up"})
    signed_in.post(address("move_prompt", prompt.pk), {"to": "down"})

    assert response.url == f"{address('overview')}#session-{second.pk}"
    assert [one.key for one in workshop.sessions.all()] == ["second", "framework"]
    prompts = prompt.session.prompts.all()
    assert list(prompts) == [later, prompt]


def test_delete_session_asks_first_and_keeps_what_has_begun(
    signed_in, workshop, prompt
):
    spare = builders.make_session(workshop, "spare")
    builders.open_round(prompt)

    assert "Spare" in text_of(signed_in.get(address("delete_session", spare.pk)))
    signed_in.post(address("delete_session", spare.pk))
    signed_in.post(address("delete_session", prompt.session_id))

    assert [one.key for one in workshop.sessions.all()] == ["framework"]


# ---- prompts ----


def test_add_prompt_with_items_and_a_ready_scale(signed_in, workshop):
    session = workshop.sessions.get()
    data = prompt_form(
        kind="rate",
        scale_choice="ready:agree-5",
        criteria="Effective\nFeasible",
        new_items="1. One thing\n- Another thing",
        voices=["people", "tables"],
        minutes="10",
    )

    response = signed_in.post(address("add_prompt", session.pk), data)

    prompt = Prompt.objects.get()
    assert response.url == address("prompt", prompt.pk)
    assert (prompt.kind, prompt.voices, prompt.minutes) == (
        "rate",
        ["people", "tables"],
        10,
    )
    assert [point.value for point in prompt.scale.points.all()] == [1, 2, 3, 4, 5]
    assert [one.key for one in prompt.criteria.all()] == ["effective", "feasible"]
    assert texts(prompt) == ["One thing", "Another thing"]


def test_add_prompt_takes_a_ready_scale_that_is_there_by_now(signed_in, workshop):
    session = workshop.sessions.get()
    data = prompt_form(kind="rate", scale_choice="ready:agree-5")

    signed_in.post(address("add_prompt", session.pk), data)
    signed_in.post(address("add_prompt", session.pk), data)

    assert Prompt.objects.count() == 2
    assert workshop.scales.count() == 1


def test_add_prompt_with_own_answers(signed_in, workshop):
    session = workshop.sessions.get()
    data = prompt_form(kind="assess", own_scale="Yes\nNo\nNot yet")

    signed_in.post(address("add_prompt", session.pk), data)

    points = Prompt.objects.get().scale.points.all()
    assert [(one.key, one.value) for one in points] == [
        ("yes", 1),
        ("no", 2),
        ("not-yet", 3),
    ]


def test_add_prompts_to_rank_and_to_allocate(signed_in, workshop):
    session = workshop.sessions.get()
    filled = {"least": "1", "most": "2", "ties": "on", "total": "60"}

    for kind in ("rank", "allocate"):
        data = prompt_form(kind=kind, new_items="One\nOther", **filled)
        signed_in.post(address("add_prompt", session.pk), data)

    asked = Prompt.objects.values_list("kind", "least", "most", "ties", "total")
    assert list(asked) == [
        ("rank", None, 2, True, None),
        ("allocate", None, None, False, 60),
    ]
    page = text_of(signed_in.get(address("prompt", Prompt.objects.last().pk)))
    assert "Share out 60 points." in page


def test_the_rules_that_are_announced_are_set_with_the_prompt(signed_in, workshop):
    session = workshop.sessions.get()
    rated = prompt_form(
        kind="rate", scale_choice="ready:agree-5", word_agreed="80", word_split=""
    )
    ranked = prompt_form(kind="rank", rule="schulze", word_agreed="80")

    for data in (rated, ranked):
        assert (
            signed_in.post(address("add_prompt", session.pk), data).status_code == 302
        )

    found = Prompt.objects.values_list("rule", "word_agreed", "word_split")
    assert list(found) == [("", 80, 30), ("schulze", 75, 30)]
    page = text_of(signed_in.get(address("prompt", Prompt.objects.first().pk)))
    assert "an item is put in a word: Agreed, if 80 % or more" in page
    wrong = prompt_form(kind="rate", scale_choice="ready:agree-5", word_agreed="50")
    assert signed_in.post(address("add_prompt", session.pk), wrong).status_code == 422


def test_the_prompt_after_which_one_opens_is_set_and_stays_when_it_moves(
    signed_in, workshop, prompt
):
    session = workshop.sessions.get()
    data = prompt_form(after=str(prompt.pk), again="mine")

    signed_in.post(address("add_prompt", session.pk), data)
    second = session.prompts.last()
    signed_in.post(address("move_prompt", second.pk), {"to": "up"})
    signed_in.post(address("prompt", second.pk), data)
    round_about = prompt_form(after=str(second.pk))
    refused = signed_in.post(address("prompt", prompt.pk), round_about)

    second.refresh_from_db()
    prompt.refresh_from_db()
    assert (second.after, prompt.after, refused.status_code) == (prompt, None, 422)
    assert (second.again, prompt.again) == ("mine", "blank")
    assert "opens after “" in text_of(signed_in.get(address("overview")))


def test_what_does_not_apply_to_the_kind_does_not_count(signed_in, workshop):
    session = workshop.sessions.get()
    data = prompt_form(kind="choose", criteria="Effective", least="3", most="2")

    response = signed_in.post(address("add_prompt", session.pk), data)

    assert response.status_code == 302
    prompt = Prompt.objects.get()
    assert (prompt.least, prompt.most, prompt.scale) == (None, None, None)
    assert [one.key for one in prompt.criteria.all()] == [""]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("question", {"question": " "}),
        ("question", {"question": "x" * 4001}),
        ("kind", {"kind": "guess"}),
        ("voices", {"voices": []}),
        ("scale_choice", {"kind": "assess"}),
        ("scale_choice", {"kind": "assess", "scale_choice": "ready:agree-5"}),
        ("scale_choice", {"kind": "rate", "scale_choice": "scale:999"}),
        ("own_scale", {"kind": "assess", "own_scale": "Only one"}),
        ("most", {"kind": "approve", "least": "3", "most": "2"}),
        ("total", {"kind": "allocate"}),
        ("total", {"kind": "allocate", "total": "10001"}),
        ("minutes", {"minutes": "0"}),
        ("new_items", {"new_items": "item\n" * 201}),
    ],
)
def test_prompt_says_what_is_wrong_and_keeps_the_text(
    signed_in, workshop, field, changed
):
    session = workshop.sessions.get()
    data = prompt_form(guidance="Kept as typed", **changed)

    response = signed_in.post(address("add_prompt", session.pk), data)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Kept as typed" in text_of(response)
    assert Prompt.objects.count() == 0


def test_prompt_is_changed_with_its_items(signed_in, prompt):
    item = prompt.items.first()
    data = prompt_form(prompt, question="Put better?", new_items="One more")
    data[f"item-{item.pk}-text"] = "Better put"

    response = signed_in.post(address("prompt", prompt.pk), data)

    prompt.refresh_from_db()
    assert response.url == address("prompt", prompt.pk)
    assert prompt.question == "Put better?"
    assert texts(prompt) == [
        "Better put",
        "Principle number 2",
        "Principle number 3",
        "One more",
    ]


def test_prompt_names_the_item_that_is_wrong_and_stores_nothing(signed_in, prompt):
    first, second, _third = prompt.items.all()
    data = prompt_form(prompt, question="Kept as typed?")
    data |= {f"item-{first.pk}-text": "Changed", f"item-{second.pk}-short": "x" * 33}

    response = signed_in.post(address("prompt", prompt.pk), data)

    assert response.status_code == 422
    assert "Item 2, Short form for the screen" in text_of(response)
    assert "Kept as typed?" in text_of(response)
    assert texts(prompt)[0] == "Principle number 1"
    assert Prompt.objects.get().question == "How do you judge each principle?"


@pytest.mark.parametrize(
    ("button", "place", "after"),
    [
        ("up", 1, ["Principle number 2", "Changed", "Principle number 3"]),
        ("down", 1, ["Changed", "Principle number 3", "Principle number 2"]),
        ("drop", 1, ["Changed", "Principle number 3"]),
    ],
)
def test_moving_or_dropping_an_item_saves_what_was_typed(
    signed_in, prompt, button, place, after
):
    items = list(prompt.items.all())
    data = prompt_form(prompt)
    data |= {f"item-{items[0].pk}-text": "Changed", button: items[place].pk}

    signed_in.post(address("prompt", prompt.pk), data)

    assert texts(prompt) == after


def test_prompt_that_was_opened_keeps_what_it_asks(signed_in, prompt):
    this_round = builders.open_round(prompt)
    rounds.close_round(round_id=this_round.pk)
    item = prompt.items.first()
    data = prompt_form(prompt, question="Something else?", kind="choose", minutes="7")
    data[f"item-{item.pk}-text"] = "Better put"

    response = signed_in.post(address("prompt", prompt.pk), data)

    assert response.status_code == 302
    prompt = Prompt.objects.get()
    assert (prompt.question, prompt.kind, prompt.minutes) == (
        "How do you judge each principle?",
        "assess",
        7,
    )
    assert list(item.wordings.values_list("version", "text")) == [
        (1, "Principle number 1"),
        (2, "Better put"),
    ]
    page = text_of(signed_in.get(address("prompt", prompt.pk)))
    assert "This prompt has been opened." in page


def test_prompt_shows_how_it_will_look_and_stores_no_round(signed_in, prompt):
    response = signed_in.get(address("prompt", prompt.pk))

    shown = response.context["preview"]
    assert "Principle number 3" in shown.phone
    assert "Principle number 3" in shown.wall
    assert Round.objects.count() == 0


def test_prompt_shows_how_it_will_look_while_another_is_open(
    signed_in, workshop, prompt
):
    builders.open_round(builders.make_prompt(workshop, key="other"))

    response = signed_in.get(address("prompt", prompt.pk))

    assert response.context["preview"] is not None
    assert Round.objects.count() == 1


def test_delete_prompt_asks_first_and_keeps_what_was_opened(
    signed_in, workshop, prompt
):
    spare = builders.make_prompt(workshop, key="spare", question="Spare?")
    builders.open_round(prompt)

    assert "Spare?" in text_of(signed_in.get(address("delete_prompt", spare.pk)))
    signed_in.post(address("delete_prompt", spare.pk))
    signed_in.post(address("delete_prompt", prompt.pk))

    assert [one.key for one in Prompt.objects.all()] == ["principles"]


# ---- a challenge ----


def test_challenge_is_saved_and_opened(signed_in, workshop):
    data = prompt_form(question="How would you pay for it?", open="1")

    response = signed_in.post(address("challenge"), data)

    prompt = Prompt.objects.get()
    assert response.url == reverse("console:run", args=["day"])
    assert prompt.is_challenge is True
    assert [one.closed_at for one in prompt.rounds.all()] == [None]


def test_challenge_can_be_saved_for_later(signed_in, workshop):
    signed_in.post(address("challenge"), prompt_form())

    assert Prompt.objects.get().rounds.count() == 0


def test_challenge_to_open_needs_items(signed_in, workshop):
    data = prompt_form(kind="choose", question="Which one?", open="1")

    response = signed_in.post(address("challenge"), data)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["new_items"]
    assert "Which one?" in text_of(response)
    assert Prompt.objects.count() == 0


def test_challenge_while_another_is_open_is_saved_and_says_so(
    signed_in, workshop, prompt
):
    builders.open_round(prompt)

    response = signed_in.post(
        address("challenge"), prompt_form(question="And now?", open="1"), follow=True
    )

    assert Prompt.objects.get(is_challenge=True).rounds.count() == 0
    assert "is still open" in text_of(response)


def test_challenge_without_a_session_says_what_to_do(signed_in, workshop):
    workshop.sessions.all().delete()

    response = signed_in.get(address("challenge"), follow=True)

    assert "Please add a session first." in text_of(response)


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "²", "-1"])
def test_numbers_that_are_none_do_no_harm(signed_in, workshop, number):
    templates.load(SMALL)
    new = reverse("console:new")

    found = [
        signed_in.get(new, {"template": number}).status_code,
        signed_in.post(new, {"template": number}).status_code,
        signed_in.get(address("challenge"), {"session": number}).status_code,
        signed_in.get(reverse("templates:check"), {"from": number}).status_code,
    ]

    assert set(found) <= {200, 302, 422}
    assert signed_in.get(f"{address('overview')}prompts/{number}/").status_code == 404


# ---- two at once ----


@pytest.fixture
def pages(workshop, prompt):
    """The three pages that two may have open, by name, with a few texts on them."""
    session = workshop.sessions.get()
    session.speakers.create(position=1, name="Ann", organisation="UCL")
    session.brief = "What we *know*.\n\nAnd what not."
    session.save()
    return {
        "overview": address("overview"),
        "session": address("session", session.pk),
        "prompt": address("prompt", prompt.pk),
    }


def named(prompt, changed):
    """Return what is changed with items named by their row, not by their place."""
    pks = dict(enumerate(prompt.items.values_list("pk", flat=True), start=1))
    return {
        re.sub(r"^item-(\d+)", lambda place: f"item-{pks[int(place[1])]}", name): value
        for name, value in changed.items()
    }


@pytest.mark.parametrize(
    ("name", "hers", "his"),
    [
        (
            "overview",
            {"title": "Hers", "tables": "6", "attribution": "anonymous"},
            {"place": "His", "date": "2026-11-07", "expected_people": "30"},
        ),
        (
            "session",
            {"title": "Hers", "speakers": "Ann, UCL\r\nBen", "minutes": ""},
            {"starts_at": "09:30:00", "brief": "*His*\r\nbrief"},
        ),
        (
            "prompt",
            {"question": "Hers?", "scale_choice": "ready:support-3", "invites": []}
            | {"item-1-text": "Hers", "item-2-gloss": "Hers\r\nin lines"},
            {"guidance": "His", "minutes": "7", "voices": ["people", "tables"]}
            | {"reveal": "live", "item-1-short": "His", "item-2-text": "His"},
        ),
    ],
)
def test_what_two_change_in_different_fields_is_all_kept(
    signed_in, prompt, pages, name, hers, his
):
    page, hers, his = pages[name], named(prompt, hers), named(prompt, his)
    opened = sent(signed_in.get(page))

    first = signed_in.post(page, opened | hers)
    second = signed_in.post(page, opened | his)

    assert (first.status_code, second.status_code) == (302, 302)
    after = seen(signed_in.get(page))
    assert after == {field: (opened | hers | his)[field] for field in after}
    assert after == after | hers | his


@pytest.mark.parametrize(
    ("name", "field", "hers", "his", "told"),
    [
        ("overview", "title", "Hers", "His", "Hers"),
        ("overview", "tables", "6", "5", "6"),
        ("overview", "date", "2026-11-07", "2026-11-08", "2026-11-07"),
        ("overview", "attribution", "anonymous", "organisation", "Anonymous"),
        ("session", "starts_at", "09:30:00", "10:00:00", "09:30"),
        ("session", "minutes", "", "45", "nothing"),
        ("session", "speakers", "Ann, UCL\r\nBen", "", "Ann, UCL\nBen"),
        ("session", "brief", "Hers", "His", "Hers"),
        ("prompt", "question", "Hers?", "His?", "Hers?"),
        (
            *("prompt", "scale_choice", "ready:support-3", ""),
            "Support · Support with reservations · Oppose",
        ),
        (
            *("prompt", "voices", ["people", "tables"], ["tables"]),
            "People, each on their own phone, Tables, through their scribe",
        ),
        ("prompt", "invites", [], ["points", "new_items"], "none"),
        ("prompt", "item-2-text", "Hers\r\nin lines", "His", "Hers\nin lines"),
        ("prompt", "item-2-short", "Hers", "His", "Hers"),
    ],
)
def test_what_both_change_is_told_and_saving_again_keeps_ones_own(
    signed_in, prompt, pages, name, field, hers, his, told
):
    page = pages[name]
    own = {"own_scale": "Low\r\nHigh"} if field == "scale_choice" else {}
    hers, his = named(prompt, {field: hers}), named(prompt, {field: his}) | own
    opened = sent(signed_in.get(page))

    signed_in.post(page, opened | hers)
    stored = seen(signed_in.get(page))
    second = signed_in.post(page, opened | his)

    assert second.status_code == 422
    assert mistakes(second) == dict.fromkeys(hers, changed_to(told))
    assert seen(second) == stored | his
    assert seen(signed_in.get(page)) == stored
    assert signed_in.post(page, sent(second)).status_code == 302
    after = seen(signed_in.get(page))
    if own:
        assert Prompt.objects.get().scale.points.first().label == "Low"
    else:
        assert after == stored | his


def test_the_same_change_by_both_is_no_mistake(signed_in, prompt, pages):
    page = pages["prompt"]
    opened = sent(signed_in.get(page))
    both = named(prompt, {"question": "Better?", "item-1-text": "Better"})

    signed_in.post(page, opened | both | {"minutes": "9"})
    stored = seen(signed_in.get(page))
    second = signed_in.post(page, opened | both | {"guidance": " Be brief "})

    assert second.status_code == 302
    assert stored == stored | both | {"minutes": "9"}
    assert seen(signed_in.get(page)) == stored | {"guidance": "Be brief"}


def test_what_is_posted_without_what_was_shown_counts_as_it_is(signed_in, workshop):
    signed_in.post(address("overview"), workshop_form(title="Hers", place="Hers"))
    second = signed_in.post(address("overview"), workshop_form(title="His"))

    assert second.status_code == 302
    stored = Workshop.objects.get(pk=workshop.pk)
    assert (stored.title, stored.place) == ("His", "London")


def test_a_page_refused_for_another_mistake_shows_what_is_stored_by_now(
    signed_in, pages
):
    page = pages["session"]
    opened = sent(signed_in.get(page))

    signed_in.post(page, opened | {"title": "Hers", "brief": "Hers", "minutes": "10"})
    stored = seen(signed_in.get(page))
    second = signed_in.post(page, opened | {"brief": "<b>His</b>", "minutes": "none"})

    assert mistakes(second) == {
        "brief": [
            "Please write plain text with Markdown, no HTML such as “<b>”.",
            *changed_to("Hers"),
        ],
        "minutes": ["Enter a whole number.", *changed_to("10")],
    }
    assert seen(second) == stored | {"brief": "<b>His</b>", "minutes": "none"}
    signed_in.post(page, sent(second) | {"brief": "His", "minutes": "20"})
    after = seen(signed_in.get(page))
    assert after == stored | {"brief": "His", "minutes": "20"}


@pytest.mark.parametrize(
    ("hers", "his", "told"),
    [
        (
            {"kind": "discuss"},
            {"criteria": "Fair\r\nCheap\r\nQuick"},
            ["kind", "scale_choice", "criteria"],
        ),
        ({"criteria": "Just"}, {"kind": "choose"}, ["criteria"]),
        (
            {"scale_choice": "ready:importance-5"},
            {"own_scale": "Low\r\nHigh"},
            ["scale_choice"],
        ),
        ({"scale_choice": "ready:importance-5"}, {"criteria": "Just"}, []),
        ({"kind": "discuss"}, {"question": "His?"}, []),
    ],
)
def test_kind_scale_and_criteria_are_not_lost_to_each_other(
    signed_in, workshop, hers, his, told
):
    prompt = builders.make_prompt(workshop, kind="rate", criteria=("fair", "cheap"))
    page = address("prompt", prompt.pk)
    opened = sent(signed_in.get(page))

    signed_in.post(page, opened | hers)
    stored = seen(signed_in.get(page))
    second = signed_in.post(page, opened | his)

    if not told:
        assert seen(signed_in.get(page)) == stored | his
        return
    assert list(mistakes(second)) == told
    assert seen(signed_in.get(page)) == stored
    kept = {name: opened[name] for name in told} | his
    assert seen(second) == stored | kept
    assert signed_in.post(page, sent(second)).status_code == 302


def test_an_item_that_somebody_added_meanwhile_stays(signed_in, prompt, pages):
    page = pages["prompt"]
    opened = sent(signed_in.get(page))

    signed_in.post(page, opened | {"new_items": "Hers"})
    second = signed_in.post(
        page, opened | named(prompt, {"item-3-text": "His"}) | {"new_items": "His too"}
    )

    assert second.status_code == 302
    assert texts(prompt) == [
        *("Principle number 1", "Principle number 2", "His"),
        *("Hers", "His too"),
    ]


@pytest.mark.parametrize("asked", [False, True])
def test_an_item_that_somebody_dropped_meanwhile_is_told_to_who_changed_it(
    signed_in, prompt, pages, asked
):
    if asked:
        rounds.close_round(round_id=builders.open_round(prompt).pk)
    page = pages["prompt"]
    opened = sent(signed_in.get(page))
    first, second, third = prompt.items.all()
    his = {
        f"item-{first.pk}-text": "His 1",
        f"item-{second.pk}-text": "His <b>2</b>",
        f"item-{second.pk}-gloss": "In small print",
    }

    signed_in.post(page, opened | {"drop": second.pk})
    signed_in.post(page, opened | {"drop": third.pk})
    refused = signed_in.post(page, opened | his)

    assert refused.status_code == 422
    assert mistakes(refused) == {
        "__all__": [
            "Somebody else dropped an item that you changed. Yours is not stored; add "
            "it as a new item to keep it: “His <b>2</b> · In small print”."
        ]
    }
    assert "His &lt;b&gt;2&lt;/b&gt; · In small print" in text_of(refused)
    assert texts(prompt) == ["Principle number 1"]
    again = signed_in.post(page, sent(refused) | {"new_items": "His 2"})
    assert again.status_code == 302
    assert texts(prompt) == ["His 1", "His 2"]


def test_a_prompt_opened_meanwhile_says_what_it_did_not_take(signed_in, prompt, pages):
    page = pages["prompt"]
    opened = sent(signed_in.get(page))
    builders.open_round(prompt)

    refused = signed_in.post(page, opened | {"question": "His?", "guidance": "His"})

    assert refused.status_code == 422
    assert mistakes(refused) == {
        "question": ["This was fixed meanwhile and stays as it is. Yours was: “His?”."]
    }
    assert signed_in.post(page, sent(refused)).status_code == 302
    stored = Prompt.objects.get()
    assert (stored.question, stored.guidance) == (
        "How do you judge each principle?",
        "His",
    )


def test_what_pages_carry_of_long_prompts_can_be_posted(signed_in, workshop, settings):
    prompt = builders.make_prompt(workshop, items=MOST_ITEMS)
    Wording.objects.update(short="Short", gloss="Small print " * 20)

    page = signed_in.get(address("prompt", prompt.pk))

    data = sent(page)
    carried = [
        f'name="{name}" value="{data[name]}"' for name in data if "shown" in name
    ]
    assert len(carried) == 1 + MOST_ITEMS
    assert len(data) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert sum(map(len, carried)) < len(page.content) / 20
