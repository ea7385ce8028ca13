"""From the bytes of a session template to plain values, safely, with every place kept.

Only the event stream of ruamel's pure Python parser is used: nothing is constructed,
no alias is followed, and reading stops at fixed limits before anything can grow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError

from workshops.session_templates.mistakes import Mistake, TemplateErrors, show

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_EVENTS = 20_000
# A file full of forbidden characters gets this many messages, not one for each line.
MAX_CHARACTER_MISTAKES = 100

type Path = tuple[str | int, ...]
type Place = tuple[int, int]

WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
# What YAML 1.1, or other readers of YAML 1.2, take for something else than text.
TWISTED = re.compile(
    r"""y|n|yes|no|on|off|true|false|null|=
    |[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?        # 12:30 as base sixty
    |[-+]?(0x[0-9a-f_]+|0o?[0-9_]+|0b[01_]+)             # 010, 0x1F
    |[-+]?[0-9][0-9_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?        # 1_000, 1.5, 1e3
    |[-+]?\.[0-9_]+(e[-+]?[0-9]+)?
    |[-+]?\.inf|\.nan
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t\s].*)?            # dates
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# Controls, line ends other than \n, marks that reverse the order of what is read,
# halves of surrogate pairs, and code points that stand for no character.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Twisted:
    """A value without quotes that some readers of YAML would not take for text."""

    text: str

    def __str__(self) -> str:
        return self.text


class Unreadable:
    """Stands where a value was refused, so that it is not reported a second time."""


UNREADABLE = Unreadable()


@dataclass
class Document:
    """Plain values of a file, the places of all values and keys, mistakes so far."""

    data: object = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    twisted_keys: set[Path] = field(default_factory=set)
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        self.mistakes.append(Mistake(*place, message))

    def place(self, path: Path) -> Place:
        """Return where the value at `path` begins, or the nearest one around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def key_place(self, path: Path) -> Place:
        return self.keys.get(path) or self.place(path)


def read(source: bytes) -> Document:
    """Read one YAML document of plain text, numbers, lists and keys.

    Returns values as dict, list, str, int, bool, None, Twisted or UNREADABLE.
    Raises TemplateErrors if the file is too large, not UTF-8, not YAML, holds
    forbidden characters or exceeds a limit. Mistakes that leave the rest
    readable (aliases, tags, duplicate keys) are in `Document.mistakes`.
    """
    text = _decode(source)
    _refuse_characters(text)
    _refuse_directives(text)
    return _Builder(text).build()


def is_twisted(text: str) -> bool:
    """Tell whether this text, without quotes, would be read as something else."""
    return text in {"", "~", "<<"} or TWISTED.fullmatch(text) is not None


def plain_value(text: str) -> str | int | bool | Twisted | None:
    """Return what a scalar without quotes stands for in this format."""
    if text in {"", "~", "null", "Null", "NULL"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return Twisted(text) if is_twisted(text) else text


def _stop(place: Place, message: str) -> TemplateErrors:
    return TemplateErrors([Mistake(*place, message)])


def _decode(source: bytes) -> str:
    if not source.strip():
        raise _stop((1, 1), _("the file is empty"))
    if len(source) > MAX_BYTES:
        raise _stop(
            (1, 1),
            _("the file has %(size)d bytes; at most %(limit)d are allowed")
            % {"size": len(source), "limit": MAX_BYTES},
        )
    if source.startswith(b"PK\x03\x04"):
        raise _stop((1, 1), _("this is a Word or ZIP file; save it as plain text"))
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _stop((1, 1), _("the file is saved as UTF-16; save it as UTF-8"))
    try:
        return source.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        before = source.removeprefix(b"\xef\xbb\xbf")[: error.start].decode()
        raise _stop(
            _place_in(before, len(before)),
            _("this is not UTF-8 text (byte %(byte)s); save the file as UTF-8")
            % {"byte": f"0x{error.object[error.start]:02X}"},
        ) from None


def _place_in(text: str, index: int) -> Place:
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1


def _refuse_characters(text: str) -> None:
    mistakes = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if "\t" in line:
            message = _("a tab; use blanks instead")
            mistakes.append(Mistake(number, line.index("\t") + 1, message))
        if found := FORBIDDEN.search(line):
            message = forbidden_character(found.group())
            mistakes.append(Mistake(number, found.start() + 1, message))
        if len(mistakes) >= MAX_CHARACTER_MISTAKES:
            break
    if mistakes:
        raise TemplateErrors(mistakes)


def _refuse_directives(text: str) -> None:
    """Refuse lines such as `%YAML 1.1`, which can only stand before everything else."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("%"):
            raise _stop(
                (number, 1), _("lines that begin with a percent sign are not allowed")
            )
        if line.strip() and not line.lstrip().startswith("#"):
            return


