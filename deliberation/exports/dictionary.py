"""The data dictionary: what every name in results, files and workbooks stands for.

Each convention that could be otherwise is named, so that anybody can count again and
get the same.
"""

from typing import NamedTuple

from django.utils.translation import gettext as _

from deliberation.aggregation.tables import RESAMPLES
from deliberation.results import LEAST_PUBLISHED, LEAST_SHOWN, SEED


class Entry(NamedTuple):
    """One name. unit: what its values are. source: where its rule was published."""

    name: str
    meaning: str
    unit: str
    source: str = ""


class Part(NamedTuple):
    """Names that stand together, and where they stand."""

    title: str
    entries: list[Entry]


def dictionary() -> list[Part]:
    """Return every name, in the language of the reader."""
    return [
        Part(_("Who and how many"), _counting()),
        Part(_("Assess: one category for each item"), _assess()),
        Part(_("Rate: a scale for each item"), _rate()),
        Part(_("People compared by table (assess and rate)"), _tables()),
        Part(_("Choose and approve"), _shares()),
        Part(_("Rank"), _rank()),
        Part(_("Allocate"), _allocate()),
        Part(_("Two rounds of one prompt"), _change()),
        Part(_("Answers and points as CSV"), _files()),
        Part(_("Themes by table"), _crosswalk()),
    ]


def _counting() -> list[Entry]:
    number, key = _("a whole number"), _("a key from the session template")
    return [
        Entry("prompt", _("The session’s and the prompt’s keys."), "session/prompt"),
        Entry("kind", _("How items are judged."), _("a word")),
        Entry("round", _("Which opening of the prompt: 1, 2, ..."), number),
        Entry(
            "audience",
            _(
                "Whom the round asked, where not everybody; absent otherwise. Of people"
                " only that they are some, and in “present” how many."
            ),
            "tables, people",
        ),
        Entry(
            "voice",
            _("Who answers: people one by one, or tables as one."),
            "people, tables",
        ),
        Entry(
            "present",
            _(
                "People who had joined before the round closed and were not removed,"
                " with people from files who answered; or all tables."
            ),
            number,
        ),
        Entry("responded", _("Who stored anything in the round."), number),
        Entry("item", _("What is judged."), key),
        Entry("wording", _("Which version of its text was judged."), number),
        Entry(
            "criterion",
            _("In which respect; empty where the prompt has only one."),
            key,
        ),
        Entry(
            "n",
            _(
                "Who gave an answer to the item. Who abstained, did not discuss it or"
                " never answered is not in it, and no share is of anything else."
            ),
            number,
        ),
        Entry("abstained", _("Who said that they have no view."), number),
        Entry("not_discussed", _("Tables that said they did not come to it."), number),
        Entry(
            "counts",
            _(
                "Answers of each kind, none left out: for each category or value;"
                " chosen; for each position; points in all."
            ),
            number,
        ),
        Entry(
            "by_table",
            _(
                "The same for the people of each table, where they sat when they"
                " answered last."
            ),
            _("a list"),
        ),
        Entry(
            "by_organisation",
            _(
                "The same for each organisation, where the attribution rule names it."
                " Groups of fewer than %(least)d or of one mind are withheld, and as"
                " many more that nobody can work them out."
            )
            % {"least": LEAST_PUBLISHED},
            _("a list"),
        ),
        *_absent(),
        Entry(
            "support",
            _("Of a question to the speakers: who supports it besides who asked."),
            number,
        ),
        Entry(
            "state", _("Whether the speakers have answered it."), "waiting, answered"
        ),
        Entry(
            "suppressed",
            _("Withheld, so that nobody’s answer can be read off."),
            "true, false",
        ),
    ]


