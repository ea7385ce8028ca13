"""Published write-ups, for everybody who has the address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from deliberation.models import Publication
from deliberation.views.console_results import as_file
from deliberation.writeup import as_html
from deliberation.writeup import plan as planning
from deliberation.writeup.apart import CannotMake
from deliberation.writeup.files import FILES, published_file
from deliberation.writeup.structure import from_json


@require_safe
def newest(request: HttpRequest, slug: str) -> HttpResponse:
    published = Publication.objects.filter(workshop__slug=slug).last()
    if published is None:
        raise Http404
    return _page(request, slug, published, newest=published.number)


@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    published = _version(slug, number)
    of_workshop = Publication.objects.filter(workshop_id=published.workshop_id)
    numbers = of_workshop.values_list("number", flat=True)
    return _page(request, slug, published, newest=max(numbers))


def _version(slug: str, number: int) -> Publication:
    versions = Publication.objects.select_related("workshop")
    return get_object_or_404(versions, workshop__slug=slug, number=number)


def _page(
    request: HttpRequest, slug: str, published: Publication, *, newest: int
) -> HttpResponse:
    report = from_json(published.report)
    address = reverse("reader:version", args=[slug, published.number])
    with planning.spoken(report):
        context = as_html.context(report, records_at=f"{address}records/") | {
            "slug": slug,
            "number": published.number,
            "newest": newest,
            "files": [{"name": name, "label": f.label} for name, f in FILES.items()],
        }
        return render(request, "reader/page.html", context)


@require_safe
def record(request: HttpRequest, slug: str, number: int, record: int) -> HttpResponse:
    """Show what stands behind one figure, of reports with too much for one page."""
    report = planning.legible(from_json(_version(slug, number).report))
    if not 1 <= record <= len(report.records):
        raise Http404
    with planning.spoken(report):
        context = as_html.frame(report) | {
            "slug": slug,
            "number": number,
            "record": as_html.record(report.records[record - 1], record),
        }
        return render(request, "reader/record.html", context)


@require_safe
def file(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    published = _version(slug, number)
    if name not in FILES:
        raise Http404
    try:
        content = published_file(published, name)
    except CannotMake as reason:
        report = from_json(published.report)
        with planning.spoken(report):
            context = as_html.frame(report) | {
                "slug": slug,
                "number": number,
                "label": FILES[name].label,
                "reason": reason,
            }
            page = render(request, "reader/cannot_make.html", context, status=503)
            page["Retry-After"] = "10"
            return page
    kind = FILES[name].kind
    return as_file(published.workshop.slug, f"{number}-{name}", kind, content)
