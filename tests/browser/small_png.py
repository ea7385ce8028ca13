"""Makes screenshots small: at most 256 colours, packed as hard as zlib can."""

import struct
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_COLOURS = 256


def shrink(png: bytes) -> bytes:
    """Return the picture with a palette: its most frequent colours, the nearest else.

    png: 8 bits a channel, RGB or RGBA (which is taken as opaque), not interlaced, as
        browsers write it. Raises ValueError for any other.
    """
    width, height, rows = read(png)
    pixels = array("I", (pixel for row in rows for pixel in row))
    counts = Counter(pixels)
    palette = [colour for colour, _n in counts.most_common(MOST_COLOURS)]
    place = {colour: nearest(colour, palette) for colour in counts}
    packed = bytearray()
    for start in range(0, len(pixels), width):
        packed.append(0)  # no filter: with a palette, neighbours are not near
        packed += bytes(place[pixel] for pixel in pixels[start : start + width])
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(colour.to_bytes(3) for colour in palette)
    return SIGNATURE + b"".join(
        chunk(kind, content)
        for kind, content in [
            (b"IHDR", head),
            (b"PLTE", colours),
            (b"IDAT", zlib.compress(bytes(packed), 9)),
            (b"IEND", b""),
        ]
    )


def read(png: bytes) -> tuple[int, int, Iterator[list[int]]]:
    """Return width, height and the rows of a picture, a number 0xRRGGBB a pixel."""
    if not png.startswith(SIGNATURE):
        raise ValueError("This is not a PNG.")
    content = dict(chunks(png))
    width, height, depth, kind, *_methods, interlaced = struct.unpack(
        ">IIBBBBB", content[b"IHDR"]
    )
    if depth != 8 or kind not in (2, 6) or interlaced:
        raise ValueError("Only 8 bits a channel, RGB or RGBA, not interlaced.")
    step = 3 if kind == 2 else 4
    return width, height, unfiltered(zlib.decompress(content[b"IDAT"]), width, step)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks; the picture itself as one, at its end."""
    place, picture = len(SIGNATURE), b""
    while place < len(png):
        [length] = struct.unpack_from(">I", png, place)
        kind = png[place + 4 : place + 8]
        content = png[place + 8 : place + 8 + length]
        if kind == b"IDAT":
            picture += content
        else:
            yield kind, content
        place += 12 + length
    yield b"IDAT", picture


def unfiltered(data: bytes, width: int, step: int) -> Iterator[list[int]]:
    size = width * step
    above = bytearray(size)
    for start in range(0, len(data), size + 1):
        row = bytearray(data[start + 1 : start + 1 + size])
        add_neighbours(row, above, data[start], step)
        yield [
            red << 16 | green << 8 | blue
            for red, green, blue in zip(
                row[0::step], row[1::step], row[2::step], strict=True
            )
        ]
        above = row


def add_neighbours(row: bytearray, above: bytearray, method: int, step: int) -> None:
    """Turn differences from the neighbours to the left and above into values."""
    if method == 2:
        row[:] = bytes((a + b) & 255 for a, b in zip(row, above, strict=True))
        return
    if method == 0:
        return
    for i in range(len(row)):
        left = row[i - step] if i >= step else 0
        if method == 1:
            guess = left
        elif method == 3:
            guess = (left + above[i]) // 2
        else:
            corner = above[i - step] if i >= step else 0
            guess = paeth(left, above[i], corner)
        row[i] = (row[i] + guess) & 255


def paeth(left: int, above: int, corner: int) -> int:
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))


def nearest(colour: int, palette: list[int]) -> int:
    """Return the place of the palette's colour that is least far from this one."""

    def distance(place: int) -> int:
        other = palette[place]
        red = (colour >> 16) - (other >> 16)
        green = (colour >> 8 & 255) - (other >> 8 & 255)
        blue = (colour & 255) - (other & 255)
        return 3 * red * red + 4 * green * green + 2 * blue * blue

    return min(range(len(palette)), key=distance)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
