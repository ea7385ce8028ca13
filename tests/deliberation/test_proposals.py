import re

import pytest
from django.urls import reverse

from deliberation.actions import editing, proposing, rounds
from deliberation.live import board
from deliberation.live.console_points import point_queue
from deliberation.models import Point, Proposal, Round, Stance, Wording
from deliberation.results import workshop_results
from tests import builders
from tests.deliberation.phones import Phone
from tests.world import account
from workshops.actions import scribes
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


class Room:
    """A prompt for people and tables is open; table 1 has a scribe."""

    def __init__(self):
        self.workshop = builders.make_workshop(slug="day")
        self.prompt = builders.make_prompt(
            self.workshop,
            asks_tables=True,
            invites_rewordings=True,
            invites_new_items=True,
        )
        self.round = builders.open_round(self.prompt)
        self.scribe, self.phone = Phone(self.workshop), Phone(self.workshop, table=2)
        scribes.take_role(participant=self.scribe.who)
        self.owner = account(builders.make_facilitator(self.workshop))

    def propose(self, text="Principle number <b>one</b>", **more) -> Proposal:
        sent = {"text": text, "kind": "rewording", "items": "p1", "as": "table"}
        self.scribe.send(f"points/{self.prompt.pk}/", sent | more)
        return Proposal.objects.latest("pk")

    def released(self, **more) -> Proposal:
        proposal = self.propose(**more)
        proposing.release(proposal=proposal)
        return Proposal.objects.get(pk=proposal.pk)

    def decide(self, proposal, **changed):
        fields = {"do": "adopt", "text": "Principle one", "short": "", "reason": ""}
        if proposal.item:
            fields["version"] = "1"
        sent = fields | {"again": "on"} | changed
        return self.owner.post(address(proposal), sent, follow=True)

    def do(self, step):
        return self.owner.post("/console/day/do/", {"do": step}, follow=True)


@pytest.fixture
def room() -> Room:
    return Room()


def address(proposal) -> str:
    return reverse("console:proposal", args=["day", proposal.pk])


def text_of(answer) -> str:
    return answer.content.decode()


def state(proposal) -> str:
    return Proposal.objects.get(pk=proposal.pk).status


GOES = '<del><span class="vh">removed: </span>1</del>'
COMES = '<ins><span class="vh">added: </span>&lt;b&gt;one&lt;/b&gt;</ins>'


# ---- on a phone ----


def test_each_item_has_its_words_below_it_to_be_changed(room):
    page = text_of(room.scribe.get())

    for form, own in (("a", "Suggest it</button>"), ("t", "Suggest it for Table 1")):
        named = f'form="{form}-reword" name="text.p2"'
        assert f"{named} rows" in page
        assert own in page
    assert page.count("Principle number 2</textarea>") == 2


@pytest.mark.parametrize("by", ["me", "table"])
def test_words_are_proposed_without_script(room, by):
    sent = {"kind": "rewording", "items": "p2", "as": by}
    texts = {"text.p1": "Principle number 1", "text.p2": "Principle two"}

    answer = room.scribe.post(f"points/{room.prompt.pk}/", sent | texts)

    assert answer.status_code == 302
    proposal = Proposal.objects.get()
    assert (proposal.item.key, proposal.point.text) == ("p2", "Principle two")


def test_words_that_change_nothing_are_refused(room):
    sent = {"kind": "rewording", "items": "p2", "as": "me"}
    texts = {"text.p2": "Principle number 2"}

    answer = room.phone.post(f"points/{room.prompt.pk}/", sent | texts)

    assert answer.status_code == 422
    assert "This is what the item says already." in text_of(answer)
    room.phone.post(f"points/{room.prompt.pk}/", sent | {"text.p2": "x" * 2001})
    assert not Proposal.objects.exists()


def test_nobody_is_told_before_the_facilitator_releases_it(room):
    proposal = room.propose()

    assert "What do you think" not in text_of(room.phone.get())

    assert "The room is asked about it." in text_of(
        room.do(f"release:{proposal.pk}:waiting")
    )
    page = text_of(room.phone.get())
    assert GOES in page
    assert COMES in page


def test_people_and_tables_support_or_oppose_and_change_their_minds(room):
    proposal = room.released()
    pk = proposal.pk
    for stance in (f"me:{pk}:support", f"table:{pk}:support", f"me:{pk}:oppose"):
        assert room.scribe.post("stance/", {"stance": stance}).status_code == 302
    answer = room.phone.post("stance/", {"stance": f"me:{pk}:support"})
    assert answer.url == f"/w/day/#proposal-{pk}"

    page = text_of(room.scribe.get())

    assert "People: 1 for, 1 against" in page
    assert "Tables: 1 for, 0 against" in page
    own = f"&quot;me:{pk}&quot;: &quot;oppose&quot;, &quot;table:{pk}&quot;"
    assert own in page
    room.phone.post("stance/", {"stance": f"me:{pk}:none"})
    assert "People: 0 for, 1 against" in text_of(room.phone.get())


