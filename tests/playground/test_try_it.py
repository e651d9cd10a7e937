"""Try it: the form, the Python beside it, and what both did."""

import asyncio
import re
import shlex
import tomllib
from html import unescape
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qsl

import pytest

from comparison.cli import main
from comparison.lesson.model import MODES
from comparison.playground import view_form
from comparison.playground.app import create_app
from comparison.playground.presets import PRESETS
from comparison.playground.state import Playground
from comparison.playground.view_form import ViewForm, described_view, read_form
from comparison.views import (
    AddHeader,
    Change,
    DeleteCookie,
    DeleteHeader,
    DescriptionError,
    SetBody,
    SetCookie,
    SetHeader,
    SetStatus,
    Status,
    View,
    view_of,
)
from comparison.views.model import (
    BODY_KINDS,
    ERRORS,
    HEADERS_KINDS,
    MADE,
    SHAPES,
    STATUS_KINDS,
    STYLES,
)

from .test_pages import text_of

pytestmark = pytest.mark.usefixtures("quiet")


def test_the_form_offers_every_kind_in_a_view_description() -> None:
    offered = (
        (view_form.BODIES, BODY_KINDS), (view_form.MADE, MADE), (view_form.SHAPES, SHAPES),
        (view_form.STATUSES, STATUS_KINDS), (view_form.HEADERS, HEADERS_KINDS),
        (view_form.STYLES, STYLES), (view_form.DOES, ("return", "abort", *ERRORS)),
    )  # fmt: skip
    for choices, kinds in offered:
        assert choices.keys() == set(kinds)


async def test_the_page_lists_targets_only_after_sending_a_request(
    hostile: Playground,
) -> None:
    """Pages of other apps send their request to the twins too."""
    client = create_app(hostile).test_client()
    sent = {}
    for path in ("/try", "/try?body=%5B", "/try?status=299&send"):
        page = await (await client.get(path)).get_data(as_text=True)
        sent[path] = page.partition("<dt>Targets</dt><dd>")[2].partition("</dd>")[0]
    *before, after = sent.values()
    assert before == ["none: this page sent no request"] * 2
    assert re.match(r"flask \(Flask .*, in process\); quart \(Quart", after)


CHANGED = ViewForm(
    new_status_kind="text", new_status="299 Seen", replaced="1", new_body="New",
    headers_set="X-One: 1", headers_added="Vary: A", headers_removed="X-Old\n",
    cookies_set="a=b=c; Path=/x; Secure; httponly; SameSite=Lax\nd=", cookies_deleted="e",
)  # fmt: skip


def test_the_form_accepts_every_change_in_order() -> None:
    changes = described_view(CHANGED).changes
    assert changes == (
        SetStatus(Status("text", "299 Seen")), SetBody("New"), SetHeader("X-One", "1"),
        AddHeader("Vary", "A"), DeleteHeader("X-Old"),
        SetCookie("a", "b=c", path="/x", secure=True, httponly=True, samesite="Lax"),
        SetCookie("d", ""), DeleteCookie("e"),
    )  # fmt: skip
    assert {type(change) for change in changes} == set(get_args(Change))


def test_changes_apply_only_to_response_objects() -> None:
    assert not described_view(CHANGED._replace(made="value")).changes
    assert not described_view(CHANGED._replace(does="ValueError")).changes


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_the_form_accepts_every_kind_of_body(kind: str) -> None:
    content = {"dict": "{}", "list": "[1]", "int": "1", "float": "1", "bool": "true",
               "error": "404"}.get(kind, "one\ntwo")  # fmt: skip
    view = described_view(
        ViewForm(body_kind=kind, body=content, made="value", shape="body")
    )
    assert view.body is not None
    assert view.body.kind == kind
    if "generator" in kind:
        assert view.body.content == ["one\n", "two"]


