"""What is true of every file: who may import whom, and what never stands in one."""

import ast
import re
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db.models import CASCADE, JSONField
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver
from packaging.utils import canonicalize_name
from packaging.version import Version

from deliberation.actions import erasing
from deliberation.archive import columns, keys, sheets
from deliberation.models import Response
from workshops.models import Participant

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "workshops", "deliberation"]
CODE = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    package = list(path.relative_to(ROOT).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def within(modules: set[str], *packages: str) -> set[str]:
    return {
        module
        for module in modules
        for package in packages
        if module == package or module.startswith(f"{package}.")
    }


def crossings(folder: str, *packages: str) -> dict[str, set[str]]:
    """Files in a folder that import what they must not, with what they import."""
    found = {
        name(path): within(imports(path), *packages)
        for path in CODE
        if name(path).startswith(f"{folder}/")
    }
    return {file: modules for file, modules in found.items() if modules}


def test_workshops_know_nothing_of_deliberation():
    assert crossings("workshops", "deliberation") == {}


def test_aggregation_is_arithmetic_and_nothing_else():
    elsewhere = ["django", "workshops", "config", "deliberation"]
    own = "deliberation.aggregation"
    found = crossings("deliberation/aggregation", *elsewhere)

    outside = {f: {m for m in ms if not m.startswith(own)} for f, ms in found.items()}
    assert {file: modules for file, modules in outside.items() if modules} == {}


def test_only_results_join_the_stored_with_the_arithmetic():
    joining = {
        name(path)
        for path in CODE
        if within(imports(path), "deliberation.models")
        and within(imports(path), "deliberation.aggregation")
    }

    # Rounds, voices, workshops; and what is counted as it comes in (ADR 15).
    between = {"absence", "movement", "own_and_table", "series", "live/ledger"}
    assert joining <= {f"deliberation/{one}.py" for one in {"results", *between}}


def test_models_and_actions_know_nothing_of_pages():
    pages = ["deliberation.views", "deliberation.urls", "workshops.views"]
    folders = ["workshops/models", "workshops/actions"]
    folders += ["deliberation/models", "deliberation/actions", "deliberation/kinds"]

    assert {f: c for f in folders if (c := crossings(f, *pages))} == {}


@pytest.mark.parametrize(
    ("word", "allowed"),
    [
        # No page is cached: an answer or a name could be shown to somebody else.
        ("cache_page", set()),
        ("UpdateCacheMiddleware", set()),
        ("csrf_exempt", set()),
        ("never_cache", set()),
        # One place decides which address a request came from.
        ("REMOTE_ADDR", {"config/addresses.py"}),
        # Its numbers carry the time and the order of ballots.
        ("uuid7", set()),
        ("pickle", set()),
    ],
)
def test_code_never_uses(word, allowed):
    assert {name(path) for path in CODE if word in path.read_text()} <= allowed


# Who may say that a text is markup, and what it was made of.
MAKES_MARKUP = {
    "deliberation/live/console.py": "a board of ours",
    "deliberation/live/fitting.py": "Markdown with raw HTML off",
    "deliberation/live/miniature.py": "the wall's board, its ids taken out",
    "deliberation/live/screen.py": "a board of ours, frozen; a QR code",
    "deliberation/live/theming.py": "a board of ours",
    "deliberation/markdown.py": "Markdown with raw HTML off",
    "deliberation/templatetags/cells.py": "cells that are escaped one by one",
    "deliberation/writeup/as_html.py": "runs that are escaped one by one",
    "deliberation/writeup/drawing.py": "elements and attributes on a list",
    "workshops/views/seat.py": "a QR code",
}


def test_only_these_say_that_a_text_is_markup():
    says = re.compile(r"\b(?:mark_safe|SafeString|SafeText|SafeData)\(|\b__html__\b")

    assert {name(path) for path in CODE if says.search(path.read_text())} == set(
        MAKES_MARKUP
    )


# Requests carry keys: a row that is looked up by one alone may be somebody else's.
# `pk=one.pk` names a row that was found before.
BY_KEY_ALONE = re.compile(
    r"objects\s*\.(?:get|filter)\(\s*pk=(?!\w+\.pk\b)[^,]*?,?\s*\)\s*(?:$|\.|\))"
    r"|get_object_or_404\(\s*[A-Z]\w*\s*,\s*pk=",
    re.MULTILINE,
)
OF_THE_WHOLE_INSTALLATION = {"deliberation/views/templates.py"}  # session templates


def test_no_view_finds_a_row_by_its_key_alone():
    found = {
        name(path)
        for path in CODE
        if "views" in path.parts and BY_KEY_ALONE.search(path.read_text())
    }

    assert found == OF_THE_WHOLE_INSTALLATION


# ---- templates ----

TAG = re.compile(r"<[a-z][^<>]*(?:\{[{%].*?[}%]\}[^<>]*)*>", re.IGNORECASE | re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)


def source(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def lines_with(pattern: str) -> list[str]:
    """Places in templates where a pattern is found: file and what was found."""
    regex = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return [
        f"{name(path)}: {match.group()[:60]}"
        for path in TEMPLATES
        for match in regex.finditer(source(path))
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\|\s*safe\b", id="text-taken-for-markup"),
        pytest.param(r"autoescape\s+off", id="text-taken-for-markup-in-a-block"),
        pytest.param(r"<style\b", id="style-element"),
        pytest.param(r"\sstyle\s*=", id="style-attribute"),
        pytest.param(r"<script(?![^>]*(\bsrc=|application/json))", id="inline-script"),
        pytest.param(r"\son[a-z]+\s*=\s*[\"']", id="event-attribute"),
        pytest.param(r"hx-on\b", id="htmx-script"),
        pytest.param(r"hx-vars\b", id="htmx-values-by-script"),
        pytest.param(r"(hx-[a-z]+\s*=\s*[\"']|)javascript:", id="script-address"),
        pytest.param(r"hx-[a-z]+=[\"']js:", id="htmx-values-by-script-too"),
        pytest.param(r"hx-trigger=[\"'][^\"']*\[", id="trigger-filter"),
        pytest.param(
            r"(src|href|action)=[\"'](https?:)?//", id="something-from-elsewhere"
        ),
    ],
)
def test_templates_never_contain(pattern):
    assert lines_with(pattern) == []


def test_a_form_that_writes_carries_its_token():
    form = re.compile(r"<form\b.*?</form>", re.IGNORECASE | re.DOTALL)
    elements = ROOT / "templates" / "allauth" / "elements"  # their pages add it
    # Boards are the same for everybody: the page beside them carries the token.
    boards = {"templates/phone/ask.html", "templates/phone/point_form.html"}

    without = [
        f"{name(path)}: {found[:70]}"
        for path in TEMPLATES
        if elements not in path.parents and name(path) not in boards
        for found in form.findall(source(path))
        if re.search(r"method=.?post", found) and "csrf_token" not in found
    ]

    assert without == []


def test_a_write_by_htmx_is_sent_once():
    writes = re.compile(r"\bhx-(post|put|patch|delete)=")

    without = [
        f"{name(path)}: {tag[:70]}"
        for path in TEMPLATES
        for tag in TAG.findall(source(path))
        if writes.search(tag) and "hx-sync=" not in tag
    ]

    assert without == []


def test_every_template_can_be_read():
    for path in TEMPLATES:
        get_template(str(path.relative_to(ROOT / "templates")))


def test_every_static_file_that_is_named_exists():
    used = {
        found
        for path in TEMPLATES
        for found in re.findall(r"\{% static ['\"]([^'\"]+)['\"]", source(path))
    }

    assert {file for file in used if finders.find(file) is None} == set()


def test_every_address_that_is_named_exists():
    used = {
        found
        for path in TEMPLATES
        for found in re.findall(r"\{% url ['\"]([^'\"]+)['\"]", source(path))
    }

    assert used - set(addresses(get_resolver())) == set()


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}"
        else:
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from addresses(entry, prefix + inner)


