"""A version is published once, says what it said, and is found out if it does not."""

import pytest

from deliberation.actions import publishing
from deliberation.checking import verify
from deliberation.models import Frozen, Publication, WriteUp
from deliberation.writeup import builder, structure
from tests import builders
from tests.together import at_the_same_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop)
    return workshop


def publish(workshop, number=1, **fields) -> Publication:
    report = builder.build(workshop, version=number)
    return publishing.publish(workshop=workshop, report=report, number=number, **fields)


def test_what_is_published_is_the_report_without_its_keys(workshop):
    published = publish(workshop)

    report = structure.without_keys(builder.build(workshop, version=1))
    stored = Publication.objects.get(pk=published.pk)
    assert structure.from_json(stored.report) == report
    assert stored.sha256 == structure.sha256(stored.report)
    assert WriteUp.objects.get().state == "published"


def test_a_published_version_is_not_changed(workshop):
    published = publish(workshop)
    published.note = "Other words"

    with pytest.raises(Frozen):
        published.save()


def test_a_later_version_says_what_changed(workshop):
    publish(workshop)

    with pytest.raises(publishing.SaysNothing):
        publish(workshop, 2)
    assert publish(workshop, 2, note="A name is right now").number == 2


def test_a_version_is_published_once(workshop):
    first = publish(workshop)

    with pytest.raises(publishing.AlreadyPublished) as already:
        publish(workshop)

    assert already.value.publication == first


def test_versions_have_no_hole(workshop):
    with pytest.raises(ValueError, match="one after the other"):
        publish(workshop, 2, note="Out of turn")


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_publish_once(workshop):
    report = builder.build(workshop, version=1)

    def press() -> str:
        try:
            publishing.publish(workshop=workshop, report=report, number=1)
        except publishing.AlreadyPublished:
            return "already"
        return "published"

    assert sorted(at_the_same_time(press, press)) == ["already", "published"]
    assert Publication.objects.count() == 1


def test_a_version_that_was_changed_behind_our_back_is_found(workshop):
    publish(workshop)
    assert verify(workshop).differences == []

    changed = structure.as_json(builder.build(workshop, version=9))
    Publication.objects.update(report=changed)

    assert len(verify(workshop).differences) == 1
