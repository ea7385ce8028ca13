"""The workshops of a series side by side, for who may see them."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from deliberation import csv_files
from deliberation.live.console_series import drawing, series_page
from deliberation.pictures import standalone
from deliberation.series import COLUMNS, flat, series_results
from deliberation.views.console import signed_in
from deliberation.views.console_explore import KINDS
from deliberation.views.console_results import CSV, as_file
from workshops.models import Series, Workshop


@signed_in
def compare(request: HttpRequest, key: str) -> HttpResponse:
    series, workshops = find_series(request, key)
    asked = request.GET.get("prompt", "")
    context = {"series": series, **series_page(workshops, asked)}
    return render(request, "console/series.html", context)


@signed_in
def data(request: HttpRequest, key: str) -> HttpResponse:
    series, workshops = find_series(request, key)
    found = series_results(series, workshops)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    return as_file(series.key, "series.json", "application/json", text.encode())


@signed_in
def table(request: HttpRequest, key: str) -> HttpResponse:
    series, workshops = find_series(request, key)
    rows = flat(series_results(series, workshops))
    return as_file(series.key, "series.csv", CSV, csv_files.write(COLUMNS, rows))


@signed_in
def picture(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """Answer with one of the pictures of `compare`, as a file: its `figure`."""
    series, workshops = find_series(request, key)
    asked, ident = request.GET.get("prompt", ""), request.GET.get("figure", "")
    drawn = drawing(series, workshops, asked, ident) if kind in KINDS else None
    if drawn is None:
        raise Http404
    content = standalone.png(drawn) if kind == "png" else drawn.encode()
    return as_file(series.key, f"series.{kind}", KINDS[kind], content)


def find_series(request: HttpRequest, key: str) -> tuple[Series, list[Workshop]]:
    """Return a series with those workshops that this account may see, by date.

    Raises Http404 if there are none: who runs none of them learns nothing of it.
    """
    mine = Workshop.objects.run_by(request.user).filter(series__key=key)
    workshops = list(mine.select_related("series").order_by("date", "created_at"))
    if not workshops or workshops[0].series is None:
        raise Http404
    return workshops[0].series, workshops
