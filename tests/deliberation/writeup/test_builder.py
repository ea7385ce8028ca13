import json

import pytest

from deliberation.models import Remark
from deliberation.writeup.builder import draft
from deliberation.writeup.structure import as_json, from_json
from tests.world import make_day

pytestmark = pytest.mark.django_db


def test_draft_has_its_sections_in_order():
    day = make_day("ours", "Ostrava")
    Remark.objects.create(workshop=day.workshop, kind="closing", text="It was good.")

    report = draft(day.workshop)

    assert [(depth, section.place) for depth, section in report.walk()] == [
        (1, "intro"),
        (1, "framework"),
        (2, "framework/first"),
        (2, "framework/now"),
        (2, "framework/next"),
        (2, "framework/talk"),
        (1, "later"),
        (1, "closing"),
        (1, "method"),
    ]
    assert from_json(json.loads(json.dumps(as_json(report)))) == report
