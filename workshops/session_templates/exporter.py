"""From a tree of values back to a session template file that people can read."""

import json

from pydantic import BaseModel

from workshops.session_templates.reader import plain_value
from workshops.session_templates.schema import (
    Criterion,
    ScalePoint,
    Speaker,
    TemplateFile,
    Words,
)

INDENT = "  "
# Short entries that read best on one line.
ON_ONE_LINE = (ScalePoint, Speaker, Criterion, Words)
# Text with anything else in it is put in quotes; YAML has many exceptions.
PLAIN_MARKS = frozenset(" -_.()/'+;!?")
PLAIN_START = frozenset("(")
ALWAYS_WRITTEN = frozenset({"format", "language", "attribution", "tables"})


def to_yaml(template: TemplateFile) -> bytes:
    """Return a file, UTF-8, that `parse` reads back to an equal template.

    Keys with their default value are left out, except the first few, which tell
    what can be set. A template that extends another is written out whole.
    """
    return ("\n".join(_mapping(template)) + "\n").encode()


def _mapping(part: BaseModel) -> list[str]:
    """Return the lines of a part's keys, without indent."""
    lines: list[str] = []
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        default = field.get_default(call_default_factory=True)
        if name not in ALWAYS_WRITTEN and not field.is_required() and value == default:
            continue
        lines += _entry(name, value)
    return lines


def _entry(name: str, value: object) -> list[str]:
    if isinstance(value, dict):
        lines = [f"{name}:"]
        for key, part in value.items():
            lines += _indented([f"{_scalar(key)}:", *_indented(_mapping(part))])
        return lines
    if isinstance(value, ON_ONE_LINE):
        return [f"{name}: {_on_one_line(value)}"]
    if isinstance(value, tuple):
        if not any(isinstance(part, BaseModel) for part in value):
            return [f"{name}: [{', '.join(_scalar(word) for word in value)}]"]
        lines = [f"{name}:"]
        for part in value:
            lines += _indented(_list_entry(part))
        return lines
    if isinstance(value, str) and "\n" in value and _fits_block(value):
        return [f"{name}: |", *_indented(value.split("\n"))]
    return [f"{name}: {_scalar(value)}"]


def _list_entry(part: BaseModel) -> list[str]:
    if isinstance(part, ON_ONE_LINE):
        return [f"- {_on_one_line(part)}"]
    first, *rest = _mapping(part)
    return [f"- {first}", *_indented(rest)]


def _on_one_line(part: BaseModel) -> str:
    pairs = [
        f"{name}: {_scalar(value)}"
        for name in type(part).model_fields
        if (value := getattr(part, name)) is not None
    ]
    return f"{{{', '.join(pairs)}}}"


def _indented(lines: list[str]) -> list[str]:
    return [INDENT + line if line else line for line in lines]


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    if not (text[:1].isalnum() or text[:1] in PLAIN_START):
        return False
    if not all(char.isalnum() or char in PLAIN_MARKS for char in text):
        # A comma ends an entry only between brackets; quotes are safe in both.
        return False
    return isinstance(plain_value(text), str) and not text.endswith(" ")


def _fits_block(text: str) -> bool:
    """Tell whether text keeps all its blanks when written below `key: |`."""
    lines = text.split("\n")
    return all(line == line.rstrip(" ") for line in lines) and lines[0][:1] != " "
