"""What changed between two versions of a session template, for people to read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pydantic import BaseModel

from workshops.session_templates.schema import (
    Criterion,
    Item,
    Prompt,
    Scale,
    ScalePoint,
    Session,
    Speaker,
    TemplateFile,
    Words,
)
from workshops.words import Piece, pieces

# What a change to a text is called; changes to all else are named after their key.
REWORDED = frozenset(
    {"title", "brief", "question", "guidance", "text", "short", "gloss", "label"}
)
# Keys that name the part, and parts that are compared entry by entry.
NOT_SETTINGS = frozenset({"key", "format", "version"})


type Keyed = Session | Prompt | Item | Criterion | ScalePoint


@dataclass(frozen=True)
class Change:
    """One difference.

    path: `session`, `session/prompt`, `session/prompt/item`, `scale NAME`, or empty
        for the whole template.
    what: in words, such as "item added" or "minutes changed".
    before, after: the values as text; empty where there is none.
    """

    path: str
    what: str
    before: str = ""
    after: str = ""

    @property
    def pieces(self) -> list[Piece]:
        """The values as one text with what went and what came, word by word."""
        return pieces(self.before, self.after)

    def __str__(self) -> str:
        values = " → ".join(value for value in (self.before, self.after) if value)
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.what}" + (f" ({values})" if values else "")


def changes(old: TemplateFile, new: TemplateFile) -> list[Change]:
    """Return the differences, top down in the order of the new template."""
    found = _settings("", old, new)
    found += _scales(old.scales, new.scales)
    found += _parts("", _("session"), _("sessions"), old.sessions, new.sessions)
    return found


def _scales(old: Mapping[str, Scale], new: Mapping[str, Scale]) -> list[Change]:
    found = []
    for name in sorted({*old, *new}):
        path = _("scale %(name)s") % {"name": name}
        if name not in new:
            found.append(Change(path, _("scale removed"), before=_text(old[name])))
        elif name not in old:
            found.append(Change(path, _("scale added"), after=_text(new[name])))
        else:
            before, after = old[name], new[name]
            found += _settings(path, before, after)
            found += _parts(path, _("point"), _("points"), before.points, after.points)
    return found


def _parts(
    path: str, word: str, plural: str, old: Sequence[Keyed], new: Sequence[Keyed]
) -> list[Change]:
    """Compare two lists of parts that have keys; word and plural are what they are."""
    before = {part.key: part for part in old}
    after = {part.key: part for part in new}
    found = [
        Change(_join(path, key), _("%(part)s removed") % {"part": word}, _text(part))
        for key, part in before.items()
        if key not in after
    ]
    for key, part in after.items():
        here = _join(path, key)
        if key not in before:
            added = _("%(part)s added") % {"part": word}
            found.append(Change(here, added, after=_text(part)))
        else:
            found += _settings(here, before[key], part)
            found += _below(here, before[key], part)
    stayed_before = [key for key in before if key in after]
    stayed_after = [key for key in after if key in before]
    if stayed_before != stayed_after:
        reordered = _("order of %(parts)s changed") % {"parts": plural}
        orders = ", ".join(stayed_before), ", ".join(stayed_after)
        found.append(Change(path, reordered, *orders))
    return found


def _below(path: str, old: BaseModel, new: BaseModel) -> list[Change]:
    if isinstance(old, Session) and isinstance(new, Session):
        return _parts(path, _("prompt"), _("prompts"), old.prompts, new.prompts)
    if isinstance(old, Prompt) and isinstance(new, Prompt):
        return [
            *_parts(path, _("item"), _("items"), old.items, new.items),
            *_parts(path, _("part"), _("parts"), old.parts, new.parts),
            *_parts(path, _("criterion"), _("criteria"), old.criteria, new.criteria),
        ]
    return []


def _settings(path: str, old: BaseModel, new: BaseModel) -> list[Change]:
    """Compare what is not itself a list of parts with keys."""
    found = []
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name in NOT_SETTINGS or before == after or _has_keys(before, after):
            continue
        pattern = _("%(key)s reworded") if name in REWORDED else _("%(key)s changed")
        what = pattern % {"key": name.replace("_", " ")}
        found.append(Change(path, what, _text(before), _text(after)))
    return found


def _has_keys(*values: object) -> bool:
    """Tell whether any value is a list of parts with keys, or the scales."""
    return any(
        isinstance(value, Mapping)
        or (isinstance(value, tuple) and any(hasattr(part, "key") for part in value))
        for value in values
    )


def _text(value: object) -> str:
    """Return a value as a person would write it."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case tuple():
            return _listed(value)
        case Scale():
            return _listed(value.points)
        case Speaker():
            parts = (value.name, value.organisation)
            return ", ".join(part for part in parts if part)
        case Words():
            return ", ".join(f"{name} {percent}" for name, percent in value)
        case Session():
            return value.title
        case Prompt():
            return value.question
        case Item():
            return value.text
        case Criterion() | ScalePoint():
            return value.label
    return str(value)


def _listed(values: Iterable[object]) -> str:
    return "; ".join(_text(value) for value in values)


def _join(path: str, key: str) -> str:
    return f"{path}/{key}" if path else key
