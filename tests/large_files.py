"""Three large files of made-up answers, the same on every machine; nothing of Django.

`tests/oracles` works out their figures with the programs of others, and stores them;
`tests/deliberation/test_large_imports.py` imports the files and compares.
"""

import hashlib
import json
from pathlib import Path
from random import Random
from typing import NamedTuple

HEAD = "prompt,round,voice,table,respondent,organisation,item,criterion,answer,reason"
REFERENCES = Path(__file__).parent / "oracles" / "large_files.json"
SCALE = range(1, 6)
TABLES, MANY_TABLES = 20, 100
OPTIONS = [f"p{number}" for number in range(1, 7)]
MOST = 4  # places on a ballot


class Answer(NamedTuple):
    """One answer; person 0 sits at table 1."""

    round: int
    person: int
    item: str
    answer: int | str


def rankings() -> list[list[str]]:
    """Return 5,000 ballots, best first: camps whose orders go round in a circle."""
    random = Random(5)
    camps = [("p1", "p2", "p3"), ("p2", "p3", "p1"), ("p3", "p1", "p2")]
    ballots = []
    for _person in range(5000):
        camp = random.choices(camps, [9, 8, 7])[0]
        weights = {option: 2.0 - OPTIONS.index(option) / 8 for option in OPTIONS}
        weights |= {option: 6.0 - place for place, option in enumerate(camp)}
        ranked = sorted(OPTIONS, key=lambda one: -weights[one] * random.random() ** 0.3)
        ballots.append(ranked[: 1 + int(random.random() * MOST)])
    return ballots


def survey() -> list[Answer]:
    """Return 17 items rated by 160 people before and after; a tenth left each out."""
    random = Random(17)
    found = []
    for person in range(160):
        table = person % TABLES
        for number in range(1, 18):
            leaning = (table % 5) - 2 if number <= 5 else 0  # some tables stand apart
            before = step(3 + leaning + int(random.random() * 5) - 2)
            move = [-1, 0, 0, 1, 1][int(random.random() * 5)] if number % 3 else 0
            after = step(before + move + int(random.random() * 3) - 1)
            for this_round, value in ((1, before), (2, after)):
                if random.random() < 0.9:
                    found.append(Answer(this_round, person, f"p{number}", value))
    return found


def opinions() -> list[Answer]:
    """Return what 1,000 people at 100 tables think of 20 items; most left some out."""
    random = Random(1000)
    found = []
    for person in range(1000):
        side = 1 if random.random() < 0.45 else -1
        for number in range(1, 21):
            if random.random() < 0.3:  # not everybody sees everything
                continue
            value: int | str = "abstain"
            if random.random() >= 0.05:
                pull = side if number % 4 == 0 else (number % 3) - 1
                value = step(3 + pull + int(random.random() * 4) - 1)
            found.append(Answer(1, person, f"p{number}", value))
    return found


def step(value: int) -> int:
    return min(5, max(1, value))


def ranking_rows() -> list[Answer]:
    return [
        Answer(1, person, option, place)
        for person, ballot in enumerate(rankings())
        for place, option in enumerate(ballot, start=1)
    ]


def as_csv(prompt: str, answers: list[Answer], *, tables: int) -> bytes:
    """Write answers as a file to import, each person at the next table."""
    lines = [HEAD]
    for one in answers:
        table = one.person % tables + 1
        who = f"{prompt},{one.round},people,{table},B{one.person},"
        lines.append(f"{who},{one.item},,{one.answer},")
    return ("\n".join(lines) + "\n").encode()


def files() -> dict[str, bytes]:
    """Return each file by the key of its prompt, in a session called framework."""
    return {
        "order": as_csv("framework/order", ranking_rows(), tables=TABLES),
        "survey": as_csv("framework/survey", survey(), tables=TABLES),
        "opinions": as_csv("framework/opinions", opinions(), tables=MANY_TABLES),
    }


def digests() -> dict[str, str]:
    return {key: hashlib.sha256(made).hexdigest() for key, made in files().items()}


def references() -> dict:
    """Return the stored figures: those of other programs, of exactly these files."""
    return json.loads(REFERENCES.read_text())
