"""The pages as a browser without JavaScript gets them."""

import asyncio
import re
import shlex
from html import unescape
from urllib.parse import quote

import pytest

from comparison.cases import CATALOGUE
from comparison.cli import main
from comparison.known import BUNDLED
from comparison.known.models import KnownDifference
from comparison.lesson.model import MODES
from comparison.playground.app import create_app
from comparison.playground.state import Playground
from comparison.playground.studies import plainly, recorded_map
from comparison.runner.settings import RunSettings
from comparison.studies.load.command import RECORDED, read_run
from comparison.studies.load.wording import take_away
from comparison.studies.statistics import Table

pytestmark = pytest.mark.usefixtures("quiet")


async def text_of(state: Playground, path: str, status: int = 200) -> str:
    response = await create_app(state).test_client().get(path)
    assert response.status_code == status
    return unescape(await response.get_data(as_text=True))


def command_on(page: str) -> str:
    """The command that a page says reproduces it."""
    return page.partition("<dt>Reproduce</dt><dd><code>")[2].partition("</code>")[0]


async def test_the_catalogue_has_every_case_by_topic(twins: Playground) -> None:
    page = await text_of(twins, "/cases")
    for case in twins.cases.values():
        assert f'href="/cases/{case.id}"' in page
        assert case.title in page
    assert page.count("<summary><span>") == 4


async def test_a_search_finds_cases_that_contain_all_words(twins: Playground) -> None:
    page = await text_of(twins, "/cases?q=tuple+header")
    found = re.findall(r"<li>.*?href=\"/cases/([^\"]+)\"", page)
    assert found
    assert len(found) < len(twins.cases)
    assert page.count('href="/cases/') == len(twins.cases)
    assert '<p class="none" hidden>' in page
    nothing = await text_of(twins, "/cases?q=nosuchword")
    assert '<p class="none">No case has all these words' in nothing
    assert '<button class="main" disabled>' in nothing


async def test_the_page_of_the_complete_catalogue_is_small() -> None:
    state = Playground(RunSettings((), (str(CATALOGUE),), (str(BUNDLED),), None))
    try:
        run = state.runs.start("all", tuple(state.cases.values()), "", startup=True)
        run.verdicts = dict.fromkeys(state.cases, "identical")
        client = create_app(state).test_client()
        await client.get("/cases")
        page = await (await client.get("/cases")).get_data(as_text=False)
    finally:
        run.cancel()
        state.close()
    assert len(state.cases) > 950
    assert len(page) < 200_000


async def test_a_case_page_shows_what_the_case_expects(
    twins: Playground, hostile: Playground
) -> None:
    page = await text_of(twins, "/cases/custom")
    assert (
        "Expected of every target: status <code>202</code>, header content-type"
        ' <code>application/json</code>, json <code>{"message":"Hello"}</code></p>'
    ) in page
    page = await text_of(hostile, "/cases/changes")
    assert "This case has not run yet" in page
    assert "Expected of every target: status <code>200</code></p>" in page
    assert "Expected of" not in await text_of(hostile, "/cases/hostile")


async def test_a_case_page_has_nine_modes(twins: Playground) -> None:
    page = await text_of(twins, "/cases/custom")
    for title in MODES.values():
        assert f">{title}</h2>" in page
    assert "comparison show custom" in page
    assert "Flask 3" in page


async def test_the_page_of_an_unknown_case_suggests_the_nearest(
    twins: Playground,
) -> None:
    page = await text_of(twins, "/cases/custm", 404)
    assert '<a href="/cases/custom">custom</a>' in page


async def test_a_case_id_may_contain_any_characters(hostile: Playground) -> None:
    (line,) = re.findall(r'href="([^"]+)">Odd', await text_of(hostile, "/cases"))
    assert "Odd & on a path" in await text_of(hostile, line)
    page = await text_of(hostile, line.replace("odd", "od"), 404)
    assert f'<a href="{line}">/odd//a b?c=1#d%2Fe&/</a>' in page