def forbidden_character(char: str) -> str:
    return _("a control character that cannot be seen (%(code)s); delete it") % {
        "code": f"U+{ord(char):04X}"
    }


class _Builder:
    """Builds a Document from the events of one text."""

    def __init__(self, text: str) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        self.text = text
        self.document = Document()
        self.seen = 0
        self.read_up_to: Place = (1, 1)

    def build(self) -> Document:
        self.stream = self._events()
        next(self.stream)  # stream start
        start = next(self.stream)
        if isinstance(start, events.StreamEndEvent):
            raise _stop((1, 1), _("the file is empty"))
        self.document.data = self._node(next(self.stream), (), depth=0)
        next(self.stream)  # document end
        after = next(self.stream)
        if not isinstance(after, events.StreamEndEvent):
            message = _("a second document begins here; a file holds one template")
            self.document.add(_place(after.start_mark), message)
            for _ignored in self.stream:  # what is not YAML there is reported too
                pass
        return self.document

    def _events(self) -> Iterator[events.Event]:
        """Yield events, counted, with the parser's errors in an organiser's words."""
        try:
            for event in self.yaml.parse(self.text):
                self.seen += 1
                if self.seen > MAX_EVENTS:
                    raise self._refused(
                        _place(event.start_mark),
                        _("the file holds too much (more than %(limit)d entries)")
                        % {"limit": MAX_EVENTS},
                    )
                yield event
                self.read_up_to = _place(event.end_mark)
        except MarkedYAMLError as error:
            raise self._refused(*_in_words(error)) from None
        except (YAMLError, ValueError, OverflowError):
            # The parser stumbled over a number or an escape and names no place.
            message = _("what follows here is not valid YAML; check escapes with '\\'")
            raise self._refused(self.read_up_to, message) from None

    def _refused(self, place: Place, message: str) -> TemplateErrors:
        return TemplateErrors([*self.document.mistakes, Mistake(*place, message)])

    def _node(self, event: events.Event, path: Path, *, depth: int) -> object:
        place = _place(event.start_mark)
        self.document.values[path] = place
        if isinstance(event, events.AliasEvent):
            message = _("aliases (%(alias)s) are not allowed; write the text out")
            self.document.add(place, message % {"alias": show(f"*{event.anchor}")})
            return UNREADABLE
        self._refuse_decoration(event, place)
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event, place)
        if depth >= MAX_DEPTH:
            message = _("lists and keys are nested more than %(limit)d deep")
            raise self._refused(place, message % {"limit": MAX_DEPTH})
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(path, depth=depth + 1)
        return self._mapping(path, depth=depth + 1)

    def _refuse_decoration(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            message = _("anchors (%(anchor)s) are not allowed; delete it")
            self.document.add(place, message % {"anchor": show(f"&{event.anchor}")})
        if event.ctag is not None:
            message = _("tags (%(tag)s) are not allowed; put text in quotes")
            tag = str(event.ctag).replace("tag:yaml.org,2002:", "!!")
            self.document.add(place, message % {"tag": show(tag)})

    def _scalar(self, event: events.ScalarEvent, place: Place) -> object:
        # "\u0000" in double quotes is no control character until it is read.
        if found := FORBIDDEN.search(event.value) or re.search("\t", event.value):
            self.document.add(place, forbidden_character(found.group()))
            return UNREADABLE
        if event.style is not None:
            return event.value
        return plain_value(event.value)

    def _sequence(self, path: Path, *, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self.stream), events.SequenceEndEvent):
            here = (*path, len(items))
            items.append(self._node(event, here, depth=depth))
            if items[-1] is None:
                message = _("an empty entry; write something or delete the hyphen")
                self.document.add(self.document.values[here], message)
        return items

    def _mapping(self, path: Path, *, depth: int) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(event := next(self.stream), events.MappingEndEvent):
            key, place = self._key(event, path, depth=depth)
            if key in entries:
                first = self.document.keys[(*path, key)]
                message = _("key %(key)s is given twice; first in line %(line)d")
                told = {"key": show(key), "line": first[0]}
                self.document.add(place, message % told)
                key = None
            if key is None:  # read on, keep nothing
                self._node(next(self.stream), self._nowhere(path), depth=depth)
                continue
            here = (*path, key)
            self.document.keys[here] = place
            value = self._node(next(self.stream), here, depth=depth)
            entries[key] = value
            if value is None:
                message = _("%(key)s has no value; give one or leave the key out")
                self.document.add(place, message % {"key": show(key)})
        return entries

    def _nowhere(self, path: Path) -> Path:
        """Return a path that no key of a file can have, for what is not kept."""
        return (*path, f"\0{self.seen}")

    def _key(
        self, event: events.Event, path: Path, *, depth: int
    ) -> tuple[str | None, Place]:
        place = _place(event.start_mark)
        if not isinstance(event, events.ScalarEvent):
            self._node(event, self._nowhere(path), depth=depth)
            self.document.add(place, _("a key must be a word, not a list or alias"))
            return None, place
        self._refuse_decoration(event, place)
        if event.style is None and event.value == "<<":
            message = _("merging with '<<' is not allowed; write the keys out")
            self.document.add(place, message)
            return None, place
        if found := FORBIDDEN.search(event.value):
            self.document.add(place, forbidden_character(found.group()))
            return None, place
        if event.style is None and not isinstance(plain_value(event.value), str):
            self.document.twisted_keys.add((*path, event.value))
        return event.value, place


