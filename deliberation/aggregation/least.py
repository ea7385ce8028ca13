"""How many answers it takes before something is said of them.

What a table answers as a table it says openly: one is enough.
"""

LEAST_SHOWN = 3  # of people, for anything but their number: fewer would be known
LEAST_FOR_INDEX = 5  # of people, for a median, a mean, a word, a share


def least_shown(voice: str) -> int:
    """Return how many answers of a voice anything that is said needs."""
    return 1 if voice == "tables" else LEAST_SHOWN


def least_for_index(voice: str) -> int:
    """Return how many answers of a voice an index needs."""
    return 1 if voice == "tables" else LEAST_FOR_INDEX
