import pytest
from django.utils import translation

from deliberation.actions.importing import ANSWER_COLUMNS, POINT_COLUMNS
from deliberation.exports.dictionary import dictionary
from deliberation.models import Prompt
from deliberation.results import workshop_results
from tests import builders
from workshops.models import Badge, Organisation


def names() -> set[str]:
    return {entry.name for part in dictionary() for entry in part.entries}


def test_dictionary_names_every_column_of_the_files():
    assert {*ANSWER_COLUMNS, *POINT_COLUMNS} - names() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Prompt.Kind.values)
def test_dictionary_names_all_that_results_hold(kind):
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, kind=kind, asks_tables=True)
    this_round = builders.open_round(prompt)
    organisation = Organisation.objects.create(workshop=workshop, name="DFID")
    who = builders.join(workshop)
    Badge.objects.create(participant=who, organisation=organisation)
    if prompt.has_items:
        builders.judge(this_round, who, {"p1": 1})

    (found,) = workshop_results(workshop, resamples=9)["prompts"]

    assert names_in(found) - names() == {"question", "status"}


def names_in(found) -> set[str]:
    """Return the names in the results of a round, without those of answers."""
    answered = found["voices"].values()
    items = [item for voice in answered for item in voice["items"]]
    rows = [row for item in items for row in item["by_table"] + item["by_organisation"]]
    measures = [one["measures"] for one in [*answered, *items]]
    structure = {"voices", "items", "measures"}
    named = [found, *answered, *items, *rows, *measures]
    return {name for one in named for name in one} - structure


def test_dictionary_says_something_of_every_name():
    with translation.override("en"):
        entries = [entry for part in dictionary() for entry in part.entries]

    assert all(entry.meaning.endswith(".") and entry.unit for entry in entries)
