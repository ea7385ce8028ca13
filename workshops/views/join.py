"""Coming in: by typed code, typed link or QR code, to a seat."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.addresses import client_ip
from workshops import codes, identity, throttle
from workshops.actions import joining, tickets
from workshops.forms import TABLE_GONE, DetailsForm, chosen_table
from workshops.models import Table, Ticket, Workshop

NEEDS_TICKET = gettext_lazy(
    "This workshop is joined by ticket. Please scan the ticket of your seat, or type "
    "the eight letters and figures on it."
)
TICKET_SPENT = gettext_lazy(
    "This ticket is not in use any more. Please ask the facilitator for a new one."
)
FULL = gettext_lazy(
    "Every place that was counted is taken. If you are in the room, please tell the "
    "facilitator, who can let one more in."
)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "join/home.html")


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    # The QR code leads here by GET; its secret stands behind the #, for the script.
    if request.method == "POST":
        return enter_by_code(request, request.POST.get("code", ""))
    return render(request, "join/home.html")


@require_GET
def typed_link(request: HttpRequest, code: str) -> HttpResponse:
    if len(codes.normalise_join_code(code)) == codes.TICKET_CODE_LENGTH:
        # A ticket moves a seat from phone to phone: not by looking at an address.
        return render(request, "join/home.html", {"typed": code[:40]})
    return enter_by_code(request, code)


@require_POST
def qr(request: HttpRequest) -> HttpResponse:
    secret = request.POST.get("secret", "")
    workshop = joining.workshop_for_secret(secret)
    if workshop is not None:
        return let_in(request, workshop)
    ticket = tickets.ticket_for_secret(secret)
    if ticket is None:
        return not_known(request, "", _("This QR code is not in use any more."))
    return let_in_by_ticket(request, ticket)


def enter_by_code(request: HttpRequest, typed: str) -> HttpResponse:
    address = client_ip(request)
    if not typed.strip():
        return not_known(request, typed, _("Please type the code from the screen."))
    if seconds := throttle.seconds_to_wait(address):
        wait = ngettext(
            "Too many wrong codes came from this network. Please scan the QR code, "
            "or try again in %(n)d second.",
            "Too many wrong codes came from this network. Please scan the QR code, "
            "or try again in %(n)d seconds.",
            seconds,
        )
        page = not_known(request, typed, wait % {"n": seconds}, status=429)
        page["Retry-After"] = str(seconds)
        return page
    workshop = joining.workshop_for_code(typed)
    if workshop is None and (ticket := tickets.ticket_for_code(typed)):
        return let_in_by_ticket(request, ticket)
    if workshop is None:
        throttle.count_wrong(address)
        return not_known(
            request,
            typed,
            _("No workshop answers to this code. Please compare it with the screen."),
        )
    return let_in(request, workshop)


def not_known(
    request: HttpRequest, typed: str, error: str, *, status: int = 422
) -> HttpResponse:
    # The same for a code that never was and one that is over: nothing to learn here.
    context = {"typed": typed[:40], "error": error}
    return render(request, "join/home.html", context, status=status)


def let_in(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    if identity.find_participant(request, workshop):
        return redirect("phone:stage", workshop.slug)
    if workshop.asks_ticket:
        return not_known(request, "", NEEDS_TICKET)
    admitted = redirect("join:details", workshop.slug)
    identity.admit(admitted, workshop)
    return admitted


def let_in_by_ticket(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Give this browser the ticket's seat, from another phone if one has it."""
    workshop = ticket.workshop
    here = identity.find_participant(request, workshop)
    try:
        if here and tickets.keep_seat(ticket=ticket, participant=here):
            return redirect("phone:stage", workshop.slug)
        who = tickets.take_over(ticket=ticket)
    except joining.SeatGone:
        return not_known(request, "", TICKET_SPENT)
    if who is None:
        admitted = redirect("join:details", workshop.slug)
        identity.admit(admitted, workshop, by=tickets.admission_by(ticket))
        return admitted
    seated = redirect("phone:stage", workshop.slug)
    identity.remember(request, seated, who)
    messages.success(request, _("Your seat is on this device now, and on no other."))
    return seated


@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = Workshop.objects.filter(slug=slug).first()
    if workshop and identity.find_participant(request, workshop):
        return redirect("phone:stage", slug)
    admission = identity.admission(request, workshop) if workshop else ""
    ticket = tickets.ticket_of(admission)
    if workshop is None or not admission:
        # The same for a workshop that never was: an address tells a stranger nothing.
        messages.info(request, _("Please type the code from the screen."))
        return redirect("join:home")
    # Where nothing is asked, an empty form is a whole one.
    data = request.POST if request.method == "POST" else None
    form = DetailsForm(data, workshop=workshop)
    locked = not workshop.lets_people_in
    if request.method == "POST" and form.is_valid() and not locked:
        try:
            who = joining.join(
                workshop=workshop,
                name=form.cleaned_data.get("name", ""),
                organisation=form.cleaned_data.get("organisation", ""),
                table=chosen_table(form),
                admission=admission,
                ticket=ticket,
            )
        except joining.JoiningLocked:
            locked = True
        except joining.RoomFull:
            form.add_error(None, FULL)
        except joining.TicketNeeded:
            form.add_error(None, TICKET_SPENT if ticket else NEEDS_TICKET)
        except Table.DoesNotExist:
            form.add_error("table", TABLE_GONE)
        else:
            seated = redirect("phone:stage", slug)
            identity.remember(request, seated, who)
            identity.use_up_admission(seated, workshop)
            return seated
    context = {"workshop": workshop, "form": form, "locked": locked}
    wrong = request.method == "POST" and bool(form.errors)
    status = 409 if locked and request.method == "POST" else 422 if wrong else 200
    return render(request, "join/details.html", context, status=status)
