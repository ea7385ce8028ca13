"""Whatever comes in: never an error of the server, nothing half stored, text kept.

The forms are read from the pages as they are shown, so a new field is tried without
being named here. Each is sent with every class of bad input in one of its fields.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from deliberation.actions import rounds
from deliberation.models import Point
from tests import world
from tests.test_access import PLACES, SECOND
from tests.world import Day, Written
from workshops.models import Badge, Organisation, Presence, WrongCodes

pytestmark = pytest.mark.django_db

BAD = {
    "nul": "a\0b",
    "controls": "\x0b\x0c\x1b[31mred\x7f",
    "c1": "\x85\x9b",
    "surrogate": "a\ud800b",
    "override": "\u202egnp.exe",
    "nothing to see": "\u200b\u2060\ufeff",
    "stacked": "e" + "\u0301" * 500,
    "letters": "ʇ ſ ﬁ İ ı ß 𝔘 ٣ ²",
    "kelvin": "\u212a",
    "lines": "one\r\ntwo\rthree\u2028four",
    "one": "x",
    "long word": "x" * 10_000,
    "long": "too long " * 6_000,
    "formula": '=HYPERLINK("http://x","y")',
    "markup": "<svg onload=alert(1) hx-get=/ data-hx-on:load=alert(1)>",
    "template": "{{ request }}{% csrf_token %}{# #}",
    "format": "%s %(name)s {0} {name} $1",
    "path": "../../../etc/passwd",
    "header": "a%0d%0aSet-Cookie: b=c\r\nX: y",
    "query": "'; DROP TABLE workshops_workshop; --",
    "json": '{"a": [1, {"b": null}]}',
    "minus": "-1",
    "zero": "0",
    "2^31": "2147483648",
    "2^63": "9223372036854775808",
    "5000 digits": "9" * 5000,
    "huge": "1e400",
    "not a number": "NaN",
    "grouped": "1_000",
    "arabic": "٣",
    "squared": "²",
    "decimal": "1,5",
    "year": "0000-00-00",
    "last year": "9999-12-31",
    "time": "25:61",
    "empty": "",
    "list": "a,b",
    "true": "true",
    "unknown": "no-such-choice",
}
# Worth trying in every field; of the others each field gets some, in turn.
ALWAYS = ["nul", "long", "5000 digits", "unknown"]
IN_TURN = [name for name in BAD if name not in ALWAYS]
EACH = 2


@dataclass
class Form:
    """A form as a browser would send it: its fields with what stands in them."""

    at: str
    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)


class FormReader(HTMLParser):
    """Reads the forms of a page, with fields that stand elsewhere by their `form`."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at = at
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.inside: Form | None = None
        self.waiting: list[tuple[str, str, str]] = []
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            action = has.get("action") or self.at
            self.inside = Form(self.at, action, has.get("method") or "get")
            self.forms.append(self.inside)
            self.named[has.get("id") or ""] = self.inside
        name = has.get("name") or ""
        if tag in ("input", "button") and name:
            self.put(has.get("form"), name, has.get("value") or "")
        if tag in ("select", "textarea") and name:
            self.put(has.get("form"), name, "")
            self.select = name if tag == "select" else ""
            self.textarea = name if tag == "textarea" else ""
        if tag == "option" and self.select and "selected" in has:
            self.put(None, self.select, has.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.put(None, self.textarea, data)

    def put(self, form_id: str | None, name: str, value: str) -> None:
        form = self.named.get(form_id) if form_id else self.inside
        if form is not None:
            form.fields.setdefault(name, []).append(value)


def forms_of(browser: Client, address: str) -> list[Form]:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    reader = FormReader(address)
    reader.feed(answer.content.decode())
    return reader.forms


@pytest.fixture
def day() -> Day:
    world.load_template()
    return world.make_day("ours", world.OURS)


def browser_of(day: Day, name: str) -> Client:
    if name == "phone":
        browser = day.phone.client
    elif name == "scribe":
        browser = day.scribe.client
    elif name == "table record":
        rounds.close_round(round_id=day.now.pk)
        browser = day.scribe.client
    elif name == "newcomer":
        browser = Client()
        browser.post("/j/", {"code": day.workshop.join_code})
    else:
        browser = world.account(day.members["owner"].user)
        user = day.members["owner"].user
        user.is_staff = True  # may load templates
        user.save()
    browser.raise_request_exception = False
    return browser


def send(
    browser: Client, address: str, fields: dict[str, list[str]] | dict, **headers: str
):
    """Post fields as bytes, so that even half a character gets through."""
    pairs = [
        f"{code(name)}={code(value)}"
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return browser.post(
        address,
        "&".join(pairs),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def code(text: object) -> str:
    return quote(str(text).encode("utf-8", "surrogatepass"))


def rows() -> dict[str, list]:
    return {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for app in ("workshops", "deliberation")
        for model in apps.get_app_config(app).get_models()
        if model not in (Presence, WrongCodes)
    }


class Attempts:
    """Sends what is bad, takes back what it changed, and notes what went wrong."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.before = rows()
        self.wrong: dict[object, object] = {}
        self.number = 0

    def post(self, what: object, address: str, fields: dict, **headers: str):
        kept = self.browser.cookies.copy()
        with transaction.atomic(), Written() as noted:
            answer = send(self.browser, address, fields, **headers)
            self.judge(what, answer, noted)
            transaction.set_rollback(True)
        self.browser.cookies = kept
        return answer

    def judge(self, what: object, answer, noted: Written) -> None:
        self.number += 1
        if answer.status_code >= 500:
            self.wrong[what] = answer.status_code
        elif answer.status_code >= 400 and noted.statements and rows() != self.before:
            self.wrong[what] = (answer.status_code, noted.statements)


PAGES = {
    "phone": [
        "/w/ours/",
        "/w/ours/seat/",
        "/w/ours/continue/",
        "/w/ours/points/",
        "questions",
    ],
    "scribe": ["/w/ours/", "/w/ours/table/hand-over/"],
    "table record": ["/w/ours/table-record/framework/"],
    "newcomer": ["/", "/w/ours/join/", "/accounts/login/", "/accounts/password/reset/"],
    "console": [
        "/console/ours/",
        "/console/ours/end/",
        "/console/ours/points/",
        "/console/ours/people/",
        "/console/ours/attendees/",
        "/console/ours/rotation/",
    ],
    "set-up": [
        "/console/ours/setup/",
        "/console/new/",
        "/console/ours/setup/rehearsal/",
    ],
    "sessions": [
        "/console/ours/setup/sessions/",
        "session",
        "/console/ours/setup/challenge/",
    ],
    "prompts": ["prompt", "talk"],
    "challenges": [
        "/console/ours/challenges/",
        "challenge",
        "speaker's link",
        "speaker's challenge",
    ],
    "templates": [
        "/templates/check/",
        "/accounts/password/change/",
        "/accounts/email/",
    ],
}


def address_of(day: Day, page: str) -> str:
    base = "/console/ours/setup"
    speaker = f"/speaker/{day.session.speaker_secret}/"
    challenge = f"{day.done.pk}/{day.done.prompt.items.first().pk}/"
    if page == "questions":
        world.question_of(day)
    return {
        "questions": "/w/ours/questions/",
        "challenge": f"/console/ours/challenges/{challenge}",
        "speaker's challenge": f"{speaker}challenge/{challenge}",
        "speaker's link": f"{base}/sessions/{day.session.pk}/speaker/",
        "session": f"{base}/sessions/{day.session.pk}/",
        "prompt": f"{base}/prompts/{day.next.pk}/",
        "talk": f"{base}/prompts/{day.talk.pk}/",
    }.get(page, page)


@pytest.mark.parametrize("name", PAGES)
def test_a_field_of_a_form_takes_anything(day, name):
    browser = browser_of(day, name)
    attempts = Attempts(browser)
    turn = 0
    tried = set()
    for page in PAGES[name]:
        for form in forms_of(browser, address_of(day, page)):
            if form.method.lower() != "post":
                continue
            if form.action in tried and name in ("console", "set-up"):
                continue  # the same buttons on another page
            tried.add(form.action)
            for field_name in form.fields:
                in_turn = [IN_TURN[(turn + n) % len(IN_TURN)] for n in range(EACH)]
                turn += EACH
                for bad in ALWAYS + in_turn:
                    sent = form.fields | {field_name: [BAD[bad]]}
                    attempts.post((form.action, field_name, bad), form.action, sent)

    assert attempts.wrong == {}
    assert attempts.number > 30


@pytest.mark.parametrize("name", PAGES)
def test_a_form_full_of_the_same(day, name):
    browser = browser_of(day, name)
    attempts = Attempts(browser)
    tried = {}
    for page in PAGES[name]:
        for form in forms_of(browser, address_of(day, page)):
            if form.method.lower() == "post":
                tried.setdefault(form.action, form)
    for turn, form in enumerate(tried.values()):
        for bad in list(BAD)[turn % 3 :: 3] + ALWAYS:
            fields = {name: [BAD[bad], BAD[bad]] for name in form.fields}
            attempts.post((form.action, bad), form.action, fields)

    assert attempts.wrong == {}
    assert attempts.number >= len(tried) > 0


# ---- what scripts send ----


def by_script(day: Day) -> list[tuple[str, str, dict]]:
    """Return who sends what to where, as scripts do."""
    now, point = day.now.pk, day.point.pk
    judged = {"answer.p1": "difficult", "reason.p1": "Because", "key": "0123456789"}
    text = {
        "text": "A point",
        "kind": "point",
        "items": "p1",
        "as": "table",
        "key": "0123456789",
    }
    return [
        ("newcomer", "/j/qr/", {"secret": day.workshop.join_secret}),
        ("phone", f"/w/ours/answer/{now}/", judged),
        ("phone", f"/w/ours/finished/{now}/", {"finished": "1"}),
        ("phone", f"/w/ours/points/{day.now.prompt_id}/", text),
        ("phone", f"/w/ours/points/{point}/withdraw/", {}),
        ("scribe", f"/w/ours/table-answer/{now}/", judged | {"version": "1"}),
        ("scribe", f"/w/ours/points/{day.now.prompt_id}/", text),
        (
            "scribe",
            f"/w/ours/points/{day.now.prompt_id}/",
            {"text.p1": "Other words", "kind": "rewording", "items": "p1"},
        ),
        ("scribe", "/w/ours/table/take/", {}),
        ("phone", "/w/ours/table/choose/", {"table": "2"}),
        (
            "phone",
            "/w/ours/stance/",
            {"stance": f"me:{world.proposal_of(day).pk}:support"},
        ),
        (
            "phone",
            f"/w/ours/questions/{world.question_of(day).pk}/support/",
            {"on": "1"},
        ),
        ("phone", "/w/ours/questions/", {"text": "Why?", "key": "0123456789"}),
        ("phone", "/w/ours/help/", {"words": "Which?"}),
        ("scribe", "/w/ours/table/hand-over/", {"to": day.phone.who.ref}),
        (
            "owner",
            "/console/ours/people/",
            {"do": "move", "seat": day.phone.who.ref, "table": "2", "sure": "yes"},
        ),
        (
            "owner",
            "/console/ours/people/merge/",
            {"seat": day.phone.who.ref, "keep": day.phone.who.ref},
        ),
        ("owner", "/console/ours/do/", {"do": "end", "page": "run", "query": "a=b"}),
        ("owner", "/templates/load/", {"name": "a", "source": "aGVsbG8="}),
        ("owner", "/templates/check/", {"text": SECOND}),
    ]


def test_a_field_that_a_script_sends_takes_anything(day):
    wrong, turn = {}, 0
    for who, address, fields in by_script(day):
        attempts = Attempts(browser_of(day, who))
        accept = "application/json"
        for name in fields:
            for bad, value in BAD.items():
                turn += 1
                if bad not in ALWAYS and turn % 3:
                    continue
                accept = ["application/json", "text/html"][turn % 2]
                sent = fields | {name: value}
                attempts.post((address, name, bad), address, sent, Accept=accept)
        for missing in fields:
            sent = {name: value for name, value in fields.items() if name != missing}
            attempts.post((address, missing, "absent"), address, sent, Accept=accept)
        attempts.post((address, "none"), address, {}, Accept=accept)
        repeated = {name: [value, value] for name, value in fields.items()}
        attempts.post((address, "repeated"), address, repeated, Accept=accept)
        many = {f"answer.x{number}": "1" for number in range(1001)}
        attempts.post((address, "many"), address, many, Accept=accept)
        wrong |= attempts.wrong

    assert wrong == {}


def test_a_step_of_the_console_takes_any_words(day):
    attempts = Attempts(browser_of(day, "owner"))
    now, item = day.now.pk, day.now.prompt.items.first().pk
    asked = world.question_of(day).pk
    steps = [
        f"start:{day.later.pk}", f"open:{day.next.pk}:0", f"close:{now}",
        f"reveal:{now}", f"hide:{now}", f"time:{now}:60", f"pause:{now}",
        f"resume:{now}", f"stop:{now}", f"zero:{now}:1", "freeze", "thaw", "blank:1",
        "join:1", "look:dark", "view:people", f"item:{now}:{item}",
        f"show:brief:{day.session.pk}", f"show:prompt:{now}",
        f"point:{day.point.pk}:incoming:shown",
        f"release:{world.proposal_of(day).pk}:open", "undo:1", "rotate:1",
        "rotate-free:4",
        "rotate-end:1", f"questions:{day.session.pk}:1", f"question-show:{asked}",
        f"question-off:{asked}", f"question-mark:{asked}:answered",
        f"question-move:{asked}:up", f"questions-sort:{day.session.pk}",
        "help-coming:1", "help-done:1", "lock:1", "end", "reopen",
    ]  # fmt: skip
    for step in steps:
        words = step.split(":")
        for place in range(len(words) + 1):
            for bad in ("nul", "2^63", "5000 digits", "arabic", "minus", "empty"):
                said = ":".join([*words[:place], BAD[bad], *words[place + 1 :]])
                answer = attempts.post(said, "/console/ours/do/", {"do": said})
                assert answer.status_code == 302

    assert attempts.wrong == {}


# ---- addresses, headers, methods ----

QUERIES = {
    "/console/ours/points/": ["status", "prompt", "item", "kind"],
    "/console/ours/setup/challenge/": ["session"],
    "/console/new/": ["template"],
    "/templates/check/": ["from"],
    "/console/ours/people/merge/": ["seat", "keep"],
    "/accounts/login/": ["next"],
    "/console/ours/": ["nothing"],
}


def test_a_query_takes_anything(day):
    browser = browser_of(day, "owner")
    wrong, turn = {}, 0
    for address, names in QUERIES.items():
        for name in names:
            for bad, value in BAD.items():
                turn += 1
                if bad not in ALWAYS and turn % 2:
                    continue
                value = value[:6000]  # longer ones never get through a server
                status = browser.get(f"{address}?{name}={code(value)}").status_code
                if status not in (200, 302, 400):
                    wrong[address, name, bad] = status

    assert wrong == {}


def test_an_address_takes_anything(day):
    owner, phone = browser_of(day, "owner"), browser_of(day, "phone")
    wrong = {}
    for bad, value in BAD.items():
        part = code(value[:6000]) or "%20"
        for browser, address in [
            (phone, f"/j/{part}/"),
            (phone, f"/screen/{part}/"),
            (phone, f"/w/{part}/"),
            (phone, f"/w/ours/mine/{part}/"),
            (phone, f"/w/ours/results/{part}/"),
            (phone, f"/w/ours/continue/{part}/"),
            (owner, f"/console/{part}/"),
            (owner, f"/console/ours/setup/prompts/{part}/"),
            (owner, f"/console/ours/setup/rehearsal/{part}/"),
            (owner, f"/templates/tried/{part}/"),
            (owner, f"/templates/{part}/1/"),
            (owner, f"/accounts/password/reset/key/{part}-{part}/"),
            (owner, f"/accounts/confirm-email/{part}/"),
            (owner, f"/{part}"),
        ]:
            status = browser.get(address).status_code
            if status not in (200, 302, 400, 404, 422):
                wrong[address[:60], bad] = status

    assert wrong == {}


HEADERS = {
    "HX-Request": ["true", "false", "\xff"],
    "HX-Boosted": ["true"],
    "HX-Target": ["<b>", "x" * 5000],
    "HX-Current-URL": ["javascript:alert(1)", "http://[", "//evil.example/", "\xff"],
    "HX-Current-URL-URI-AutoEncoded": ["true"],
    "HX-Trigger-Name": ["%E0%A4%A"],
    "Accept": ["", ",", ";q=2", "text/html;q=NaN", "*/*;q=1e400", "a/b/c", "x" * 5000],
    "Accept-Language": ["xx", "en;q=NaN", "*", "a" * 5000, "../.."],
    "Cookie": [
        "session=",
        'session="\\000\\000\\000\\000\\000\\000\\000\\000\\000"',
        "session=" + "x" * 5000,
        "csrf=\xff",
        "messages=not-signed",
        "p-1=x; p-1=y; a-1=z",
        ";;;==;",
        "django_language=../../x",
    ],
    "Content-Type": [  # those that Django's own client cannot send: test_bridge
        "",
        "text/plain",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=no-such",
    ],
    "Range": ["bytes=0-0", "bytes=9-1", "x"],
    "Last-Event-ID": ["9" * 5000],
    "X-Forwarded-For": ["not an address", "1.2.3.4, " * 500],
    "X-Requested-With": ["fetch", "\xff"],
    "Referer": ["http://[", "\xff"],
    "Origin": ["null", "http://["],
    "If-Modified-Since": ["yesterday"],
}


def test_a_header_may_say_anything(day, settings):
    settings.TRUSTED_PROXIES = 1
    wrong = {}
    browsers = {who: browser_of(day, who) for who in ("phone", "owner")}
    asked = [
        ("phone", "POST", "/j/?a=b"),
        ("phone", "GET", "/w/ours/"),
        ("phone", "POST", f"/w/ours/answer/{day.now.pk}/?a=b"),
        ("phone", "GET", f"/w/ours/results/{day.done.pk}/"),
        ("owner", "GET", "/accounts/2fa/"),
        ("owner", "POST", "/console/ours/do/"),
        ("owner", "POST", "/templates/check/"),
    ]
    for name, values in HEADERS.items():
        for value in values:
            for who, method, address in asked:
                browser = browsers[who]
                if name == "Cookie":
                    browser = Client(raise_request_exception=False)
                content_type = "application/x-www-form-urlencoded"
                extra = {"HTTP_" + name.upper().replace("-", "_"): value}
                if name == "Content-Type":
                    content_type, extra = value, {}
                answer = browser.generic(
                    method, address, b"answer.p1=difficult&a=%ff", content_type, **extra
                )
                if answer.status_code >= 500:
                    wrong[name, value[:50], method, address] = answer.status_code

    assert wrong == {}


def test_another_method_changes_nothing(day):
    wrong = {}
    browsers = {who: browser_of(day, who) for who in ("phone", "owner")}
    world.proposal_of(day)
    for who in (None, day.phone):  # else made when their places are looked up
        world.question_of(day, by=who)
    before = rows()
    for pattern, place in PLACES.items():
        browser = browsers["phone" if pattern.startswith("w/") else "owner"]
        for method in ("head", "put", "patch", "delete", "options", "trace"):
            with Written() as noted:
                answer = getattr(browser, method)(place.at(day))
            # Previews draw from rows that are taken back.
            if answer.status_code >= 500 or (noted.statements and rows() != before):
                wrong[method, pattern] = (answer.status_code, noted.statements)

    assert wrong == {}


# ---- the text stays ----

LONG = "Ä" * 5000


def refused_texts(day: Day) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield who sends what that is refused; its text has to be on the page."""
    base = "/console/ours/setup"
    kept = f"{LONG}, kept"
    now = day.now.pk
    yield "newcomer", "/w/ours/join/", {"name": kept, "table": "1"}
    yield "newcomer", "/w/ours/join/", {"name": "A", "organisation": kept, "table": "1"}
    yield "phone", f"/w/ours/points/{day.now.prompt_id}/", {"text": kept}
    yield (
        "phone",
        f"/w/ours/answer/{now}/",
        {"answer.p1": "difficult", "reason.p1": kept},
    )
    yield "phone", f"/w/ours/answer/{now}/", {"reason.p1": "Only said, kept"}
    yield (
        "scribe",
        f"/w/ours/table-answer/{now}/",
        {"answer.p1": "difficult", "reason.p1": kept},
    )
    yield (
        "scribe",
        f"/w/ours/points/{day.now.prompt_id}/",
        {"text": kept, "as": "table"},
    )
    # Of a round that is closed: shown for reading.
    yield (
        "scribe",
        f"/w/ours/table-answer/{day.done.pk}/",
        {"choice": ["p1", "p2"], "reason.p1": "First, kept"},
    )
    for name in ("title", "place"):
        yield "owner", f"{base}/", {name: kept}
    for name in ("title", "speakers", "brief"):
        sent = {"title": "A session"} | {name: kept}
        yield "owner", f"{base}/sessions/{day.session.pk}/", sent
        yield "owner", f"{base}/sessions/", sent
    yield "owner", f"/console/ours/themes/{day.theme.pk}/", {"title": kept}
    for name in ("name", "organisation", "text"):
        said = {"place": f"conclusion:{day.session.pk}", name: f"{LONG * 3}, kept"}
        yield "owner", "/console/ours/remarks/new/", said
        yield "owner", f"/console/ours/remarks/{day.remark.pk}/", said
    for name in ("question", "guidance", "own_scale", "criteria", "new_items"):
        yield "owner", f"{base}/prompts/{day.next.pk}/", {name: kept}
        yield "owner", f"{base}/challenge/", {name: kept}
    item = day.next.items.first().pk
    for name in ("text", "short", "gloss"):
        yield "owner", f"{base}/prompts/{day.next.pk}/", {f"item-{item}-{name}": kept}
    yield "owner", f"{base}/members/", {"username": kept, "role": "observer"}
    yield "owner", f"{base}/template/", {"template-title": kept, "template-key": "a"}
    yield "owner", "/console/new/", {"title": kept}
    yield "owner", "/templates/check/", {"text": "title: kept ]["}
    yield "newcomer", "/j/", {"code": "kept"}


def test_a_refused_text_stays_on_the_page(day):
    wrong = {}
    for who, address, fields in refused_texts(day):
        attempts = Attempts(browser_of(day, who))
        answer = attempts.post(address, address, fields)
        name = list(fields)[-1]
        is_kept = "kept" in visible_text(answer.content.decode())
        if answer.status_code not in (409, 422) or not is_kept or attempts.wrong:
            wrong[address, name] = (answer.status_code, is_kept)

    assert wrong == {}


def visible_text(html: str) -> str:
    """Return what stands in the fields and paragraphs of a page."""
    return html.partition("<body")[2]


# ---- people and organisations that are hard to compare ----


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("Home Office", "HOME OFFICE", True),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("kelvin", "\u212aelvin", None),
        ("istanbul", "\u0130stanbul", None),
        ("Stra\u00dfe", "STRASSE", None),
        ("100%", "100_", False),
    ],
)
def test_an_organisation_in_other_letters_never_keeps_anybody_out(
    day, first, second, are_one
):
    before = Organisation.objects.count()
    for name in (first, second):
        browser = browser_of(day, "newcomer")
        answer = browser.post(
            "/w/ours/join/", {"name": "Seat 9", "organisation": name, "table": "1"}
        )
        assert answer.status_code == 302

    made = Organisation.objects.count() - before
    assert are_one is None or made == (1 if are_one else 2)


def test_a_name_that_nobody_sees_is_none(day):
    answer = browser_of(day, "newcomer").post(
        "/w/ours/join/", {"name": "\u200b\u3164", "table": "1"}
    )

    assert answer.status_code == 422
    assert Badge.objects.filter(name="\u200b\u3164").count() == 0


def test_a_point_is_stored_as_it_can_be_shown(day):
    sent = "\u202eOne\x0btwo\r\nthree\u2028e\u0301\ufeff"
    send(day.phone.client, f"/w/ours/points/{day.now.prompt_id}/", {"text": sent})

    assert Point.objects.order_by("pk").last().text == "One two\nthree\né"


# ---- markup that people write ----

PAYLOADS = [
    "<xss-canary>",
    "</textarea><xss-canary>",
    "</title><xss-canary>",
    "</script><xss-canary xss-attr=1>",
    "--><xss-canary><!--",
    '"><xss-canary>',
    "'><xss-canary>",
    '" xss-attr="1',
    "' xss-attr='1",
    " xss-attr=1 ",
    "<img src=x onerror=alert(1) xss-attr=1>",
    "<svg/onload=alert(1) xss-attr=1>",
    "<a href=javascript:alert(1) xss-attr=1>x</a>",
    "[x](javascript:alert(1)) <xss-canary>",
    "[x](data:text/html;base64,PHg+) ![x](http://x/y.png)",
    '<div hx-get="/x" hx-trigger="load" xss-attr=1>',
    '<p data-hx-on:load="alert(1)" xss-attr=1>',
    "{{ 7|add:7 }}<xss-canary>{% now 'Y' %}",
    "&lt;xss-canary&gt;&#60;xss-canary&#62;",
    "\u003cxss-canary\u003e`${alert(1)}`<xss-canary/xss-attr=1>",
]


class Canary(HTMLParser):
    """Finds elements and attributes that no template of ours has written."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "xss-canary":
            self.found.append(tag)
        for name, value in attrs:
            link = (value or "").strip().lower()
            is_link = name in ("href", "src", "action", "formaction", "xlink:href")
            bad_link = re.match(r"(javascript|vbscript|data):", link)
            if tag == "img" or name.startswith(("on", "hx-on", "data-hx")):
                self.found.append(f"{tag} {name}")
            if name.startswith("xss") or (is_link and bad_link):
                self.found.append(f"{tag} {name}={value}")


def write_everywhere(day: Day, turn: int) -> None:
    """Put a payload into every field that a page, a board or a file shows.

    The payloads take turns; `turn` says with which of them to begin.
    """
    payloads = PAYLOADS[turn:] + PAYLOADS[:turn]
    number = 0
    for app in ("workshops", "deliberation"):
        for model in apps.get_app_config(app).get_models():
            texts = [
                each
                for each in model._meta.fields
                if each.get_internal_type() in ("TextField", "CharField")
                and not each.choices
                and each.name not in KEPT
            ]
            for each in texts:
                for row in model.objects.all():
                    number += 1
                    payload = payloads[number % len(payloads)]
                    text = f"{row.pk} {payload}"[: each.max_length or 2000]
                    model.objects.filter(pk=row.pk).update(**{each.name: text})
    user = day.members["owner"].user
    user.first_name = payloads[0]
    user.save()


KEPT = {
    "key", "ref", "slug", "join_code", "join_secret", "screen_secret", "token_hash",
    "review_secret", "speaker_secret", "respondent", "voice", "verb", "language",
    "sha256", "frozen_html", "source",
}  # fmt: skip


def pages_of(day: Day) -> Iterator[tuple[str, str]]:
    """Yield every page, board and file of a day."""
    browsers = {
        "seat": browser_of(day, "phone"),
        "console": browser_of(day, "owner"),
    }
    for pattern, place in PLACES.items():
        browser = browsers["seat" if pattern.startswith(("w/", "j/")) else "console"]
        answer = browser.get(place.at(day))
        assert answer.status_code < 500, pattern
        if answer["Content-Type"].startswith("text/html"):
            yield pattern, answer.content.decode()
    owner = browsers["console"]
    for step in (
        f"show:brief:{day.session.pk}",
        f"show:prompt:{day.now.pk}",
        f"reveal:{day.now.pk}",
        "view:tables",
        f"item:{day.now.pk}:{day.now.prompt.items.first().pk}",
        f"point:{day.point.pk}:incoming:shown",
        f"show:points:{day.now.pk}",
        f"show:prompt:{day.done.pk}",
        f"close:{day.now.pk}",
        "undo",
        "end",
    ):
        answer = owner.post(
            "/console/ours/do/", {"do": step}, headers={"HX-Request": "true"}
        )
        yield step, answer.content.decode()
        wall = owner.get(f"/screen/{day.workshop.screen_secret}/")
        yield f"screen after {step}", wall.content.decode()
        for page in ("", "table-record/framework/"):
            phone = browsers["seat"].get(f"/w/ours/{page}")
            yield f"phone {page} after {step}", phone.content.decode()


@pytest.mark.parametrize("turn", [0, 5, 11, 16])
def test_what_people_write_never_becomes_markup(day, turn):
    write_everywhere(day, turn)
    found = {}
    for name, html in pages_of(day):
        canary = Canary()
        canary.feed(html)
        if canary.found:
            found[name] = canary.found

    assert found == {}


def test_json_is_json_whatever_people_write(day):
    write_everywhere(day, 0)
    owner, phone = browser_of(day, "owner"), browser_of(day, "phone")
    for answer in (
        owner.get("/console/ours/results.json"),
        phone.get(f"/w/ours/mine/{day.now.pk}/"),
        phone.post(
            f"/w/ours/points/{day.now.prompt_id}/",
            {"text": PAYLOADS[0]},
            headers={"Accept": "application/json"},
        ),
    ):
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_template_that_is_refused_shows_its_text_as_text(day):
    owner = browser_of(day, "owner")
    for payload in PAYLOADS:
        quoted = payload.replace("'", "''")
        for text in (
            SECOND.replace("What follows?", payload),
            SECOND.replace("title: One", f"title: '{quoted}'"),
            SECOND.replace("key: say", f"key: '{quoted}'"),
            SECOND.replace("title: One", f"'{quoted}': One"),
            f"{payload}: [",
        ):
            html = owner.post("/templates/check/", {"text": text}).content.decode()
            canary = Canary()
            canary.feed(html)
            assert canary.found == []


def test_a_way_back_leads_nowhere_else(day):
    owner = browser_of(day, "owner")
    for page in ("//evil.example/", "http://evil.example/", "run\r\nX: y", "../x"):
        answer = owner.post(
            "/console/ours/do/", {"do": "blank:0", "page": page, "query": page}
        )
        assert urlsplit(answer["Location"]).netloc == ""
        assert answer["Location"].startswith("/console/ours/")
    login = Client().get("/accounts/login/?next=//evil.example/")
    assert "//evil.example/" not in login.headers.get("Location", "")
