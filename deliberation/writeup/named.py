"""What a record is, in words, for who edits."""

from collections.abc import Iterable

from deliberation.models import Item, Point, Prompt, Remark
from workshops.models import Workshop


def named(workshop: Workshop, records: Iterable[str]) -> dict[str, str]:
    """Return by record what it says; the record itself where it is gone.

    records: named as in `writeup.structure`.
    """
    wanted = list(records)
    texts = _numbered(workshop, wanted) | _asked(workshop)
    return {record: texts.get(_without_answers(record), record) for record in wanted}


def _numbered(workshop: Workshop, records: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, model in (("point", Point), ("remark", Remark)):
        keys = [one.partition(":")[2] for one in records if one.startswith(f"{kind}:")]
        rows = model.objects.filter(
            workshop=workshop, pk__in=[int(key) for key in keys if key.isdecimal()]
        )
        found |= {f"{kind}:{row.pk}": row.text for row in rows}
    return found


def _asked(workshop: Workshop) -> dict[str, str]:
    prompts = Prompt.objects.filter(session__workshop=workshop)
    found = {
        f"prompt:{one.path}": one.question for one in prompts.select_related("session")
    }
    items = Item.objects.filter(prompt__session__workshop=workshop)
    for item in items.select_related("prompt__session").prefetch_related("wordings"):
        if wordings := list(item.wordings.all()):
            found[f"item:{item.prompt.path}/{item.key}"] = wordings[-1].text
    return found


def _without_answers(record: str) -> str:
    """Return the prompt or item whose answers a record names."""
    kind, _colon, path = record.partition(":")
    if kind != "answers":
        return record
    path, _hash, rest = path.partition("#")
    item = rest.split("/")[2:]
    return f"item:{path}/{item[0]}" if item else f"prompt:{path}"
