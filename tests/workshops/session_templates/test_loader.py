import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshops.session_templates import loader
from workshops.session_templates.exporter import to_yaml
from workshops.session_templates.mistakes import Mistake, TemplateErrors
from workshops.session_templates.schema import (
    Criterion,
    Item,
    Prompt,
    Scale,
    ScalePoint,
    Session,
    TemplateFile,
)

# One file without mistakes; each case below spoils it in one place.
GOOD = """\
format: 1
key: trial
version: 1
title: A trial
language: en-GB
attribution: named
tables: 4
scales:
  three-way:
    kind: nominal
    points:
      - {key: yes-, label: "Yes"}
      - {key: no-, label: "No"}
  agree:
    kind: ordinal
    points:
      - {key: low, value: 1, label: Low}
      - {key: high, value: 5, label: High}
sessions:
  - key: first
    title: The first
    speakers: [{name: The speaker, organisation: Somewhere}]
    minutes: 60
    brief: |
      Some *words*.
    prompts:
      - key: principles
        kind: assess
        question: How do you judge?
        voices: [people, tables]
        scale: three-way
        invite: [points, rewordings]
        items:
          - key: p1
            text: One
          - key: p2
            text: Two
            short: 2nd
      - key: scenarios
        kind: rate
        question: How good?
        scale: agree
        criteria:
          - {key: effective, label: Effective}
          - {key: feasible, label: Feasible}
        items:
          - {key: a, text: A}
          - {key: b, text: B}
      - key: pick
        kind: approve
        question: Which?
        least: 1
        most: 2
        items_from: scenarios
      - key: talk
        kind: discuss
        question: Why?
        parts:
          - {key: more, text: More}
          - {key: less, text: Less}
"""
KNOWN_IN_PROMPT = (
    "known here: key, kind, question, guidance, voices, scale, abstain, reveal, "
    "minutes, reasons, invite, after, again, own_and_table, criteria, least, most, "
    "points, ties, rule, words, items, items_from, parts"
)
BAD_KEY = "may hold only a to z, digits and hyphens, at most 64 characters"
A_LIST = "a list is expected here: lines that begin with '- ', or [one, two]"
ITEMS_OF_SCENARIOS = """\
        items:
          - {key: a, text: A}
          - {key: b, text: B}
"""
# What stands in GOOD; what takes its place; the mistakes, each with a piece of the
# spoiled file in which ▲ shows the place.
SPOILED = {
    "item for items": (
        "        items:\n          - key: p1",
        "        item:\n          - key: p1",
        [
            (
                "▲key: principles",
                "a prompt of kind 'assess' needs 'items' or 'items_from'",
            ),
            ("▲item:", "unknown key 'item'; did you mean 'items'?"),
        ],
    ),
    "titel": (
        "title: A trial",
        "title: A trial\ntitel: B",
        [("▲titel", "unknown key 'titel'; did you mean 'title'?")],
    ),
    "a key like none": (
        "question: Why?",
        "question: Why?\n        colour: red",
        [("▲colour", f"unknown key 'colour'; {KNOWN_IN_PROMPT}")],
    ),
    "unknown key of a speaker": (
        "organisation: Some",
        "organization: Some",
        [("▲organiz", "unknown key 'organization'; did you mean 'organisation'?")],
    ),
    "unknown key of a scale": (
        "    kind: ordinal",
        "    kinds: ordinal",
        [
            ("▲kinds", "'kind' is missing"),
            ("▲kinds", "unknown key 'kinds'; did you mean 'kind'?"),
        ],
    ),
    "unknown key of a scale's point": (
        "label: Low}",
        "label: Low, shrt: L}",
        [("▲shrt", "unknown key 'shrt'; did you mean 'short'?")],
    ),
    "unknown key of an item": (
        "short: 2nd",
        "shorter: 2nd",
        [("▲shorter", "unknown key 'shorter'; did you mean 'short'?")],
    ),
    "kind rating": (
        "kind: rate",
        "kind: rating",
        [("▲rating", "unknown kind 'rating'; did you mean 'rate'?")],
    ),
    "kind like none": (
        "kind: rate",
        "kind: quiz",
        [
            (
                "▲quiz",
                "unknown kind 'quiz'; known here: assess, rate, choose, approve, rank, "
                "allocate, discuss, essay",
            )
        ],
    ),
    "kind in capitals": (
        "kind: rate",
        "kind: Rate",
        [("▲Rate", "unknown kind 'Rate'; did you mean 'rate'?")],
    ),
    "kind with markup": (
        "kind: rate",
        "kind: <b>rate</b>",
        [
            (
                "▲<b>",
                "unknown kind '<b>rate</b>'; known here: assess, rate, choose, "
                "approve, rank, allocate, discuss, essay",
            )
        ],
    ),
    "kind of a scale": (
        "kind: nominal",
        "kind: normal",
        [("▲normal", "unknown kind 'normal'; did you mean 'nominal'?")],
    ),
    "attribution": (
        "attribution: named",
        "attribution: chatham",
        [
            (
                "▲chatham",
                "unknown attribution rule 'chatham'; did you mean 'chatham-house'?",
            )
        ],
    ),
    "voice": (
        "[people, tables]",
        "[people, table]",
        [("▲table]", "unknown voice 'table'; did you mean 'tables'?")],
    ),
    "contribution": (
        "[points, rewordings]",
        "[points, rewording]",
        [
            (
                "▲rewording]",
                "unknown contribution 'rewording'; did you mean 'rewordings'?",
            )
        ],
    ),
    "way to reveal": (
        "question: Why?",
        "question: Why?\n        reveal: on close",
        [("▲on close", "unknown way to reveal 'on close'; did you mean 'on-close'?")],
    ),
    "rule for reasons": (
        "question: Why?",
        "question: Why?\n        reasons: require",
        [("▲require", "unknown rule for reasons 'require'; did you mean 'required'?")],
    ),
    "points to share out": (
        "kind: approve\n        question: Which?\n        least: 1\n        most: 2",
        "kind: allocate\n        question: Which?",
        [
            (
                "▲key: pick",
                "a prompt of kind 'allocate' needs 'points', the total to share",
            )
        ],
    ),
    "too many points": (
        "kind: approve\n        question: Which?\n        least: 1\n        most: 2",
        "kind: allocate\n        question: Which?\n        points: 10001",
        [("▲10001", "'points' must be at most 10000")],
    ),
    "ties of a pick": (
        "        least: 1\n        most: 2",
        "        least: 1\n        most: 2\n        ties: true",
        [("▲ties", "'ties' is only for prompts of kind rank")],
    ),
    "ties in words": (
        "kind: approve\n        question: Which?\n        least: 1",
        "kind: rank\n        question: Which?\n        ties: allowed",
        [("▲allowed", "'ties' must be true or false")],
    ),
    "a rule for a pick": (
        "        least: 1\n        most: 2",
        "        least: 1\n        most: 2\n        rule: borda",
        [("▲rule", "'rule' is only for prompts of kind rank")],
    ),
    "no such rule": (
        "kind: approve\n        question: Which?\n        least: 1",
        "kind: rank\n        question: Which?\n        rule: shulze",
        [("▲shulze", "unknown rule 'shulze'; did you mean 'schulze'?")],
    ),
    "words for a pick": (
        "        least: 1\n        most: 2",
        "        least: 1\n        most: 2\n        words: {agreed: 80}",
        [("▲words: {", "'words' is only for prompts of kind rate")],
    ),
    "words that cannot be": (
        "question: Why?",
        "question: Why?\n        words: {agreed: 50, against: 10, split: 51}",
        [
            ("▲words: {", "'words' is only for prompts of kind rate"),
            ("▲50", "'agreed' must be at least 51"),
            (
                "▲against",
                "unknown key 'against'; known here: agreed, opposed, split, lukewarm",
            ),
            ("▲51", "'split' must be at most 50"),
        ],
    ),
    "least to rank": (
        "kind: approve\n        question: Which?",
        "kind: rank\n        question: Which?",
        [("▲least", "'least' is only for prompts of kind approve")],
    ),
    "essay": (
        "kind: discuss",
        "kind: essay",
        [("▲essay", "kind 'essay' cannot be run by this version yet")],
    ),
    "no title": ("title: A trial\n", "", [("▲format", "'title' is missing")]),
    "no format": ("format: 1\n", "", [("▲key: trial", "'format' is missing")]),
    "no question": (
        "        question: Why?\n",
        "",
        [("▲key: talk", "'question' is missing")],
    ),
    "no text of an item": (
        "{key: a, text: A}",
        "{key: a}",
        [("▲{key: a}", "'text' is missing")],
    ),
    "no scale": (
        "        scale: agree\n",
        "",
        [("▲key: scenarios", "a prompt of kind 'rate' needs 'scale'")],
    ),
    "no items": (
        "        items_from: scenarios\n",
        "",
        [("▲key: pick", "a prompt of kind 'approve' needs 'items' or 'items_from'")],
    ),
    "items and items_from": (
        "items_from: scenarios",
        "items: [{key: c, text: C}, {key: d, text: D}]\n        items_from: scenarios",
        [("▲items_from", "a prompt has either 'items' or 'items_from', not both")],
    ),
    "empty list of items": (
        ITEMS_OF_SCENARIOS,
        "        items: []\n",
        [
            ("▲[]", "'items' needs at least one entry"),
            ("items_from: ▲scenarios", "prompt 'scenarios' has no items to take over"),
        ],
    ),
    "empty value": (
        "title: A trial",
        "title:",
        [("▲title:\n", "'title' has no value; give one or leave the key out")],
    ),
    "empty text": (
        "title: A trial",
        'title: " "',
        [('▲" "', "'title' must not be empty")],
    ),
    "text that cannot be seen": (
        "title: A trial",
        'title: "\\u200b\\u200d"',
        [('▲"\\u200b', "'title' must not be empty")],
    ),
    "key in capitals": (
        "key: trial",
        "key: Trial",
        [("▲Trial", f"key 'Trial' {BAD_KEY}")],
    ),
    "key with blanks": (
        "key: principles",
        "key: the principles",
        [("▲the principles", f"key 'the principles' {BAD_KEY}")],
    ),
    "key with letters that look alike": (
        "key: a, text: A",
        "key: \u0430, text: A",
        [("▲\u0430", f"key '\u0430' {BAD_KEY}")],
    ),
    "key too long": (
        "key: trial",
        "key: " + "x" * 65,
        [("▲xxx", f"key '{'x' * 39}…' {BAD_KEY}")],
    ),
    "key of a scale": (
        "  agree:\n",
        "  Agree:\n",
        [
            ("▲Agree:", f"key 'Agree' {BAD_KEY}"),
            ("▲agree\n", "unknown scale 'agree'; did you mean 'Agree'?"),
        ],
    ),
    "same session key": (
        "sessions:\n",
        "sessions:\n  - {key: first, title: Before}\n",
        [
            (
                "  - key: ▲first\n    title: The",
                "key 'first' is used twice; first in line 20",
            )
        ],
    ),
    "same prompt key": (
        "key: talk",
        "key: pick",
        [
            (
                "▲pick\n        kind: discuss",
                "key 'pick' is used twice; first in line 49",
            )
        ],
    ),
    "same item key": (
        "key: p2",
        "key: p1",
        [
            (
                "▲p1\n            text: Two",
                "key 'p1' is used twice; first in line 34",
            )
        ],
    ),
    "same part key": (
        "key: less",
        "key: more",
        [("▲more, text: Less", "key 'more' is used twice; first in line 59")],
    ),
    "same criterion key": (
        "key: feasible",
        "key: effective",
        [("▲effective, label: F", "key 'effective' is used twice; first in line 44")],
    ),
    "same key of a scale's point": (
        "key: high",
        "key: low",
        [("▲low, value: 5", "key 'low' is used twice; first in line 17")],
    ),
    "title twice": (
        "title: A trial",
        "title: A trial\ntitle: B",
        [("▲title: B", "key 'title' is given twice; first in line 4")],
    ),
    "same voice": (
        "[people, tables]",
        "[people, people]",
        [("▲people]", "'people' is given twice")],
    ),
    "no as text": (
        "text: One",
        "text: no",
        [
            (
                "▲no\n          - key: p2",
                'put this in quotes, so that it stays text: "no"',
            )
        ],
    ),
    "Norwegian": (
        "language: en-GB",
        "language: no",
        [("▲no\nattr", 'put this in quotes, so that it stays text: "no"')],
    ),
    "yes as label": (
        "label: Low",
        "label: yes",
        [("▲yes}", 'put this in quotes, so that it stays text: "yes"')],
    ),
    "on as key": (
        "key: a, text",
        "key: on, text",
        [("▲on, text", 'put this in quotes, so that it stays text: "on"')],
    ),
    "off as the name of a scale": (
        "scales:\n",
        "scales:\n  off: {kind: nominal, points: [{key: a, label: A}, "
        "{key: b, label: B}]}\n",
        [("▲off", 'put this in quotes, so that it stays text: "off"')],
    ),
    "a time": (
        "title: The first",
        "title: 12:30",
        [("▲12:30", 'put this in quotes, so that it stays text: "12:30"')],
    ),
    "010": (
        "key: p2",
        "key: 010",
        [("▲010", 'put this in quotes, so that it stays text: "010"')],
    ),
    "1_000": (
        "text: Two",
        "text: 1_000",
        [("▲1_000", 'put this in quotes, so that it stays text: "1_000"')],
    ),
    "1e3": (
        "key: p2",
        "key: 1e3",
        [("▲1e3", 'put this in quotes, so that it stays text: "1e3"')],
    ),
    "a date": (
        "title: A trial",
        "title: 2006-11-07",
        [("▲2006", 'put this in quotes, so that it stays text: "2006-11-07"')],
    ),
    "a year": (
        "title: A trial",
        "title: 2006",
        [("▲2006", 'put this in quotes, so that it stays text: "2006"')],
    ),
    "true": (
        "text: Two",
        "text: true",
        [("▲true", 'put this in quotes, so that it stays text: "true"')],
    ),
    "a list for text": (
        "title: A trial",
        "title: [A, trial]",
        [("▲[A", "text is expected here, not a list or keys")],
    ),
    "a list for a kind": (
        "kind: discuss",
        "kind: [discuss]",
        [("▲[discuss", "text is expected here, not a list or keys")],
    ),
    "text for a list": (
        "[people, tables]",
        "people",
        [("▲people\n", A_LIST)],
    ),
    "text for the speakers": (
        "[{name: The speaker, organisation: Somewhere}]",
        "The speaker",
        [("▲The speaker", A_LIST)],
    ),
    "text for an item": (
        "- {key: a, text: A}",
        "- A",
        [("▲A\n          - {key: b", "keys are expected here: key, text")],
    ),
    "yes for true": (
        "question: Why?",
        "question: Why?\n        abstain: yes",
        [("▲yes\n        parts", "'abstain' must be true or false")],
    ),
    "minutes in words": (
        "minutes: 60",
        "minutes: an hour",
        [("▲an hour", "'minutes' must be a whole number, such as 10")],
    ),
    "minutes with a colon": (
        "minutes: 60",
        "minutes: 1:00",
        [("▲1:00", "'minutes' must be a whole number, such as 10")],
    ),
    "half a table": (
        "tables: 4\n",
        "tables: 4.5\n",
        [("▲4.5", "'tables' must be a whole number, such as 10")],
    ),
    "true tables": (
        "tables: 4\n",
        "tables: true\n",
        [("▲true", "'tables' must be a whole number, such as 10")],
    ),
    "no tables": (
        "tables: 4\n",
        "tables: 0\n",
        [("▲0\n", "'tables' must be at least 1")],
    ),
    "201 tables": (
        "tables: 4\n",
        "tables: 201\n",
        [("▲201", "'tables' must be at most 200")],
    ),
    "more than a day": (
        "minutes: 60",
        "minutes: 1441",
        [("▲1441", "'minutes' must be at most 1440")],
    ),
    "version 0": (
        "version: 1",
        "version: 0",
        [("▲0\n", "'version' must be at least 1")],
    ),
    "a version that is too long": (
        "version: 1",
        "version: 1" + "0" * 5000,
        [("▲1000", "'version' must be a whole number, such as 10")],
    ),
    "format 2": (
        "format: 1",
        "format: 2",
        [("▲2\n", "format must be 1")],
    ),
    "format true": (
        "format: 1",
        "format: true",
        [("▲true", "format must be 1")],
    ),
    "language in words": (
        "en-GB",
        "English",
        [("▲English", "'English' is not a language tag; write for example en-GB")],
    ),
    "short that is long": (
        "short: 2nd",
        "short: " + "x" * 33,
        [("▲xxx", "this text has 33 characters; at most 32 are allowed")],
    ),
    "text that is long": (
        "text: Two",
        "text: " + "x" * 4001,
        [("▲xxx", "this text has 4001 characters; at most 4000 are allowed")],
    ),
    "label on two lines": (
        "label: Low",
        'label: "Low\\nest"',
        [('▲"Low', "'label' must fit on one line")],
    ),
    "too many items": (
        ITEMS_OF_SCENARIOS,
        "        items:\n"
        + "".join(f"          - {{key: a{n}, text: A}}\n" for n in range(201)),
        [
            (
                "▲- {key: a0,",
                "'items' holds 201 entries; at most 200 are allowed",
            )
        ],
    ),
    "too many prompts": (
        "    prompts:\n",
        "    prompts:\n"
        + "".join(
            f"      - {{key: q{n}, kind: discuss, question: Q}}\n" for n in range(97)
        ),
        [
            (
                "      ▲- {key: q0",
                "'prompts' holds 101 entries; at most 100 are allowed",
            )
        ],
    ),
    "unknown scale": (
        "scale: three-way",
        "scale: thre-way",
        [("▲thre-way", "unknown scale 'thre-way'; did you mean 'three-way'?")],
    ),
    "ordinal scale to assess": (
        "scale: three-way",
        "scale: agree",
        [
            (
                "▲agree\n        invite",
                "kind 'assess' needs a scale of kind nominal; 'agree' is not",
            )
        ],
    ),
    "nominal scale to rate": (
        "scale: agree",
        "scale: three-way",
        [
            (
                "▲three-way\n        criteria",
                "kind 'rate' needs a scale of kind ordinal; 'three-way' is not",
            )
        ],
    ),
    "value on a nominal scale": (
        'label: "No"',
        'value: 2, label: "No"',
        [("▲value: 2", "only the points of an ordinal scale have a value")],
    ),
    "no value on an ordinal scale": (
        "{key: low, value: 1, ",
        "{key: low, ",
        [("▲{key: low", "a point of an ordinal scale needs 'value'")],
    ),
    "values that descend": (
        "value: 1, label",
        "value: 7, label",
        [("▲5, label", "values must ascend; 5 comes after 7")],
    ),
    "a value with a comma": (
        "value: 1, label",
        'value: "1", label',
        [('▲"1"', "'value' must be a whole number, such as 10")],
    ),
    "scale with one point": (
        "      - {key: high, value: 5, label: High}\n",
        "",
        [("▲- {key: low", "'points' needs at least 2 entries")],
    ),
    "items_from a later prompt": (
        "items_from: scenarios",
        "items_from: talk",
        [
            (
                "items_from: ▲talk",
                "prompt 'talk' must come before the one that takes its items",
            )
        ],
    ),
    "own and table of people alone": (
        "question: How good?",
        "question: How good?\n        own_and_table: true",
        [("▲own_and_table", "'own_and_table' needs both voices, people and tables")],
    ),
    "after a later prompt": (
        "invite: [points, rewordings]",
        "after: talk",
        [
            (
                "after: ▲talk",
                "prompt 'talk' must come before the one that opens after it",
            )
        ],
    ),
    "after an unknown prompt": (
        "items_from: scenarios",
        "items_from: scenarios\n        after: principle",
        [
            (
                "after: ▲principle\n",
                "unknown prompt 'principle'; did you mean 'principles'?",
            )
        ],
    ),
    "items_from itself": (
        "items_from: scenarios",
        "items_from: pick",
        [
            (
                "items_from: ▲pick",
                "prompt 'pick' must come before the one that takes its items",
            )
        ],
    ),
    "items_from an unknown prompt": (
        "items_from: scenarios",
        "items_from: scenario",
        [("▲scenario\n", "unknown prompt 'scenario'; did you mean 'scenarios'?")],
    ),
    "items in a discussion": (
        "        parts:\n",
        "        items: [{key: x, text: X}]\n        parts:\n",
        [
            (
                "▲items: [{key: x",
                "'items' is only for prompts of kind allocate, approve, assess, "
                "choose, rank, rate",
            )
        ],
    ),
    "criteria to approve": (
        "least: 1",
        "criteria: [{key: x, label: X}]\n        least: 1",
        [("▲criteria: [", "'criteria' is only for prompts of kind rate")],
    ),
    "least to choose": (
        "kind: approve\n        question: Which?\n        least: 1\n        most: 2",
        "kind: choose\n        question: Which?\n        least: 1",
        [("▲least", "'least' is only for prompts of kind approve")],
    ),
    "parts to rate": (
        "scale: agree",
        "scale: agree\n        parts: [{key: x, text: X}]",
        [("▲parts: [", "'parts' is only for prompts of kind discuss, essay")],
    ),
    "scale in a discussion": (
        "kind: discuss",
        "kind: discuss\n        scale: agree",
        [
            (
                "▲scale: agree\n        question",
                "'scale' is only for prompts of kind assess, rate",
            )
        ],
    ),
    "least above most": (
        "least: 1\n        most: 2",
        "least: 2\n        most: 1",
        [
            (
                "least: ▲2",
                "'least' (2) must not be more than 'most' (1)",
            )
        ],
    ),
    "most above the number of items": (
        "most: 2",
        "most: 3",
        [("▲3\n        items_from", "'most' is 3, but there are only 2 items")],
    ),
    "HTML in a brief": (
        "Some *words*.",
        "Some <script>alert(1)</script>",
        [
            (
                "brief: ▲|",
                "write plain text with Markdown, no HTML such as '<script>'",
            )
        ],
    ),
    "an unclosed tag in a brief": (
        "Some *words*.",
        "Some <img src=x onerror=alert(1)",
        [
            (
                "brief: ▲|",
                "write plain text with Markdown, no HTML such as "
                "'<img src=x onerror=alert(1)'",
            )
        ],
    ),
    "sessions missing": (
        GOOD[GOOD.index("sessions:") :],
        "",
        [("▲format", "'sessions' is missing")],
    ),
    "no session": (
        GOOD[GOOD.index("sessions:") :],
        "sessions: []",
        [("▲[]", "'sessions' needs at least one entry")],
    ),
    "an alias": (
        "title: A trial",
        "title: *other",
        [("▲*other", "aliases ('*other') are not allowed; write the text out")],
    ),
    "a tag": (
        "tables: 4",
        "tables: !!int 4",
        [("▲!!int", "tags ('!!int') are not allowed; put text in quotes")],
    ),
    "extends without version": (
        "scales:\n",
        "extends: core\nscales:\n",
        [
            (
                "▲core",
                "'core' must be a key and a version, such as my-template@2",
            )
        ],
    ),
    "extends what is not there": (
        "scales:\n",
        "extends: core@2\nscales:\n",
        [("▲core@2", "there is no template core@2 to extend; load it first")],
    ),
}


