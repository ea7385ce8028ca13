"""What is recorded for one's table in a session: read, confirmed, corrected."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deliberation.actions import signing
from deliberation.actions.points import POINT_LENGTH
from deliberation.kinds import InvalidAnswer
from deliberation.live import table_record as shown
from deliberation.models import Item, Point, Prompt, SignOff
from deliberation.table_records import (
    Record,
    points_of_tables,
    record_of,
    rounds_to_confirm,
)
from deliberation.views.phone import key_of
from deliberation.writeup.signed import states_of
from workshops import codes
from workshops.actions import scribes
from workshops.models import Participant, Session
from workshops.views.seat import seated

SEEN = re.compile(r"([rp][0-9]{1,19}(?:\.[-\w]{0,64})?)=([0-9a-f]{12})")


@dataclass
class Sent:
    """What was sent and is shown again: in which form, with what is wrong with it."""

    do: str = ""
    about: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    seen: dict[str, str] | None = None
    status: int = 200


class Refused(Exception):
    """What was sent does not fit what there is; the text says why."""


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def table_record(request: HttpRequest, who: Participant, session: str) -> HttpResponse:
    here = who.workshop.sessions.filter(key=session).first()
    if here is None:
        raise Http404
    here.workshop = who.workshop
    if who.table is None:
        messages.error(request, _("Please choose a table first."))
        return redirect("join:seat", who.workshop.slug)
    if request.method != "POST":
        return page(request, who, here, Sent())
    sent = Sent(
        do=request.POST.get("do", ""),
        about=request.POST.get("about", ""),
        text=request.POST.get("text", ""),
        seen=seen_in(request),
    )
    try:
        done = DEEDS.get(sent.do, out_of_date)(request, who, here)
    except InvalidAnswer as invalid:
        sent.errors, sent.status = invalid.errors, 422
    except tuple(PROBLEMS) as problem:
        sent.problem, sent.status = PROBLEMS[type(problem)](problem), 409
    else:
        messages.success(request, done)
        return redirect("phone:table_record", who.workshop.slug, here.key)
    return page(request, who, here, sent)


def page(
    request: HttpRequest, who: Participant, session: Session, sent: Sent
) -> HttpResponse:
    """Render the record, with what was sent and refused, if anything was."""
    assert who.table is not None
    context: dict[str, Any] = {
        "who": who,
        "workshop": who.workshop,
        "session": session,
        "sent": sent,
        "is_scribe": hasattr(who, "scribe_lease"),
        "others": other_sessions(session),
    }
    record = record_of(session, who.table)
    if record is not None:
        context |= record_context(record, who, sent)
    return render(request, "phone/sign_off.html", context, status=sent.status)


def record_context(record: Record, who: Participant, sent: Sent) -> dict[str, Any]:
    seen = sent.seen if sent.problem else None
    changed = record.changed_since(seen) if seen else set()
    is_scribe = hasattr(who, "scribe_lease")
    may_change = {
        point.pk: signing.may_change(point, who)
        and (is_scribe or point.kind == Point.Kind.DISSENT)
        for point in record.points
    }
    own = SignOff.objects.filter(session=record.session, participant=who)
    own = own.select_related("table").first()
    (state,) = states_of([record])
    return {
        "record": record,
        "state": state,
        "own": own,
        "own_is_now": own is not None and own.digest == record.digest,
        "own_clock": own and f"{timezone.localtime(own.at):%H:%M}",
        "seen": " ".join(f"{name}={mark}" for name, mark in record.parts.items()),
        "changed": changed,
        "gone": shown.gone_words(record, changed),
        "rounds": shown.shown_rounds(record, changed),
        "points": shown.points_of(record, changed, may_change),
        "abouts": shown.abouts(record),
        "key": codes.new_token(),
        "most": POINT_LENGTH,
    }


def other_sessions(session: Session) -> list[Session]:
    """Return the other sessions in which there is something to confirm."""
    found = {
        one.prompt.session_id: one.prompt.session
        for one in rounds_to_confirm(session.workshop)
    }
    return [one for pk, one in found.items() if pk != session.pk]


def seen_in(request: HttpRequest) -> dict[str, str]:
    """Return the parts of the record that the sender had read, with their marks."""
    return dict(SEEN.findall(request.POST.get("seen", "")[:100_000]))


# ---- what can be done, each with what it says afterwards ----


def sign(request: HttpRequest, who: Participant, session: Session) -> str:
    signing.sign_off(
        session=session, participant=who, digest=request.POST.get("digest", "")
    )
    return _("You have confirmed what is recorded for %(table)s.") % {
        "table": who.table
    }


def dissent(request: HttpRequest, who: Participant, session: Session) -> str:
    prompt, item = about_of(request, session)
    signing.add_dissent(
        prompt=prompt,
        item=item,
        participant=who,
        text=request.POST.get("text", ""),
        key=key_of(request.POST),
    )
    return _("Your dissent is recorded with the table’s answers.")


def correct(request: HttpRequest, who: Participant, session: Session) -> str:
    prompt, item = about_of(request, session)
    signing.add_correction(
        prompt=prompt,
        item=item,
        participant=who,
        text=request.POST.get("text", ""),
        key=key_of(request.POST),
    )
    return _("The correction is recorded beside the table’s answer.")


def rewrite(request: HttpRequest, who: Participant, session: Session) -> str:
    point = signing.rewrite_point(
        point=point_of(request, session),
        participant=who,
        text=request.POST.get("text", ""),
        key=key_of(request.POST),
    )
    if point.kind == Point.Kind.CORRECTION:
        return _("A facilitator has taken the point up; a correction stands beside it.")
    return _("The point is changed.")


def withdraw(request: HttpRequest, who: Participant, session: Session) -> str:
    point = point_of(request, session)
    if not signing.withdraw_point(point=point, participant=who):
        raise Refused(
            _("A facilitator has taken this point up; it stays. You can correct it.")
        )
    return _("The point is withdrawn.")


def out_of_date(_request: HttpRequest, _who: Participant, _session: Session) -> str:
    raise Refused(_("This button is out of date. Please press it again."))


DEEDS: dict[str, Callable[[HttpRequest, Participant, Session], str]] = {
    "sign": sign,
    "dissent": dissent,
    "correct": correct,
    "rewrite": rewrite,
    "withdraw": withdraw,
}


def about_of(request: HttpRequest, session: Session) -> tuple[Prompt, Item | None]:
    """Return what a dissent or correction is about: `<prompt>` or `<prompt>/<item>`."""
    prompt_key, _slash, item_key = request.POST.get("about", "").partition("/")
    rounds = rounds_to_confirm(session.workshop).filter(prompt__session=session)
    asked = {one.prompt.key: one.prompt for one in rounds}
    prompt = asked.get(prompt_key)
    item = None
    if prompt is not None and item_key:
        item = next((one for one in prompt.items.all() if one.key == item_key), None)
    if prompt is None or (item_key and item is None):
        raise InvalidAnswer({"about": _("Please choose what it is about.")})
    return prompt, item


def point_of(request: HttpRequest, session: Session) -> Point:
    """Return the table's point that a form is about. Raises Refused."""
    wanted = request.POST.get("about", "")
    for point in points_of_tables(session, with_withdrawn=True):
        if str(point.pk) == wanted:
            return point
    raise Refused(_("This point is not there any more."))


PROBLEMS: dict[type[Exception], Callable[[Any], str]] = {
    Refused: str,
    signing.RecordChanged: lambda _problem: _(
        "The record was changed since you read it. What changed is marked below: "
        "please read it and confirm again."
    ),
    signing.NothingToConfirm: lambda _problem: _(
        "Nothing was closed yet that a table could confirm."
    ),
    signing.SignedElsewhere: lambda problem: (
        _(
            "You have confirmed what is recorded for %(table)s in this session. "
            "That stays there; others here can confirm this."
        )
        % {"table": problem.table}
    ),
    signing.DayOver: lambda _problem: _(
        "The workshop has ended; what is recorded stays as it is."
    ),
    scribes.NotScribe: lambda _problem: _(
        "You do not write for the table, or no longer. Your text is below."
    ),
}
