from itertools import chain

import pytest

from workshops.session_templates.loader import library_files, parse
from workshops.session_templates.schema import Speaker

FILES = library_files()


def load(key):
    return next(parse(file.read_bytes()) for file in FILES if file.stem == key)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_library_file_has_no_mistakes_and_is_named_after_its_key(file):
    assert parse(file.read_bytes(), name=file.name).key == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_library_prompts_fit_into_their_sessions(file):
    for session in parse(file.read_bytes()).sessions:
        assert sum(prompt.minutes for prompt in session.prompts) <= session.minutes


def test_2006_day_is_complete():
    template = load("migration-development-2006")
    prompts = [
        (f"{session.key}/{prompt.key}", prompt.kind, len(session.items_of(prompt)))
        for session in template.sessions
        for prompt in session.prompts
    ]

    assert (template.attribution, template.tables) == ("chatham-house", 4)
    assert prompts == [
        ("coherence/framework-of-coherence", "discuss", 0),
        ("framework/principles", "assess", 10),
        ("options/scenarios", "rate", 4),
        ("options/pick", "approve", 4),
        ("options/challenge", "discuss", 0),
        ("diasporas/outcomes", "discuss", 0),
        ("skilled-migration/approaches", "discuss", 0),
        ("closing/next-steps", "discuss", 0),
    ]
    assert [session.speakers for session in template.sessions] == [
        (Speaker(name="Richard Black", organisation="Migration DRC"),),
        (Speaker(name="Heaven Crawley", organisation="Swansea University"),),
        (Speaker(name="Danny Sriskandarajah", organisation="IPPR"),),
        (Speaker(name="Chukwu-Emeka Chikezie", organisation="AFFORD"),),
        (Speaker(name="Ron Skeldon", organisation="Migration DRC"),),
        (Speaker(name="Richard Black", organisation="Migration DRC"),),
    ]


def test_2006_texts_fit_phone_and_screen():
    template = load("migration-development-2006")
    prompts = list(chain.from_iterable(s.prompts for s in template.sessions))
    parts = chain.from_iterable((*prompt.items, *prompt.parts) for prompt in prompts)

    assert [part.key for part in parts if part.short is None] == []
    assert [
        session.key
        for session in template.sessions
        if not 80 <= len(session.brief.split()) <= 160
    ] == []