def mistakes_in(text, **options):
    with pytest.raises(TemplateErrors) as raised:
        loader.parse(text.encode(), **options)
    return [str(mistake) for mistake in raised.value.mistakes]


def located(text, expected):
    """Put line and column before each message, from the ▲ in its piece of text."""
    found = []
    for piece, message in expected:
        index = text.index(piece.replace("▲", "")) + piece.index("▲")
        before = text[:index]
        line, column = before.count("\n") + 1, index - before.rfind("\n")
        found.append(f"{line}:{column}: {message}")
    return found


@pytest.mark.parametrize(("old", "new", "expected"), SPOILED.values(), ids=SPOILED)
def test_parse_names_exactly_the_mistakes_and_their_places(old, new, expected):
    assert GOOD.count(old) == 1
    spoiled = GOOD.replace(old, new)

    assert mistakes_in(spoiled) == located(spoiled, expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just words", "keys are expected here: format, key, version, title"),
        ("- a\n- b", "keys are expected here: format, key, version, title"),
        ("12", "keys are expected here: format, key, version, title"),
        ("", "the file is empty"),
    ],
)
def test_parse_refuses_what_is_not_a_template(text, message):
    assert mistakes_in(text) == [f"1:1: {message}"]


def test_parse_reports_every_mistake_one_a_line():
    text = GOOD.replace("kind: rate", "kind: rating").replace("tables: 4", "tables: 0")

    with pytest.raises(TemplateErrors) as raised:
        loader.parse(text.encode(), name="day.yaml")

    assert raised.value.lines("other.yaml") == [
        "other.yaml:7:9: 'tables' must be at least 1",
        "other.yaml:40:15: unknown kind 'rating'; did you mean 'rate'?",
    ]
    assert str(raised.value) == (
        "day.yaml:7:9: 'tables' must be at least 1\n"
        "day.yaml:40:15: unknown kind 'rating'; did you mean 'rate'?"
    )
    assert raised.value.mistakes[0] == Mistake(7, 9, "'tables' must be at least 1")