def _place(mark: StringMark) -> Place:
    return mark.line + 1, mark.column + 1


def _in_words(error: MarkedYAMLError) -> tuple[Place, str]:
    """Return the place of a parser's error and what an organiser can do about it."""
    mark = error.problem_mark or error.context_mark
    place = _place(mark) if mark else (1, 1)
    problem, context = str(error.problem or ""), str(error.context or "")
    if "mapping values are not allowed" in problem:
        return place, _("a colon cannot stand here; put text with colons in quotes")
    if "unexpected end of stream" in problem and error.context_mark:
        place = _place(error.context_mark)
        return place, _("the quotation mark that begins here is never closed")
    if "block mapping" in context or "block collection" in context:
        return place, _("this line does not fit in; check how far it is indented")
    if "flow sequence" in context or "flow mapping" in context:
        if error.context_mark:
            place = _place(error.context_mark)
        return place, _("the bracket that begins here is not closed properly")
    if "could not find expected ':'" in problem:
        return place, _("a colon is missing after the key before this place")
    if "cannot start any token" in problem:
        return place, _("text cannot begin with this character; put it in quotes")
    if "sequence entries are not allowed" in problem:
        return place, _("a hyphen cannot stand here; begin a new line for each entry")
    if "<document start>" in problem:
        return place, _("something is left over here; check brackets and quotes")
    return place, _("this is not valid YAML: %(problem)s") % {
        "problem": " ".join(problem.split())
    }
