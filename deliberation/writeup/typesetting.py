"""Sets HTML as PDF: `python -m deliberation.writeup.typesetting < JSON > PDF`.

No Django. What is set may hold any text, so nothing is fetched for it, whatever it
names: only our typeface is read, and the process opens no connection.
"""

import gc
import json
import os
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from deliberation.writeup import apart

NO_PANGO = 69  # exit status: the machine lacks what Python cannot bring along
FONTS = {
    "typeface:upright": "SourceSans3[wght].ttf",
    "typeface:italic": "SourceSans3-Italic[wght].ttf",
}
FOLDER = Path(str(files("fontpkg_source_sans_3"))) / "files"
STYLES = Path(__file__).with_name("paper.css")


class Denied(ValueError):
    """Something was asked for that is not part of the document."""


def pdf(html: str, pictures: Mapping[str, str]) -> bytes:
    """Return a whole HTML document as PDF/UA-1. Raises OSError without Pango.

    pictures: SVG documents by name; `picture:NAME` is a picture's address.
    """
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    drawn = {f"picture:{name}": svg for name, svg in pictures.items()}

    class OnlyOurs(weasyprint.urls.URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in FONTS:
                found, kind = (FOLDER / FONTS[url]).read_bytes(), "font/ttf"
            elif url in drawn:
                found, kind = drawn[url].encode(), "image/svg+xml"
            else:
                raise Denied(url)
            headed = {"Content-Type": kind}
            return weasyprint.urls.URLFetcherResponse(url, found, headed)

    fetcher, fonts = OnlyOurs(), FontConfiguration()
    styles = weasyprint.CSS(
        string=STYLES.read_text(), url_fetcher=fetcher, font_config=fonts
    )
    document = weasyprint.HTML(string=html, url_fetcher=fetcher)
    made = document.write_pdf(
        stylesheets=[styles], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    assert isinstance(made, bytes)
    return made


def without_connections(event: str, _arguments: tuple[Any, ...]) -> None:
    """End whatever opens a socket; an audit hook, which cannot be taken back."""
    if event.startswith("socket."):
        raise Denied(event)


def main() -> int:
    sys.addaudithook(without_connections)
    os.nice(apart.NICE)
    gc.disable()  # a document is one large net: to go through it is a tenth of the work
    given = json.load(sys.stdin.buffer)
    try:
        made = pdf(**given)
    except OSError as error:
        if "cannot load library" not in str(error):
            raise
        return NO_PANGO
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
