import base64
import time

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from deliberation import preview
from deliberation.models import Prompt
from workshops.actions import templates
from workshops.models import SessionTemplate, Workshop
from workshops.session_templates.loader import library_files, parse

pytestmark = pytest.mark.django_db

SMALL = """\
format: 1
key: small
version: 1
title: A <b>small</b> day
sessions:
  - key: talk
    title: Talk
    brief: What we *know* so far.
    prompts:
      - key: pick
        kind: choose
        question: Which <script> first?
        minutes: 5
        items:
          - {key: a, text: The first option}
          - {key: b, text: The second option}
"""
WRONG = SMALL.replace("kind: choose", "kind: chose").replace("format: 1", "format: 2")
NEXT = SMALL.replace("version: 1", "version: 2").replace("minutes: 5", "minutes: 9")


@pytest.fixture
def facilitator(client):
    client.force_login(get_user_model().objects.create_user("facilitator"))
    return client


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_user("admin", is_staff=True))
    return client


def text_of(response):
    return response.content.decode()


def check(client, text):
    return client.post(reverse("templates:check"), {"text": text})


def upload(client, content, name="small.yaml"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("templates:check"), {"file": file})


def load(client, text, name="small.yaml"):
    source = base64.b64encode(text.encode()).decode()
    return client.post(reverse("templates:load"), {"name": name, "source": source})


def loaded():
    return [str(template) for template in SessionTemplate.objects.all()]


def test_the_pages_are_for_accounts(client):
    templates.load(SMALL.encode())
    paths = [
        reverse("templates:list"),
        reverse("templates:check"),
        reverse("templates:show", args=["small", 1]),
        reverse("templates:download", args=["small", 1]),
    ]

    found = {client.get(path).url.split("?")[0] for path in paths}

    assert found == {reverse("account_login")}
    assert load(client, SMALL).url.startswith(reverse("account_login"))


def test_list_shows_the_newest_version_and_the_earlier_ones(facilitator):
    templates.load(SMALL.encode())
    newest, _ = templates.load(NEXT.encode())

    page = text_of(facilitator.get(reverse("templates:list")))

    assert "A &lt;b&gt;small&lt;/b&gt; day" in page
    assert "1 earlier version" in page
    assert f"{reverse('console:new')}?template={newest.pk}" in page
    assert reverse("templates:show", args=["small", 1]) in page


def test_list_without_templates_says_what_to_do(facilitator):
    page = text_of(facilitator.get(reverse("templates:list")))

    assert "Choose a file, check it, see how it will look, and load it." in page


def test_check_marks_every_mistake_beside_the_text_and_stores_nothing(admin):
    response = check(admin, WRONG)

    assert response.status_code == 422
    page = text_of(response)
    assert '<li class="bad" id="L1"><code>format: <mark>2</mark></code>' in page
    assert "kind: <mark>chose</mark>" in page
    assert '<a href="#L11">unknown kind &#x27;chose&#x27;;' in page
    assert "line 11, column 15" in page
    assert "Which &lt;script&gt; first?" in page
    assert "<script> first" not in page
    assert response.context["form"]["text"].value() == WRONG
    assert "Load it" not in page
    assert loaded() == []


def test_check_shows_how_it_will_look_and_stores_nothing(admin):
    response = check(admin, SMALL)

    assert response.status_code == 200
    shown = [(one.kind, one.title, one.items) for one in response.context["previews"]]
    assert shown == [("", "Talk", 0), ("choose", "Which <script> first?", 2)]
    prompt = response.context["previews"][1]
    assert "The second option" in prompt.phone
    assert "The second option" in prompt.wall
    assert "<script> first" not in text_of(response)
    assert "Load it" in text_of(response)
    assert loaded() == []
    assert Workshop.objects.count() == Prompt.objects.count() == 0


def test_check_tells_what_changes_from_the_version_before(admin):
    templates.load(SMALL.encode())

    response = check(admin, NEXT)

    assert [str(change) for change in response.context["changes"]] == [
        "talk/pick: minutes changed (5 → 9)"
    ]
    assert "Changes since version 1" in text_of(response)


def test_check_of_what_is_loaded_says_so(admin):
    templates.load(SMALL.encode())

    page = text_of(check(admin, SMALL))

    assert "This version is loaded already, with the same content." in page
    assert "Load it" not in page


def test_check_of_other_content_for_a_loaded_version_says_which_is_free(admin):
    templates.load(SMALL.encode())

    response = check(admin, SMALL + "# more\n")

    assert response.status_code == 422
    [mistake] = response.context["mistakes"]
    assert (mistake.line, mistake.column) == (3, 10)
    assert "make this version 2" in mistake.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfef\x00", "UTF-16"),
        (b"PK\x03\x04\x00", "Word or ZIP"),
        (b"a: b\n\xe9", "not UTF-8"),
        (b"a: " + b"[" * 500, "nested more than 20 deep"),
        (b"<script>alert(1)</script>", "keys are expected here"),
    ],
)
def test_check_of_a_file_that_is_no_template_says_what_it_is(admin, content, message):
    response = upload(admin, content)

    assert response.status_code == 422
    assert message in " ".join(str(one) for one in response.context["mistakes"])
    assert "<script>alert" not in text_of(response)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Please choose a file or paste its text."),
        ({"text": "  \n"}, "Please choose a file or paste its text."),
        ({"file": SimpleUploadedFile("empty.yaml", b"")}, "empty"),
        (
            {"file": SimpleUploadedFile("big.yaml", b"x" * (300 * 1024))},
            "This file has 300 KB; a template has at most 256 KB.",
        ),
    ],
)
def test_check_of_nothing_or_too_much_says_so_at_the_field(admin, data, message):
    response = admin.post(reverse("templates:check"), data)

    assert response.status_code == 422
    assert message in " ".join(response.context["form"].errors["file"])


