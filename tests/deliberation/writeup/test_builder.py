import json

import pytest

from deliberation.writeup.builder import draft
from deliberation.writeup.structure import as_json, from_json
from tests.deliberation.writeup.shown import lines_of
from tests.world import make_day

pytestmark = pytest.mark.django_db

DAY = """\
# Introduction
The workshop was held in Ostrava. Three people took part at three tables.
# Framework Ostrava
Speaker: Ostrava, Ostrava
[Brief Ostrava]
## What of Ostrava?
All three people answered. Most chosen: 1 Ostrava item 1, 3 of 3.
<People>
| 1 Ostrava item 1, 3, 0
| 2 Ostrava item 2, 0, 0
| 3 Ostrava item 3, 0, 0
### 1 Ostrava item 1
All three people chose “Ostrava item 1”.
### 2 Ostrava item 2
None of the three people chose “Ostrava item 2”.
### 3 Ostrava item 3
None of the three people chose “Ostrava item 3”.
## What of Ostrava?
This is still open. One of three tables answered. Two of three people answered. \
Two points are recorded, from table 1 and people.
<Tables’ own answers>
| 1 Ostrava item 1, Nothing recorded, Nothing recorded, Nothing recorded
| 2 Ostrava item 2, Worthy but inconsistent with priorities, Nothing recorded, \
Nothing recorded
| 3 Ostrava item 3, Nothing recorded, Nothing recorded, Nothing recorded
### 1 Ostrava item 1
No table recorded a view on “Ostrava item 1”. Too few people gave a view on \
“Ostrava item 1” to show which.
Reasons:
- reason: Because of Ostrava
### 2 Ostrava item 2
Worthy but inconsistent with priorities for one of three tables. Nobody gave a view \
on “Ostrava item 2”. Nothing is recorded of tables 2 and 3.
### 3 Ostrava item 3
No table recorded a view on “Ostrava item 3”. Nobody gave a view on “Ostrava item 3”.
### Other points
- The table on Ostrava (Table 1)
## What of Ostrava?
This was not asked.
## What of Ostrava?
This was not asked.
## Conclusion
conclusion (Ostrava, Ostrava): Conclusion Ostrava
# Later Ostrava
# Closing remarks
No closing remark is recorded.
# Attendees
| Who attended: Organisation, Names
| Office 1 Ostrava, Seat 1 Ostrava
| Office 2 Ostrava, Seat 2 Ostrava
| Office 3 Ostrava, Seat 3 Ostrava
"""


def test_draft_tells_a_day_from_its_beginning_to_its_end():
    day = make_day("ours", "Ostrava")
    report = draft(day.workshop)

    told, _method = "\n".join(lines_of(report)).split("# How this was made")
    assert told == DAY
    places = [section.place for _depth, section in report.walk()]
    assert len(set(places)) == len(places)
    assert from_json(json.loads(json.dumps(as_json(report)))) == report
