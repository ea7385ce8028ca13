"""The report as PDF/UA-1: tagged, with bookmarks, for screen readers and for paper."""

import json

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from deliberation.writeup import apart, typesetting
from deliberation.writeup import plan as planning
from deliberation.writeup.as_html import context
from deliberation.writeup.structure import Json, Report


def pdf(report: Report) -> bytes:
    """Return the report as PDF. Raises CannotMake, on a machine without Pango too."""
    with planning.spoken(report):
        given = document(report)
    try:
        return apart.run(typesetting, json.dumps(given).encode())
    except apart.Failed as failed:
        if failed.status != typesetting.NO_PANGO:
            raise
        reason = _("This server cannot make PDFs: Pango is not installed.")
        raise apart.CannotMake(reason) from None


def document(report: Report) -> Json:
    """Return what the PDF is set from, as `typesetting.pdf` takes it.

    Pictures come beside the HTML: in it, each mark would be styled like a paragraph.
    """
    drawn = context(report, paper=True)
    pictures = {
        str(block["number"]): block["drawing"].on_paper
        for part in drawn["parts"]
        for block in part["blocks"]
        if block["is"] == "picture" and block["drawing"]
    }
    html = render_to_string("reader/paper.html", drawn)
    return {"html": html, "pictures": pictures}
