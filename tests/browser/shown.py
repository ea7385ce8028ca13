"""How what was tapped should read: on phones, on the wall, on the results page."""

from tests.browser.said import Json, Round, Voter, expected_round, find, find_items
from workshops.session_templates import schema

STATE_WORDS = {
    "people": {"abstained": "no view", "not_discussed": "not discussed"},
    "tables": {"abstained": "could not agree", "not_discussed": "not discussed"},
}


class Shown:
    """The results of one round, in the words of the pages."""

    def __init__(
        self, this_round: Round, template: schema.TemplateFile, *, tables: int
    ) -> None:
        self.round = this_round
        _session, self.prompt = find(template, this_round.path)
        self.items = find_items(template, this_round.path)
        self.criteria = {one.key: one.label for one in self.prompt.criteria} or {"": ""}
        scale = template.scales[self.prompt.scale].points if self.prompt.scale else ()
        self.words = {point.key: point.short or point.label for point in scale}
        self.is_pick = self.prompt.kind in ("choose", "approve")
        self._results = expected_round(this_round, template, tables=tables)

    def rows(self, voice: str) -> list[Json]:
        return self._results["voices"][voice]["items"]

    def in_order_of_criteria(self, voice: str) -> list[Json]:
        rows = self.rows(voice)
        return [row for key in self.criteria for row in rows if row["criterion"] == key]

    # ---- scales ----

    def given(self, row: Json) -> dict[str, int]:
        """Return how often each word was said, of those that were."""
        counts = row["counts"]
        return {word: counts[key] for key, word in self.words.items() if counts[key]}

    def line(self, row: Json, voice: str) -> str:
        """Return the line in which a phone sums up the answers to an item."""
        said = ", ".join(f"{word} {n}" for word, n in self.given(row).items())
        without = [
            f"{row[key]} {word}" for key, word in STATE_WORDS[voice].items() if row[key]
        ]
        return (said or "No answers") + (f" ({', '.join(without)})" if without else "")

    def cells(self, row: Json) -> list[str]:
        """Return what each table answered, as a grid names it."""
        return [self.cell(table) for table in row["by_table"]]

    def cell(self, table: Json) -> str:
        if table["abstained"]:
            return "Could not agree"
        if table["not_discussed"]:
            return "Not discussed"
        if self.is_pick:
            return "Chosen" if table["counts"]["chosen"] else "Not chosen"
        [word] = self.given(table)
        return word

    def cells_by_item(self) -> list[list[str]]:
        """Return the rows of the grid of tables: one an item, the criteria abreast."""
        found: dict[str, list[str]] = {item.key: [] for item in self.items}
        for row in self.rows("tables"):
            found[row["item"]] += self.cells(row)
        return list(found.values())

    # ---- picks ----

    def picked(self, voice: str) -> dict[str, str]:
        """Return how many chose each item, by its number."""
        rows = enumerate(self.rows(voice), start=1)
        return {str(n): f"{row['counts']['chosen']} of {row['n']}" for n, row in rows}

    # ---- one's own ----

    def own_answers(self, who: Voter) -> list[list[str]]:
        """Return what a phone should say that its owner answered, item by item."""
        said = self.round.answers["people"].get(who, {})
        if self.is_pick:
            return [[item.text for item in self.items if said.get((item.key, ""))]]
        return [
            [
                f"{label}: {word}" if label else word
                for key, label in self.criteria.items()
                if (word := self.word(said.get((item.key, key))))
            ]
            for item in self.items
        ]

    def word(self, answer: str | None) -> str:
        return "No view" if answer == "abstain" else self.words.get(answer, "")
