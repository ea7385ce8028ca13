"""People who were there read the draft by a link and comment on it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from deliberation.actions.writing import hold_write_up
from deliberation.models import Comment, WriteUp
from workshops import codes
from workshops.models import Participant, Workshop

LONGEST = 2_000  # characters of a comment, and of a reply
MOST = 2_000  # comments on one document: who has the link may be anybody


class ReviewClosed(Exception):
    """No comments are taken: the review is over, or its link was renewed."""


class TooManyComments(Exception):
    """The document has as many comments as anybody will read."""


@transaction.atomic
def open_review(*, workshop: Workshop) -> WriteUp:
    """Take comments; the link is the one of the last review, if it was not renewed."""
    return _now(workshop, WriteUp.State.IN_REVIEW)


@transaction.atomic
def close_review(*, workshop: Workshop) -> WriteUp:
    """Take no more comments; what was said stays to be settled."""
    write_up = hold_write_up(workshop)
    if write_up.state != WriteUp.State.IN_REVIEW:
        return write_up
    published = workshop.publications.exists()
    state = WriteUp.State.PUBLISHED if published else WriteUp.State.DRAFT
    return _now(workshop, state)


def _now(workshop: Workshop, state: str) -> WriteUp:
    write_up = hold_write_up(workshop)
    write_up.state = state
    write_up.save(update_fields=["state"])
    return write_up


@transaction.atomic
def renew_link(*, workshop: Workshop) -> WriteUp:
    """Give the review another link; the one before leads nowhere from now on."""
    write_up = hold_write_up(workshop)
    write_up.review_secret = codes.new_secret()
    write_up.save(update_fields=["review_secret"])
    return write_up


@transaction.atomic
def add_comment(
    *,
    secret: str,
    place: str,
    text: str,
    key: str,
    quote: str = "",
    participant: Participant | None = None,
    name: str = "",
) -> Comment:
    """Store a comment, once for each key, and return it.

    quote: the sentence or row of that place that it is about, "" for all of it.
    Who says it is kept only as far as the attribution rule shows people or
    organisations. Raises ReviewClosed and TooManyComments.
    """
    # Locked, so that a comment is stored before the review closes, or refused.
    open_ones = WriteUp.objects.filter(state=WriteUp.State.IN_REVIEW)
    locked = open_ones.select_for_update(no_key=True, of=("self",))
    found = locked.select_related("workshop")
    write_up = found.filter(review_secret=secret).first()
    if write_up is None:
        raise ReviewClosed
    if sent := write_up.comments.filter(key=key).first():
        return sent
    if write_up.comments.count() >= MOST:
        raise TooManyComments
    who: dict[str, Any] = {}
    if write_up.workshop.asks_organisation:
        who = {"participant": participant, "name": "" if participant else name}
    return write_up.comments.create(
        place=place,
        text=text,
        quote=quote,
        key=key,
        at=timezone.now(),
        **who,
    )


@transaction.atomic
def reply(*, comment: Comment, text: str) -> None:
    """Store what is said to a comment, instead of an earlier reply; "" for nothing."""
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    if comment.reply != text:
        comment.reply = text
        comment.replied_at = timezone.now() if text else None
        comment.save(update_fields=["reply", "replied_at"])


@transaction.atomic
def settle(*, comment: Comment, on: bool = True) -> None:
    """Mark a comment as dealt with, or as open again."""
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    if bool(comment.settled_at) != on:
        comment.settled_at = timezone.now() if on else None
        comment.save(update_fields=["settled_at"])
