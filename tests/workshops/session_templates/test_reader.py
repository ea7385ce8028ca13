import resource
import time

import pytest

from workshops.session_templates.mistakes import TemplateErrors
from workshops.session_templates.reader import MAX_BYTES, Twisted, read

LAUGHS = "a: &a [x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
# Each is refused within two seconds, without memory, at this place.
BOMBS = {
    "80 kB of open brackets": ("[" * 80_000, (1, 21)),
    "80 kB of open braces": ("{" * 80_000, (1, 21)),
    "80 kB of hyphens": ("- " * 80_000, (1, 41)),
    "80 kB of question marks": ("? " * 80_000, (1, 41)),
    "brackets, open and closed": ("a: " + "[" * 40_000 + "]" * 40_000, (1, 23)),
    "deeply indented": (
        "".join(" " * depth + "k:\n" for depth in range(500)),
        (21, 21),
    ),
    "a list of 120,000": ("[" + "a," * 120_000 + "]", (1, 39996)),
    "a list of 100,000 aliases": ("a: &a x\nb: [" + "*a," * 80_000 + "]", (1, 4)),
    "aliases of aliases": (LAUGHS, (1, 4)),
    "an alias of itself": ("a: &a [*a]", (1, 4)),
    "200,000 quotation marks": ('"' * 200_000, (1, 3)),
    "250,000 colons": (":" * 250_000, (1, 250_000)),
    "a directive of 200 kB": ("%" * 200_000, (1, 1)),
    "a version of 6,000 digits": ("%YAML 1." + "1" * 6000 + "\n---\na: b", (1, 1)),
    "an escape beyond Unicode": ('a: "\\UFFFFFFFF"', (1, 2)),
    "5,000 keys": ("".join(f"k{n}: [1, 2]\n" for n in range(5000)), (4000, 9)),
    "the same key 9,000 times": ("a: b\n" * 9000, (2, 1)),
}


@pytest.mark.parametrize(("text", "place"), BOMBS.values(), ids=BOMBS)
def test_read_refuses_bombs_quickly_and_names_the_place(text, place):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()

    document = None
    try:
        document = read(text.encode())
        mistakes = document.mistakes
    except TemplateErrors as error:
        mistakes = error.mistakes

    assert (mistakes[0].line, mistakes[0].column) == place
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.parametrize(
    "text",
    [
        "# " + "x" * (MAX_BYTES - 10) + "\na: b",
        "a: |\n" + "  x\n" * 60_000 + "b: 1",
        "a: " + "x " * 120_000,
        "a: '" + "x\n\n " * 50_000 + "'",
        "\n" * 200_000 + "a: b",
    ],
    ids=["comment", "block", "one line", "quoted lines", "empty lines"],
)
def test_read_is_quick_with_much_of_what_is_allowed(text):
    began = time.process_time()

    assert read(text.encode()).mistakes == []
    assert time.process_time() - began < 2


UNREADABLE = {
    "nothing": (b"", "1:1: the file is empty"),
    "blanks": (b" \n \n", "1:1: the file is empty"),
    "a comment alone": (b"# nothing\n", "1:1: the file is empty"),
    "too large": (
        b"#" * (MAX_BYTES + 1),
        "1:1: the file has 262145 bytes; at most 262144 are allowed",
    ),
    "a Word file": (
        b"PK\x03\x04\x14\x00\x06\x00",
        "1:1: this is a Word or ZIP file; save it as plain text",
    ),
    "UTF-16": (
        "title: x".encode("utf-16"),
        "1:1: the file is saved as UTF-16; save it as UTF-8",
    ),
    "UTF-16 without mark": (
        "t: x".encode("utf-16-le"),
        "1:2: a control character that cannot be seen (U+0000); delete it",
    ),
    "latin-1": (
        "a: b\ntitle: Café".encode("latin-1"),
        "2:11: this is not UTF-8 text (byte 0xE9); save the file as UTF-8",
    ),
    "truncated in a character": (
        "a: é".encode()[:-1],
        "1:4: this is not UTF-8 text (byte 0xC3); save the file as UTF-8",
    ),
    "NUL": (
        b"a: b\nc: d\x00",
        "2:5: a control character that cannot be seen (U+0000); delete it",
    ),
    "escape": (
        b"a: \x1b[31m",
        "1:4: a control character that cannot be seen (U+001B); delete it",
    ),
    "line separator": (
        "a: b\u2028c".encode(),
        "1:5: a control character that cannot be seen (U+2028); delete it",
    ),
    "reversed reading order": (
        "a: b\u202ec".encode(),
        "1:5: a control character that cannot be seen (U+202E); delete it",
    ),
    "carriage return alone": (
        b"a: b\rc: d",
        "1:5: a control character that cannot be seen (U+000D); delete it",
    ),
    "tab as indent": (b"a:\n\tb: c", "2:1: a tab; use blanks instead"),
    "tab in text": (b"a: b\tc", "1:5: a tab; use blanks instead"),
    "colon in text": (
        b"a: b: c",
        "1:5: a colon cannot stand here; put text with colons in quotes",
    ),
    "open quotes": (
        b'a: b\nc: "d\n',
        "2:4: the quotation mark that begins here is never closed",
    ),
    "open bracket": (
        b"a: [b\nc: d",
        "1:4: the bracket that begins here is not closed properly",
    ),
    "bracket too many": (
        b"{a: b}}",
        "1:7: something is left over here; check brackets and quotes",
    ),
    "wrong indent": (
        b"a:\n  - b\n c: d",
        "3:2: this line does not fit in; check how far it is indented",
    ),
    "at sign": (
        b"a: @b",
        "1:4: text cannot begin with this character; put it in quotes",
    ),
    "hyphen after key": (
        b"a: - b",
        "1:4: a hyphen cannot stand here; begin a new line for each entry",
    ),
    "directive": (
        b"# x\n%YAML 1.1\n---\na: b",
        "2:1: lines that begin with a percent sign are not allowed",
    ),
    "key without colon": (
        b"a: b\nc\nd: e",
        "3:1: a colon is missing after the key before this place",
    ),
}


