"""Two workshops with something of everything, and a browser for every role.

Every text of a workshop carries its mark, so that a page of another one that shows
any of it is found out.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import URLPattern, get_resolver

from deliberation.actions import asking, points, proposing, remarks, rounds, theming
from deliberation.models import (
    Point,
    Prompt,
    Proposal,
    Question,
    Rehearsal,
    Remark,
    Round,
    Theme,
    WriteUp,
)
from deliberation.writeup.structure import (
    Records,
    Report,
    Run,
    Section,
    Sentence,
    Table,
    Text,
)
from tests import builders
from tests.deliberation.phones import Phone
from workshops import codes
from workshops.actions import joining, scribes, templates
from workshops.models import (
    Membership,
    Participant,
    Series,
    Session,
    Speaker,
    Ticket,
    Workshop,
)

OURS, THEIRS = "Ostrava", "Zanzibar"  # the marks
TEMPLATE = """\
format: 1
key: tried
version: 1
title: Tried
language: en
sessions:
  - key: one
    title: One
    prompts:
      - key: say
        kind: discuss
        question: What follows?
"""


@dataclass
class Day:
    """A workshop in its middle: one prompt was asked, one is open, one is to come."""

    workshop: Workshop
    mark: str
    session: Session
    later: Session
    done: Round  # choose; closed and revealed
    now: Round  # assess; people and tables, open
    next: Prompt  # rate in two respects; not opened
    talk: Prompt  # discuss; not opened
    scribe: Phone  # at table 1
    other_scribe: Phone  # at table 2
    phone: Phone  # at table 1, nothing in particular
    removed: Phone
    point: Point  # by `phone`
    table_point: Point
    link: str  # for another device of `phone`
    remark: Remark  # what the speaker concluded
    theme: Theme  # over the table's point
    ticket: Ticket  # not asked for, not used
    rehearsal: Rehearsal  # was stopped; its copy is gone
    members: dict[str, Membership] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.workshop.slug


def make_day(slug: str, mark: str, **fields) -> Day:
    """Make a workshop whose every text says `mark`."""
    workshop = builders.make_workshop(
        slug=slug,
        title=f"Day in {mark}",
        tables=3,
        place=mark,
        series=Series.objects.create(key=slug, title=f"Series {mark}"),
        **fields,
    )
    session = workshop.sessions.get()
    session.title, session.brief = f"Framework {mark}", f"Brief {mark}"
    session.speaker_secret = codes.new_secret()
    session.save()
    later = builders.make_session(workshop, "later", title=f"Later {mark}")
    Speaker.objects.create(session=session, position=1, name=mark, organisation=mark)
    asked = {"question": f"What of {mark}?", "session": session}
    first = builders.make_prompt(workshop, key="first", kind="choose", **asked)
    assess = builders.make_prompt(
        workshop,
        key="now",
        asks_tables=True,
        reasons="optional",
        invites_rewordings=True,
        invites_new_items=True,
        **asked,
    )
    rate = builders.make_prompt(
        workshop, key="next", kind="rate", criteria=("effective", "feasible"), **asked
    )
    talk = builders.make_prompt(workshop, key="talk", kind="discuss", items=0, **asked)
    for prompt in (first, assess, rate):
        for item in prompt.items.all():
            item.wordings.update(text=f"{mark} item {item.position}")
    phones = [Phone(workshop, table=table) for table in (1, 2, 1, 3)]
    scribe, other_scribe, phone, removed = phones
    for number, each in enumerate(phones, start=1):
        joining.set_badge(
            each.who,
            workshop=workshop,
            name=f"Seat {number} {mark}",
            organisation=f"Office {number} {mark}",
        )
    for each in (scribe, other_scribe):
        scribes.take_role(participant=each.who)
    done = builders.open_round(first)
    for each in (scribe, other_scribe, phone):
        builders.judge(done, each.who, {"p1": 1, "p2": 0, "p3": 0})
    rounds.close_round(round_id=done.pk)
    rounds.reveal(round_id=done.pk)
    now = builders.open_round(assess)
    builders.judge(now, phone.who, {"p1": 1}, reason=f"Because of {mark}")
    builders.judge(now, other_scribe.who, {"p1": 2})
    table = scribe.who.table
    builders.judge(now, scribe.who, {"p2": 3}, voice="tables", table=table)
    sent = {"prompt": assess, "this_round": now, "kind": "point", "items": []}
    point = points.add_point(
        participant=phone.who,
        table=None,
        text=f"Point {mark}",
        key=codes.new_token(),
        **sent,
    )
    table_point = points.add_point(
        participant=scribe.who,
        table=table,
        text=f"The table on {mark}",
        key=codes.new_token(),
        **sent,
    )
    joining.remove(participant=removed.who)
    WriteUp.objects.create(workshop=workshop, state="in-review")
    builders.publish(workshop, published(workshop, mark))
    day = Day(
        workshop=workshop,
        mark=mark,
        session=session,
        later=later,
        done=done,
        now=now,
        next=rate,
        talk=talk,
        scribe=scribe,
        other_scribe=other_scribe,
        phone=phone,
        removed=removed,
        point=point,
        table_point=table_point,
        link=joining.link_for_another_device(participant=phone.who),
        theme=theming.make_theme(
            prompt=assess, title=f"Theme {mark}", points=[table_point.pk]
        ),
        remark=remarks.add_remark(
            workshop=workshop,
            session=session,
            name=mark,
            organisation=mark,
            text=f"Conclusion {mark}",
        ),
        ticket=Ticket.objects.create(workshop=workshop, number=1),
        rehearsal=stopped_rehearsal(workshop),
    )
    for role in ("owner", "facilitator", "observer"):
        user = builders.make_facilitator(name=f"{role}-{slug}")
        day.members[role] = Membership.objects.create(
            workshop=workshop, user=user, role=role
        )
    return day


def question_of(day: Day, *, by: Phone | None = None) -> Question:
    """Return a question to the speakers, by the scribe unless somebody else asks."""
    who = (by or day.scribe).who
    if made := day.session.questions.filter(participant=who).first():
        return made
    asking.take_questions(session=day.session, on=True)
    return asking.ask(
        session=day.session,
        participant=who,
        text=f"Why {day.mark}?",
        key=f"{day.mark}-asked",
    )


def proposal_of(day: Day) -> Proposal:
    """Return other words for an item, by the scribe's table, before the room."""
    key, scribe = f"{day.mark}-proposed", day.scribe.who
    point = points.add_point(
        prompt=day.now.prompt,
        this_round=day.now,
        participant=scribe,
        table=scribe.table,
        kind="rewording",
        items=list(day.now.prompt.items.filter(key="p1")),
        text=f"{day.mark} item 1 in other words",
        key=key,
    )
    if point.proposal.status == Proposal.Status.WAITING:
        proposing.release(proposal=point.proposal)
    return point.proposal


