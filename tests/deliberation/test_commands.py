import json

import pytest
from django.core.management import CommandError, call_command

from deliberation.models import Answer, Event, Point, Response, Submission
from deliberation.results import workshop_results
from tests import builders
from workshops import codes
from workshops.actions import joining
from workshops.models import Badge, Participant, Workshop
from workshops.session_templates.loader import library_files

pytestmark = pytest.mark.django_db

ANSWERS = (
    "prompt,round,voice,table,respondent,organisation,item,criterion,answer,reason\n"
    "framework/principles,1,people,1,A,,p1,,difficult,\n"
    "framework/principles,1,people,2,B,,p1,,unproblematic,\n"
)


def call(*words, capsys):
    call_command(*words)
    return capsys.readouterr().out


@pytest.fixture
def workshop():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop)
    return workshop


@pytest.fixture
def answers(tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text(ANSWERS)
    return str(file)


@pytest.mark.parametrize(
    "name",
    [
        "create_workshop",
        "import_answers",
        "results",
        "verify",
        "erase_participant",
        "export_workshop",
        "import_workshop",
        "backup",
        "restore",
        "purge",
        "rehearse",
        "demo",
    ],
)
def test_command_help_has_an_example(name, capsys):
    with pytest.raises(SystemExit):
        call_command(name, "--help")

    assert f"Example: python manage.py {name}" in capsys.readouterr().out


def test_create_workshop_prints_how_to_reach_it(settings, capsys):
    settings.PUBLIC_URL = "https://workshops.example"
    owner = builders.make_facilitator()
    call_command("load_template", *map(str, library_files()))
    capsys.readouterr()

    printed = json.loads(
        call(
            "create_workshop", "migration-development-2006@1", "--title", "A day",
            "--date", "2006-11-07", "--tables", "3", "--series", "whitehall",
            "--slug", "first", "--facilitator", "facilitator", "--json",
            capsys=capsys,
        )
    )  # fmt: skip

    made = Workshop.objects.get()
    assert printed == {
        "slug": "first",
        "join_code": made.join_code,
        "console": "https://workshops.example/console/first/",
        "join": f"https://workshops.example/j/{made.join_code}/",
        "screen": f"https://workshops.example/screen/{made.screen_secret}/",
    }
    assert (made.title, str(made.date), made.tables.count(), made.series.key) == (
        "A day",
        "2006-11-07",
        3,
        "whitehall",
    )
    assert [member.user for member in made.memberships.all()] == [owner]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--date", "7.11.2006"], "'7.11.2006' is not a date like 2006-11-07"),
        (["--tables", "201"], "'201' is not a number from 1 to 200"),
        (["--slug", "a b"], "'a b': only letters, figures, hyphens and underscores"),
        (["--slug", "day"], "There is a workshop 'day' already."),
        (["--facilitator", "nobody"], "There is no account 'nobody'."),
    ],
)
def test_create_workshop_refuses_in_plain_words(workshop, words, message, capsys):
    call_command("load_template", *map(str, library_files()))

    with pytest.raises(CommandError, match=message):
        call_command("create_workshop", "icebreaker", "--title", "T", *words)


def test_import_answers_says_what_is_new(workshop, answers, capsys):
    assert call("import_answers", "day", answers, capsys=capsys) == (
        "New: 2 answers in 2 responses, 0 points, 1 rounds.\n"
    )
    assert call("import_answers", "day", answers, capsys=capsys) == (
        "Nothing new: all of this had been imported.\n"
    )
    assert json.loads(
        call("import_answers", "day", answers, "--json", capsys=capsys)
    ) == {"workshop": "day", "rounds": 0, "responses": 0, "answers": 0, "points": 0}


