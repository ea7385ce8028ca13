"""From a session template's bytes to a tree of values, or to all of its mistakes."""

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _
from pydantic import ValidationError

from workshops.session_templates import checks, messages, reader
from workshops.session_templates.mistakes import Mistake, TemplateErrors
from workshops.session_templates.schema import Session, TemplateFile, tidy

__all__ = ["Mistake", "TemplateErrors", "TemplateFile", "library_files", "parse"]

type Resolve = Callable[[str, int], TemplateFile | None]


def library_files() -> list[Path]:
    """Return the session templates that come with the software, by file name."""
    return sorted((Path(__file__).parent / "library").glob("*.yaml"))


def parse(
    source: bytes, *, name: str = "template", resolve: Resolve | None = None
) -> TemplateFile:
    """Return the session template that a file holds.

    name: what mistakes call the file.
    resolve: given the key and version after `extends`, returns that template, or
        None if there is none. Its sessions come first in what is returned.
    Raises TemplateErrors with every mistake found.
    """
    try:
        document = reader.read(source)
    except TemplateErrors as error:
        raise TemplateErrors(error.mistakes, name=name) from None
    base = _base(document, resolve)
    _take_over(document, base)
    mistakes = document.mistakes
    template = None
    try:
        template = TemplateFile.model_validate(document.data)
    except ValidationError as error:
        mistakes += messages.mistakes_of(error, document)
    mistakes += checks.check(document, base)
    if mistakes or template is None:
        raise TemplateErrors(mistakes, name=name)
    return _extended(template, base) if base else template


def _base(document: reader.Document, resolve: Resolve | None) -> TemplateFile | None:
    root = document.data if isinstance(document.data, dict) else {}
    reference = tidy(root.get("extends"))
    if not isinstance(reference, str):
        return None
    key, _at, version = reference.partition("@")
    if not (version.isascii() and version.isdecimal() and len(version) < 7):
        return None  # the schema says what is wrong with it
    base = resolve(key, int(version)) if resolve else None
    if base is None:
        message = _("there is no template %(reference)s to extend; load it first")
        place = document.place(("extends",))
        document.add(place, message % {"reference": reference})
    return base


def _take_over(document: reader.Document, base: TemplateFile | None) -> None:
    """Fill in what may be left out because it stands elsewhere.

    A session that only adds prompts to one of the base has that one's title; a prompt
    with `items_from` asks the question of the prompt whose items it takes.
    """
    inherited = {session.key: session for session in base.sessions} if base else {}
    for session in _dicts(document.data, "sessions"):
        questions = {}
        if found := inherited.get(str(session.get("key"))):
            session.setdefault("title", found.title)
            questions = {prompt.key: prompt.question for prompt in found.prompts}
        for prompt in _dicts(session, "prompts"):
            question = questions.get(str(prompt.get("items_from")))
            if "question" not in prompt and question is not None:
                prompt["question"] = question
            if isinstance(asked := prompt.get("question"), str):
                questions[str(prompt.get("key"))] = asked


def _dicts(parent: object, name: str) -> list[dict[str, object]]:
    values = parent.get(name) if isinstance(parent, dict) else None
    if not isinstance(values, list):
        return []
    return [value for value in values if isinstance(value, dict)]


def _extended(template: TemplateFile, base: TemplateFile) -> TemplateFile:
    added = {session.key: session for session in template.sessions}
    sessions = [
        _with_added_prompts(session, added.pop(session.key, None))
        for session in base.sessions
    ]
    return template.model_copy(
        update={
            "sessions": (*sessions, *added.values()),
            "scales": {**base.scales, **template.scales},
        }
    )


def _with_added_prompts(session: Session, addition: Session | None) -> Session:
    if addition is None:
        return session
    kept = {prompt.key for prompt in session.prompts}
    new = [prompt for prompt in addition.prompts if prompt.key not in kept]
    return session.model_copy(update={"prompts": (*session.prompts, *new)})
