import csv
import io
import json
import zipfile

import pytest

from deliberation.actions import rounds
from deliberation.writeup import as_data
from deliberation.writeup.builder import draft
from deliberation.writeup.structure import Table, from_json
from tests import builders
from tests.deliberation.writeup import sample
from workshops.models import Badge, Organisation


def opened(made: bytes) -> dict[str, bytes]:
    package = zipfile.ZipFile(io.BytesIO(made))
    assert package.testzip() is None
    return {name: package.read(name) for name in package.namelist()}


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def assert_described(files: dict[str, bytes]) -> None:
    """Every file is described, and every CSV has the columns that are said."""
    described = json.loads(files["datapackage.json"])["resources"]
    assert {one["path"] for one in described} == set(files) - {"datapackage.json"}
    names = [one["name"] for one in described]
    assert len(names) == len(set(names))
    for one in described:
        assert one["bytes"] == len(files[one["path"]])
        if one["format"] == "csv":
            columns = [field["name"] for field in one["schema"]["fields"]]
            head, *body = rows(files[one["path"]])
            assert head == columns
            assert all(len(row) == len(columns) for row in body)


def test_version_is_described_file_by_file():
    files = opened(as_data.data(sample.report()))

    assert_described(files)
    assert sorted(files) == [
        "datapackage.json",
        "figures/1.csv",
        "figures/2.csv",
        "points.csv",
        "records/1.csv",
        "records/2.csv",
        "records/3.csv",
        "report.json",
        "sentences.csv",
    ]
    assert rows(files["sentences.csv"])[1] == [
        "framework/principles",
        "Principle 2 is unproblematic for all four tables.",
        "1",
    ]
    assert rows(files["points.csv"])[1] == [
        "framework/points",
        "Rights and responsibilities",
        "point",
        "Look at principles 5 to 7 together:\nrights bring responsibilities.",
        "Table 3",
        "Principle 5; Principle 6; Principle 7",
        "2",
    ]


def test_version_says_nothing_of_single_points():
    files = opened(as_data.data(sample.report()))

    assert b"point:" not in files["report.json"]
    assert b"remark:" not in files["report.json"]
    report = from_json(json.loads(files["report.json"]))
    assert report.title == sample.report().title


def test_same_version_is_the_same_file():
    assert as_data.data(sample.report()) == as_data.data(sample.report())


def test_columns_have_names_that_differ():
    table = Table("a", ("x", "x", "", "=x"), (("1", "2", "3", "=4"),))

    made = as_data._drawn("a.csv", "a", table)

    assert rows(made.content) == [
        ["x", "x (2)", "column 3", "'=x"],
        ["1", "2", "3", "'=4"],
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "seen"),
    [("named", True), ("organisation", True), ("chatham-house", False)],
)
def test_package_keeps_to_the_attribution_rule(rule, seen):
    workshop = builders.make_workshop(attribution=rule)
    this_round = builders.open_round(builders.make_prompt(workshop))
    office = Organisation.objects.create(workshop=workshop, name="Office")
    for number in range(1, 7):
        who = builders.join(workshop)
        Badge.objects.create(participant=who, name="Marzipan", organisation=office)
        builders.judge(this_round, who, {"p1": 1 + number % 2})
    rounds.close_round(round_id=this_round.pk)

    files = opened(as_data.package(workshop, draft(workshop)))

    assert_described(files)
    assert {"answers.csv", "results.xlsx", "dictionary.csv"} <= set(files)
    everything = b"".join(files[name] for name in files if not name.endswith("xlsx"))
    assert b"Marzipan" not in files["answers.csv"]
    assert (b"Office" in everything) is seen
