"""Session templates are checked and loaded; a loaded (key, version) never changes."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from workshops.models import SessionTemplate
from workshops.session_templates import loader, reader
from workshops.session_templates.mistakes import Mistake, TemplateErrors, show
from workshops.session_templates.schema import TemplateFile


def check(source: bytes, *, name: str = "template") -> TemplateFile:
    """Return what a file holds if it could be loaded now.

    name: what mistakes call the file. Raises TemplateErrors with every mistake.
    """
    found = loader.parse(source, name=name, resolve=_resolve)
    _refuse_other_content(found, source, name=name)
    return found


def load(
    source: bytes, *, name: str = "template", user=None
) -> tuple[SessionTemplate, bool]:
    """Store a file, byte for byte; return it and whether it is new.

    The same (key, version) with the same bytes is loaded already and stays as it is.
    Raises TemplateErrors, also for a loaded (key, version) with other bytes.
    """
    found = check(source, name=name)
    try:
        with transaction.atomic():
            return SessionTemplate.objects.get_or_create(
                key=found.key,
                version=found.version,
                defaults={
                    "title": found.title,
                    "language": found.language,
                    "source": source,
                    "sha256": _digest(source),
                    "loaded_by": user,
                },
            )
    except IntegrityError:  # somebody loaded it in the same moment
        _refuse_other_content(found, source, name=name)
        return SessionTemplate.objects.get(key=found.key, version=found.version), False


def tree(template: SessionTemplate) -> TemplateFile:
    """Return what a loaded template holds, with the sessions it takes over."""
    return loader.parse(bytes(template.source), name=str(template), resolve=_resolve)


def family(template: SessionTemplate) -> list[SessionTemplate]:
    """Return a loaded template after those that it takes sessions over from."""
    found = [template]

    def note(key: str, version: int) -> TemplateFile | None:
        found.insert(0, SessionTemplate.objects.get(key=key, version=version))
        return loader.parse(bytes(found[0].source), resolve=note)

    loader.parse(bytes(template.source), name=str(template), resolve=note)
    return found


def next_version(key: str) -> int:
    """Return the version that a new file with this key can have."""
    newest = SessionTemplate.objects.filter(key=key).order_by("-version").first()
    return newest.version + 1 if newest else 1


def _resolve(key: str, version: int) -> TemplateFile | None:
    found = SessionTemplate.objects.filter(key=key, version=version).first()
    return tree(found) if found else None


def _refuse_other_content(found: TemplateFile, source: bytes, *, name: str) -> None:
    loaded = SessionTemplate.objects.filter(key=found.key, version=found.version)
    digests = loaded.values_list("sha256", flat=True)
    if all(digest == _digest(source) for digest in digests):
        return
    place = reader.read(source).place(("version",))
    message = _(
        "version %(version)d of %(key)s is loaded with other content and never "
        "changes; make this version %(next)d"
    ) % {
        "version": found.version,
        "key": show(found.key),
        "next": next_version(found.key),
    }
    raise TemplateErrors([Mistake(*place, message)], name=name)


def _digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()