def test_own_stances_are_there_when_another_prompt_interrupts(room):
    proposal = room.released()
    room.phone.post("stance/", {"stance": f"me:{proposal.pk}:support"})
    other = builders.make_prompt(room.workshop, key="other")
    rounds.open_round(prompt=other, interrupting=True, anyway=True)

    page = text_of(room.phone.get())

    own = f'data-stances="{{&quot;me:{proposal.pk}&quot;: &quot;support&quot;}}"'
    assert own in page
    assert "What do you think" not in page


def test_a_table_answers_the_round_that_asked_it(room):
    item = room.prompt.items.get(key="p1")
    editing.reword_item(item, text="Principle asked of one person")
    alone = rounds.ask_again(prompt=room.prompt, items=[item])
    Round.objects.filter(pk=alone.pk).update(audience="people")
    alone.asked.create(participant=room.scribe.who)

    by_table, by_person = room.propose(), room.propose(**{"as": "me"})

    found = [(one.point.round, one.base.version) for one in (by_table, by_person)]
    assert found == [(room.round, 1), (alone, 2)]


@pytest.mark.parametrize(
    ("stance", "status"),
    [
        ("table:{pk}:support", 409),
        ("me:{pk}:perhaps", 409),
        ("us:{pk}:support", 409),
        ("me:99999999999999999999:support", 404),
        ("me", 404),
        ("", 404),
    ],
)
def test_a_stance_that_cannot_be_is_refused(room, stance, status):
    proposal = room.released()

    answer = room.phone.post("stance/", {"stance": stance.format(pk=proposal.pk)})

    assert (answer.status_code, Stance.objects.count()) == (status, 0)


def test_what_is_decided_is_no_longer_supported(room):
    proposal = room.released()
    proposing.park(proposal=proposal)

    answer = room.phone.post("stance/", {"stance": f"me:{proposal.pk}:support"})

    assert answer.status_code == 409
    assert "no longer asked" in text_of(answer)


def test_phones_are_told_what_became_of_it_and_why(room):
    proposal = room.released()
    proposing.decline(proposal=proposal, reason="Says the <same>")

    for page in map(text_of, (room.phone.get(), room.scribe.get())):
        assert '<span class="pill">Declined</span>' in page
        assert "Why: Says the &lt;same&gt;" in page
        assert GOES in page
        assert "I support it" not in page


def test_only_who_proposed_it_is_told_of_what_the_room_was_not_asked(room):
    by_table = room.propose()
    room.phone.send(
        f"points/{room.prompt.pk}/",
        {"text": "Principle nought", "kind": "rewording", "items": "p2"},
    )
    by_person = Proposal.objects.latest("pk")
    names = f"phone:{room.workshop.pk}", f"table:{room.workshop.pk}:1"
    before = board.marks(names)
    for one in (by_table, by_person):
        proposing.decline(proposal=one, reason=f"Because of {one.item.key}")

    assert "Because of p1" in text_of(room.scribe.get())
    own = text_of(room.phone.get())
    assert "Because of p2" in own
    assert "Because of p1" not in own
    after = board.marks(names)
    assert [before[name] == after[name] for name in names] == [True, False]


def test_phones_are_told_at_once_of_what_is_released_and_supported(room):
    name = f"phone:{room.workshop.pk}"
    seen = [board.marks([name])[name]]
    proposal = room.propose()
    seen.append(board.marks([name])[name])
    proposing.release(proposal=proposal)
    seen.append(board.marks([name])[name])
    proposing.take_stance(
        proposal=proposal, participant=room.phone.who, table=None, supports=True
    )
    seen.append(board.marks([name])[name])

    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
    assert "People: 1 for, 0 against" in board.render(name)


# ---- in the console ----


def test_console_shows_the_difference_and_who_supports_it(room):
    proposal = room.released()
    for stance in ("me", "table"):
        room.scribe.post("stance/", {"stance": f"{stance}:{proposal.pk}:support"})

    console = text_of(room.owner.get("/console/day/"))
    page = text_of(room.owner.get(address(proposal)))

    for text in (console, page):
        assert GOES in text
        assert COMES in text
        assert "Tables for: 1; against: none" in text
    assert f'href="{address(proposal)}"' in console
    assert "Table 1 proposes" in page


def test_adopted_words_are_asked_at_once(room):
    proposal = room.released()

    answer = room.decide(proposal)

    again = Round.objects.get(interrupts=room.round)
    asked = again.round_items.values_list("item__key", "wording__text")
    assert list(asked) == [("p1", "Principle one")]
    assert "It is asked in these words from now on." in text_of(answer)
    assert (state(proposal), proposal.item.wordings.count()) == ("adopted", 2)


def test_an_added_item_is_asked_at_once_of_everybody(room):
    proposal = room.released(text="Be fair", kind="new-item", items="")

    room.decide(proposal, text="Be fair to all", short="Fair")

    asked = Round.objects.get(interrupts=room.round).round_items.get()
    assert (asked.item.key, asked.position) == ("fair", 4)
    assert (asked.item.proposed_by.number, asked.wording.short) == (1, "Fair")


