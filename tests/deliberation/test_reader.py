"""A published write-up is there for everybody, in every format, and stays as it was."""

import threading
from dataclasses import replace

import pytest
from django.db import connections

from deliberation.models import PublishedFile
from deliberation.writeup import apart, files
from tests import builders
from tests.builders import publish
from tests.conftest import needs_pango
from tests.deliberation.writeup import sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop(slug="day")


@pytest.fixture
def two_versions(workshop):
    first = sample.report(version=1, title="As it was first", note="")
    return publish(workshop, first), publish(workshop, sample.report())


def test_nothing_is_there_before_it_is_published(client, workshop):
    for address in ("", "1/", "1/report.pdf", "1/records/1/"):
        assert client.get(f"/write-up/day/{address}").status_code == 404


def test_short_address_is_the_newest(client, two_versions):
    page = client.get("/write-up/day/").content.decode()

    assert "<h1>Migration and development: policy and practice</h1>" in page
    assert "Version 2, published 9 November 2006" in page
    assert "This is version" not in page
    for name in ("report.pdf", "report.docx", "report.md", "data.zip"):
        assert f'href="/write-up/day/2/{name}"' in page


def test_older_version_stays_and_says_that_there_is_a_newer_one(client, two_versions):
    page = client.get("/write-up/day/1/").content.decode()

    assert "<h1>As it was first</h1>" in page
    assert "This is version 1, kept as it was published." in page
    assert '<a href="/write-up/day/">Read version 2, the newest</a>' in page


def test_no_script_and_nothing_from_elsewhere(client, two_versions):
    page = client.get("/write-up/day/")

    assert b"<script" not in page.content
    assert b"style=" not in page.content
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_record_has_a_page(client, two_versions):
    page = client.get("/write-up/day/2/records/3/").content.decode()

    assert "<h1>Record 3: Who chose (b)</h1>" in page
    assert '<a href="/write-up/day/2/">Back to the document</a>' in page
    for number in (0, 4, 99999999999):
        address = f"/write-up/day/2/records/{number}/"
        assert client.get(address).status_code == 404


def test_large_report_has_its_records_on_pages_of_their_own(client, workshop):
    large = sample.big(prompts=1, items=5, tables=1000)
    publish(workshop, replace(large, version=1, note=""))

    page = client.get("/write-up/day/").content.decode()

    assert '<a href="/write-up/day/1/records/5/">505 of 1,000 people</a>' in page
    assert 'id="records"' not in page


@pytest.mark.parametrize(
    ("name", "kind", "start"),
    [
        ("report.docx", files.DOCX, b"PK"),
        ("report.md", "text/markdown; charset=utf-8", b"*Migration"),
        ("data.zip", "application/zip", b"PK"),
    ],
)
def test_version_can_be_taken_away(client, two_versions, name, kind, start):
    file = client.get(f"/write-up/day/2/{name}")

    assert (file.status_code, file["Content-Type"]) == (200, kind)
    assert file["Content-Disposition"] == f'attachment; filename="day-2-{name}"'
    assert file.content.startswith(start)
    assert client.get("/write-up/day/2/other.md").status_code == 404
    assert client.get(f"/write-up/day/3/{name}").status_code == 404


def test_file_that_cannot_be_made_is_a_page_that_says_so(
    client, two_versions, monkeypatch
):
    def no_pango(_report):
        raise apart.CannotMake("Pango is not installed.")

    monkeypatch.setitem(files.FILES, "report.pdf", files.File("PDF", "", no_pango))

    page = client.get("/write-up/day/2/report.pdf")

    assert page.status_code == 503
    assert "PDF: Pango is not installed." in page.content.decode()
    assert '<a class="btn" href="/write-up/day/2/">' in page.content.decode()


def test_file_is_made_once(two_versions, monkeypatch):
    made = []

    def make(report):
        made.append(report.title)
        return b"file"

    monkeypatch.setitem(files.FILES, "made.txt", files.File("", "", make))

    for _time in range(3):
        assert files.published_file(two_versions[1], "made.txt") == b"file"

    assert len(made) == 1
    assert PublishedFile.objects.count() == 0  # who reads stores nothing


@needs_pango
@pytest.mark.django_db(transaction=True)
def test_files_are_made_before_anybody_asks(two_versions, monkeypatch):
    _first, second = two_versions

    files.make_ahead(second)
    for thread in threading.enumerate():
        if thread.name == files.THREAD:
            thread.join()

    kept = PublishedFile.objects.filter(publication=second)
    assert sorted(kept.values_list("name", flat=True)) == sorted(files.FILES)
    monkeypatch.setattr(files, "FILES", dict.fromkeys(files.FILES))
    assert files.published_file(second, "report.pdf").startswith(b"%PDF")


def test_every_file_is_made_ahead():
    assert sorted(files.AHEAD) == sorted(files.FILES)


@pytest.mark.django_db(transaction=True)
def test_who_asks_meanwhile_is_told_to_come_back(two_versions, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def make(_report):
        begun.set()
        assert go_on.wait(60)
        return b"slow file"

    monkeypatch.setitem(files.FILES, "slow.txt", files.File("", "", make))
    monkeypatch.setattr(files, "WAIT", 0.01)
    _first, second = two_versions

    def ask_first():
        try:
            files.published_file(second, "slow.txt")
        finally:
            connections.close_all()

    at_work = threading.Thread(target=ask_first)
    at_work.start()
    try:
        assert begun.wait(60)
        with pytest.raises(apart.CannotMake, match="being made"):
            files.published_file(second, "slow.txt")
    finally:
        go_on.set()
        at_work.join()

    assert files.published_file(second, "slow.txt") == b"slow file"


def test_page_costs_two_queries(client, two_versions, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/write-up/day/")
    with django_assert_num_queries(2):
        client.get("/write-up/day/1/")
