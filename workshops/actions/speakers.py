"""The link by which the speakers of a session see it on a phone of their own."""

from workshops import codes
from workshops.models import Session


def give_link(*, session: Session) -> None:
    """Give a session's speakers a new link; one from before ends."""
    _set_secret(session, codes.new_secret())


def end_link(*, session: Session) -> None:
    """Take the link from a session's speakers."""
    _set_secret(session, None)


def _set_secret(session: Session, secret: str | None) -> None:
    session.speaker_secret = secret
    session.save(update_fields=["speaker_secret"])


def let_see(*, session: Session, sees: str, sends: bool = False) -> None:
    """Say what a session's speakers may.

    sees: one of Session.SpeakerSees. sends: whether their challenges go out at once.
    """
    session.speaker_sees = Session.SpeakerSees(sees)
    session.speaker_sends = sends
    session.save(update_fields=["speaker_sees", "speaker_sends"])
