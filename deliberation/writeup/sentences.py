"""Sentences about results, by fixed rules: no row is read here, and nothing guessed.

What holds of all of them:

- People and tables are two voices. A sentence may name both; it never adds them up.
- "All four tables" stands only where every table gave a view and all the same one.
- What leads is said first, with how many of how many; then what the others said, the
  most frequent first. Where two lead, they are said to be level, or tables divided.
- Tables are named, up to six of them; people are only counted.
- A table that could not agree, did not discuss an item, or recorded nothing is said to
  have done so, each in its own words. Of people, who had no view are counted apart.
- Of fewer than three people nothing is told but that they were too few.
- People and tables stand in one sentence where more than half of the people say a
  thing, more than half of the tables say it too, or fewer than half of them do and
  would still, if every table without an answer said it ("18 of 29 people, but only one
  of four tables"). The same the other way round. From five people on.
- Who moved between two rounds is told of the same respondents in both: from five
  people on, and from two tables.
- Where people and their table both answered, a table whose answer was that of fewer
  than half of its people is told of; from five of its people on.
- A figure is the one in the results JSON, and leads to its records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation.kinds.base import Ask
from deliberation.live import findings
from deliberation.live.findings import in_a_sentence
from deliberation.writeup.heard import NO_CLAIM, Heard, Topic, heard_of, records_key
from deliberation.writeup.other_sentences import of_movement, of_own_and_table
from deliberation.writeup.phrases import (
    MOST_NAMED,
    PEOPLE,
    TABLES,
    Piece,
    Runs,
    clauses,
    compose,
    listed,
    named,
    number,
    quoted,
    sentence,
    share,
)
from deliberation.writeup.structure import Json, Run, Sentence

# ---- a prompt ----


def of_prompt(
    path: str, ask: Ask, results: Sequence[Json], *, tables: Sequence[int]
) -> tuple[Sentence, ...]:
    """Say who was asked and how many answered, then what the answers come to.

    results: of each round of the prompt.
    """
    about = (f"prompt:{path}",)
    if not results:
        return (sentence(_("This was not asked."), about),)
    last = results[-1]
    said: list[Sentence] = []
    if len(results) > 1:
        text = _("This was asked in %(rounds)s rounds; the last one is told here.")
        said.append(sentence(text, about, rounds=number(len(results))))
    if last["status"] == "open":
        said.append(sentence(_("This is still open."), about))
    if not ask.items or ask.kind == "discuss":
        return tuple(said)
    for voice in (TABLES, PEOPLE):
        if last["voices"][voice]:
            said += _turnout(path, last, voice, len(tables))
            said += _outside_of_whole(path, ask, last, voice, tables)
            said += _summary(path, ask, last, voice, len(tables))
    return tuple(said)


def _turnout(path: str, found: Json, voice: str, tables: int) -> list[Sentence]:
    result = found["voices"][voice]
    n = result["responded"]
    total = tables if voice == TABLES else max(n, result["present"])
    about = [f"prompt:{path}", f"answers:{path}#{found['round']}/{voice}"]
    if not total or not n:
        text = (
            _("No answer of a table is recorded.")
            if voice == TABLES
            else _("No answer of a person is recorded.")
        )
        return [sentence(text, about)] if total or voice == PEOPLE else []
    who = share(voice, n, total, records_key(path, found["round"], voice))
    return [sentence(_("%(who)s answered."), about, who=who)]


def _outside_of_whole(
    path: str, ask: Ask, found: Json, voice: str, tables: Sequence[int]
) -> list[Sentence]:
    """Say who gave no view, where items are answered all together."""
    row = next(iter(found["voices"][voice]["items"]), None)
    if not ask.is_whole or row is None:
        return []
    topic = Topic(path, found["round"], ask, ask.items[0], tuple(tables))
    key = records_key(path, found["round"], voice)
    heard = replace(heard_of(topic, voice, row), key=key)
    return outside_of(heard, [f"answers:{path}#{found['round']}/{voice}"])


def _summary(
    path: str, ask: Ask, found: Json, voice: str, tables: int
) -> list[Sentence]:
    """Say what the answers to all items come to, as the head of the screen does."""
    result = found["voices"][voice]
    finding = _finding(ask, result, voice, tables)
    texts = [f"{finding}."] if finding else []
    least = findings.least_for_index(voice)
    if ask.kind == "rank" and result["measures"].get("ballots", 0) >= least:
        items, numbers = _items(ask), {i.key: str(i.number) for i in ask.items}
        measures = result["measures"]
        if measures["condorcet_winner"] is None:
            texts.append(findings.head_to_head(measures, items=items, numbers=numbers))
        texts.append(findings.by_announced_rule(measures, items=items))
    about = [f"answers:{path}#{found['round']}/{voice}"]
    key = records_key(path, found["round"], voice)
    return [sentence("%(text)s", about, text=Run(text, key)) for text in texts if text]


def _items(ask: Ask) -> dict[str, str]:
    return {item.key: f"{item.number} {item.short}" for item in ask.items}


def _finding(ask: Ask, result: Json, voice: str, tables: int) -> str:
    items = _items(ask)
    points = {point.key: point.label for point in ask.points}
    rows = result["items"]
    least = findings.least_shown(voice)
    if ask.is_pick:
        return findings.of_picking(rows, items=items, least=least)
    if ask.kind == "rank":
        pairs = findings.least_for_index(voice)
        return findings.of_ranking(
            result, items=items, least=least, least_for_pairs=pairs
        )
    if ask.kind == "allocate":
        return findings.of_allocating(result, items=items, least=least)
    if len(ask.criteria) == 2:
        labels = {one.key: one.label for one in ask.criteria}
        several = findings.least_for_index(voice)
        return findings.of_two_criteria(
            rows, items=items, criteria=labels, least=several
        )
    if len(ask.criteria) > 2:
        return ""
    if voice == TABLES:
        return findings.of_tables(rows, items=items, points=points, tables=tables)
    if ask.kind == "assess":
        return findings.of_assessing(rows, items=items, points=points)
    return findings.of_rating(rows, items=items)


# ---- an item ----


def of_item(topic: Topic, found: Json) -> tuple[Sentence, ...]:
    """Say how tables and people judged an item. found: the results of the round."""
    said: list[Sentence] = []
    voices = _voices(topic, found)
    for place, criterion in enumerate(topic.ask.criteria):
        rows = {
            voice: row
            for voice, result in voices.items()
            if (row := _row(result, topic.item.key, criterion.key))
        }
        label = criterion.label if len(topic.ask.criteria) > 1 else ""
        whole = place == len(topic.ask.criteria) - 1
        said += _of_rows(topic, rows, label, outside=whole)
    if not said:  # tables were asked where there are none
        text = _("Nobody gave a view on %(item)s.")
        said.append(sentence(text, [topic.about(TABLES)], item=topic.name))
    return tuple(said)


def _voices(topic: Topic, found: Json) -> dict[str, Json]:
    """Return the voices to tell of: one that is silent throughout only by itself."""
    asked = {
        voice: found["voices"][voice]
        for voice in (TABLES, PEOPLE)
        if found["voices"][voice] and (voice == PEOPLE or topic.tables)
    }
    heard = {voice: one for voice, one in asked.items() if one["responded"]}
    return heard or dict(list(asked.items())[:1])


def _row(result: Json, item: str, criterion: str) -> Json | None:
    return next(
        (
            row
            for row in result["items"]
            if (row["item"], row["criterion"]) == (item, criterion)
        ),
        None,
    )


def _of_rows(
    topic: Topic, rows: Mapping[str, Json], label: str, *, outside: bool
) -> list[Sentence]:
    if topic.ask.kind == "allocate":
        return [one for v, row in rows.items() for one in _allocated(topic, v, row)]
    heard = {voice: heard_of(topic, voice, row) for voice, row in rows.items()}
    said = _said(topic, heard)
    for voice, row in rows.items():
        said += _in_a_word(topic, voice, row)
    if label:
        said[:1] = [labelled(label, one) for one in said[:1]]
    for voice, row in rows.items():
        if outside and not topic.ask.is_whole:
            said += outside_of(heard[voice], [topic.about(voice)])
        said += of_movement(topic, voice, row)
    if PEOPLE in rows:
        said += of_own_and_table(topic, rows[PEOPLE]["by_table"])
    return said


def labelled(label: str, one: Sentence) -> Sentence:
    """Put a label before a sentence: `Feasible: all four tables ...`."""
    first, *rest = one.runs
    small = Run(in_a_sentence(first.text), first.records)
    runs = compose(_("%(label)s: %(said)s"), label=label, said=(small, *rest))
    return Sentence(runs, one.about)


# ---- who claims what ----


def _said(topic: Topic, heard: Mapping[str, Heard]) -> list[Sentence]:
    together = _together(topic, heard)
    if together is not None:
        return together
    return [one for voice in heard.values() for one in _alone(topic, voice)]


def _together(topic: Topic, heard: Mapping[str, Heard]) -> list[Sentence] | None:
    """Say in one sentence what most of one voice say, and how many of the other.

    None where the rule for that does not hold.
    """
    if (
        len(heard) < 2
        or heard[PEOPLE].n < findings.LEAST_FOR_INDEX
        or not heard[TABLES].n
    ):
        return None
    if topic.ask.kind == "rate":
        return None  # a table names a point of the scale, people are on sides of it
    tables, people = heard[TABLES], heard[PEOPLE]
    claims = [c for c in tables.claims if c not in NO_CLAIM]
    pairs = [(c, one) for one in (people, tables) for c in claims]
    claim, first = next(
        ((c, one) for c, one in pairs if one.is_made_by_most(c)), (None, people)
    )
    if claim is None:
        return None
    other = tables if first is people else people
    if other.is_made_by_most(claim):
        who = compose(
            _("%(tables)s and %(people)s"),
            tables=tables.share(claim),
            people=people.share(claim),
        )
    elif other.is_made_by_few(claim):
        who = _contrast(topic, first.share(claim), other, claim)
    else:
        return None
    about = [topic.about(TABLES), topic.about(PEOPLE)]
    lead = _clause(topic, tables, claim, who)
    said = [sentence("%(all)s.", about, all=lead)]
    for voice in (tables, people):
        rest = _others(topic, voice, [claim], alone=True)
        if rest and not (voice is people and topic.ask.is_pick):
            text = clauses(rest)
            said.append(sentence("%(all)s.", [topic.about(voice.voice)], all=text))
    return said


def _contrast(topic: Topic, first: Run, other: Heard, claim: str) -> Runs:
    share_ = other.share(claim)
    if other.counts.get(claim):
        who = compose(_("%(one)s, but only %(other)s"), one=first, other=share_)
    else:
        who = compose(_("%(one)s, but %(other)s"), one=first, other=share_)
    # Where a verb follows, the insertion ends.
    return who if topic.ask.kind == "assess" else compose(_("%(who)s,"), who=who)


def _alone(topic: Topic, heard: Heard) -> list[Sentence]:
    """Say what one voice said, without a word of the other."""
    about = [topic.about(heard.voice)]
    if heard.voice == PEOPLE and (heard.withheld or 0 < heard.n < findings.LEAST_SHOWN):
        text = _("Too few people gave a view on %(item)s to show which.")
        return [sentence(text, about, item=topic.name)]
    if not heard.n:
        return [_nothing(topic, heard)]
    if topic.ask.is_pick and not heard.counts["chosen"]:
        return [_not_picked(topic, heard)]
    if heard.made == ["0"]:
        text = _("%(who)s placed %(item)s.")
        return [sentence(text, about, who=heard.share("none"), item=topic.name)]
    first, lead = _lead(topic, heard)
    rest = _others(topic, heard, first)
    return [sentence("%(all)s.", about, all=clauses([lead, *rest]))]


def _lead(topic: Topic, heard: Heard) -> tuple[list[str], Runs]:
    """Return the claims that come first, and the clause that tells of them."""
    if topic.ask.is_whole:
        claim = heard.made[0]
    elif len(heard.leading) == 1 or _are_sides(topic, heard):
        claim = heard.leading[0]
    elif heard.voice == TABLES:
        made = _by_frequency(heard, heard.made)
        answers = [_clause(topic, heard, c, heard.who(c)) for c in made]
        divided = _("the tables are divided: %(answers)s")
        return made, compose(divided, answers=clauses(answers))
    else:
        return heard.leading, _level(heard)
    return [claim], _clause(topic, heard, claim, heard.share(claim))


def _level(heard: Heard) -> Runs:
    labels = [in_a_sentence(heard.claims[claim]) for claim in heard.leading]
    n = heard.counts[heard.leading[0]]
    return compose(
        _("%(answers)s are level, with %(n)s of %(total)s people each"),
        answers=listed(labels),
        n=Run(number(n, heard.total), heard.key),
        total=Run(number(heard.total), heard.key),
    )


def _others(
    topic: Topic, heard: Heard, told: Sequence[str], *, alone: bool = False
) -> list[Runs]:
    """Return clauses on what has not been told: of orders by place, else by number."""
    left = [claim for claim in heard.made if claim not in told]
    if not topic.ask.is_whole:
        left = _by_frequency(heard, left)
    if topic.ask.is_pick and heard.voice == PEOPLE:
        return []  # whoever did not choose it is the rest of the total
    made = []
    for place, claim in enumerate(left):
        begins = alone and not place
        who = heard.who(claim, alone=begins)
        made.append(_clause(topic, heard, claim, who, follows=not begins))
    return made


def _by_frequency(heard: Heard, claims: Sequence[str]) -> list[str]:
    return sorted(claims, key=lambda claim: -heard.counts[claim])


def _are_sides(topic: Topic, heard: Heard) -> bool:
    return topic.ask.kind == "rate" and heard.voice == PEOPLE


def _clause(
    topic: Topic, heard: Heard, claim: str, who: Piece, *, follows: bool = False
) -> Runs:
    """Say who makes a claim. follows: another clause has named the item."""
    label, item = heard.claims[claim], topic.name
    if topic.ask.kind == "assess":
        text = _("%(answer)s for %(who)s")
        return compose(text, answer=in_a_sentence(label), who=who)
    if topic.ask.kind == "rank":
        return _placed(claim, label, item, who, follows)
    if topic.ask.is_pick:
        if claim == "not":
            return compose(_("%(who)s did not"), who=who)
        return compose(_picked_by(topic.ask), who=who, item=item)
    if not _are_sides(topic, heard):
        return compose(_("%(answer)s from %(who)s"), answer=quoted(label), who=who)
    if claim == "middle":
        text = _("%(who)s to neither") if follows else _("%(who)s leaned to neither")
        return compose(text, who=who)
    text = _("%(who)s to %(end)s") if follows else _("%(who)s leaned to %(end)s")
    return compose(text, who=who, end=quoted(label))


def _picked_by(ask: Ask) -> str:
    if ask.kind == "choose":
        return _("%(who)s chose %(item)s")
    return _("%(who)s considered %(item)s an option")


def _placed(claim: str, label: str, item: str, who: Piece, follows: bool) -> Runs:
    if claim == "0" and follows:
        return compose(_("%(who)s did not place it"), who=who)
    if claim == "0":
        return compose(_("%(who)s did not place %(item)s"), who=who, item=item)
    if follows:
        return compose(_("%(who)s %(place)s"), who=who, place=label)
    text = _("%(who)s placed %(item)s %(place)s")
    return compose(text, who=who, item=item, place=label)


def _nothing(topic: Topic, heard: Heard) -> Sentence:
    if heard.voice == PEOPLE:
        text = _("Nobody gave a view on %(item)s.")
    elif len(heard.left_out) == heard.total:
        text = _("No table discussed %(item)s.")
    else:
        text = _("No table recorded a view on %(item)s.")
    return sentence(text, [topic.about(heard.voice)], item=topic.name)


def _not_picked(topic: Topic, heard: Heard) -> Sentence:
    """Say that nobody picked an item, and whether anything else is recorded on it."""
    who = heard.share("chosen")
    said = compose(_picked_by(topic.ask), who=who, item=topic.name)
    text = _("%(said)s.")
    if not topic.touched and heard.voice == TABLES:
        text = _("%(said)s, and nothing is recorded on it.")
    return sentence(text, [topic.about(heard.voice)], said=said)


def _in_a_word(topic: Topic, voice: str, row: Json) -> list[Sentence]:
    """Give ratings of people the word that the fixed rule has for them."""
    word = row["measures"].get("word") if voice == PEOPLE else None
    if topic.ask.kind != "rate" or not word:
        return []
    text = _("In a word: %(word)s.")
    about = [topic.about(voice)]
    return [sentence(text, about, word=in_a_sentence(pictures.word(word)))]


def outside_of(heard: Heard, about: Sequence[str]) -> list[Sentence]:
    """Say who gave no view, and in which way."""
    if heard.voice == PEOPLE:
        n = heard.abstained
        text = ngettext("%(n)s person had no view.", "%(n)s people had no view.", n)
        return [sentence(text, about, n=Run(number(n), heard.key))] if n else []
    made = [
        compose(text, tables=named(tables, heard.key))
        for text, tables in (
            (_("%(tables)s could not agree"), heard.could_not),
            (_("%(tables)s did not discuss it"), heard.left_out),
            (_("nothing is recorded of %(tables)s"), heard.silent),
        )
        if tables
    ]
    is_told = heard.total in (len(heard.left_out), len(heard.silent))
    if not made or is_told:
        return []
    return [sentence("%(all)s.", about, all=clauses(made))]


# ---- points shared out ----


def _allocated(topic: Topic, voice: str, row: Json) -> list[Sentence]:
    """Say how many points an item got, and from whom."""
    heard = Heard(
        voice=voice,
        total=len(topic.tables) if voice == TABLES else row["n"],
        claims={},
        counts={"any": row["n"]},
        by={},
        key=topic.key(voice),
        withheld=bool(row.get("suppressed")),
    )
    if not row["n"] or (voice == PEOPLE and row["n"] < findings.LEAST_SHOWN):
        return _alone(topic, heard)
    points, total = row["counts"]["points"], row["n"] * topic.ask.total
    givers = row["measures"]["supporters"]
    values: dict[str, Piece] = {
        "item": topic.name,
        "points": Run(str(points) if points else _("none"), heard.key),
        "total": Run(str(total), heard.key),
        "who": share(voice, givers, row["n"], heard.key),
    }
    if voice == TABLES:
        by = [table for table in row["by_table"] if table["counts"]["points"]]
        text = _("%(item)s got %(points)s of the %(total)s points that tables had")
        if 0 < len(by) <= MOST_NAMED:
            values["who"] = listed([_given(table, heard.key) for table in by])
            text = _("%(said)s: %(who)s.") % {"said": text, "who": "%(who)s"}
        else:
            text += "."
    elif points:
        text = _(
            "%(item)s got %(points)s of the %(total)s points that people had,"
            " from %(who)s."
        )
    else:
        text = _("%(item)s got %(points)s of the %(total)s points that people had.")
    return [sentence(text, [topic.about(voice)], **values)]


def _given(table: Json, key: str) -> Runs:
    points = Run(str(table["counts"]["points"]), key)
    text = _("%(points)s from %(table)s")
    return compose(text, points=points, table=named([table["table"]], key))