def _absent() -> list[Entry]:
    number = _("a whole number")
    return [
        Entry(
            "absent",
            _(
                "Who did not answer the item, by cause, in all and at each table: where"
                " they had begun to answer, else where they sat when the round closed,"
                " as far as rotations tell it. With n, the causes add up to everybody"
                " who was not removed. Where the rule names nobody, tables with a cause"
                " of fewer than %(least)d people are withheld."
            )
            % {"least": LEAST_SHOWN},
            _("whole numbers"),
        ),
        Entry("absent declined", _("Who said that they have no view."), number),
        Entry("absent not_discussed", _("Who said they did not come to it."), number),
        Entry(
            "absent out_of_time",
            _("Who was there and asked, and said nothing before the round closed."),
            number,
        ),
        Entry("absent not_yet", _("The same while the round is still open."), number),
        Entry(
            "absent not_asked",
            _("Who was there when only others were asked."),
            number,
        ),
        Entry(
            "absent joined_later",
            _("Who joined after the round had closed."),
            number,
        ),
    ]


def _assess() -> list[Entry]:
    return [
        Entry(
            "mode", _("The category that most chose. Empty for a tie."), _("a category")
        ),
        Entry("modal_share", _("Its share of the answers."), _("0 to 1")),
        Entry(
            "margin",
            _("The leading category’s share less that of the second."),
            _("0 to 1"),
        ),
        Entry(
            "iqv",
            _(
                "How evenly the answers are spread over all categories offered: 0 all"
                " alike, 1 even."
            ),
            _("0 to 1"),
            "Mueller and Schuessler 1961",
        ),
    ]


def _rate() -> list[Entry]:
    points = _("points of the scale")
    return [
        Entry(
            "median",
            _("The middle answer; of an even number, halfway between the middle two."),
            points,
        ),
        Entry(
            "mean",
            _("The average, which takes the steps of the scale to be equal."),
            points,
        ),
        Entry(
            "iqr",
            _("Upper less lower quartile, by linear interpolation (type 7)."),
            points,
            "Hyndman and Fan 1996",
        ),
        Entry(
            "agree", _("Answers above the middle of the scale."), _("a whole number")
        ),
        Entry(
            "disagree", _("Answers below the middle of the scale."), _("a whole number")
        ),
        Entry(
            "agreement",
            _("A: 1 all on one point, 0 evenly spread, -1 half at each end."),
            _("-1 to 1"),
            "van der Eijk 2001",
        ),
        Entry(
            "dispersion",
            _("D: 0 all on one point, 1 half at each end."),
            _("0 to 1"),
            "Leik 1966",
        ),
        Entry(
            "word",
            _(
                "One word by the rule that was announced before the vote: agreed,"
                " rejected, split, lukewarm, mixed. Empty below five answers."
            ),
            _("a word"),
        ),
        Entry(
            "word_rule",
            _(
                "That rule: from how many answers on; agreed on one side and at most"
                " opposed on the other; split on each side; lukewarm on the middle."
            ),
            _("per cent"),
        ),
    ]


def _tables() -> list[Entry]:
    return [
        Entry(
            "icc1",
            _(
                "Rate: how much of the difference between people is between tables."
                " Below 0 is 0."
            ),
            _("0 to 1"),
            "Bliese 2000",
        ),
        Entry(
            "r2",
            _(
                "Assess: how much less the answers differ within tables than in the"
                " room."
            ),
            _("0 to 1"),
            "Light and Margolin 1971",
        ),
        Entry(
            "permutation_p",
            _(
                "How often people dealt to the tables at random differ as much from"
                " table to table: %(resamples)d deals, which begin with the seed"
                " %(seed)d."
            )
            % {"resamples": RESAMPLES, "seed": SEED},
            _("0 to 1"),
            "Phipson and Smyth 2010",
        ),
        Entry(
            "permutation",
            _(
                "How that was found: drawn, by dealing at random; moments, where"
                " hundreds differ, by the beta distribution with the mean and the"
                " variance of all deals."
            ),
            _("drawn, moments"),
            "Pitman 1938",
        ),
        Entry(
            "seed",
            _("The number that the random deals begin with."),
            _("a whole number"),
        ),
        Entry("resamples", _("How many random deals were made."), _("a whole number")),
        Entry(
            "tables",
            _(
                "What that says: differ, each-split, both, alike. Empty below three"
                " tables or fifteen people, or if it says nothing."
            ),
            _("a word"),
        ),
        Entry(
            "own_and_table",
            _(
                "Beside a table's people, where the table answered too: how many of"
                " them answered as it did (as_table, of all who answered: of), and its"
                " value less their mean and median. Empty below five people."
            ),
            _("whole numbers, points"),
        ),
        Entry(
            "gic",
            _(
                "Rate: the product over tables of the shares that agree, each drawn a"
                " little to the middle, so that no table can be outvoted."
            ),
            _("0 to 1"),
            "Small and others 2021",
        ),
    ]


