"""What pydantic found, in an organiser's words and at its place in the file."""

import difflib
from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from workshops.session_templates import schema
from workshops.session_templates.mistakes import Mistake, show
from workshops.session_templates.reader import Document, Path, Twisted, Unreadable

# Which model stands at a path, list positions and names of scales left out.
MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): schema.TemplateFile,
    ("scales",): schema.Scale,
    ("scales", "points"): schema.ScalePoint,
    ("sessions",): schema.Session,
    ("sessions", "speakers"): schema.Speaker,
    ("sessions", "prompts"): schema.Prompt,
    ("sessions", "prompts", "criteria"): schema.Criterion,
    ("sessions", "prompts", "words"): schema.Words,
    ("sessions", "prompts", "items"): schema.Item,
    ("sessions", "prompts", "parts"): schema.Item,
}


def mistakes_of(error: ValidationError, document: Document) -> list[Mistake]:
    """Return a mistake for each of pydantic's errors.

    Values that are empty or were refused already have a mistake of their own.
    """
    mistakes = []
    for found in error.errors(include_url=False):
        if found["type"] != "missing" and _is_reported(found):
            continue
        path = tuple(found["loc"])
        if path and path[-1] == "[key]":
            path, place = path[:-1], document.key_place(path[:-1])
        elif found["type"] == "extra_forbidden":
            place = document.key_place(path)
        else:
            place = document.place(path[:-1] if found["type"] == "missing" else path)
        mistakes.append(Mistake(*place, _in_words(found, path)))
    return mistakes


def did_you_mean(value: object, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: a guess or all known."""
    known = list(known)
    if guesses := difflib.get_close_matches(str(value), known, n=1):
        return _("did you mean %(guess)s?") % {"guess": show(guesses[0])}
    return _("known here: %(known)s") % {"known": ", ".join(known) or _("nothing")}


def unknown(what: str, value: object, known: Iterable[str]) -> str:
    """Return "unknown kind 'rating'; did you mean 'rate'?"."""
    told = {
        "what": what,
        "value": show(value),
        "guess": did_you_mean(value, known),
    }
    return _("unknown %(what)s %(value)s; %(guess)s") % told


def in_quotes(value: object) -> str:
    """Return the message about text that other readers of YAML would twist."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _("put this in quotes, so that it stays text: %(quoted)s") % {
        "quoted": f'"{text}"'
    }


def _is_reported(found: ErrorDetails) -> bool:
    """Tell whether an error only follows from one that has its own message."""
    value = found["input"]
    if found["type"] == "too_short" and len(value) >= found["ctx"]["min_length"]:
        return True  # pydantic counts entries without mistakes
    return value is None or isinstance(value, Unreadable)


def _in_words(found: ErrorDetails, path: Path) -> str:
    if path == ("format",) and found["type"] != "missing":
        return _("format must be %(format)d") % {"format": schema.FORMAT}
    return WORDS.get(found["type"], _other)(found, path)


def _field(path: Path) -> str:
    """Return the name of the key that a path ends in, list positions left out."""
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "")


def _model(path: Path) -> type[BaseModel] | None:
    names = [step for step in path if isinstance(step, str)]
    if names[:1] == ["scales"]:
        del names[1:2]
    return MODELS.get(tuple(names))


def _missing(found: ErrorDetails, path: Path) -> str:
    return _("%(key)s is missing") % {"key": show(path[-1])}


def _unknown_key(found: ErrorDetails, path: Path) -> str:
    model = _model(path[:-1])
    return unknown(_("key"), path[-1], model.model_fields if model else ())


def _not_text(found: ErrorDetails, path: Path) -> str:
    if isinstance(found["input"], (Twisted, int)):
        return in_quotes(found["input"])
    return _("text is expected here, not a list or keys")


def _not_number(found: ErrorDetails, path: Path) -> str:
    return _("%(key)s must be a whole number, such as 10") % {"key": show(_field(path))}