@pytest.mark.parametrize(("source", "mistake"), UNREADABLE.values(), ids=UNREADABLE)
def test_read_says_why_a_file_cannot_be_read(source, mistake):
    with pytest.raises(TemplateErrors) as raised:
        read(source)

    assert [str(found) for found in raised.value.mistakes] == [mistake]


REFUSED = {
    "anchor": ("a: &x b", ["1:4: anchors ('&x') are not allowed; delete it"]),
    "alias": ("a: *x", ["1:4: aliases ('*x') are not allowed; write the text out"]),
    "tag": ("a: !!str b", ["1:4: tags ('!!str') are not allowed; put text in quotes"]),
    "python tag": (
        "a: !!python/object/apply:os.system [ls]",
        [
            "1:4: tags ('!!python/object/apply:os.system') are not allowed; "
            "put text in quotes"
        ],
    ),
    "merge": (
        "a: {b: c}\nd:\n  <<: {b: c}",
        ["3:3: merging with '<<' is not allowed; write the keys out"],
    ),
    "duplicate": (
        "a: b\nc: d\na: e",
        ["3:1: key 'a' is given twice; first in line 1"],
    ),
    "duplicates apart are none": ("a: {c: d}\nb: {c: d}", []),
    "list as key": (
        "? [a, b]\n: c",
        ["1:3: a key must be a word, not a list or alias"],
    ),
    "no value": (
        "a:\nb: ~",
        [
            "1:1: 'a' has no value; give one or leave the key out",
            "2:1: 'b' has no value; give one or leave the key out",
        ],
    ),
    "empty entry": (
        "a:\n  -\n  - b",
        ["2:4: an empty entry; write something or delete the hyphen"],
    ),
    "two documents": (
        "a: b\n---\nc: d",
        ["2:1: a second document begins here; a file holds one template"],
    ),
    "directive after the end": (
        "a: b\n...\n%YAML 1.1\n---\na: b",
        ["4:1: a second document begins here; a file holds one template"],
    ),
    "NUL by escape": (
        'a: "\\0"',
        ["1:4: a control character that cannot be seen (U+0000); delete it"],
    ),
    "half a character by escape": (
        'a: "\\ud800"',
        ["1:4: a control character that cannot be seen (U+D800); delete it"],
    ),
}


@pytest.mark.parametrize(("text", "mistakes"), REFUSED.values(), ids=REFUSED)
def test_read_goes_on_after_what_it_refuses(text, mistakes):
    assert [str(found) for found in read(text.encode()).mistakes] == mistakes


@pytest.mark.parametrize(
    "text",
    [
        *("no", "NO", "yes", "y", "N", "on", "Off", "True", "FALSE", "="),
        *("12:30", "1:2:3", "010", "0x1F", "0b1", "0o17", "1_000", "+5", "00"),
        *("1.5", "1e3", ".5", ".inf", "-.INF", ".nan", "2006-11-07", "1234567890"),
    ],
)
def test_read_keeps_what_other_readers_would_twist_apart(text):
    assert read(f"a: {text}".encode()).data == {"a": Twisted(text)}
    assert read(f"a: '{text}'".encode()).data == {"a": text}


def test_read_gives_plain_values_with_places():
    document = read(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - c: true\r\n    d: nothing\r\n")

    assert document.data == {"a": 1, "b": [{"c": True, "d": "nothing"}]}
    assert document.values[("b", 0, "d")] == (4, 8)
    assert document.keys[("b", 0, "d")] == (4, 5)