# ---- the whole repository ----


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for file in filter(None, listed.split("\0")):
        path = ROOT / file
        if path.is_file():
            yield file, path.read_bytes().decode("utf-8", errors="ignore")


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
@pytest.mark.parametrize(
    "pattern",
    [
        r"pypi\.(org|python)|python" + r"hosted\.org|npm" + r"js\.(org|com)",
        r"deb\.debian\.org|registry\.[a-z]+\.(io|org)|proxy\.golang",
        r"--(extra-)?index-url|--find-links|--trusted-host",
        r"(?<![\w.])/(work|root|home|Users|farm)/[\w.]",
        r"-----BEGIN [A-Z ]*PRIVATE KEY",
    ],
)
def test_no_file_names_a_registry_a_machine_or_a_key(pattern):
    regex = re.compile(pattern)

    found = [
        f"{file}: {match.group()}"
        for file, text in tracked_texts()
        if file not in ("tests/test_repository.py", "Makefile")
        for match in regex.finditer(text)
    ]

    assert found == []


def test_all_of_a_workshop_goes_out_or_stays_behind_for_a_reason():
    labels = {model._meta.label_lower: model for model in sheets.models_of_apps()}
    goes_out = {sheet.label for sheet in sheets.sheets()}
    named = goes_out | set(sheets.ROWS_LEFT_OUT) | set(sheets.OUTSIDE)

    leads_there = {
        label
        for label, model in labels.items()
        if sheets.path_to_workshop(model, at_all=True) is not None
    }
    fields = {
        f"{sheet.label}.{field.name}": field
        for sheet in sheets.sheets()
        for field in sheet.fields
    }
    references = {columns.refers_to(field) for field in fields.values()} - {None}
    json = {name for name, field in fields.items() if isinstance(field, JSONField)}
    told = keys.WITHIN.keys() | keys.NO_KEYS.keys()

    assert leads_there - named == set()  # a reason goes into sheets.ROWS_LEFT_OUT
    assert references - goes_out - set(sheets.OUTSIDE) == set()
    assert json - told == set()  # keys in it: keys.WITHIN, else keys.NO_KEYS
    assert told - fields.keys() == set()
    assert {
        name for name, field in fields.items() if not columns.kind_of(field)
    } == set()
    left_out = set(sheets.ROWS_LEFT_OUT) | set(sheets.ONLY)
    left_out |= {name.rpartition(".")[0] for name in sheets.FIELDS_LEFT_OUT}
    assert left_out - labels.keys() == set()