def test_parse_gives_the_whole_tree_with_defaults():
    text = """format: 1
key: small
version: 3
title: Small
scales:
  agree:
    kind: ordinal
    points:
      - {key: low, value: -1, label: Low, gloss: Not at all}
      - {key: high, value: 1, label: High, short: Hi}
sessions:
  - key: only
    title: Only
    prompts:
      - key: rated
        kind: rate
        question: >
          Folded
          text
        scale: agree
        criteria: [{key: good, label: Good}]
        items: [{key: a, text: "Cafe\\u0301 "}]
"""

    assert loader.parse(text.encode()) == TemplateFile(
        format=1,
        key="small",
        version=3,
        title="Small",
        language="en",
        attribution="named",
        tables=1,
        extends=None,
        scales={
            "agree": Scale(
                kind="ordinal",
                points=(
                    ScalePoint(key="low", value=-1, label="Low", gloss="Not at all"),
                    ScalePoint(key="high", value=1, label="High", short="Hi"),
                ),
            )
        },
        sessions=(
            Session(
                key="only",
                title="Only",
                prompts=(
                    Prompt(
                        key="rated",
                        kind="rate",
                        question="Folded text",
                        voices=("people",),
                        scale="agree",
                        abstain=True,
                        reveal="by-hand",
                        reasons="optional",
                        invite=("points",),
                        criteria=(Criterion(key="good", label="Good"),),
                        items=(Item(key="a", text="Caf\u00e9"),),
                    ),
                ),
            ),
        ),
    )