def published(workshop: Workshop, mark: str) -> Report:
    record = Records("r", Table(f"Record {mark}", ("Table",), (("1",),)))
    text = Text("intro", (Sentence((Run(f"Found in {mark}.", "r"),)),))
    return Report(
        title=f"Day in {mark}",
        language="en",
        attribution=workshop.attribution,
        version=1,
        sections=(Section("intro", f"Introduction {mark}", (text,)),),
        records=(record,),
    )


def stopped_rehearsal(workshop: Workshop) -> Rehearsal:
    return Rehearsal.objects.create(
        workshop=workshop,
        people=12,
        seconds=60,
        state="stopped",
        reason="asked",
        ended_at=Now(),
    )


def account(user, **options) -> Client:
    browser = Client(**options)
    browser.force_login(user)
    return browser


def browsers(ours: Day, theirs: Day) -> dict[str, Client]:
    """Return a browser for every role, as `ours` sees it."""
    users = get_user_model().objects
    staff, _ = users.get_or_create(username="staff", is_staff=True)
    admin, _ = users.get_or_create(username="admin", is_staff=True, is_superuser=True)
    return {
        "nobody": Client(),
        "their phone": theirs.phone.client,
        "removed": ours.removed.client,
        "phone": ours.phone.client,
        "other scribe": ours.other_scribe.client,
        "their facilitator": account(theirs.members["owner"].user),
        "staff": account(staff),
        "observer": account(ours.members["observer"].user),
        "facilitator": account(ours.members["facilitator"].user),
        "owner": account(ours.members["owner"].user),
        "admin": account(admin),
    }


def load_template():
    """Load a template that everybody with an account may see."""
    template, _made = templates.load(TEMPLATE.encode())
    return template


def patterns(resolver=None, prefix: str = "") -> Iterator[str]:
    """Yield every address that the URLconf answers, as it is written there."""
    for entry in (resolver or get_resolver()).url_patterns:
        written = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield written
        else:
            yield from patterns(entry, written)


# Written on the way, by any page: the session's own row, limits on guessing, when
# somebody was last here.
BESIDE = re.compile(r"django_session|wrongcodes|shared_cache|presence|SAVEPOINT")
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


class Written:
    """Notes the statements that change something, such as an answer or a point."""

    def __enter__(self) -> "Written":
        self.statements: list[str] = []
        self.wrapper = connection.execute_wrapper(self.note)
        self.wrapper.__enter__()
        return self

    def __exit__(self, *error) -> None:
        self.wrapper.__exit__(*error)

    def note(self, execute, sql, parameters, many, context):
        if WRITES.match(sql) and not BESIDE.search(sql):
            self.statements.append(sql[:120])
        return execute(sql, parameters, many, context)


def seat(day: Day, number: int) -> Participant:
    return day.workshop.participants.order_by("pk")[number - 1]


def account_named(name: str):
    user, _made = get_user_model().objects.get_or_create(username=name)
    return user


def text_of(answer) -> str:
    """Return all that an answer says; what a workbook says stands in its parts."""
    if not answer.content.startswith(b"PK"):
        return answer.content.decode()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return "".join(file.read(name).decode() for name in file.namelist())
