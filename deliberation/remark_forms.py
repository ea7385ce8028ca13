"""The form of a remark: where it belongs, who said it, what was said."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import incoming
from deliberation.forms import CleanTextField
from deliberation.meanwhile import KeepsBothChanges
from deliberation.models import Remark
from workshops.models import Session, Workshop

REMARK_LENGTH = 10_000


class RemarkForm(KeepsBothChanges, forms.Form):
    """`place` is the kind and the session's key in the database: `conclusion:7`."""

    place = forms.ChoiceField(label=gettext_lazy("Where it belongs"))
    name = CleanTextField(
        label=gettext_lazy("Name"),
        limit=200,
        required=False,
        help_text=gettext_lazy("Who said it, as the write-up is to name them."),
    )
    organisation = CleanTextField(
        label=gettext_lazy("Organisation"), limit=200, required=False
    )
    text = CleanTextField(
        label=gettext_lazy("What was said"),
        rows=10,
        limit=REMARK_LENGTH,
        help_text=gettext_lazy("*Emphasis*, lists and links in Markdown."),
    )

    def __init__(self, *args, workshop: Workshop, **options) -> None:
        super().__init__(*args, **options)
        self.workshop = workshop
        self.fields["place"].choices = places(workshop)

    @property
    def said(self) -> dict[str, Any]:
        """What is stored of a form that is right."""
        kind, _colon, pk = self.cleaned_data["place"].partition(":")
        session = self.workshop.sessions.filter(pk=incoming.number(pk)).first()
        fields = {name: self.cleaned_data[name] for name in ("name", "organisation")}
        text = self.cleaned_data["text"]
        return {"kind": kind, "session": session, "text": text, **fields}


def places(workshop: Workshop) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every place a remark can have, by session; the day comes last."""
    kinds = Remark.Kind
    found = [
        (
            session.title,
            [
                (place_of(kind, session.pk), f"{kind.label}: {session.title}")
                for kind in (kinds.CONCLUSION, kinds.OBSERVATION)
            ],
        )
        for session in workshop.sessions.all()
    ]
    day = [(place_of(kind, None), kind.label) for kind in (kinds.CLOSING,)]
    day.append((place_of(kinds.OBSERVATION, None), _("Observation on the whole day")))
    return [*found, (_("The whole day"), day)]


def place_of(kind: str, session_id: int | None) -> str:
    return f"{kind}:{session_id or ''}"


def initial_of(remark: Remark) -> dict[str, str]:
    """Return what the form of a stored remark begins with."""
    return {
        "place": place_of(remark.kind, remark.session_id),
        "name": remark.name,
        "organisation": remark.organisation,
        "text": remark.text,
    }


def initial_at(workshop: Workshop, place: str) -> dict[str, str]:
    """Return what a new remark's form begins with: the only speaker's name, if any."""
    kind, _colon, pk = place.partition(":")
    session = workshop.sessions.filter(pk=incoming.number(pk)).first()
    found = {"place": place} if session is not None or not pk else {}
    if session is not None and kind == Remark.Kind.CONCLUSION:
        found |= _only_speaker(session)
    return found


def _only_speaker(session: Session) -> dict[str, str]:
    speakers = list(session.speakers.all()[:2])
    if len(speakers) != 1:
        return {}
    return {"name": speakers[0].name, "organisation": speakers[0].organisation}
