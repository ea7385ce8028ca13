"""What comes in outside the fields of forms: words and numbers in addresses.

Anybody can write anything there. What no row can match is not asked for at all.
"""

LONGEST = 18  # digits that every database has room for


def number(text: str | None) -> int:
    """Return the number of a row that a text names; 0, which no row has, for others."""
    if not text or len(text) > LONGEST or not (text.isascii() and text.isdigit()):
        return 0
    return int(text)


def is_storable(text: str) -> bool:
    """Tell whether a database can be asked for a text: something, without NUL."""
    return bool(text) and "\0" not in text
