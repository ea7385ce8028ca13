"""The report as PDF/UA-1: tagged, with bookmarks, for screen readers and for paper."""

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from deliberation.writeup import apart, typesetting
from deliberation.writeup import plan as planning
from deliberation.writeup.as_html import context
from deliberation.writeup.structure import Report


def pdf(report: Report) -> bytes:
    """Return the report as PDF. Raises CannotMake, on a machine without Pango too."""
    with planning.spoken(report):
        html = document(report)
    try:
        return apart.run(typesetting, html.encode())
    except apart.Failed as failed:
        if failed.status != typesetting.NO_PANGO:
            raise
        reason = _("This server cannot make PDFs: Pango is not installed.")
        raise apart.CannotMake(reason) from None


def document(report: Report) -> str:
    """Return the HTML that the PDF is set from."""
    return render_to_string("reader/paper.html", context(report, paper=True))
