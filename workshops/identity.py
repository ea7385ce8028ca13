"""Who this browser is in a workshop: a participant, a facilitator, or nobody.

Nobody gets a 404, so that an address tells a stranger nothing.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from config.prepared import Prepared
from workshops import codes
from workshops.models import Device, Membership, Participant, Session, Workshop

COOKIES = re.compile("(__Host-)?[ap]-[0-9]+")  # names of admissions and of tokens
MOST_SEATS = 20  # of one browser that are looked through
TOKENS = re.compile("(__Host-)?p-[0-9]+")
COOKIE_AGE = timedelta(days=7)
ADMISSION_AGE = timedelta(minutes=30)
MAY_RUN = (Membership.Role.OWNER, Membership.Role.FACILITATOR)


def cookie_name(workshop_id: int) -> str:
    """Return the name of the cookie that holds a participant's token."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}p-{workshop_id}"


def owner_of(token_hash: str) -> Subquery:
    """Return the subquery for the id of whose token has this hash.

    Not a join: before PostgreSQL has counted its rows it would begin with everybody in
    the workshop, and look at all their tokens.
    """
    owners = Device.objects.filter(token_hash=token_hash)
    return Subquery(owners.values("participant")[:1])


def participant_for_token(workshop_id: int, token: str) -> Participant | None:
    """Return who holds the token in this workshop, with table, lease and badge."""
    return _by_token.first(workshop=workshop_id, token=codes.digest(token))


_by_token = Prepared(
    lambda workshop, token: (
        Participant.objects.present()
        .filter(workshop_id=workshop, pk=owner_of(token))
        .select_related("table", "scribe_lease", "badge__organisation")
        .order_by("pk")[:1]
    ),
    workshop=int,
    token=str,
)


def find_participant(request: HttpRequest, workshop: Workshop) -> Participant | None:
    """Return the participant whose token this browser holds, or None."""
    token = request.COOKIES.get(cookie_name(workshop.pk))
    who = participant_for_token(workshop.pk, token) if token else None
    if who is not None:
        who.workshop = workshop
    return who


def remember(request: HttpRequest, response: HttpResponse, who: Participant) -> None:
    """Give this browser a fresh token for the participant's seat."""
    token = codes.new_token()
    Device.objects.create(participant=who, token_hash=codes.digest(token))
    _set_token(response, who.workshop_id, token)


def _set_token(response: HttpResponse, workshop_id: int, token: str) -> None:
    response.set_cookie(
        cookie_name(workshop_id),
        token,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def keep_seat(request: HttpRequest, response: HttpResponse, workshop: Workshop) -> bool:
    """Let this browser keep a seat that it took before the workshop was restored.

    Cookies are named by the workshop's key, which is another one since. Returns
    whether there is such a seat.
    """
    tokens = [t for name, t in request.COOKIES.items() if TOKENS.fullmatch(name)]
    for token in tokens[:MOST_SEATS]:
        if participant_for_token(workshop.pk, token):
            _set_token(response, workshop.pk, token)
            return True
    return False


def forget(response: HttpResponse, workshop: Workshop) -> None:
    """Take the token from this browser."""
    response.delete_cookie(cookie_name(workshop.pk), samesite="Lax")


def session_of_speaker(secret: str) -> Session | None:
    """Return the session whose speakers have this link, with its workshop, or None."""
    sessions = Session.objects.select_related("workshop")
    return sessions.filter(speaker_secret=secret).first() if secret else None


def workshop_to_watch(request: HttpRequest, slug: str) -> Workshop:
    """Return a workshop that this account may see in the console. Raises Http404."""
    workshop = Workshop.objects.run_by(request.user).filter(slug=slug).first()
    if workshop is None:
        raise Http404
    return workshop


def workshop_to_run(request: HttpRequest, slug: str) -> Workshop:
    """Return a workshop that this account may change. Raises Http404."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise Http404
    return workshop


def may_run(request: HttpRequest, workshop: Workshop) -> bool:
    """Tell whether this account may change the workshop, not only look on."""
    if request.user.is_superuser:
        return True
    return workshop.memberships.filter(
        user_id=request.user.pk, role__in=MAY_RUN
    ).exists()


def runs(user, workshops: Iterable[Workshop]) -> set[int]:
    """Return the keys of those workshops that this account may change."""
    if user.is_superuser:
        return {workshop.pk for workshop in workshops}
    mine = Membership.objects.filter(user_id=user.pk, role__in=MAY_RUN)
    return set(mine.values_list("workshop_id", flat=True))


def was_removed(request: HttpRequest, workshop: Workshop) -> bool:
    """Tell whether this browser held a seat here that a facilitator has ended."""
    token = request.COOKIES.get(cookie_name(workshop.pk))
    if not token:
        return False
    return Device.objects.filter(
        token_hash=codes.digest(token),
        participant__workshop=workshop,
        participant__removed_at__isnull=False,
    ).exists()


def admit(response: HttpResponse, workshop: Workshop, *, by: str = "") -> None:
    """Let this browser fill in its details, because it knew the code or the QR.

    by: what else it has shown, and nobody else has; else something random.
    """
    response.set_signed_cookie(
        admission_name(workshop.pk),
        by or codes.new_token(),
        salt=admission_salt(workshop.pk),
        max_age=ADMISSION_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def admission(request: HttpRequest, workshop: Workshop) -> str:
    """Return what lets this browser in, good for one seat; "" without a code lately."""
    return request.get_signed_cookie(
        admission_name(workshop.pk),
        default="",
        salt=admission_salt(workshop.pk),
        max_age=ADMISSION_AGE,
    )


def use_up_admission(response: HttpResponse, workshop: Workshop) -> None:
    """Take the admission from this browser: the next seat asks for the code again."""
    response.delete_cookie(admission_name(workshop.pk), samesite="Lax")


def admission_salt(workshop_id: int) -> str:
    """Return the salt that keeps one workshop's admissions out of the others."""
    return f"workshops.admission.{workshop_id}"


def admission_name(workshop_id: int) -> str:
    """Return the name of the cookie that says the code was known."""
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}a-{workshop_id}"


def seat_mark(who: Participant) -> str:
    """Return what names a seat on its own table's phones, and nowhere else."""
    named = salted_hmac("workshops.seat", f"{who.pk} {who.ref}", algorithm="sha256")
    return named.hexdigest()[:16]


def shown_as(who: Participant) -> str:
    """Return how a person is called at their own table, as the rule allows it."""
    seat = _("Seat %(ref)s") % {"ref": who.ref[:4]}
    badge = getattr(who, "badge", None)
    if badge is None:
        return seat
    if who.workshop.asks_name and badge.name:
        return badge.name
    if who.workshop.asks_organisation and badge.organisation:
        return f"{badge.organisation}, {seat}"
    return seat