def _shares() -> list[Entry]:
    return [
        Entry("share", _("Who chose the item, of those who answered."), _("0 to 1")),
        Entry(
            "wilson",
            _(
                "The interval of 95 % around the share, for who takes the room as a"
                " sample of others."
            ),
            _("low, high"),
            "Wilson 1927",
        ),
    ]


def _rank() -> list[Entry]:
    winners = _("items; all that are level, in their order")
    return [
        Entry(
            "first_choices",
            _("Ballots that put the item first; level first places count for each."),
            _("ballots"),
        ),
        Entry(
            "borda",
            _(
                "For each ballot 1 for every item ranked below, ½ for every item level."
                " Items that were not ranked are last, and level."
            ),
            _("points"),
        ),
        Entry(
            "pairwise", _("Ballots that rank the one above the other."), _("ballots")
        ),
        Entry(
            "condorcet_winner",
            _(
                "The item that beats each other one head to head. Empty if there is"
                " none."
            ),
            _("an item"),
        ),
        Entry(
            "schulze",
            _("The strongest by beaten paths, by winning votes."),
            winners,
            "Schulze 2011",
        ),
        Entry(
            "irv",
            _(
                "Who is left when the last is dropped again and again; all that are"
                " level last drop together."
            ),
            winners,
        ),
        Entry(
            "kendall_w",
            _(
                "How alike the orders are: 0 not at all, 1 the same. Empty below two"
                " ballots or items."
            ),
            _("0 to 1"),
            "Kendall and Babington Smith 1939",
        ),
        Entry(
            "mean_rank",
            _("The average position; items that are level share theirs."),
            _("positions"),
        ),
        Entry("ballots", _("Who ranked anything."), _("a whole number")),
        Entry(
            "smith", _("The fewest items that beat all others head to head."), winners
        ),
        Entry(
            "cycle",
            _(
                "Where no item beats all others: some that beat each the next, and the"
                " last the first."
            ),
            _("items"),
        ),
        Entry(
            "irv_rounds",
            _(
                "Each count of the instant run-off: votes (one a ballot, shared by"
                " items that are level), exhausted (ballots that rank none who are"
                " left), dropped."
            ),
            _("a list"),
        ),
        Entry("winners", _("Who wins by each rule."), winners),
        Entry(
            "rules_disagree", _("Whether the rules have other winners."), "true, false"
        ),
        Entry(
            "announced",
            _("The rule that was announced before the vote. Empty if none was."),
            "plurality, borda, schulze, irv",
        ),
        Entry("conventions", _("What was chosen where rules differ."), _("words")),
    ]


def _allocate() -> list[Entry]:
    return [
        Entry("total", _("Points that the item was given in all."), _("points")),
        Entry("supporters", _("Who gave it any."), _("a whole number")),
        Entry("mean", _("Points for each who answered."), _("points")),
        Entry("share", _("Its points, of all that were given."), _("0 to 1")),
        Entry(
            "effective_number",
            _("Over how many items the points are spread, had each as many."),
            _("items"),
            "Laakso and Taagepera 1979",
        ),
        Entry("unspent", _("Points that nobody gave to anything."), _("points")),
    ]


