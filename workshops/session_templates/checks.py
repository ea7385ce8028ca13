"""What needs two places of a session template to be seen: names, references, sums.

Works on the values as they were read, so that it finds its mistakes also in a file
that has others. Whatever has the wrong shape is passed over; pydantic reports that.
"""

import re

from django.utils.translation import gettext as _
from pydantic import BaseModel, TypeAdapter, ValidationError

from workshops.session_templates.messages import in_quotes, unknown
from workshops.session_templates.mistakes import Mistake, show
from workshops.session_templates.reader import Document, Path
from workshops.session_templates.schema import (
    JUDGING_KINDS,
    KINDS_WITH_KEY,
    RUNNABLE_KINDS,
    Kind,
    Prompt,
    Scale,
    Session,
    TemplateFile,
    tidy,
)

KINDS = Kind.__value__.__args__
SCALE_FOR_KIND = {"assess": "nominal", "rate": "ordinal"}
# A link in angle brackets is Markdown; anything else that looks like a tag is HTML.
HTML = re.compile(r"<(?!https?://|mailto:)(/?[A-Za-z]|[!?])[^>]*>?")

type Entries = list[tuple[Path, dict[str, object]]]


def check(document: Document, base: TemplateFile | None) -> list[Mistake]:
    """Return the mistakes that concern more than one value of the file.

    `base` is the template that the file extends; None if it extends none or an
    unknown one, which leaves references into it unchecked.
    """
    checker = _Checker(document, base)
    if isinstance(document.data, dict):
        checker.check()
    return checker.mistakes


def _word(value: object) -> str | None:
    return str(tidy(value)) if isinstance(value, str) else None


