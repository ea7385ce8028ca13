"""What a published version says otherwise than the one before it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from deliberation.models import Publication
from deliberation.writeup import structure
from deliberation.writeup.builder import language_of
from deliberation.writeup.differences import differences


def changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found = Publication.objects.filter(workshop__slug=slug).select_related("workshop")
    versions = {
        one.number: one for one in found.filter(number__in=[number - 1, number])
    }
    if number not in versions or number - 1 not in versions:
        raise Http404
    new, old = versions[number], versions[number - 1]
    report = structure.from_json(new.report)
    with translation.override(language_of(new.workshop)):
        context = {
            "workshop": new.workshop,
            "report": report,
            "publication": new,
            "before": old,
            "changes": differences(structure.from_json(old.report), report),
        }
        return render(request, "writeup/changes.html", context)
