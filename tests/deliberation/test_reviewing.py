"""Comments are taken while a review is open, once each, and name whom they may."""

import pytest

from deliberation.actions import reviewing
from deliberation.actions.erasing import erase_participant
from deliberation.models import Comment
from tests import builders
from tests.together import at_the_same_time

pytestmark = pytest.mark.django_db


def opened(**fields):
    workshop = builders.make_workshop(**fields)
    return workshop, reviewing.open_review(workshop=workshop)


def comment(write_up, *, key="first-key", text="Well said", **fields) -> Comment:
    secret = write_up.review_secret
    return reviewing.add_comment(
        secret=secret, place="intro", text=text, key=key, **fields
    )


def test_a_comment_sent_again_is_one():
    _workshop, write_up = opened()

    assert comment(write_up) == comment(write_up)
    assert Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_comment_sent_many_times_at_once_is_one():
    _workshop, write_up = opened()

    found = at_the_same_time(*[lambda: comment(write_up).pk] * 4)

    assert len(set(found)) == Comment.objects.count() == 1


@pytest.mark.parametrize("end", [reviewing.close_review, reviewing.renew_link])
def test_no_comment_is_taken_once_the_review_is_over(end):
    workshop, write_up = opened()
    end(workshop=workshop)

    with pytest.raises(reviewing.ReviewClosed):
        comment(write_up)


@pytest.mark.parametrize(
    ("rule", "is_kept"),
    [
        ("named", True),
        ("organisation", True),
        ("chatham-house", False),
        ("anonymous", False),
    ],
)
def test_who_comments_is_kept_as_far_as_the_rule_shows_it(rule, is_kept):
    workshop, write_up = opened(attribution=rule)
    who = builders.join(workshop)

    own = comment(write_up, participant=who)
    other = comment(write_up, key="other-key", name="Seat 3, Table 2")

    assert (own.participant == who, own.name) == (is_kept, "")
    assert other.name == ("Seat 3, Table 2" if is_kept else "")


def test_a_document_takes_only_so_many_comments(monkeypatch):
    _workshop, write_up = opened()
    monkeypatch.setattr(reviewing, "MOST", 1)
    comment(write_up)

    with pytest.raises(reviewing.TooManyComments):
        comment(write_up, key="other-key")
    assert comment(write_up).text == "Well said"  # sent again, not another one


def test_who_is_forgotten_takes_comments_along():
    workshop, write_up = opened()
    who = builders.join(workshop)
    comment(write_up, participant=who)
    comment(write_up, key="other-key", name="Seat 3")

    erase_participant(participant=who)

    assert [one.name for one in Comment.objects.all()] == ["Seat 3"]


def test_a_comment_is_settled_and_opened_again():
    _workshop, write_up = opened()
    said = comment(write_up)

    reviewing.settle(comment=said)
    assert Comment.objects.get().settled_at is not None
    reviewing.settle(comment=said, on=False)
    assert Comment.objects.get().settled_at is None