def test_import_answers_prints_every_mistake(workshop, tmp_path, capsys):
    file = tmp_path / "bad.csv"
    file.write_text(ANSWERS.replace("difficult", "hard").replace("B", ""))

    with pytest.raises(CommandError, match=r"^Nothing was imported\.$"):
        call_command("import_answers", "day", str(file))

    assert capsys.readouterr().err.splitlines() == [
        f"{file}:2: the answer 'hard' is none of:"
        " unproblematic, difficult, inconsistent, abstain, not-discussed",
        f"{file}:3: the respondent is missing",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["verify", "night"], "There is no workshop 'night'."),
        (["results", "night"], "There is no workshop 'night'."),
        (
            ["results", "day", "--prompt", "a/b"],
            "There is no prompt 'a/b'; there are: framework/principles.",
        ),
        (
            ["import_answers", "day", "/nowhere.csv"],
            "Cannot read /nowhere.csv: No such file or directory.",
        ),
        (
            ["erase_participant", "day", "ABCDEFGH"],
            "Nobody in day has the reference ABCDEFGH.",
        ),
        (
            ["create_workshop", "none@3", "--title", "T"],
            "There is no session template 'none@3'; load_template loads one.",
        ),
    ],
)
def test_commands_refuse_in_plain_words(workshop, words, message):
    with pytest.raises(CommandError) as refused:
        call_command(*words)

    assert str(refused.value) == message


def test_results_are_the_ones_of_the_screens(workshop, answers, capsys):
    call_command("import_answers", "day", answers)
    capsys.readouterr()

    printed = call("results", "day", "--json", capsys=capsys)

    assert json.loads(printed) == json.loads(json.dumps(workshop_results(workshop)))
    assert json.loads(
        call("results", "day", "--prompt", "framework/principles", capsys=capsys)
    ) == json.loads(printed)


def test_verify_says_how_much_it_compared(workshop, answers, capsys):
    call_command("import_answers", "day", answers)
    capsys.readouterr()

    verdict = json.loads(call("verify", "day", "--json", capsys=capsys))

    assert verdict == {"workshop": "day", "checked": 99, "differences": []}


def test_verify_exits_with_1_when_something_differs(workshop, answers, capsys):
    call_command("import_answers", "day", answers)
    Answer.objects.filter(value=2).update(value=3)

    with pytest.raises(SystemExit) as ended:
        call_command("verify", "day")

    assert ended.value.code == 1
    assert capsys.readouterr().out.endswith("differ.\n")


def test_erase_participant_keeps_counts_and_nothing_else(workshop, capsys):
    who = builders.join(workshop, token=codes.new_token())
    joining.set_badge(who, workshop=workshop, name="Canary", organisation="Canary Ltd")
    prompt = workshop.sessions.get().prompts.get()
    this_round = builders.open_round(prompt)
    builders.judge(this_round, who, {"p1": 2}, reason="Canary reason")
    point = Point.objects.create(
        workshop=workshop, prompt=prompt, participant=who, voice="people",
        text="Canary point", key="k", created_at=this_round.opened_at,
    )  # fmt: skip
    Event.objects.create(
        workshop=workshop, verb="point-shown", subject="Canary point",
        changes=[{"model": "deliberation.point", "pk": point.pk, "before": {}}],
    )  # fmt: skip
    before = workshop_results(workshop)["prompts"][0]["voices"]["people"]

    printed = call("erase_participant", "day", who.ref.lower(), capsys=capsys)

    assert printed == (
        f"{who.ref} is erased. 1 responses stay counted without a name;"
        " 1 points are gone.\n"
    )
    after = workshop_results(workshop)["prompts"][0]["voices"]["people"]
    for item in (*before["items"], *after["items"]):
        item.pop("by_organisation")
    assert after == before
    kept = [Answer, Badge, Event, Participant, Point, Response, Submission]
    stored = [str(list(model.objects.values())) for model in kept]
    assert [text for text in stored if "anary" in text or who.ref in text] == []


def test_erase_participant_takes_who_was_removed_wholly(workshop):
    who = builders.join(workshop)
    this_round = builders.open_round(workshop.sessions.get().prompts.get())
    builders.judge(this_round, who, {"p1": 2})
    joining.remove(participant=who)

    call_command("erase_participant", "day", who.ref)

    assert not Participant.objects.exists()
    assert not Response.objects.exists()
