"""Reports made by hand: one with a block of every kind, and one of a large day."""

from deliberation.pictures import bars, grid, marks
from deliberation.pictures.standalone import svg
from deliberation.writeup.structure import (
    Contribution,
    Contributions,
    Facts,
    Picture,
    Records,
    Report,
    Run,
    Section,
    Sentence,
    Spoken,
    Table,
    Text,
)

SCALE = marks(
    [
        {"key": "unproblematic", "label": "Unproblematic"},
        {"key": "difficult", "label": "Policy implications difficult to deliver"},
        {"key": "inconsistent", "label": "Worthy but inconsistent"},
    ]
)
PRINCIPLES = [
    "Migration policies should be rights-based and non-discriminatory",
    "Migration policy should be coherent with other government policies",
    "Policies should contribute to the achievement of international development goals",
    "Families should be able to live together",
    "People who have lived here for long should have a way to settle",
]


def report(**fields) -> Report:
    """A day of two sessions, published as its second version."""
    given = {
        "title": "Migration and development: policy and practice",
        "language": "en-GB",
        "attribution": "organisation",
        "dated": "7 November 2006",
        "place": "76 Portland Place, London",
        "series": "Migration, globalisation and poverty: third workshop",
        "version": 2,
        "published": "9 November 2006",
        "note": "Table 3 corrected what it had said on principle 5.",
        "sections": (introduction(), framework(), scenarios(), attendees(), method()),
        "records": (*records_of_principles(), records_of_scenarios()),
    }
    return Report(**given | fields)


def introduction() -> Section:
    written = (
        "This workshop was the **third in a series** on policy. It took place in the "
        "wake of the [High-Level Dialogue](https://www.un.org/) and asked:\n\n"
        "1. What would make policies *coherent*?\n"
        "2. What would stop them?\n\n"
        "- Four tables, and five sessions;\n"
        "- with a scribe at each.\n\n"
        "> Coherence for the sake of coherence may not be such a good thing.\n\n"
        "| Session | Minutes |\n|---|---|\n| Framework | 60 |\n| Scenarios | 45 |\n"
    )
    return Section("introduction", "Introduction", (Text("introduction", (), written),))


def framework() -> Section:
    facts = Facts(
        (
            ("Speaker", "Heaven Crawley, Swansea University"),
            ("Discussion point", "How do you judge each principle, in the abstract?"),
        )
    )
    brief = Text("framework/brief", (), "A progressive approach has *several* strands.")
    conclusion = Spoken(
        "conclusion",
        "Departments should agree on principles *before* they make policy.",
        "Heaven Crawley",
        "Swansea University",
        "remark:1",
    )
    return Section(
        "framework",
        "Towards a progressive framework for migration",
        (facts, brief, conclusion),
        (judged(), said()),
    )


def judged() -> Section:
    sentences = (
        sentence(2, "Principle 2 is ", "unproblematic for all four tables", "."),
        sentence(
            5, "18 of 29 people, but ", "only one of four tables", ", agree with 5."
        ),
        sentence(4, "No table recorded a view on principle 4."),
    )
    return Section(
        "framework/principles",
        "How do you judge each principle?",
        (
            Text("framework/principles", sentences),
            verdicts(),
            picture(),
            Text("framework/principles/comment"),
        ),
    )


def sentence(number: int, before: str, figure: str = "", after: str = "") -> Sentence:
    key = f"answers:framework/principles#1/tables/p{number}"
    runs = (Run(before), Run(figure, key if figure else ""), Run(after))
    return Sentence(runs, about=(key,))


def verdicts() -> Table:
    rows = tuple(
        (f"{number}. {text}", "Unproblematic", "Difficult", "Unproblematic", "–")
        for number, text in enumerate(PRINCIPLES, start=1)
    )
    head = ("Principle", "Table 1", "Table 2", "Table 3", "Table 4")
    return Table("What the tables recorded", head, rows, ("–: not discussed",))


def picture(size: int = 5, tables: int = 4, ident: str = "g") -> Picture:
    items = [
        {
            "key": f"p{place}",
            "number": place + 1,
            "short": "",
            "text": PRINCIPLES[place % len(PRINCIPLES)],
        }
        for place in range(size)
    ]
    found = [result(place, tables) for place in range(size)]
    numbers = range(1, tables + 1)
    drawn = grid(items, found, SCALE, numbers, ident=ident, voice="people")
    title = "People, table by table"
    document = svg(
        {"part": "grid", "picture": drawn, "title": title},
        heading="Four of five principles find support",
        basis="29 of 31 people answered",
        source="Migration and development, 7 November 2006",
    )
    head = ("Principle", *(mark["label"] for mark in SCALE), "Answered")
    rows = tuple(
        (item["text"], *map(str, one["counts"].values()), str(one["n"]))
        for item, one in zip(items, found, strict=True)
    )
    described = "For each principle, how the people of each table judged it."
    return Picture(document, title, described, Table(title, head, rows))


