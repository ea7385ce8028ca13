"""What people tapped, written down beside the software, and counted by hand.

Nothing here uses the software's own counting: the results it should show are built
from plain lists.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from workshops.session_templates import schema

type Json = dict[str, Any]
STATES = {"abstain": "abstained", "not-discussed": "not_discussed"}


class Voter(NamedTuple):
    """A person or, for a table's own answer, the table."""

    name: str
    table: int


@dataclass
class Round:
    """One opening of a prompt: who was there, and the answer of each.

    answers: by voice and voter, then by (item, criterion): the key of a point, a state,
    or True and False for picked and not picked.
    """

    path: str
    number: int
    present: int = 0
    answers: dict[str, dict[Voter, dict[tuple[str, str], Any]]] = field(
        default_factory=lambda: {
            "people": defaultdict(dict),
            "tables": defaultdict(dict),
        }
    )


def expected_results(
    rounds: Iterable[Round], template: schema.TemplateFile, *, tables: int
) -> list[Json]:
    """Return the results JSON of the rounds, without its measures."""
    return [expected_round(one, template, tables=tables) for one in rounds]


def expected_round(one: Round, template: schema.TemplateFile, *, tables: int) -> Json:
    _session, prompt = find(template, one.path)
    items = find_items(template, one.path)
    criteria = [criterion.key for criterion in prompt.criteria] or [""]
    scale = template.scales[prompt.scale].points if prompt.scale else ()
    picked = prompt.kind in ("choose", "approve")
    names = ["chosen"] if picked else [point.key for point in scale]

    def voice(name: str) -> Json:
        answers = one.answers[name]
        everybody = range(1, tables + 1) if name == "people" else ()
        return {
            "present": one.present if name == "people" else tables,
            "responded": len(answers),
            "items": [
                {"item": item.key, "wording": 1, "criterion": criterion}
                | count_item(answers, (item.key, criterion), names, everybody)
                for item in items
                for criterion in criteria
            ],
        }

    return {
        "prompt": one.path,
        "kind": prompt.kind,
        "round": one.number,
        "status": "closed",
        "question": prompt.question,
        "voices": {"people": voice("people"), "tables": voice("tables")},
    }


def count_item(
    answers: Mapping[Voter, Mapping[tuple[str, str], Any]],
    asked: tuple[str, str],
    names: Sequence[str],
    everybody: Iterable[int],
) -> Json:
    given = [(who.table, said[asked]) for who, said in answers.items() if asked in said]
    tables = sorted({*everybody, *(table for table, _said in given)})
    return count([said for _table, said in given], names) | {
        "by_table": [
            {"table": number}
            | count([said for table, said in given if table == number], names)
            for number in tables
        ],
        "by_organisation": [],
    }


def count(given: Sequence[Any], names: Sequence[str]) -> Json:
    answered = [said for said in given if said not in STATES]
    meant = ["chosen" if said is True else said for said in answered]
    return {
        "n": len(answered),
        **{word: given.count(state) for state, word in STATES.items()},
        "counts": {name: meant.count(name) for name in names},
    }


def find(
    template: schema.TemplateFile, path: str
) -> tuple[schema.Session, schema.Prompt]:
    """Return the session and the prompt that a path names (`session/prompt`)."""
    session_key, prompt_key = path.split("/")
    session = next(one for one in template.sessions if one.key == session_key)
    return session, next(one for one in session.prompts if one.key == prompt_key)


def find_items(template: schema.TemplateFile, path: str) -> Sequence[schema.Item]:
    """Return the items or the parts of the prompt that a path names."""
    session, prompt = find(template, path)
    return prompt.parts or session.items_of(prompt)


def counts_of(table: Json) -> Json:
    """Return what is counted at a table, without what is measured there."""
    return {k: table[k] for k in table if k != "own_and_table"}


def without_measures(results: Json) -> list[Json]:
    """Return the prompts of a results JSON as `expected_results` has them."""
    prompts = []
    for result in results["prompts"]:
        voices = {}
        for name, voice in result["voices"].items():
            items = [
                {k: row[k] for k in row if k not in ("measures", "absent")}
                | {"by_table": [counts_of(one) for one in row["by_table"]]}
                for row in voice["items"]
            ]
            voices[name] = {k: voice[k] for k in voice if k != "measures"}
            voices[name]["items"] = items
        prompts.append(result | {"voices": voices})
    return prompts