def test_a_form_survives_the_round_trip_through_its_link() -> None:
    form = ViewForm(
        body_kind="text", body="ü&=#\n?", headers="A: b\nC:d", method="HEAD"
    )
    again = read_form(dict(parse_qsl(form.query)))
    assert again == form
    assert read_form({}) == ViewForm()
    assert described_view(again) == described_view(form)


@pytest.mark.parametrize(
    ("form", "field", "problem"),
    [
        (ViewForm(status="abc"), "status", "a whole number"),
        (ViewForm(status="1e400"), "status", "a whole number"),
        (ViewForm(status="20.5"), "status", "must be a whole number, as 202"),
        (ViewForm(status="9" * 30), "status", "must be at most 1000000000000"),
        (ViewForm(body="{"), "body", "is not JSON"),
        (ViewForm(body_kind="text", body="x" * 1500), "body", "1000"),
        (ViewForm(body='"x"'), "body", "must be an object in JSON"),
        (ViewForm(body_kind="bytes", body="€"), "body", "U+00FF"),
        (ViewForm(body_kind="nothing"), "body_kind", "nvalid enum value"),
        (ViewForm(body_kind="error", body="200"), "body", "no exception"),
        (ViewForm(shape="body-status-headers", headers="none"), "headers", "colon"),
        (ViewForm(shape="body-headers", headers="A: 1\nA: 2"), "headers", "once"),
        (ViewForm(style="sync", made="make_response"), "made", "cannot await"),
        (ViewForm(does="abort", code="x"), "code", "whole number"),
        (ViewForm(does="SystemExit"), "does", "nvalid enum value"),
        (ViewForm(method="TRACE"), "method", "one of GET"),
        (ViewForm(status_kind="enum", status="299"), "status", "HTTPStatus"),
        (ViewForm(new_status_kind="int", new_status="x"), "new_status", "whole number"),
        (
            ViewForm(new_status_kind="x", new_status="1"),
            "new_status_kind",
            "nvalid enum",
        ),
        (ViewForm(replaced="1", new_body="x" * 1001), "new_body", "1000"),
        (ViewForm(headers_set="X: 1\nY"), "headers_set", "line 2 has no colon"),
        (ViewForm(headers_added=f"X: {'x' * 101}"), "headers_added", "100"),
        (ViewForm(headers_removed="x" * 101), "headers_removed", "100"),
        (ViewForm(cookies_set="a"), "cookies_set", "line 1 has no equals sign"),
        (
            ViewForm(cookies_set="\na=b; Max-Age=1"),
            "cookies_set",
            "line 2: Max-Age is not",
        ),
        (ViewForm(cookies_deleted="a\n" * 9), "cookies_deleted", "8"),
        (
            ViewForm(headers_removed="a\n" * 5, cookies_deleted="a\n" * 5),
            "cookies_deleted",
            "at most 8 of them, counting all changes together",
        ),
    ],
)
def test_a_form_error_is_reported_at_its_field(
    form: ViewForm, field: str, problem: str
) -> None:
    with pytest.raises(DescriptionError) as raised:
        described_view(form)
    assert raised.value.field == field
    assert problem in raised.value.problem


async def test_submitting_the_form_displays_both_responses(twins: Playground) -> None:
    client = create_app(twins).test_client()
    form = {"body_kind": "text", "body": "Hi", "made": "value", "status": "299"}
    response = await client.post("/try", form=form)
    assert response.status_code == 303
    link = response.headers["Location"].partition("#")[0]
    page = unescape(await (await client.get(link)).get_data(as_text=True))
    assert "flask 299" in page
    assert "quart 299" in page
    assert "= identical" in page
    for title in MODES.values():
        assert f">{title}</h2>" in page
    assert "curl --include --globoff" in page
    assert 'value="299"' in page
    assert 'return "Hi", 299' in await text_of_source(twins, link)