def _change() -> list[Entry]:
    number = _("a whole number")
    return [
        Entry(
            "both",
            _("Who answered the item in both rounds; the figures below are theirs."),
            number,
        ),
        Entry("since", _("The number of the earlier round."), number),
        Entry("before_only", _("Who answered it only before."), number),
        Entry("after_only", _("Who answered it only after."), number),
        Entry(
            "up",
            _(
                "Who moved up the scale, joined those who chose it, ranked it higher"
                " or gave it more points."
            ),
            number,
        ),
        Entry("same", _("Who stayed."), number),
        Entry(
            "down",
            _(
                "Who moved down the scale, left those who chose it, ranked it lower or"
                " gave it fewer points."
            ),
            number,
        ),
        Entry(
            "net",
            _(
                "The share that agrees, chooses it, puts it first or gives it any"
                " points after, less the share before."
            ),
            _("-1 to 1"),
        ),
        Entry(
            "gross",
            _("The share that changed at all."),
            _("0 to 1"),
            "Luskin, Fishkin and Jowell 2002",
        ),
        Entry("transitions", _("From each answer to each: how many."), number),
        Entry(
            "wilcoxon_p",
            _(
                "Rate: how often chance alone moves people as far to one side; who"
                " stayed is left out."
            ),
            _("0 to 1"),
            "Wilcoxon 1945",
        ),
        Entry(
            "mcnemar_p",
            _("How often chance alone makes as many cross to one side (exact)."),
            _("0 to 1"),
            "McNemar 1947",
        ),
        Entry(
            "mean_before",
            _("Rank, allocate: the mean place, or the mean points, before."),
            _("positions or points"),
        ),
        Entry("mean_after", _("The same after, of the same people."), _("as before")),
        Entry(
            "changed",
            _("Rank, allocate: who changed anything in their order or points."),
            number,
        ),
        Entry(
            "changed_first",
            _("Who put another item first, or gave another one most points."),
            number,
        ),
        Entry(
            "stability",
            _("How much the counts of the answers changed: below 0.15 is stable."),
            _("0 to 1"),
            "Scheibe and others 1975",
        ),
    ]


def _files() -> list[Entry]:
    return [
        Entry(
            "respondent",
            _(
                "A label for a person, drawn anew for each file; empty for tables, and"
                " where the attribution rule names nobody."
            ),
            _("a label"),
        ),
        Entry(
            "table",
            _(
                "The table’s number; empty for people who sat nowhere, and where the"
                " attribution rule names nobody."
            ),
            _("a number"),
        ),
        Entry(
            "organisation",
            _(
                "As the person gave it; empty where fewer than %(least)d people of it"
                " answered."
            )
            % {"least": LEAST_PUBLISHED},
            _("text"),
        ),
        Entry(
            "answer",
            _(
                "The category’s key; the value; 1 for what was chosen; the position;"
                " the points; or abstain, not-discussed."
            ),
            _("a word or number"),
        ),
        Entry("reason", _("What was written beside the answer."), _("text")),
        Entry("items", _("What a point is about."), _("keys, with blanks between")),
        Entry("text", _("What was written."), _("text")),
        Entry("theme", _("Under which heading the theme team put it."), _("text")),
    ]


def _crosswalk() -> list[Entry]:
    points = _("a number of points")
    return [
        Entry(
            "item",
            _(
                "What the points are about. Empty for all points of the prompt, each"
                " counted once; a point about several items is counted with each."
            ),
            _("a key from the session template"),
        ),
        Entry(
            "theme",
            _("The heading; empty for points in no theme."),
            _("text"),
        ),
        Entry(
            "all",
            _(
                "Points that were not taken back. One that repeats another is counted"
                " as well, under the theme of that one and at its own table."
            ),
            points,
        ),
        Entry("table 1, table 2, ...", _("Those of them from the table."), points),
        Entry(
            "no table",
            _(
                "From people who sat nowhere, and from all people where the attribution"
                " rule names nobody."
            ),
            points,
        ),
    ]
