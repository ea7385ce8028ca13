"""A picture as PNG."""

import re

import resvg_py

from . import letters

SCALE = 2.0
MOST_PIXELS = 6_000_000  # drawing more holds up all else in the process too long
SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


def png(svg_text: str, *, scale: float = SCALE) -> bytes:
    """Return what `svg` made as PNG, `scale` pixels for each px, up to six million.

    The typefaces of the machine are read only for characters that ours lacks; where
    none has them, a box stands. Raises ValueError for what is no such document.
    """
    size = SIZE.search(svg_text)
    if size is None:
        raise ValueError("This is not a picture made here.")
    area = int(size[1]) * int(size[2])
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg_text,
            zoom=min(scale, (MOST_PIXELS / area) ** 0.5),
            font_files=[str(letters.font_path())],
            font_family="Source Sans 3",
            skip_system_fonts=letters.is_known(svg_text),
        )
    )