def test_prompt_that_takes_items_over_asks_the_same_question_unless_told():
    text = GOOD.replace("        question: Which?\n", "")
    prompts = loader.parse(text.encode()).sessions[0].prompts

    assert (prompts[2].key, prompts[2].question) == ("pick", "How good?")


def test_links_and_arrows_in_a_brief_are_no_html():
    text = GOOD.replace("Some *words*.", "See <https://example.org>, 3 < 5, a <- b")

    assert loader.parse(text.encode()).sessions[0].brief.startswith("See <https")


def resolve(key, version):
    return loader.parse(GOOD.encode()) if (key, version) == ("trial", 1) else None


LOCAL = """format: 1
key: local
version: 1
title: Local
extends: trial@1
sessions:
  - key: first
    prompts:
      - {key: local-pick, kind: choose, question: Here?, items_from: principles}
  - {key: evening, title: Evening}
"""


def test_extends_takes_over_sessions_and_scales_and_adds():
    base = loader.parse(GOOD.encode())
    template = loader.parse(LOCAL.encode(), resolve=resolve)
    first = template.sessions[0]

    assert [session.key for session in template.sessions] == ["first", "evening"]
    assert first.prompts[:-1] == base.sessions[0].prompts
    assert [item.key for item in first.items_of(first.prompts[-1])] == ["p1", "p2"]
    assert template.scales == base.scales
    assert loader.parse(to_yaml(template), resolve=resolve) == template


