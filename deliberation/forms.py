"""Forms of the editor: a workshop, its sessions, its prompts and their items."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core import validators
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import incoming
from config.incoming import clean_text
from deliberation.actions.editing import MEANING, MOST_TABLES, free_key, was_opened
from deliberation.meanwhile import KeepsBothChanges
from deliberation.models import Item, Prompt, Scale, ScalePoint, Wording
from deliberation.models.prompt import MOST_POINTS, SHORT_LENGTH
from workshops.models import Session, SessionTemplate, Speaker, Workshop
from workshops.session_templates.checks import HTML

TEXT_LENGTH = 4000
MOST_ITEMS = 200
MOST_SPEAKERS = 50
# Fields of a prompt that mean nothing without its kind.
ANSWERS = {
    "kind", "scale_choice", "own_scale", "criteria", "least", "most", "total", "ties",
    "rule",
}  # fmt: skip
# From how many per cent of the answers on an item of a rating is put in which word.
WORDS = ("word_agreed", "word_opposed", "word_split", "word_lukewarm")
# Scales that can be picked without thinking: key, kind, (point key, label).
READY_SCALES: dict[str, tuple[Any, str, list[tuple[str, Any]]]] = {
    "agree-5": (
        gettext_lazy("Agreement, 5 points"),
        "ordinal",
        [
            ("strongly-disagree", gettext_lazy("Strongly disagree")),
            ("disagree", gettext_lazy("Disagree")),
            ("neither", gettext_lazy("Neither agree nor disagree")),
            ("agree", gettext_lazy("Agree")),
            ("strongly-agree", gettext_lazy("Strongly agree")),
        ],
    ),
    "importance-5": (
        gettext_lazy("Importance, 5 points"),
        "ordinal",
        [
            ("not", gettext_lazy("Not important")),
            ("slightly", gettext_lazy("Slightly important")),
            ("moderately", gettext_lazy("Moderately important")),
            ("important", gettext_lazy("Important")),
            ("very", gettext_lazy("Very important")),
        ],
    ),
    "support-3": (
        gettext_lazy("Support, with reservations, oppose"),
        "nominal",
        [
            ("support", gettext_lazy("Support")),
            ("reservations", gettext_lazy("Support with reservations")),
            ("oppose", gettext_lazy("Oppose")),
        ],
    ),
}


class CleanTextField(forms.CharField):
    """Text that every database and document can hold; a length in plain words."""

    def __init__(self, *, limit: int = TEXT_LENGTH, rows: int = 0, **options) -> None:
        if rows:
            options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**options)
        self.limit = limit
        self.is_line = not rows

    def to_python(self, value: Any) -> str:
        text = clean_text(super().to_python(value) or "")
        return " ".join(text.split()) if self.is_line else text

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.limit:
            raise forms.ValidationError(
                _("This is %(count)d characters long; please keep it to %(limit)d.")
                % {"count": len(value), "limit": self.limit}
            )


class WorkshopForm(KeepsBothChanges, forms.ModelForm):
    title = CleanTextField(label=gettext_lazy("Title"), limit=200)
    place = CleanTextField(label=gettext_lazy("Place"), limit=200, required=False)
    tables = forms.IntegerField(
        label=gettext_lazy("Number of tables"), min_value=1, max_value=MOST_TABLES
    )

    class Meta:
        model = Workshop
        fields = [
            "title",
            "date",
            "place",
            "attribution",
            "seating",
            "entry",
            "expected_people",
        ]
        labels = {
            "date": gettext_lazy("Date"),
            "attribution": gettext_lazy("Who may be named"),
            "seating": gettext_lazy("How people are seated"),
            "entry": gettext_lazy("Who is let in"),
            "expected_people": gettext_lazy("People expected"),
        }
        help_texts = {
            "attribution": gettext_lazy(
                "What may be shown or exported about who said what. "
                "It is fixed once somebody has answered."
            ),
            "entry": gettext_lazy(
                "Everybody: the console warns when more come in than are expected. "
                "By number: nobody is let in beyond it. By ticket: a ticket used "
                "again moves its seat to another phone and never adds one."
            ),
            "expected_people": gettext_lazy("As many as you count in the room."),
        }
        widgets = {"date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args, locked: bool = False, **options) -> None:
        super().__init__(*args, **options)
        self.fields["attribution"].disabled = locked
        self.fields["entry"].required = False  # as it was, where it is not sent
        if self.instance.pk:
            self.fields["tables"].initial = self.instance.tables.count()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        by_number = self.instance.entry == Workshop.Entry.CAPPED
        if data.get("entry"):
            by_number = data["entry"] == Workshop.Entry.CAPPED
        if by_number and data.get("expected_people") is None:
            asked = _("How many people? Nobody is let in beyond this number.")
            if "expected_people" not in self.errors:
                self.add_error("expected_people", asked)
        return data


class TicketsForm(forms.Form):
    """How many tickets to make."""

    count = forms.IntegerField(label=gettext_lazy("How many more?"), min_value=1)

    def __init__(self, *args, most: int, **options) -> None:
        super().__init__(*args, **options)
        field = self.fields["count"]
        field.validators.append(validators.MaxValueValidator(most))
        field.widget.attrs["max"] = most


class NewWorkshopForm(forms.Form):
    """A workshop is made in under a minute: template, title, date, place, tables."""

    template = forms.ModelChoiceField(
        label=gettext_lazy("Template"),
        queryset=SessionTemplate.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
    )
    title = CleanTextField(label=gettext_lazy("Title"), limit=200, required=False)
    date = forms.DateField(
        label=gettext_lazy("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    place = CleanTextField(label=gettext_lazy("Place"), limit=200, required=False)
    tables = forms.IntegerField(
        label=gettext_lazy("Number of tables"),
        min_value=1,
        max_value=MOST_TABLES,
        required=False,
        help_text=gettext_lazy("Leave empty for the template's number."),
    )

    def __init__(self, *args, wanted: str = "", **options) -> None:
        """Offer the newest version of each template, and the one wanted by its pk."""
        super().__init__(*args, **options)
        offered: dict[str, int] = {}
        for template in SessionTemplate.objects.defer("source").order_by("version"):
            offered[template.key] = template.pk
        rows = Q(pk__in=offered.values()) | Q(pk=incoming.number(wanted))
        templates = SessionTemplate.objects.defer("source").filter(rows)
        field = self.fields["template"]
        field.queryset = templates.order_by("title", "-version")
        only = next(iter(offered.values())) if len(offered) == 1 else None
        self.initial["template"] = wanted or only
        field.label_from_instance = lambda template: (
            _("%(title)s (version %(version)d)")
            % {"title": template.title, "version": template.version}
        )


class SessionForm(KeepsBothChanges, forms.ModelForm):
    title = CleanTextField(label=gettext_lazy("Title"), limit=200)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes planned"),
        min_value=1,
        max_value=1440,
        required=False,
    )
    speakers = CleanTextField(
        label=gettext_lazy("Speakers"),
        rows=3,
        required=False,
        help_text=gettext_lazy("One a line: name, organisation."),
    )
    brief = CleanTextField(
        label=gettext_lazy("Brief"),
        rows=8,
        required=False,
        help_text=gettext_lazy(
            "Shown on phones and screen when the session starts. *Emphasis*, lists "
            "and links in Markdown."
        ),
    )

    class Meta:
        model = Session
        fields = ["title", "starts_at", "minutes", "brief"]
        labels = {"starts_at": gettext_lazy("Planned start")}
        widgets = {"starts_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    field_order = ["title", "starts_at", "minutes", "speakers", "brief"]

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["speakers"].initial = "\n".join(
                ", ".join(filter(None, [speaker.name, speaker.organisation]))
                for speaker in self.instance.speakers.all()
            )

    def clean_speakers(self) -> list[tuple[str, str]]:
        """Return (name, organisation) of each line."""
        speakers = []
        for line in filter(
            None, map(str.strip, self.cleaned_data["speakers"].split("\n"))
        ):
            name, _comma, organisation = line.partition(",")
            if len(name) > 200 or len(organisation) > 200:
                raise forms.ValidationError(
                    _("“%(line)s …” is too long for a name and an organisation.")
                    % {"line": line[:40]}
                )
            if not name.strip():
                raise forms.ValidationError(
                    _("Please begin each line with a name: “%(line)s”.")
                    % {"line": line[:40]}
                )
            speakers.append((name.strip(), organisation.strip()))
        if len(speakers) > MOST_SPEAKERS:
            raise forms.ValidationError(
                _("A session can have at most %(limit)d speakers.")
                % {"limit": MOST_SPEAKERS}
            )
        return speakers

    def clean_brief(self) -> str:
        brief = self.cleaned_data["brief"]
        if found := HTML.search(brief):
            raise forms.ValidationError(
                _("Please write plain text with Markdown, no HTML such as “%(tag)s”.")
                % {"tag": found.group()[:40]}
            )
        return brief

    def save_speakers(self, session: Session) -> None:
        session.speakers.all().delete()
        Speaker.objects.bulk_create(
            Speaker(
                session=session, position=position, name=name, organisation=organisation
            )
            for position, (name, organisation) in enumerate(
                self.cleaned_data["speakers"], start=1
            )
        )


class PercentField(forms.IntegerField):
    """A share that stays as it is when it is left empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class PromptForm(KeepsBothChanges, forms.ModelForm):
    """What is asked, of whom, with which answers and rules."""

    question = CleanTextField(label=gettext_lazy("Question"), rows=2)
    guidance = CleanTextField(label=gettext_lazy("Guidance"), rows=2, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=Prompt.Kind.choices,
        widget=forms.RadioSelect,
    )
    voices = forms.MultipleChoiceField(
        label=gettext_lazy("Who answers"),
        choices=[
            ("people", gettext_lazy("People, each on their own phone")),
            ("tables", gettext_lazy("Tables, through their scribe")),
        ],
        widget=forms.CheckboxSelectMultiple,
        initial=["people"],
    )
    scale_choice = forms.ChoiceField(label=gettext_lazy("Scale"), required=False)
    own_scale = CleanTextField(
        label=gettext_lazy("Own answers"),
        rows=3,
        required=False,
        help_text=gettext_lazy(
            "One a line; for a rating from the lowest to the highest."
        ),
    )
    criteria = CleanTextField(
        label=gettext_lazy("Criteria"),
        rows=2,
        required=False,
        help_text=gettext_lazy(
            "For a rating in several respects, one a line: Effective, Feasible."
        ),
    )
    invites = forms.MultipleChoiceField(
        label=gettext_lazy("What else may be contributed"),
        choices=[
            ("points", gettext_lazy("Points")),
            ("rewordings", gettext_lazy("Rewordings of items")),
            ("new_items", gettext_lazy("New items")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=["points"],
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Countdown in minutes"),
        min_value=1,
        max_value=1440,
        required=False,
    )
    least = forms.IntegerField(
        label=gettext_lazy("At least"), min_value=0, max_value=200, required=False
    )
    most = forms.IntegerField(
        label=gettext_lazy("At most"), min_value=1, max_value=200, required=False
    )
    total = forms.IntegerField(
        label=gettext_lazy("Points to share out"),
        min_value=1,
        max_value=MOST_POINTS,
        required=False,
        help_text=gettext_lazy("That each person or table has, such as 100."),
    )
    word_agreed = PercentField(
        label=gettext_lazy("Agreed or Rejected, from %"), min_value=51, max_value=100
    )
    word_opposed = PercentField(
        label=gettext_lazy("with at most % against"), min_value=0, max_value=49
    )
    word_split = PercentField(
        label=gettext_lazy("Split, from % on either side"), min_value=1, max_value=50
    )
    word_lukewarm = PercentField(
        label=gettext_lazy("Lukewarm, from % on the middle"), min_value=1, max_value=100
    )
    new_items = CleanTextField(
        label=gettext_lazy("Items"),
        rows=5,
        limit=20_000,
        required=False,
        help_text=gettext_lazy("One a line; for a discussion, its parts."),
    )

    class Meta:
        model = Prompt
        fields = [
            "kind",
            "question",
            "guidance",
            "abstain",
            "reveal",
            "minutes",
            "after",
            "again",
            "shows_own_and_table",
            "reasons",
            "least",
            "most",
            "total",
            "ties",
            "rule",
            *WORDS,
        ]
        labels = {
            "abstain": gettext_lazy("Offer “No view”"),
            "ties": gettext_lazy("Items may be level"),
            "rule": gettext_lazy("Who wins"),
            "reveal": gettext_lazy("Results are shown"),
            "after": gettext_lazy("Opens after"),
            "again": gettext_lazy("When it is asked again"),
            "shows_own_and_table": gettext_lazy(
                "Show each table how many of its people answered as it did"
            ),
            "reasons": gettext_lazy("Reasons"),
        }
        help_texts = {
            "after": gettext_lazy(
                "Until that one has been asked and closed, the console opens this one"
                " only if you insist; the write-up says so then."
            ),
            "shows_own_and_table": gettext_lazy(
                "After closing, where people and tables answer and at least five"
                " people at the table did."
            ),
            "again": gettext_lazy(
                "An earlier answer that is filled in counts once it is kept or changed."
                " The console can ask it either way."
            ),
            "rule": gettext_lazy(
                "Announced before the vote. Where the rules would have other winners,"
                " the results show them all and mark this one."
            ),
        }

    field_order = [
        "question",
        "guidance",
        "kind",
        "new_items",
        "voices",
        "scale_choice",
        "own_scale",
        "criteria",
        *WORDS,
        "least",
        "most",
        "total",
        "ties",
        "rule",
        "minutes",
        "after",
        "again",
        "shows_own_and_table",
        "reveal",
        "reasons",
        "invites",
        "abstain",
    ]

    def __init__(self, *args, session: Session, **options) -> None:
        super().__init__(*args, **options)
        self.session = session
        prompt = self.instance
        prompt.session = session
        self.scales = list(session.workshop.scales.prefetch_related("points"))
        self.fields["scale_choice"].choices = self._scale_choices()
        field = self.fields["after"]
        field.queryset = _may_come_first(prompt, session)
        field.empty_label = _("Whenever you like")
        self.fields["again"].required = False
        rules = self.fields["rule"].choices
        self.fields["rule"].choices = [("", _("Not announced")), *rules[1:]]
        if prompt.pk:
            self._show(prompt)

    def _scale_choices(self) -> list[tuple[str, Any]]:
        """Return the workshop's scales and the ready ones, by what they are for.

        A ready scale keeps its value when the workshop has it, so that a form that was
        opened before still holds.
        """
        found: dict[str, list[tuple[str, str]]] = {"nominal": [], "ordinal": []}
        for scale in self.scales:
            labels = " · ".join(point.label for point in scale.points.all())
            found[scale.kind].append((_scale_value(scale), labels))
        there = {scale.key for scale in self.scales}
        for key, (name, kind, _points) in READY_SCALES.items():
            if key not in there:
                found[kind].append((f"ready:{key}", name))
        return [
            ("", _("Your own, below")),
            (_("To assess: categories"), found["nominal"]),
            (_("To rate: ordered points"), found["ordinal"]),
        ]

    def _show(self, prompt: Prompt) -> None:
        self.initial |= {
            "voices": prompt.voices,
            "scale_choice": _scale_value(prompt.scale) if prompt.scale else "",
            "criteria": "\n".join(
                one.label for one in prompt.criteria.all() if one.key
            ),
            "invites": [
                name
                for name in ("points", "rewordings", "new_items")
                if getattr(prompt, f"invites_{name}")
            ],
        }
        if was_opened(prompt):
            fixed = (MEANING & set(self.fields)) | {
                "voices",
                "scale_choice",
                "own_scale",
                "criteria",
            }
            for name in fixed:
                self.fields[name].disabled = True

    def one_matter(self, name: str) -> set[str]:
        kind_changed = "kind" in self.changed_by_others | self.written.keys()
        if name in ANSWERS and kind_changed:
            return ANSWERS
        return {name, "own_scale"} if name == "scale_choice" else {name}

    def clean_criteria(self) -> list[str]:
        lines = _lines(self.cleaned_data["criteria"])
        if len(lines) > 10 or any(len(line) > 200 for line in lines):
            raise forms.ValidationError(
                _("Please give at most 10 criteria of at most 200 characters.")
            )
        return lines

    def clean_own_scale(self) -> list[str]:
        lines = _lines(self.cleaned_data["own_scale"])
        if lines and not 2 <= len(lines) <= 20:
            raise forms.ValidationError(_("Please give 2 to 20 answers, one a line."))
        if any(len(line) > 200 for line in lines):
            raise forms.ValidationError(_("Please keep each answer to 200 characters."))
        return lines

    def clean_new_items(self) -> list[str]:
        lines = _lines(self.cleaned_data["new_items"])
        there = self.instance.items.count() if self.instance.pk else 0
        if len(lines) + there > MOST_ITEMS:
            raise forms.ValidationError(
                _("A prompt can have at most %(limit)d items.") % {"limit": MOST_ITEMS}
            )
        for line in lines:
            if len(line) > TEXT_LENGTH:
                raise forms.ValidationError(
                    _("“%(line)s …” is longer than %(limit)d characters.")
                    % {"line": line[:40], "limit": TEXT_LENGTH}
                )
        return lines

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        kind = data.get("kind")
        has_scale = kind in (Prompt.Kind.ASSESS, Prompt.Kind.RATE)
        if has_scale and data.get("own_scale") == []:
            self._check_scale(kind, data.get("scale_choice"))
        # What the page hides for this kind does not count.
        if kind != Prompt.Kind.RATE:
            data["criteria"] = []
        if kind != Prompt.Kind.APPROVE:
            data["least"] = None
        if kind not in (Prompt.Kind.APPROVE, Prompt.Kind.RANK):
            data["most"] = None
        if kind != Prompt.Kind.ALLOCATE:
            data["total"] = None
        elif data.get("total") is None and "total" not in self.errors:
            self.add_error("total", _("Please say how many points there are."))
        data["again"] = data.get("again") or self.instance.again
        data["ties"] = kind == Prompt.Kind.RANK and bool(data.get("ties"))
        if kind != Prompt.Kind.RANK:
            data["rule"] = ""
        for name in WORDS:
            if kind != Prompt.Kind.RATE:
                data[name] = Prompt._meta.get_field(name).default
            elif data.get(name) is None:
                data[name] = getattr(self.instance, name)
        least, most = data.get("least"), data.get("most")
        if least is not None and most is not None and least > most:
            self.add_error("most", _("This cannot be less than “At least”."))
        return data

    def _check_scale(self, kind: str, choice: str | None) -> None:
        if choice == "":
            message = _("Please choose a scale or write your own.")
            self.add_error("scale_choice", message)
        if not choice:
            return
        wanted = "nominal" if kind == Prompt.Kind.ASSESS else "ordinal"
        scale = self._existing_scale(choice)
        found = scale.kind if scale else READY_SCALES[choice.partition(":")[2]][1]
        if found != wanted:
            self.add_error(
                "scale_choice",
                _("To assess, choose categories; to rate, choose ordered points."),
            )

    def _existing_scale(self, choice: str) -> Scale | None:
        return next(
            (scale for scale in self.scales if _scale_value(scale) == choice), None
        )

    def fill(self) -> Prompt:
        """Return the prompt as the form describes it, its scale stored, itself not."""
        data = self.cleaned_data
        prompt = self.instance
        prompt.asks_people = "people" in data["voices"]
        prompt.asks_tables = "tables" in data["voices"]
        for name in ("points", "rewordings", "new_items"):
            setattr(prompt, f"invites_{name}", name in data["invites"])
        if not self.fields["scale_choice"].disabled:
            prompt.scale = self._scale()
        return prompt

    def _scale(self) -> Scale | None:
        data = self.cleaned_data
        if data["kind"] not in (Prompt.Kind.ASSESS, Prompt.Kind.RATE):
            return None
        workshop = self.session.workshop
        if data["own_scale"]:
            kind = "nominal" if data["kind"] == Prompt.Kind.ASSESS else "ordinal"
            taken = workshop.scales.values_list("key", flat=True)
            key = free_key(data["own_scale"][0], taken, fallback="scale")
            keys: list[str] = []
            for label in data["own_scale"]:
                keys.append(free_key(label, keys, fallback="answer"))
            return make_scale(
                workshop, key, kind, list(zip(keys, data["own_scale"], strict=True))
            )
        if scale := self._existing_scale(data["scale_choice"]):
            return scale
        name = data["scale_choice"].partition(":")[2]
        _name, kind, points = READY_SCALES[name]
        labelled = [(key, str(label)) for key, label in points]
        return make_scale(workshop, name, kind, labelled)


class ChallengeForm(PromptForm):
    """A question in the middle of a session; `opens` when it is to open at once."""

    def __init__(self, *args, opens: bool = False, **options) -> None:
        super().__init__(*args, **options)
        self.opens = opens
        first = Prompt.Kind.DISCUSS
        choices = self.fields["kind"].choices
        self.fields["kind"].choices = sorted(choices, key=lambda one: one[0] != first)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        judged = data.get("kind") != Prompt.Kind.DISCUSS
        if self.opens and judged and data.get("new_items") == []:
            message = _("Please give at least one item, or save it without opening.")
            self.add_error("new_items", message)
        return data


def _may_come_first(prompt: Prompt, session: Session) -> QuerySet[Prompt]:
    """Return after which prompts one may open: earlier ones that wait not for it."""
    there = session.prompts.order_by("position")
    if prompt.pk is None:
        return there
    after = dict(there.values_list("pk", "after"))
    waiting = {prompt.pk}
    for _step in after:
        waiting |= {pk for pk, first in after.items() if first in waiting}
    is_earlier = Q(position__lt=prompt.position) | Q(pk=prompt.after_id)
    return there.filter(is_earlier).exclude(pk__in=waiting)


def _scale_value(scale: Scale) -> str:
    """Return how a scale is named in the form."""
    return f"ready:{scale.key}" if scale.key in READY_SCALES else f"scale:{scale.pk}"


def make_scale(
    workshop: Workshop, key: str, kind: str, points: list[tuple[str, str]]
) -> Scale:
    """Store a scale whose points are valued 1, 2, 3 ... in the order given."""
    scale = Scale.objects.create(workshop=workshop, key=key, kind=kind)
    ScalePoint.objects.bulk_create(
        ScalePoint(scale=scale, key=point, value=value, label=label)
        for value, (point, label) in enumerate(points, start=1)
    )
    return scale


class ItemForm(KeepsBothChanges, forms.Form):
    text = CleanTextField(label=gettext_lazy("Text"), rows=2)
    short = CleanTextField(
        label=gettext_lazy("Short form for the screen"),
        limit=SHORT_LENGTH,
        required=False,
        help_text=gettext_lazy("At most 32 characters."),
    )
    gloss = CleanTextField(label=gettext_lazy("Small print"), rows=2, required=False)

    @classmethod
    def of(cls, item: Item, wording: Wording, data=None) -> "ItemForm":
        return cls(
            data,
            prefix=f"item-{item.pk}",
            initial={
                "text": wording.text,
                "short": wording.short,
                "gloss": wording.gloss,
            },
        )

    @classmethod
    def written_for_gone(
        cls, data: Mapping[str, Any], there: Iterable[Item]
    ) -> list[str]:
        """Return what this person changed in items that are there no more."""
        known = {f"item-{item.pk}" for item in there}
        posted = filter(None, (re.fullmatch(r"(item-\d+)-shown", one) for one in data))
        gone = [cls(data, prefix=one[1]) for one in posted if one[1] not in known]
        texts = (
            [row.fields[name].to_python(row.posted(name)) for name in row.written]
            for row in gone
        )
        return [" · ".join(filter(None, one)) for one in texts if any(one)]


class MemberForm(forms.Form):
    username = CleanTextField(label=gettext_lazy("User name or e-mail"), limit=150)
    role = forms.ChoiceField(
        label=gettext_lazy("May"),
        choices=[
            ("facilitator", gettext_lazy("run the workshop")),
            ("observer", gettext_lazy("look on")),
        ],
    )

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        accounts = get_user_model().objects.filter(is_active=True)
        self.user = accounts.filter(Q(username=name) | Q(email__iexact=name)).first()
        if self.user is None:
            raise forms.ValidationError(
                _("There is no account “%(name)s”. An admin can make one.")
                % {"name": name}
            )
        return name


class SaveAsTemplateForm(forms.Form):
    title = CleanTextField(label=gettext_lazy("Title of the template"), limit=200)
    key = CleanTextField(
        label=gettext_lazy("Key"),
        limit=64,
        help_text=gettext_lazy(
            "Small letters, digits and hyphens. An existing key makes its next version."
        ),
    )

    def clean_key(self) -> str:
        key = self.cleaned_data["key"]
        if not re.fullmatch(r"[a-z0-9-]{1,64}", key):
            raise forms.ValidationError(
                _("Please use small letters a to z, digits and hyphens only.")
            )
        return key


def _lines(text: str) -> list[str]:
    """Return the lines of a list, without bullets and numbers in front."""
    stripped = (
        re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", line) for line in text.split("\n")
    )
    return [line.strip() for line in stripped if line.strip()]
