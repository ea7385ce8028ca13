import pytest
from django.urls import reverse

from deliberation.actions import rounds
from deliberation.models import Round, Wording
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop(slug="day")


@pytest.fixture
def signed_in(client, workshop):
    client.force_login(builders.make_facilitator(workshop))
    return client


def address(prompt) -> str:
    return reverse("console:again", args=["day", prompt.pk])


def test_page_names_items_in_their_newest_wording(signed_in, workshop):
    prompt = builders.make_prompt(workshop)
    main = builders.open_round(prompt)
    item = prompt.items.get(key="p2")
    Wording.objects.create(item=item, version=2, text="Put another way")

    page = signed_in.get(f"{address(prompt)}?item={item.pk}").content.decode()

    assert "1 Principle number 1" in page
    assert "2 Put another way (wording 2)" in page
    assert page.count("checked") == 1
    assert f"“{main.prompt.question}” stays open meanwhile" in page
    console = signed_in.get(reverse("console:run", args=["day"])).content.decode()
    assert f'href="{address(prompt)}"' in console


def test_items_are_asked_again_in_one_press(signed_in, workshop):
    prompt = builders.make_prompt(workshop)
    main = builders.open_round(prompt)

    item = prompt.items.get(key="p3")
    answer = signed_in.post(address(prompt), {"items": item.pk}, follow=True)

    again = Round.objects.get(interrupts=main)
    assert [row.item.key for row in again.round_items.all()] == ["p3"]
    page = answer.content.decode()
    assert "The room is asked this again now." in page
    assert f"In the middle of “{prompt.question}”, which stays open" in page
    assert "Ask these again" not in page


@pytest.mark.parametrize("chosen", ["none", "another prompt’s"])
def test_an_item_of_the_prompt_must_be_ticked(signed_in, workshop, chosen):
    prompt = builders.make_prompt(workshop)
    other = builders.make_prompt(workshop, key="other")
    builders.open_round(prompt)
    items = {} if chosen == "none" else {"items": other.items.first().pk}

    answer = signed_in.post(address(prompt), items)

    assert answer.status_code == 422
    assert Round.objects.count() == 1


def test_a_second_time_in_between_is_refused(signed_in, workshop):
    prompt = builders.make_prompt(workshop)
    builders.open_round(prompt)
    items = prompt.items.all()
    rounds.ask_again(prompt=prompt, items=items[:1])

    answer = signed_in.post(address(prompt), {"items": items[1].pk})

    assert answer.status_code == 422
    assert "is still open. Close it first." in answer.content.decode()


@pytest.mark.parametrize("kind", ["rank", "discuss", "never asked"])
def test_what_is_not_judged_item_by_item_has_no_such_page(signed_in, workshop, kind):
    is_new = kind == "never asked"
    prompt = builders.make_prompt(workshop, kind="assess" if is_new else kind)
    if not is_new:
        builders.open_round(prompt)

    assert signed_in.get(address(prompt)).status_code == 404


@pytest.mark.parametrize("bad", ["", "x", "-1", "1e400", "9" * 30, "²"])
def test_what_is_no_item_is_refused(signed_in, workshop, bad):
    prompt = builders.make_prompt(workshop)
    builders.open_round(prompt)

    assert signed_in.post(address(prompt), {"items": bad}).status_code == 422
    assert signed_in.get(address(prompt), {"item": bad}).status_code == 200