def result(place: int, tables: int) -> dict:
    counts = {
        mark["key"]: (place * 3 + step * 5) % 11 for step, mark in enumerate(SCALE)
    }
    by_table = [
        {
            "table": number,
            "counts": {
                mark["key"]: (number * 2 + place + step * 3) % 5
                for step, mark in enumerate(SCALE)
            },
        }
        for number in range(1, tables + 1)
    ]
    return {
        "item": f"p{place}",
        "criterion": "",
        "n": sum(counts.values()),
        "counts": counts,
        "abstained": 1,
        "not_discussed": 0,
        "by_table": by_table,
        "measures": {},
    }


def said() -> Section:
    themed = Contributions(
        "Rights and responsibilities",
        (
            Contribution(
                "Look at principles 5 to 7 together:\nrights bring responsibilities.",
                "point",
                "Table 3",
                ("Principle 5", "Principle 6", "Principle 7"),
                2,
                "point:1",
            ),
            Contribution(
                "It could stop at “evaluated”.", "rewording", "Table 1", ("10",)
            ),
            Contribution(
                "Amnesties encourage *irregular* migration <b>& more</b>.",
                "dissent",
                "Home Office",
                record="point:3",
            ),
        ),
    )
    rest = Contributions("", (Contribution("Public confidence comes first.", "point"),))
    return Section("framework/points", "What was said", (themed, rest))


def scenarios() -> Section:
    items = [
        {"key": key, "number": key, "short": "", "text": f"Scenario ({key})"}
        for key in "abcd"
    ]
    found = [
        {"item": key, "n": 29, "counts": {"chosen": n}}
        for key, n in zip("abcd", (4, 19, 11, 0), strict=True)
    ]
    drawn = bars(items, found, ident="b", order="items")
    document = svg(
        {"part": "bars", "picture": drawn, "title": "People"},
        heading="Scenario (b) is what most consider an option",
        basis="29 of 31 people answered",
        source="Migration and development, 7 November 2006",
    )
    rows = (("(a)", "4"), ("(b)", "19"), ("(c)", "11"), ("(d)", "0"))
    table = Table("Who considers it an option", ("Scenario", "People"), rows)
    runs = (
        Run("Three of four tables", "answers:scenarios/pick#1/tables"),
        Run(" considered (b) an option; table 2 did not."),
    )
    closing = (
        Spoken("observation", "The room hesitated over (c)."),
        Spoken("closing", "Thank you all.", "The chair"),
    )
    return Section(
        "scenarios",
        "Managing migration: four scenarios",
        (
            Text("scenarios/pick", (Sentence(runs),)),
            Picture(document, "People", "Bars: (b) 19, (c) 11, (a) 4, (d) 0.", table),
            *closing,
        ),
    )


def attendees() -> Section:
    rows = (
        ("Department for International Development", "", "6"),
        ("Home Office", "", "3"),
        ("Immigration and Nationality Directorate", "Home Office", "2"),
    )
    head = ("Organisation", "Part of", "People")
    return Section("attendees", "Who was there", (Table("Attendees", head, rows),))


def method() -> Section:
    written = "31 people were asked, and 29 answered.\n\n### Withheld\n\nNothing."
    return Section("method", "How this was made", (Text("method", (), written),))


def records_of_principles() -> tuple[Records, ...]:
    return tuple(
        Records(
            f"answers:framework/principles#1/tables/p{number}",
            Table(
                f"What the tables answered on principle {number}",
                ("Table", "Answer", "Reason"),
                tuple(
                    (f"Table {table}", "Unproblematic", "It goes without saying.")
                    for table in range(1, 5)
                ),
            ),
        )
        for number in (2, 5)
    )


def records_of_scenarios() -> Records:
    rows = tuple((f"Table {n}", "–" if n == 2 else "Chosen") for n in range(1, 5))
    head = ("Table", "(b)")
    return Records(
        "answers:scenarios/pick#1/tables", Table("Who chose (b)", head, rows)
    )


def big(*, prompts: int = 40, items: int = 10, tables: int = 100) -> Report:
    """A day of so many prompts: 25 points under each, and a record for each item."""
    sections, records = [], []
    for number in range(1, prompts + 1):
        path = f"session/prompt-{number}"
        keys = [f"answers:{path}#1/people/p{item}" for item in range(1, items + 1)]
        sentences = tuple(
            Sentence(
                (
                    Run(f"{500 + item} of 1,000 people", key),
                    Run(f" found principle {item} unproblematic."),
                ),
                about=(key,),
            )
            for item, key in enumerate(keys, start=1)
        )
        lines = tuple(
            Contribution(f"{text}, said in other words.", "point", f"Table {place}")
            for place in range(1, 6)
            for text in PRINCIPLES
        )
        blocks = (
            Text(path, sentences),
            picture(items, 8, ident=f"g{number}"),
            Contributions("A theme", lines),
        )
        sections.append(Section(path, f"Prompt {number}", blocks))
        records += [
            Records(
                key,
                Table(
                    f"Answers by table to {key}",
                    ("Table", *(mark["label"] for mark in SCALE), "Answered"),
                    tuple(
                        (f"Table {n}", "5", "3", "2", "10")
                        for n in range(1, tables + 1)
                    ),
                ),
            )
            for key in keys
        ]
    return report(
        sections=(Section("session", "The session", (), tuple(sections)),),
        records=tuple(records),
    )
