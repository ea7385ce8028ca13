"""Session templates in the browser: look, check, preview, compare, load, download."""

import base64
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from config import incoming
from deliberation import preview
from workshops.actions import templates
from workshops.models import SessionTemplate
from workshops.session_templates import diff, reader
from workshops.session_templates.mistakes import Mistake, TemplateErrors
from workshops.session_templates.schema import TemplateFile

MOST_SHOWN = 200  # mistakes on one page
TOKEN = re.compile(r"[^\s,\]}]+")


class SourceForm(forms.Form):
    """A template as a file or as text; the file counts if there are both."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/*"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 16, "class": "code", "spellcheck": "false"}
        ),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > reader.MAX_BYTES:
            raise forms.ValidationError(
                _("This file has %(size)d KB; a template has at most %(limit)d KB.")
                % {"size": file.size // 1024, "limit": reader.MAX_BYTES // 1024}
            )
        return file

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        text = (data.get("text") or "").replace("\r\n", "\n")
        if data.get("file"):
            data["name"], data["source"] = data["file"].name, data["file"].read()
        elif text.strip():
            data["name"], data["source"] = _("the text"), text.encode()
        elif not self.errors:
            self.add_error("file", _("Please choose a file or paste its text."))
        return data


@dataclass(frozen=True)
class Line:
    """A line of a file; what is wrong begins with `marked`."""

    before: str
    marked: str
    after: str
    mistakes: list[Mistake]


@login_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    versions: dict[str, list[SessionTemplate]] = {}
    for template in SessionTemplate.objects.defer("source"):
        versions.setdefault(template.key, []).append(template)
    context = {
        "found": [{"newest": rows[0], "older": rows[1:]} for rows in versions.values()],
    }
    return render(request, "session_templates/list.html", context)


@login_required
@require_GET
def show(request: HttpRequest, key: str, version: int) -> HttpResponse:
    template = get_object_or_404(SessionTemplate, key=key, version=version)
    source = bytes(template.source)
    context = {"template": template, "lines": lines_of(source, [])}
    try:
        context |= _described(templates.tree(template))
    except TemplateErrors as errors:  # loaded by a version with other rules
        context |= _with_mistakes(source, errors)
    return render(request, "session_templates/show.html", context)


@login_required
@require_GET
def download(request: HttpRequest, key: str, version: int) -> HttpResponse:
    template = get_object_or_404(SessionTemplate, key=key, version=version)
    name = f"{template.key}-{template.version}.yaml"
    return HttpResponse(
        bytes(template.source),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@login_required
def check(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        form = SourceForm(initial={"text": _next_version_of(request.GET.get("from"))})
        return render(request, "session_templates/check.html", {"form": form})
    form = SourceForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(
            request, "session_templates/check.html", {"form": form}, status=422
        )
    return _examine(request, form.cleaned_data["source"], form.cleaned_data["name"])


@login_required
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Load what was checked; between the two it travels in the form, as it is."""
    if not may_load(request.user):
        raise PermissionDenied
    name = request.POST.get("name", "")[:200] or _("the text")
    try:
        source = base64.b64decode(request.POST.get("source", ""), validate=True)
    except ValueError:  # binascii.Error is one
        messages.error(request, _("The form came in damaged. Please check it again."))
        return redirect("templates:check")
    try:
        template, made = templates.load(source, name=name, user=request.user)
    except TemplateErrors:  # such as: somebody has loaded this version since
        return _examine(request, source, name)
    text = _("%(name)s is loaded.") if made else _("%(name)s is already loaded.")
    messages.success(request, text % {"name": template})
    return redirect("templates:show", template.key, template.version)


def may_load(user) -> bool:
    """Tell whether an account may load templates for everybody."""
    return user.is_staff or user.has_perm("workshops.add_sessiontemplate")


def _examine(request: HttpRequest, source: bytes, name: str) -> HttpResponse:
    """Show what is wrong with a file, or how it will look and what it changes."""
    text = _decoded(source)
    context: dict[str, Any] = {
        "form": SourceForm(initial={"text": text}),
        "name": name,
        "lines": lines_of(source, []),
    }
    try:
        tree = templates.check(source, name=name)
    except TemplateErrors as errors:
        context |= _with_mistakes(source, errors)
        return render(request, "session_templates/check.html", context, status=422)
    loaded = SessionTemplate.objects.filter(key=tree.key, version=tree.version)
    context |= _described(tree) | {
        "tree": tree,
        "loaded": loaded.first(),
        "may_load": may_load(request.user),
        "source": base64.b64encode(source).decode(),
    }
    return render(request, "session_templates/check.html", context)


def _described(tree: TemplateFile) -> dict[str, Any]:
    """Return what a template holds, how it will look and what it changes."""
    previous = (
        SessionTemplate.objects.filter(key=tree.key, version__lt=tree.version)
        .order_by("-version")
        .first()
    )
    previews = preview.of_tree(tree)
    prompts = sum(len(session.prompts) for session in tree.sessions)
    found: dict[str, Any] = {
        "tree": tree,
        "prompts": prompts,
        "previews": previews,
        "not_drawn": prompts - sum(1 for one in previews if one.kind),
        "previous": previous,
    }
    if previous is not None:
        try:
            found["changes"] = diff.changes(templates.tree(previous), tree)
        except TemplateErrors:  # loaded by a version of this software with other rules
            found["previous"] = None
    return found


def _with_mistakes(source: bytes, errors: TemplateErrors) -> dict[str, Any]:
    shown = errors.mistakes[:MOST_SHOWN]
    return {
        "mistakes": shown,
        "number": len(errors.mistakes),
        "more": len(errors.mistakes) - len(shown),
        "lines": lines_of(source, shown),
    }


def lines_of(source: bytes, mistakes: list[Mistake]) -> list[Line]:
    """Return a file line by line, with the mistakes of each."""
    if len(source) > reader.MAX_BYTES:
        return []
    by_line: dict[int, list[Mistake]] = {}
    for mistake in mistakes:
        by_line.setdefault(mistake.line, []).append(mistake)
    lines = _decoded(source).removesuffix("\n").split("\n")
    return [
        _line(text.removesuffix("\r"), by_line.get(number, []))
        for number, text in enumerate(lines, start=1)
    ]


def _line(text: str, mistakes: list[Mistake]) -> Line:
    if not mistakes:
        return Line(text, "", "", [])
    start = mistakes[0].column - 1
    found = TOKEN.match(text, start)
    end = found.end() if found else start + 1
    return Line(text[:start], text[start:end], text[end:], mistakes)


def _decoded(source: bytes) -> str:
    return source.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


def _next_version_of(pk: str | None) -> str:
    """Return the text of a loaded template with the number of its next version."""
    template = SessionTemplate.objects.filter(pk=incoming.number(pk)).first()
    if template is None:
        return ""
    version = f"version: {templates.next_version(template.key)}"
    text = _decoded(bytes(template.source)).replace("\r\n", "\n")
    return re.sub(r"^version: *[0-9]+", version, text, count=1, flags=re.MULTILINE)
