import io
import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from workshops.actions import templates
from workshops.models import SessionTemplate
from workshops.session_templates.loader import library_files
from workshops.session_templates.mistakes import TemplateErrors

pytestmark = pytest.mark.django_db

SMALL = b"""\
format: 1
key: small
version: 1
title: A small one
sessions:
  - key: talk
    title: Talk
    prompts:
      - {key: open, kind: discuss, question: What now?}
"""
WRONG = SMALL.replace(b"kind: discuss", b"kind: discus")


def run(command, *args, **options):
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command(command, *map(str, args), stdout=out, stderr=err, **options)
    except SystemExit as stopped:
        status = stopped.code
    return status, out.getvalue(), err.getvalue()


def loaded():
    return [str(template) for template in SessionTemplate.objects.all()]


def test_load_stores_the_bytes_with_who_loaded_them():
    user = get_user_model().objects.create_user("admin")

    template, made = templates.load(SMALL, name="small.yaml", user=user)

    stored = SessionTemplate.objects.get()
    assert made is True
    assert template == stored
    assert (stored.key, stored.version, stored.title, stored.language) == (
        "small",
        1,
        "A small one",
        "en",
    )
    assert bytes(stored.source) == SMALL
    assert stored.loaded_by == user


def test_load_again_with_the_same_bytes_changes_nothing():
    first, _ = templates.load(SMALL, name="small.yaml")

    again, made = templates.load(SMALL, name="other-name.yaml")

    assert (again, made) == (first, False)
    assert loaded() == ["small@1"]


def test_load_refuses_other_content_for_a_loaded_version():
    templates.load(SMALL, name="small.yaml")

    with pytest.raises(TemplateErrors) as caught:
        templates.load(SMALL + b"\n# a remark\n", name="small.yaml")

    assert caught.value.lines() == [
        "small.yaml:3:10: version 1 of 'small' is loaded with other content and never "
        "changes; make this version 2"
    ]
    assert bytes(SessionTemplate.objects.get().source) == SMALL


def test_load_of_a_file_with_mistakes_stores_nothing():
    with pytest.raises(TemplateErrors):
        templates.load(WRONG, name="small.yaml")

    assert loaded() == []


def test_tree_takes_over_the_sessions_of_what_is_extended():
    templates.load(SMALL, name="small.yaml")
    bigger = (
        b"format: 1\nkey: bigger\nversion: 1\ntitle: B\nextends: small@1\n"
        b"sessions:\n  - {key: end, title: The end}\n"
    )

    template, _ = templates.load(bigger, name="bigger.yaml")

    assert [one.key for one in templates.tree(template).sessions] == ["talk", "end"]


def test_command_loads_and_says_so_also_a_second_time(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL)

    assert run("load_template", file) == (0, "small@1 loaded: A small one\n", "")
    assert run("load_template", file) == (0, "small@1 is already loaded\n", "")


def test_command_reports_every_mistake_with_its_place_and_loads_nothing(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_bytes(SMALL)
    bad.write_bytes(WRONG.replace(b"version: 1", b"version: one"))

    status, out, err = run("load_template", good, bad, tmp_path / "none.yaml")

    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"{bad}:3:10: 'version' must be a whole number, such as 10",
        f"{bad}:9:27: unknown kind 'discus'; did you mean 'discuss'?",
        f"{tmp_path}/none.yaml:1:1: cannot be read: No such file or directory",
    ]
    assert loaded() == []


def test_command_with_check_loads_nothing_but_files_may_extend_each_other(tmp_path):
    small, bigger = tmp_path / "small.yaml", tmp_path / "bigger.yaml"
    small.write_bytes(SMALL)
    bigger.write_text("format: 1\nkey: b\nversion: 1\ntitle: B\nextends: small@1\n")

    status, out, err = run("load_template", small, bigger, check=True)

    assert (status, err) == (0, "")
    assert out == (
        "small@1 can be loaded: no mistakes\nb@1 can be loaded: no mistakes\n"
    )
    assert loaded() == []


def test_command_with_json_prints_one_object(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_bytes(SMALL)

    _status, out, _err = run("load_template", file, json=True)

    assert json.loads(out) == {
        "templates": [
            {
                "file": str(file),
                "key": "small",
                "version": 1,
                "title": "A small one",
                "already_loaded": False,
            }
        ],
        "mistakes": [],
    }


@pytest.mark.parametrize("file", library_files(), ids=lambda file: file.stem)
def test_export_gives_the_same_bytes_back(tmp_path, file):
    templates.load(file.read_bytes(), name=file.name)
    out = tmp_path / "out.yaml"

    run("export_template", file.stem, out=str(out))
    _status, printed, _err = run("export_template", f"{file.stem}@1")

    assert out.read_bytes() == file.read_bytes()
    assert printed.encode() == file.read_bytes()


def test_export_of_an_unknown_template_says_so():
    with pytest.raises(CommandError, match="There is no template nothing@3"):
        run("export_template", "nothing@3")


@pytest.mark.parametrize("command", ["load_template", "export_template"])
def test_help_has_an_example(capsys, command):
    with pytest.raises(SystemExit):
        call_command(command, "--help")

    assert f"Example: manage.py {command}" in capsys.readouterr().out