class _Checker:
    def __init__(self, document: Document, base: TemplateFile | None) -> None:
        self.document = document
        self.root = document.data if isinstance(document.data, dict) else {}
        self.base = base
        self.base_is_unknown = base is None and "extends" in self.root
        self.mistakes: list[Mistake] = []

    def add(self, path: Path, message: str) -> None:
        self.mistakes.append(Mistake(*self.document.place(path), message))

    def add_at_key(self, path: Path, message: str) -> None:
        self.mistakes.append(Mistake(*self.document.key_place(path), message))

    def check(self) -> None:
        self._scales()
        sessions = self._entries(("sessions",), self.root)
        if not sessions and "extends" not in self.root:
            if "sessions" not in self.root:
                self.add((), _("'sessions' is missing"))
            self._not_empty(("sessions",), self.root)
        self._unique(sessions)
        for path, session in sessions:
            self._session(path, session)

    def _entries(self, path: Path, parent: dict[str, object]) -> Entries:
        """Return the entries of a list that have keys, with their paths."""
        values = parent.get(str(path[-1]))
        if not isinstance(values, list):
            return []
        return [
            ((*path, position), value)
            for position, value in enumerate(values)
            if isinstance(value, dict)
        ]

    def _not_empty(self, path: Path, parent: dict[str, object]) -> None:
        if parent.get(str(path[-1])) == []:
            told = {"key": show(path[-1])}
            self.add(path, _("%(key)s needs at least one entry") % told)

    def _unique(self, entries: Entries) -> None:
        first: dict[str, Path] = {}
        for path, entry in entries:
            key = _word(entry.get("key"))
            if key is None:
                continue
            if key in first:
                told = {
                    "key": show(key),
                    "line": self.document.place(first[key])[0],
                }
                message = _("key %(key)s is used twice; first in line %(line)d")
                self.add((*path, "key"), message % told)
            else:
                first[key] = (*path, "key")

    def _scales(self) -> None:
        scales = self.root.get("scales")
        for name, scale in scales.items() if isinstance(scales, dict) else ():
            path: Path = ("scales", name)
            if path in self.document.twisted_keys:
                self.add_at_key(path, in_quotes(name))
            if not isinstance(scale, dict):
                continue
            points = self._entries((*path, "points"), scale)
            self._unique(points)
            self._values(points, scale.get("kind"))
            if self.base and name in self.base.scales:
                self._unchanged(path, scale, self.base.scales[name], Scale)

    def _values(self, points: Entries, kind: object) -> None:
        before: int | None = None
        for path, point in points:
            if kind == "nominal" and "value" in point:
                message = _("only the points of an ordinal scale have a value")
                self.add_at_key((*path, "value"), message)
            if kind != "ordinal":
                continue
            if "value" not in point:
                self.add(path, _("a point of an ordinal scale needs 'value'"))
                continue
            value = point["value"]
            if not isinstance(value, int) or isinstance(value, bool):
                continue
            if before is not None and value <= before:
                message = _("values must ascend; %(value)d comes after %(before)d")
                told = {"value": value, "before": before}
                self.add((*path, "value"), message % told)
            before = value

    def _session(self, path: Path, session: dict[str, object]) -> None:
        inherited = self._inherited(path, session)
        brief = session.get("brief")
        if isinstance(brief, str) and (found := HTML.search(brief)):
            message = _("write plain text with Markdown, no HTML such as %(tag)s")
            self.add((*path, "brief"), message % {"tag": show(found.group())})
        prompts = self._entries((*path, "prompts"), session)
        self._unique(prompts)
        # The number of items of each earlier prompt, None if it is not known.
        earlier: dict[str, int | None] = {}
        kept = {}
        if inherited:
            kept = {prompt.key: prompt for prompt in inherited.prompts}
            earlier = {
                prompt.key: len(inherited.items_of(prompt)) for prompt in kept.values()
            }
        keys = {_word(prompt.get("key")) for _path, prompt in prompts}
        for prompt_path, prompt in prompts:
            key = _word(prompt.get("key"))
            if key in kept:
                self._unchanged(prompt_path, prompt, kept[key], Prompt)
            number = self._prompt(prompt_path, prompt, earlier, keys)
            if key is not None:
                earlier.setdefault(key, number)

    def _inherited(self, path: Path, session: dict[str, object]) -> Session | None:
        """Return the session of the base that this one adds to, once compared."""
        key = _word(session.get("key"))
        for inherited in self.base.sessions if self.base else ():
            if inherited.key == key:
                for name in session:
                    self._unchanged_value(path, session, inherited, Session, name)
                return inherited
        return None

    def _unchanged_value(
        self,
        path: Path,
        given: dict[str, object],
        inherited: BaseModel,
        model: type[BaseModel],
        name: str,
    ) -> None:
        if name == "prompts" or name not in model.model_fields:
            return
        adapter = TypeAdapter(model.__annotations__[name])
        try:
            value = adapter.validate_python(given[name])
        except ValidationError:
            return
        if value != getattr(inherited, name):
            self._changed((*path, name))

    def _unchanged(
        self,
        path: Path,
        given: dict[str, object],
        inherited: Prompt | Scale,
        model: type[Prompt] | type[Scale],
    ) -> None:
        try:
            value = model.model_validate(given)
        except ValidationError:
            return
        if value != inherited:
            self._changed(path)

    def _changed(self, path: Path) -> None:
        told = {"base": str(self.root.get("extends"))}
        message = _("this differs from %(base)s, which may be added to, not changed")
        self.add(path, message % told)

    def _prompt(
        self,
        path: Path,
        prompt: dict[str, object],
        earlier: dict[str, int | None],
        keys: set[str | None],
    ) -> int | None:
        """Check a prompt; return how many items it judges, None if not known."""
        kind = prompt.get("kind")
        for name in ("items", "parts", "criteria"):
            self._not_empty((*path, name), prompt)
            self._unique(self._entries((*path, name), prompt))
        for name in ("voices", "invite"):
            self._no_repeats((*path, name), prompt.get(name))
        if kind not in KINDS:
            return None
        if kind not in RUNNABLE_KINDS:
            message = _("kind %(kind)s cannot be run by this version yet")
            self.add((*path, "kind"), message % {"kind": show(kind)})
        for name, kinds in KINDS_WITH_KEY.items():
            if name in prompt and kind not in kinds:
                told = {"key": show(name), "kinds": ", ".join(sorted(kinds))}
                message = _("%(key)s is only for prompts of kind %(kinds)s")
                self.add_at_key((*path, name), message % told)
        if kind in SCALE_FOR_KIND:
            self._scale((*path, "scale"), prompt, kind)
        if (name := _word(prompt.get("after"))) is not None and name not in earlier:
            message = _("prompt %(name)s must come before the one that opens after it")
            self._not_earlier((*path, "after"), name, earlier, keys, message)
        if prompt.get("own_and_table") is True and not _asks_both(prompt):
            message = _("'own_and_table' needs both voices, people and tables")
            self.add_at_key((*path, "own_and_table"), message)
        if kind == "allocate" and "points" not in prompt:
            message = _("a prompt of kind %(kind)s needs 'points', the total to share")
            self.add(path, message % {"kind": show(kind)})
        number = None
        if kind in JUDGING_KINDS:
            number = self._items(path, prompt, kind, earlier, keys)
            self._limits(path, prompt, number)
        return number if kind in JUDGING_KINDS else 0

    def _no_repeats(self, path: Path, values: object) -> None:
        seen = set()
        for position, value in enumerate(values if isinstance(values, list) else ()):
            if not isinstance(value, str):
                continue
            if value in seen:
                message = _("%(value)s is given twice")
                self.add((*path, position), message % {"value": show(value)})
            seen.add(value)

    def _scale(self, path: Path, prompt: dict[str, object], kind: str) -> None:
        if "scale" not in prompt:
            message = _("a prompt of kind %(kind)s needs 'scale'")
            self.add(path[:-1], message % {"kind": show(kind)})
            return
        name = _word(prompt["scale"])
        if name is None:
            return
        scales = self.root.get("scales")
        scales = scales if isinstance(scales, dict) else {}
        known = {
            key: scale.get("kind") if isinstance(scale, dict) else None
            for key, scale in scales.items()
        }
        if self.base:
            known |= {key: scale.kind for key, scale in self.base.scales.items()}
        if name not in known:
            if not self.base_is_unknown:
                self.add(path, unknown(_("scale"), name, known))
            return
        needed = SCALE_FOR_KIND[kind]
        if known[name] in SCALE_FOR_KIND.values() and known[name] != needed:
            message = _(
                "kind %(kind)s needs a scale of kind %(needed)s; %(name)s is not"
            )
            told = {"kind": show(kind), "needed": needed, "name": show(name)}
            self.add(path, message % told)

    def _items(
        self,
        path: Path,
        prompt: dict[str, object],
        kind: str,
        earlier: dict[str, int | None],
        keys: set[str | None],
    ) -> int | None:
        if "items" in prompt and "items_from" in prompt:
            message = _("a prompt has either 'items' or 'items_from', not both")
            self.add_at_key((*path, "items_from"), message)
        if "items" in prompt:
            items = prompt["items"]
            return len(items) if isinstance(items, list) else None
        if "items_from" not in prompt:
            message = _("a prompt of kind %(kind)s needs 'items' or 'items_from'")
            self.add(path, message % {"kind": show(kind)})
            return None
        name = _word(prompt["items_from"])
        if name is None:
            return None
        place = (*path, "items_from")
        if name in earlier:
            if earlier[name] == 0:
                message = _("prompt %(name)s has no items to take over")
                self.add(place, message % {"name": show(name)})
            return earlier[name] or None
        message = _("prompt %(name)s must come before the one that takes its items")
        self._not_earlier(place, name, earlier, keys, message)
        return None

    def _not_earlier(
        self,
        place: Path,
        name: str,
        earlier: dict[str, int | None],
        keys: set[str | None],
        comes_later: str,
    ) -> None:
        """Say why a prompt cannot refer to another: it comes later, or is unknown."""
        if name in keys:
            self.add(place, comes_later % {"name": show(name)})
        elif not self.base_is_unknown:
            self.add(place, unknown(_("prompt"), name, earlier))

    def _limits(
        self, path: Path, prompt: dict[str, object], number: int | None
    ) -> None:
        least, most = (_number(prompt.get(name)) for name in ("least", "most"))
        if least is not None and most is not None and least > most:
            message = _("'least' (%(least)d) must not be more than 'most' (%(most)d)")
            self.add((*path, "least"), message % {"least": least, "most": most})
        for name, value in (("least", least), ("most", most)):
            if number is not None and value is not None and value > number:
                told = {"key": show(name), "value": value, "number": number}
                message = _("%(key)s is %(value)d, but there are only %(number)d items")
                self.add((*path, name), message % told)


def _asks_both(prompt: dict[str, object]) -> bool:
    voices = prompt.get("voices")
    return isinstance(voices, list) and {"people", "tables"} <= set(map(_word, voices))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
