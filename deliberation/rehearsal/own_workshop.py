"""A workshop that a rehearsal makes for itself and takes away afterwards."""

from django.db import transaction
from django.utils.translation import gettext as _

from deliberation.actions.making import make_workshop, remove
from deliberation.models import (
    Criterion,
    Item,
    Prompt,
    Scale,
    ScalePoint,
    Wording,
)
from workshops import codes
from workshops.models import Session, SessionTemplate, Table, Workshop

__all__ = ["AGREE", "TEMPLATE", "make", "remove"]

TEMPLATE = "migration-development-2006"
AGREE = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")


def make(*, tables: int) -> Workshop:
    """Make a rehearsal from the 2006 template if it is loaded, else a small one."""
    title = _("Rehearsal")
    slug = f"rehearsal-{codes.new_ref().lower()}"
    try:
        template = SessionTemplate.objects.find(TEMPLATE)
    except SessionTemplate.DoesNotExist:
        return _make_small(title, slug, tables)
    return make_workshop(
        template=template, title=title, slug=slug, tables=tables, is_rehearsal=True
    )


@transaction.atomic
def _make_small(title: str, slug: str, tables: int) -> Workshop:
    workshop = Workshop.objects.create(
        title=title, slug=slug, is_rehearsal=True, attribution="chatham-house"
    )
    Table.objects.bulk_create(
        Table(workshop=workshop, number=number) for number in range(1, tables + 1)
    )
    session = Session.objects.create(
        workshop=workshop, key="rehearsal", position=1, title=title
    )
    scale = Scale.objects.create(workshop=workshop, key="agree-5", kind="ordinal")
    for value, label in enumerate(AGREE, start=1):
        ScalePoint.objects.create(
            scale=scale, key=f"p{value}", value=value, label=label
        )
    kinds = [("rate", 10, "How far do you agree?"), ("choose", 4, "Which comes first?")]
    for position, (kind, items, question) in enumerate(kinds, start=1):
        prompt = Prompt.objects.create(
            session=session, key=kind, position=position, kind=kind, question=question,
            asks_tables=True, scale=scale if kind == "rate" else None,
        )  # fmt: skip
        Criterion.objects.create(prompt=prompt)
        for number in range(1, items + 1):
            item = Item.objects.create(prompt=prompt, key=f"i{number}", position=number)
            Wording.objects.create(item=item, text=f"Statement number {number}")
    return workshop