def _not_bool(found: ErrorDetails, path: Path) -> str:
    return _("%(key)s must be true or false") % {"key": show(_field(path))}


def _not_list(found: ErrorDetails, path: Path) -> str:
    return _("a list is expected here: lines that begin with '- ', or [one, two]")


def _not_keys(found: ErrorDetails, path: Path) -> str:
    model = _model(path)
    needed = [
        name
        for name, field in (model.model_fields if model else {}).items()
        if field.is_required()
    ]
    if not needed:
        return _("keys are expected here, such as 'name: value'")
    return _("keys are expected here: %(keys)s") % {"keys": ", ".join(needed)}


def _not_one_of(found: ErrorDetails, path: Path) -> str:
    what = {
        "kind": _("kind"),
        "attribution": _("attribution rule"),
        "voices": _("voice"),
        "reveal": _("way to reveal"),
        "reasons": _("rule for reasons"),
        "invite": _("contribution"),
        "rule": _("rule"),
    }[_field(path)]
    if isinstance(found["input"], (list, dict)):
        return _not_text(found, path)
    # pydantic lists the words as "'a', 'b' or 'c'".
    known = found["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
    return unknown(what, found["input"], known)


def _bad_pattern(found: ErrorDetails, path: Path) -> str:
    if path == ("language",):
        return _("%(value)s is not a language tag; write for example en-GB") % {
            "value": show(found["input"])
        }
    if path == ("extends",):
        return _("%(value)s must be a key and a version, such as my-template@2") % {
            "value": show(found["input"])
        }
    if path[:1] == ("scales",) and len(path) == 2:
        value: object = path[1]
    else:
        value = found["input"]
    return _(
        "key %(value)s may hold only a to z, digits and hyphens, at most 64 characters"
    ) % {"value": show(value)}


def _empty(found: ErrorDetails, path: Path) -> str:
    return _("%(key)s must not be empty") % {"key": show(_field(path))}


def _several_lines(found: ErrorDetails, path: Path) -> str:
    return _("%(key)s must fit on one line") % {"key": show(_field(path))}


def _too_long(found: ErrorDetails, path: Path) -> str:
    value = found["input"]
    if isinstance(value, str):
        value = str(schema.tidy(value))
    told = {
        "key": show(_field(path)),
        "count": len(value),
        "limit": found["ctx"]["max_length"],
    }
    if isinstance(value, str):
        return (
            _("this text has %(count)d characters; at most %(limit)d are allowed")
            % told
        )
    return _("%(key)s holds %(count)d entries; at most %(limit)d are allowed") % told


def _too_few(found: ErrorDetails, path: Path) -> str:
    limit = found["ctx"]["min_length"]
    return ngettext(
        "%(key)s needs at least %(limit)d entry",
        "%(key)s needs at least %(limit)d entries",
        limit,
    ) % {"key": show(_field(path)), "limit": limit}


def _too_small(found: ErrorDetails, path: Path) -> str:
    told = {"key": show(_field(path)), "limit": found["ctx"]["ge"]}
    return _("%(key)s must be at least %(limit)d") % told


def _too_large(found: ErrorDetails, path: Path) -> str:
    told = {"key": show(_field(path)), "limit": found["ctx"]["le"]}
    return _("%(key)s must be at most %(limit)d") % told


def _other(found: ErrorDetails, path: Path) -> str:
    return _("this cannot be read: %(problem)s") % {"problem": found["msg"]}


WORDS: dict[str, Callable[[ErrorDetails, Path], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "string_type": _not_text,
    "int_type": _not_number,
    "bool_type": _not_bool,
    "tuple_type": _not_list,
    "mapping_type": _not_keys,
    "dict_type": _not_keys,
    "model_type": _not_keys,
    "literal_error": _not_one_of,
    "string_pattern_mismatch": _bad_pattern,
    "string_too_long": _too_long,
    "empty_text": _empty,
    "several_lines": _several_lines,
    "too_long": _too_long,
    "too_short": _too_few,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
}