@pytest.mark.parametrize("case", ["/odd//a b?c=1#d%2Fe&/", "--help"])
async def test_the_command_on_a_case_page_reproduces_its_run(
    hostile: Playground, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await text_of(hostile, f"/cases/{quote(case)}")
    program, *arguments = shlex.split(command_on(page))
    assert program == "comparison"
    assert await asyncio.to_thread(main, arguments) == 0
    shown = capsys.readouterr().out
    assert "Execution table: flask" in shown
    assert hostile.cases[case].request.path in shown


async def test_an_unsafe_request_is_sent_only_by_a_button(
    hostile: Playground,
) -> None:
    client = create_app(hostile).test_client()
    before = await (await client.get("/cases/changes")).get_data(as_text=True)
    assert "Run now" in before
    assert "Execution table" not in before
    response = await client.post("/cases/changes")
    assert response.status_code == 303
    address = response.headers["Location"]
    for _ in range(2):  # loading the page again sends nothing
        after = await (await client.get(address)).get_data(as_text=True)
        assert "Execution table" in after
        assert "header:x-count</th><td>1</td>" in after


async def test_a_view_that_never_returns_is_described_up_to_where_it_hangs(
    hostile: Playground,
) -> None:
    page = await text_of(hostile, "/cases/never")
    assert "no answer within 1 s" in page
    assert "View processes request" in page
    assert "waited = 'for ever'" in page


async def test_text_from_apps_and_cases_is_escaped(hostile: Playground) -> None:
    client = create_app(hostile).test_client()
    for path in ("/cases", "/cases/hostile"):
        page = await (await client.get(path)).get_data(as_text=True)
        assert "<script>" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


def lines_of(page: str) -> list[str]:
    """The lines of a list that its filter does not hide."""
    return [line for line in re.findall(r"<li data.*", page) if " hidden>" not in line]


async def test_the_gallery_has_every_difference(twins: Playground) -> None:
    page = await text_of(twins, "/differences")
    for entry in twins.known:
        assert f'href="/differences/{entry.id}"' in page
    some = await text_of(twins, "/differences?q=head+content-length")
    assert 0 < len(lines_of(some)) < len(lines_of(page))
    (one,) = lines_of(await text_of(twins, "/differences?q=no-date-on-daphne"))
    assert "no-date-on-daphne" in one


@pytest.mark.parametrize(
    ("query", "has", "lacks"),
    [
        ("impact=leaks-data", "variable-left-over", "head-body-sent"),
        ("server=daphne", "no-date-on-daphne", "head-body-sent"),
        ("server=in+process", "head-body-sent", "no-date-on-daphne"),
        ("quart=0.23", "head-body-sent", "missing-key-page"),
    ],
)
async def test_the_gallery_is_filtered(
    twins: Playground, query: str, has: str, lacks: str
) -> None:
    page = "".join(lines_of(await text_of(twins, f"/differences?{query}")))
    assert f'"/differences/{has}"' in page
    assert f'"/differences/{lacks}"' not in page


async def test_differences_with_the_same_title_are_distinguishable(
    twins: Playground,
) -> None:
    page = await text_of(twins, "/differences?q=forbidden+uvicorn")
    lines = [
        re.sub(r'href="[^"]+"|data-text="[^"]+"', "", line) for line in lines_of(page)
    ]
    assert len(lines) == len(set(lines))
    assert "· forbidden-streams</small>" in page


async def test_a_case_page_links_to_its_known_difference(
    twins: Playground,
) -> None:
    page = await text_of(twins, "/cases/head-pieces")
    assert 'known: <a href="/differences/head-body-sent">head-body-sent</a>' in page
    assert "<br>When migrating: " in page


async def test_a_difference_page_has_its_cause_and_reproduces_it(
    twins: Playground,
) -> None:
    entry = twins.known.entries["head-body-sent"]
    cause = twins.known.cause_of(entry)
    page = await text_of(twins, f"/differences/{entry.id}")
    assert cause.summary in page
    assert cause.advice in page
    assert "Execution table of flask" in page
    assert f"comparison explain {entry.id}" in page
    assert "did you mean" not in await text_of(twins, "/differences/zzzz", 404)


async def test_the_page_of_a_server_difference_names_the_servers(
    twins: Playground,
) -> None:
    served = [e for e in twins.known if twins.cases.keys() & set(e.cases)]
    entry = next(e for e in served if e.stack or e.names_stacks)
    page = await text_of(twins, f"/differences/{entry.id}")
    assert "which are not the targets of this page" in page
    assert "Execution table" not in page
    gallery = await text_of(twins, "/differences")
    assert ">comparison serve --target flask=flask_app@ --target quart=" in gallery
    case = await text_of(twins, f"/cases/{(twins.cases.keys() & {*entry.cases}).pop()}")
    assert f'href="/differences/{entry.id}">{entry.title}</a>' in case


async def test_a_general_server_difference_is_not_run_in_process(
    twins: Playground,
) -> None:
    page = await text_of(twins, "/differences/reasons-of-servers")
    assert "It occurs on servers, and the targets of this page run in process" in page


async def test_a_difference_page_allows_other_sides_in_each_field(
    twins: Playground,
) -> None:
    def uneven(entry: KnownDifference) -> bool:
        return len({frozenset(sides) for sides in entry.fields.values()}) > 1

    entries = [entry for entry in twins.known if uneven(entry)]
    assert entries
    for entry in entries:
        page = await text_of(twins, f"/differences/{entry.id}")
        for field in entry.fields:
            assert f'<th scope="row">{field}</th>' in page


async def test_each_cell_of_the_status_map_opens_the_page_of_its_code(
    twins: Playground,
) -> None:
    page = await text_of(twins, "/status-map")
    cells = re.findall(r'href="(/status-map/-?\d+)#([^"]+)" aria-label="([^"]+)"', page)
    assert len(cells) == len(set(cells)) >= 12 * 8
    path, stack, label = next(c for c in cells if "werkzeug, 204" in c[2])
    assert label.endswith("body dropped")
    opened = await text_of(twins, path)
    row = opened.partition(f'<tr id="{stack}">')[2].partition("</tr>")[0]
    assert "body dropped" in row
    for name in recorded_map().stacks:
        assert f'<tr id="{name}">' in opened


async def test_the_status_map_shows_what_the_answer_counts(twins: Playground) -> None:
    page = await text_of(twins, "/status-map")
    counted = re.search(r"of 903 numbers on 12 stacks, ([\d–, ]+) arrive", page)
    assert counted is not None
    codes = re.findall(r'<th scope="col">([^<]+)</th>', page)[1:]
    table = page.partition('class="map"')[2]
    rows = [re.findall(r">([a-z ]+)</a>", row) for row in table.split("<tr>")[2:]]
    as_sent = [c for c, cells in zip(codes, zip(*rows, strict=True), strict=True)
               if {*cells} == {"as sent"}]  # fmt: skip
    assert ", ".join(as_sent) == counted[1]
    assert "to a HEAD request" in await text_of(twins, "/status-map?way=head")


async def test_a_code_is_recorded_on_a_stack_as_the_client_receives_it(
    twins: Playground,
) -> None:
    client = create_app(twins).test_client()
    page = await text_of(twins, "/status-map/299")
    assert 'aria-label="Record 299 on flask+werkzeug"' in page
    response = await client.post("/status-map/299", form={"stack": "flask+werkzeug"})
    assert response.status_code == 303
    address, _, place = response.headers["Location"].partition("#")
    page = await text_of(twins, address)
    assert f'<h2 id="{place}">' in page
    recorded = page.partition(f'id="{place}"')[2].partition("</section>")[0]
    responses = re.findall(r"<pre[^>]*>(.*?)</pre>", recorded, re.DOTALL)
    assert len(responses) == 4
    json_response, empty, stream, head = responses
    for each in responses:
        assert each.startswith("299")
        assert "Server: Werkzeug" in each
    assert json_response.endswith('{"message":"Hello"}')
    assert stream.endswith("one\ntwo")
    assert "Hello" not in empty + head
    assert recorded.count("as sent") == 4
    assert 'id="recorded-' not in await text_of(twins, "/status-map/298")


@pytest.mark.parametrize(
    ("path", "stack"),
    [("/status-map/299", "flask+none"), ("/status-map/5000", "flask+werkzeug")],
)
async def test_an_unknown_stack_or_code_is_not_recorded(
    twins: Playground, path: str, stack: str
) -> None:
    response = await create_app(twins).test_client().post(path, form={"stack": stack})
    assert response.status_code == 404


async def test_a_status_that_was_not_recorded_is_not_found(twins: Playground) -> None:
    assert "does not have 5000" in await text_of(twins, "/status-map/5000", 404)
    assert "whole number" in await text_of(twins, "/status-map/code?code=x", 404)


async def test_the_concurrency_page_presents_the_recorded_run(
    twins: Playground,
) -> None:
    run = read_run(RECORDED)
    page = unescape(await text_of(twins, "/concurrency"))
    for sentence in (*plainly(Table(run)), *take_away(Table(run))):
        assert sentence in page
    assert page.index("While views wait, Quart") < page.index("<figure")
    for work in run.works:
        shown = page.partition(f"All figures of {work}")[2].partition("</table>")[0]
        rows = re.findall(r'<th scope="row">(\d+)</th><td>([^<]+)</td>', shown)
        names = [*(stack.name for stack in run.stacks), "client alone"]
        assert rows == [(str(n), name) for n in run.concurrency for name in names]
    pictures = re.findall(r'src="(/concurrency/[^"]+)"', page)
    assert len(pictures) == 2 * len(run.works)
    for address in pictures:
        assert (await text_of(twins, address)).startswith("<svg")
    assert "no plot" in await text_of(twins, "/concurrency/json/secrets.svg", 404)