def test_extends_takes_over_all_when_nothing_is_added():
    text = LOCAL[: LOCAL.index("sessions:")]
    template = loader.parse(text.encode(), resolve=resolve)

    assert template.sessions == loader.parse(GOOD.encode()).sessions


def test_extends_refuses_changes():
    text = LOCAL.replace(
        "    prompts:\n",
        "    title: Another first\n    minutes: 60\n    prompts:\n"
        "      - {key: talk, kind: discuss, question: Why not?}\n",
    )
    message = "this differs from trial@1, which may be added to, not changed"

    assert mistakes_in(text, resolve=resolve) == located(
        text, [("▲Another", message), ("▲{key: talk", message)]
    )


VALUES = [m.span(1) for m in re.finditer(r"[\[{, ](?:\w+): ([^\s{}\[\],]+)", GOOD)]
INSTEAD = [
    "",
    "[]",
    "{}",
    "[x]",
    "{x: y}",
    "no",
    "1",
    "-1",
    "99999",
    "true",
    "~",
    '"',
    "|",
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALUES), st.sampled_from(INSTEAD), st.integers(0, 60), st.data())
def test_no_spoiled_file_makes_parse_stumble(span, instead, cut, data):
    start, end = span
    text = GOOD[:start] + instead + GOOD[end:]
    at = data.draw(st.integers(0, len(text)))
    text = text[:at] + data.draw(st.sampled_from(INSTEAD)) + text[at + cut // 3 :]
    for source in (text, text.replace("tables: 4", "extends: trial@1")):
        try:
            template = loader.parse(source.encode(), resolve=resolve)
        except TemplateErrors as error:
            assert all(mistake.line >= 1 for mistake in error.mistakes)
        else:
            assert loader.parse(to_yaml(template), resolve=resolve) == template


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text("ab:-[]{}?!&*|>'\"#%@ \\n\n").map(str.encode))
def test_any_bytes_are_refused_in_words(source):
    with pytest.raises(TemplateErrors):
        loader.parse(source)