def test_check_of_a_text_that_is_too_long_says_so(admin):
    response = check(admin, "x" * (300 * 1024))

    assert response.status_code == 422
    assert "at most 262144 are allowed" in text_of(response)


def test_what_is_larger_than_any_form_is_answered_in_words(admin):
    response = check(admin, "x" * (600 * 1024))

    assert response.status_code == 413
    assert "larger than 512 KB" in text_of(response)


def test_check_of_a_file_keeps_its_bytes_for_loading(admin):
    source = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()

    response = upload(admin, source)
    load_form = {"name": "small.yaml", "source": response.context["source"]}
    admin.post(reverse("templates:load"), load_form)

    assert bytes(SessionTemplate.objects.get().source) == source


def test_check_of_pasted_text_has_the_line_ends_of_a_file(admin):
    response = check(admin, SMALL.replace("\n", "\r\n"))

    assert base64.b64decode(response.context["source"]).decode() == SMALL


def test_check_reports_so_many_mistakes_and_counts_the_rest(admin):
    response = check(admin, "sessions:\n" + "  - {no: 1}\n" * 300)

    assert len(response.context["mistakes"]) == 200
    assert "which are shown once these are corrected" in text_of(response)


def test_load_stores_the_template_for_everybody(admin):
    response = load(admin, SMALL)

    assert response.url == reverse("templates:show", args=["small", 1])
    assert loaded() == ["small@1"]
    assert SessionTemplate.objects.get().loaded_by.username == "admin"
    assert "small@1 is loaded." in text_of(admin.get(response.url))


def test_load_again_says_it_is_loaded_already(admin):
    load(admin, SMALL)

    response = load(admin, SMALL)

    assert "small@1 is already loaded." in text_of(admin.get(response.url))


def test_load_of_what_was_loaded_meanwhile_shows_the_mistake(admin):
    templates.load(SMALL.replace("minutes: 5", "minutes: 6").encode())

    response = load(admin, SMALL)

    assert response.status_code == 422
    assert "make this version 2" in text_of(response)


def test_load_of_a_damaged_form_says_so(admin):
    response = admin.post(reverse("templates:load"), {"source": "é"}, follow=True)

    assert "The form came in damaged." in text_of(response)
    assert loaded() == []


def test_facilitators_look_and_check_but_do_not_load(facilitator):
    page = text_of(check(facilitator, SMALL))
    response = load(facilitator, SMALL)

    assert "Your account cannot load templates." in page
    assert "Load it" not in page
    assert response.status_code == 403
    assert loaded() == []


def test_a_permission_is_enough_to_load(facilitator):
    user = get_user_model().objects.get()
    user.user_permissions.add(Permission.objects.get(codename="add_sessiontemplate"))

    load(facilitator, SMALL)

    assert loaded() == ["small@1"]


def test_show_has_the_file_the_preview_and_the_changes(facilitator):
    templates.load(SMALL.encode())
    templates.load(NEXT.encode())

    response = facilitator.get(reverse("templates:show", args=["small", 2]))

    page = text_of(response)
    assert "minutes changed" in page
    assert "The second option" in response.context["previews"][1].phone
    assert "<code>version: 2</code>" in page


def test_pages_have_one_main_heading_whatever_their_pictures_show(facilitator):
    templates.load(SMALL.encode())
    show = reverse("templates:show", args=["small", 1])

    for page in (facilitator.get(show), check(facilitator, SMALL)):
        html = text_of(page)
        assert html.count("<h1") == html.count("</h1>") == 1
        (_brief, prompt) = page.context["previews"]
        for picture in (prompt.phone, prompt.wall):
            assert '<div class="h1"' in picture
            assert "Which &lt;script&gt; first?" in picture


def test_show_of_what_does_not_exist_is_not_found(facilitator):
    response = facilitator.get(reverse("templates:show", args=["small", 2]))

    assert response.status_code == 404


def test_download_gives_the_same_bytes(facilitator):
    source = SMALL.replace("\n", "\r\n").encode()
    templates.load(source)

    response = facilitator.get(reverse("templates:download", args=["small", 1]))

    assert response.content == source
    assert response["Content-Disposition"] == 'attachment; filename="small-1.yaml"'


def test_the_next_version_begins_with_the_text_of_this_one(facilitator):
    template, _ = templates.load(SMALL.encode())
    address = reverse("templates:check")

    found = {
        wanted: facilitator.get(address, {"from": wanted})
        .context["form"]["text"]
        .value()
        for wanted in [str(template.pk), "999", "x"]
    }

    assert found == {
        str(template.pk): SMALL.replace("version: 1", "version: 2"),
        "999": "",
        "x": "",
    }


@pytest.mark.parametrize("file", library_files(), ids=lambda file: file.stem)
def test_every_prompt_of_the_library_has_a_preview_soon(file):
    tree = parse(file.read_bytes())

    started = time.process_time()
    found = preview.of_tree(tree)

    assert time.process_time() - started < 2
    asked = [prompt for session in tree.sessions for prompt in session.prompts]
    assert len([one for one in found if one.kind]) == len(asked)
    assert Workshop.objects.count() == 0


def test_of_a_very_long_template_the_first_prompts_are_drawn():
    items = "".join(f"          - {{key: i{n}, text: Item}}\n" for n in range(200))
    prompt = "      - key: k{}\n        kind: choose\n        question: Which?\n"
    source = SMALL.split("      - key: pick")[0]
    for number in range(5):
        source += prompt.format(number) + f"        items:\n{items}"

    found = preview.of_tree(parse(source.encode()))

    assert [one.items for one in found] == [0, 200, 200, 200]