def test_adopted_words_can_wait(room):
    room.decide(room.released(), again="")

    assert (Round.objects.count(), Wording.objects.filter(version=2).count()) == (1, 1)


def test_words_changed_meanwhile_are_looked_at_once_more(room):
    proposal = room.released()
    proposal.item.wordings.create(version=2, text="Principle of today")

    answer = room.decide(proposal)

    page = text_of(answer)
    assert answer.status_code == 422
    assert "Please look once more" in page
    assert 'name="version" value="2"' in page
    assert "of today</del>" in page
    assert room.decide(proposal, version="2").status_code == 200
    assert proposal.item.wordings.count() == 3


@pytest.mark.parametrize("version", ["", "x", "9" * 30, "-1"])
def test_a_version_that_nobody_saw_adopts_nothing(room, version):
    answer = room.decide(room.released(), version=version)

    assert (answer.status_code, Wording.objects.filter(version=2).count()) == (422, 0)


def test_what_is_declined_says_why(room):
    proposal = room.released()

    assert room.decide(proposal, do="decline").status_code == 422
    room.decide(proposal, do="decline", reason="Says the same")

    proposal.refresh_from_db()
    assert (proposal.status, proposal.reason) == ("declined", "Says the same")
    assert "Decided already: Declined." in text_of(room.decide(proposal))


def test_what_is_parked_is_put_to_the_room_again(room):
    proposal = room.released()
    room.decide(proposal, do="park")

    assert state(proposal) == "parked"
    assert "out of date" in text_of(room.do(f"release:{proposal.pk}:x"))
    assert "Already" in text_of(room.do(f"release:{proposal.pk}:waiting"))
    room.do(f"release:{proposal.pk}:parked")
    assert state(proposal) == "open"
    assert "Already put to the room" in text_of(
        room.do(f"release:{proposal.pk}:parked")
    )


def test_undo_takes_the_adopted_words_back(room):
    proposal = room.released()
    room.decide(proposal, again="")

    last = room.workshop.events.latest("pk")
    answer = room.do(f"undo:{last.pk}")

    assert "adopt “Principle" in text_of(answer)
    assert (state(proposal), proposal.item.wordings.count()) == ("open", 1)


def test_proposals_of_other_workshops_are_not_found(room):
    proposal = room.released()
    Workshop.objects.filter(pk=room.workshop.pk).update(slug="other")
    other = builders.make_workshop(slug="day")
    builders.make_facilitator(other)

    assert room.owner.get(address(proposal)).status_code == 404
    assert "no longer there" in text_of(room.do(f"release:{proposal.pk}:open"))


# ---- on the wall ----


def test_the_wall_shows_what_goes_and_what_comes(room):
    proposal = room.released()

    room.do(f"point:{proposal.point_id}:incoming:shown")

    shown = board.render(f"screen:{room.workshop.pk}")
    assert GOES in shown
    assert COMES in shown


@pytest.mark.parametrize("status", ["kept", "parked"])
def test_the_board_keeps_what_the_room_is_asked_about(room, status):
    proposal = room.released()
    room.propose("Principle three", items="p3")
    room.do(f"point:{proposal.point_id}:incoming:shown")
    room.do(f"point:{proposal.point_id}:shown:{status}")

    queue = point_queue(room.workshop)

    waiting = [card["id"] for card in queue["waiting"]]
    assert waiting == list(Point.objects.values_list("pk", flat=True))
    assert (queue["incoming"], queue[status], queue["more"]) == (1, 1, 0)
    page = text_of(room.owner.get("/console/day/"))
    assert f'href="{address(proposal)}"' in page


# ---- in the results ----


def test_results_keep_both_answers_each_with_its_wording(room):
    proposal = room.released()
    people = [builders.join(room.workshop) for _person in range(3)]
    for who in people:
        builders.judge(room.round, who, {"p1": 1})
    room.decide(proposal, text=proposal.point.text)
    again = Round.objects.get(interrupts=room.round)
    builders.judge(again, people[0], {"p1": 2})
    added = room.released(text="Be fair", kind="new-item", items="")
    rounds.close_round(round_id=again.pk)
    room.decide(added, text="Be fair", short="Fair")

    page = text_of(room.owner.get("/console/day/results/"))
    found = workshop_results(room.workshop, resamples=0)["prompts"]

    sections = re.split(r'<section id="round-(\d+)"', page)[1:]
    told = dict(zip(sections[::2], sections[1::2], strict=True))
    third = Round.objects.get(number=3)
    assert "Table 1 proposed" not in told[str(room.round.pk)]
    assert "Table 1 proposed these words" in told[str(again.pk)]
    assert GOES in told[str(again.pk)]
    assert "Table 1 proposed to add it" in told[str(third.pk)]
    rows = [
        (one["round"], row["item"], row["wording"], row["n"])
        for one in found
        for row in one["voices"]["people"]["items"]
    ]
    assert rows == [
        (1, "p1", 1, 3),
        (1, "p2", 1, 0),
        (1, "p3", 1, 0),
        (2, "p1", 2, 1),
        (3, "fair", 1, 0),
    ]
