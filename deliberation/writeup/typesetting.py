"""Sets HTML as PDF: `python -m deliberation.writeup.typesetting < HTML > PDF`.

No Django. What is set may hold any text, so nothing is fetched for it, whatever it
names: only our typeface is read, and the process opens no connection.
"""

import os
import sys
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


def pdf(html: str) -> bytes:
    """Return a whole HTML document as PDF/UA-1. Raises OSError without Pango."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    class OnlyOurTypeface(weasyprint.urls.URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in FONTS:
                raise Denied(url)
            font = (FOLDER / FONTS[url]).read_bytes()
            kind = {"Content-Type": "font/ttf"}
            return weasyprint.urls.URLFetcherResponse(url, font, kind)

    fetcher, fonts = OnlyOurTypeface(), FontConfiguration()
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
    html = sys.stdin.buffer.read().decode()
    try:
        made = pdf(html)
    except OSError as error:
        if "cannot load library" not in str(error):
            raise
        return NO_PANGO
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