async def test_changes_apply_to_both_apps_and_their_fields_stay_open(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    form = {
        "cookies_set": "seen=yes; HttpOnly",
        "new_status_kind": "int",
        "new_status": "418",
    }
    response = await client.post("/try", form=form | {"shape": "body"})
    link = response.headers["Location"].partition("#")[0]
    page = unescape(await (await client.get(link)).get_data(as_text=True))
    page = page.replace("<wbr>", "")
    assert "flask 418" in page
    assert page.count("<td>seen=yes; HttpOnly; Path=/</td>") == 2
    assert page.count('<details class="changes" open>') == 2
    source = await text_of_source(twins, link)
    assert 'response.set_cookie("seen", "yes", httponly=True)' in source
    assert "response.status_code = 418" in source


async def test_a_collapsed_section_with_an_error_is_open(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    page = await (await client.get("/try")).get_data(as_text=True)
    assert 'class="changes" open' not in page
    response = await client.get("/try?cookies_set=oops")
    assert response.status_code == 422
    page = unescape(await response.get_data(as_text=True))
    assert page.count('class="changes" open') == 1
    assert 'id="cookies_set-error">line 1 has no equals sign: oops</p>' in page


async def text_of_source(state: Playground, link: str) -> str:
    client = create_app(state).test_client()
    response = await client.get(link.replace("/try?", "/try/source?"))
    page = await response.get_data(as_text=True)
    return unescape(re.sub(r"<[^>]+>", "", page))


async def test_the_form_can_be_downloaded_as_a_case(twins: Playground) -> None:
    client = create_app(twins).test_client()
    response = await client.get("/try/case.toml?status=299&method=POST")
    text = await response.get_data(as_text=True)
    (case,) = tomllib.loads(text)["case"]
    assert case["request"]["method"] == "POST"
    view = view_of(case["request"]["path"])
    assert isinstance(view, View)
    assert view.status is not None
    assert view.status.content == 299


def output_of_command(command: list[str], case: str) -> str:
    """Return the page that a command writes about a case file beside it."""
    Path("case.toml").write_text(case, encoding="utf-8")
    assert main([*command, "--output", "told.html"]) == 1
    return unescape(Path("told.html").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("served", ["twins", "hostile"])
async def test_the_command_on_the_form_page_reproduces_its_result(
    served: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = create_app(request.getfixturevalue(served)).test_client()
    query = "body_kind=generator&body=a&made=value&method=HEAD&shape=body"
    page = unescape(
        await (await client.get(f"/try?{query}&send")).get_data(as_text=True)
    )
    kept = await (await client.get(f"/try/case.toml?{query}")).get_data(as_text=True)
    monkeypatch.chdir(tmp_path)
    found = re.search("Reproduce</dt><dd><code>comparison (.*)</code>", page)
    assert found is not None
    described = await asyncio.to_thread(output_of_command, shlex.split(found[1]), kept)
    assert "≠ different" in page
    for part in (' id="table-1" .*', ' id="sides-1" .*'):
        shown, again = (
            re.search(f"<section{part}?</section>", text, re.DOTALL)
            for text in (page, described)
        )
        assert shown is not None
        assert again is not None
        # The page leaves out the description of the view in the target, and has the
        # Python that equals the view, not the code of the twins that builds it.
        text = re.sub(r"\?view=[^<'\s]*", "", again[0].replace("<wbr>", ""))
        text = text.replace("View native called", "View composed called")
        text = text.replace("‹await› answer()", '(part for part in ["a"])')
        assert shown[0].replace("<wbr>", "") == text


async def test_an_invalid_form_preserves_the_typed_values(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    form = {"body": "{<oops", "status": "299", "headers": "X: y"}
    response = await client.post("/try", form=form)
    assert response.status_code == 422
    page = await response.get_data(as_text=True)
    assert "{&lt;oops</textarea>" in page
    assert 'value="299"' in page
    assert 'id="body-error">is not JSON' in page
    assert 'aria-invalid="true" aria-describedby="body-error" autofocus' in page


async def test_a_cross_site_link_fills_the_form_without_sending(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = await client.get("/try?status=299&send", headers=headers)
    page = await response.get_data(as_text=True)
    assert 'value="299"' in page
    assert "Execution table" not in page


@pytest.mark.parametrize("name", PRESETS)
async def test_a_preset_fills_in_the_form_and_sends_it(
    twins: Playground, name: str
) -> None:
    page = await text_of(twins, "/try")
    found = re.search(f'<a href="([^"]+)"[^>]*>{re.escape(name)}</a>', page)
    assert found is not None
    page = await text_of(twins, found[1])
    assert f'aria-current="true">{name}</a>' in page
    assert 'id="result"' in page
    status = re.match(r"\d+", name)
    if status:
        assert f"<span>flask {status[0]}</span>" in page
    assert "No known difference" not in page


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", ["def composed():", 'return jsonify({"message": "Hello"}), 202']),
        ("does=abort&handled=1", ["abort(418)", "def handle_http(error):"]),
        ("does=KeyError&style=sync", ["def composed():", 'raise KeyError("")']),
        (
            "new_status_kind=int&new_status=418&style=async",
            ["async def composed():", "return response"],
        ),
    ],
)
async def test_the_lesson_steps_through_the_python_that_the_page_shows(
    twins: Playground, query: str, lines: list[str]
) -> None:
    page = await text_of(twins, f"/try?{query}&send")
    lesson = page.partition('<article class="lesson"')[2].partition('id="keep"')[0]
    text = unescape(re.sub(r"<[^>]+>", "", lesson))
    for inside in ("native", "synchronous", "answer()", "view.f", "raise error("):
        assert inside not in text
    assert "View composed called" in text
    marked = re.findall(r'<td data-at="[^"]+">(.*?)</td>', lesson)
    ran = [unescape(re.sub(r"<[^>]+>|[‹›]", "", cell)).strip() for cell in marked]
    for line in lines:
        assert any(line in each for each in ran), line


async def test_the_rules_of_a_lesson_hold_for_a_status_as_text(
    twins: Playground,
) -> None:
    path = "/try?body_kind=text&body=Hi&made=value&status_kind=text&status=299+Seen"
    page = unescape(await text_of(twins, f"{path}&send"))
    assert "A view chooses its status code by returning a tuple" in page
    assert "keeps status 200" not in page
    sides = page.partition('id="sides-1" ')[2].partition("</section>")[0]
    assert sides.count("(framework): explained") == 3
    assert sides.count("Remedy: Return numbers.") == 1


async def test_the_words_after_the_path_of_a_request_are_not_cut_off(
    twins: Playground,
) -> None:
    page = unescape(await text_of(twins, "/try?send"))
    assert "The client sent GET /composed, Flask and Quart received it" in page


async def test_a_difference_has_the_cause_that_fuzz_knows(twins: Playground) -> None:
    query = "made=value&shape=body-headers&headers=X-A%3A+%C3%BC&send"
    page = await text_of(twins, f"/try?{query}")
    assert "≠ different" in page
    assert "No known difference and no explanation matches" not in page
    cause = twins.patterns.causes["quart-encodes-headers-as-utf-8"]
    assert cause.summary.partition("`")[0] in page


async def test_the_description_is_not_in_the_names_on_the_page(
    twins: Playground,
) -> None:
    page = await text_of(twins, "/try?status=299&send")
    before = re.sub('href="[^"]+"', "", page.partition('id="keep"')[0])
    assert "%7B" not in before
    assert '>return jsonify({"message": "Hello"}), 299</h1>' in page
    assert "GET /composed" in page


@pytest.mark.parametrize(("status", "linked"), [("299", True), ("5000", False)])
async def test_a_status_leads_to_the_status_map(
    twins: Playground, status: str, linked: bool
) -> None:
    page = await text_of(twins, f"/try?status={status}&send")
    assert (f'href="/status-map/{status}"' in page) is linked


async def test_the_form_always_sends_to_the_twins(hostile: Playground) -> None:
    client = create_app(hostile).test_client()
    page = await (await client.get("/try?send")).get_data(as_text=True)
    assert "flask 202" in page