def test_what_outlives_a_person_has_a_reason():
    found = {
        f"{model._meta.label_lower}.{field.name}"
        for model in sheets.models_of_apps()
        for field in model._meta.concrete_fields
        if field.related_model is Participant
        and (model is Response or field.remote_field.on_delete is not CASCADE)
    }

    assert found == set(erasing.OUTLIVES)  # and what it holds goes in `erasing`


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_requirements_are_pinned_with_hashes():
    for file in ("requirements.txt", "requirements-dev.txt"):
        text = re.sub(r"(?m)^#.*\n", "", (ROOT / file).read_text())
        entries = re.split(r"(?m)^(?=[a-z])", text)
        assert [e for e in entries if e and "--hash=sha256:" not in e] == []
        assert [e for e in entries if e and "==" not in e.split("--hash")[0]] == []


def pinned(file: str) -> dict[str, Version]:
    """The version of each package that a file of requirements names."""
    lines = re.findall(r"(?m)^([\w.-]+)==([\w.+!-]+)", (ROOT / file).read_text())
    return {canonicalize_name(package): Version(text) for package, text in lines}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_no_version_is_installed_that_is_known_to_be_broken(file):
    least, chosen = pinned(".ci/minimum-versions.txt"), pinned(file)

    assert least.keys() <= chosen.keys()
    assert {one: chosen[one] for one in least if chosen[one] < least[one]} == {}


def test_what_is_pinned_is_what_is_installed():
    chosen = pinned("requirements.txt")
    installed = {
        canonicalize_name(one.metadata["Name"]): Version(one.version)
        for one in metadata.distributions()
    }

    other_machines = {one for one in chosen if one not in installed}
    assert other_machines <= {"tzdata", "colorama"}
    assert {
        one: installed[one]
        for one in chosen.keys() - other_machines
        if installed[one] != chosen[one]
    } == {}
