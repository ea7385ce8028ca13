"""What comes in, from people and from whoever writes addresses by hand.

Text that people write is made storable. A number or word in an address that no row
can match is not asked for at all.
"""

import re
import unicodedata

# Databases, XML and spreadsheets refuse these; each becomes a blank.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# These turn the text beside them round, or show nothing at all.
HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
LONGEST = 18  # digits that every database has room for


def clean_text(text: str) -> str:
    """Return text that every database and document can hold, in composed form.

    Line ends become `\\n`, control characters a blank, marks that turn text round go,
    and so do blanks around it. What shows nothing is no text.
    """
    text = HIDDEN.sub("", CONTROLS.sub(" ", LINE_ENDS.sub("\n", text)))
    return unicodedata.normalize("NFC", text).strip() if is_visible(text) else ""


def is_visible(text: str) -> bool:
    """Tell whether a reader would see anything of a text."""
    return any(
        unicodedata.category(char)[0] not in "CZ" and char not in BLANK_LETTERS
        for char in text
    )


def number(text: str | None) -> int:
    """Return the number of a row that a text names; 0, which no row has, for others."""
    if not text or len(text) > LONGEST or not (text.isascii() and text.isdigit()):
        return 0
    return int(text)


def is_storable(text: str) -> bool:
    """Tell whether a database can be asked for a text: something, without NUL."""
    return bool(text) and "\0" not in text
