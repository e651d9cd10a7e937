"""The page of a lesson in Chromium, as the file that `--output` writes."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comparison import Case, Request
from comparison.cli import main
from comparison.known import BUNDLED, load_known
from comparison.lesson.make import lesson_of
from comparison.reports.lesson_page import page as page_of
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_target
from tests.apps import FRAMEWORKS, app_of, options_of_twins
from tests.browser import OF_COLOURS, PHONE, RULES, expect, new, opened, violations

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=document.title='taken'></script><script>document.title='taken'</script>"
RIGHT = [
    ("202", "D"), ("Step 3.6", "D"), ("The 'Status Code Set' at step 3 would be 404", "C"),
    ("Step 3.4", "C"), ("application/json", "D"),
]  # fmt: skip
LAPTOP = {"width": 1366, "height": 768}
OF_A_MODE = ("[role=tablist]", "[role=tabpanel]")

# The marked parts of an element.
MARKED = """place => [...document.querySelectorAll(`${place} .now`)]
  .map((element) => element.textContent.replace(/\\s+/g, " ").trim())"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lesson")


@pytest.fixture(scope="module")
def url(folder: Path) -> str:
    path = folder / "custom.html"
    shown = ["show", "custom", *options_of_twins("custom"), "-q"]
    assert main([*shown, "--output", str(path)]) == 0
    return path.as_uri()


@pytest.fixture
def page(browser: Any, url: str) -> Iterator[Any]:
    with opened(browser, url) as page:
        yield page


@pytest.fixture(scope="module")
def hostile(folder: Path) -> str:
    """The lesson of two apps and a case whose every text is markup."""

    def view() -> Any:
        text = HOSTILE
        return text, 202, {"X-Text": HOSTILE}

    targets = {n: resolve_target(app_of(n, view), n) for n in FRAMEWORKS}
    known = load_known([BUNDLED], environment().packages)
    case = Case(
        HOSTILE, Request(headers={"X": "1"}), title=HOSTILE, description=HOSTILE
    )
    run = Run(targets, [case], known, lines=True, command=HOSTILE)
    (comparison,) = run
    path = folder / "hostile.html"
    lesson = lesson_of(comparison, run.header(), known)
    path.write_text(page_of([lesson], run.header()), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def different(folder: Path) -> str:
    """The lesson of two apps that do not do the same: an await, a hook, other values."""

    def counted() -> Any:
        count = 1
        return str(count), 202

    async def waiting() -> Any:
        count = 2
        await asyncio.sleep(0)
        return str(count), 203

    def hook() -> None: ...

    views = dict(zip(FRAMEWORKS, (counted, waiting), strict=True))
    apps = {name: app_of(name, view) for name, view in views.items()}
    apps["flask"].before_request(hook)
    targets = {name: resolve_target(app, name) for name, app in apps.items()}
    known = load_known([BUNDLED], environment().packages)
    run = Run(targets, [Case("different", Request())], known, lines=True)
    (comparison,) = run
    path = folder / "different.html"
    lesson = lesson_of(comparison, run.header(), known)
    path.write_text(page_of([lesson], run.header()), "utf-8")
    return path.as_uri()


def position(page: Any) -> str:
    """The label of the step, as in the stepper."""
    status_text: str = page.locator(".position b").inner_text()
    return status_text


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def state(page: Any) -> dict[str, str]:
    """The state at the current step: values by name."""
    rows = page.locator(".lesson-state tr:has(td + *), .lesson-state tr:has(th + td)")
    cells = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    return dict(cells)


def test_code_flow_state_and_stepper_fit_on_one_screen(browser: Any, url: str) -> None:
    with opened(browser, url, viewport=LAPTOP) as page:
        for _ in range(9):
            for place in (".stepper", ".lesson-code", ".lesson-flow", ".lesson-state"):
                box = page.locator(place).bounding_box()
                assert box["y"] >= 0, place
                assert box["y"] + box["height"] <= LAPTOP["height"], place
            page.keyboard.press("ArrowRight")
        assert page.evaluate("scrollY") == 0


def test_one_step_moves_code_flow_state_table_and_tracker(page: Any) -> None:
    go = page.get_by_role("button", name="Next step")
    assert position(page) == "Step 1"
    assert page.evaluate(MARKED, ".lesson-code") == []
    assert state(page)["client receives"] == "Request sent"

    go.click()
    assert position(page) == "Step 2"
    assert page.evaluate(MARKED, ".lesson-code") == [
        "@blueprint.route('/custom')", "‹async› def custom_status():",
    ]  # fmt: skip
    go.click()
    go.click()
    assert position(page) == "Step 3.2"
    line = "return jsonify(message='Hello'), 202"
    assert page.evaluate(MARKED, ".lesson-code") == [line]
    assert state(page) == {
        "status_code": "200", "returned": "None",
        "response_content": "None", "client receives": "Waiting for response",
    }  # fmt: skip
    go.click()
    assert state(page)["returned"] == "(<Response [200 OK]>, 202)"
    go.click()
    status_text = (
        page.get_by_role("group", name="Steps").get_by_role("status").inner_text()
    )
    words = "Flask/Quart sets the status of the response from 200 to 202"
    assert status_text == f"Step 3.4 6 of 9 {words}"
    assert state(page)["status_code"] == "202"
    assert page.evaluate(MARKED, ".lesson-flow") == ["Status is set status 202"]
    assert page.evaluate(MARKED, ".table .fine") == []
    (fine,) = [row for row in page.evaluate(MARKED, ".table") if row.startswith("3.4")]
    assert words in fine
    assert page.evaluate(MARKED, ".tracker")[:2] == ["After Step 3.4", "202"]

    go.click()
    go.click()
    assert position(page) == "Step 3.6"
    assert state(page)["client receives"] == "Response received"
    assert state(page)["response_content"] == '{"message":"Hello"}'
    go.click()
    assert position(page) == "Step 4"
    assert go.is_disabled()


def test_the_steps_inside_a_row_are_folded_by_default(page: Any) -> None:
    numbers = page.locator(".table .rows th[scope=row]").filter(visible=True)
    assert numbers.all_inner_texts()[1:] == ["2", "3", "4"]
    (summed,) = page.get_by_text("sums up steps 3.1 to 3.6").all()
    expect(summed).to_be_visible()
    page.get_by_role("button", name="Show the steps inside the rows").click()
    assert numbers.all_inner_texts()[2:] == [
        "3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4",
    ]  # fmt: skip


def test_a_folded_row_shows_only_what_has_happened_so_far(page: Any) -> None:
    whole = ["202", '{"message":"Hello"}', "Response received"]
    shown = {}
    for _ in range(9):
        cells = page.locator(".table .summed td").all_inner_texts()
        shown[position(page).removeprefix("Step ")] = cells[1:]
        page.keyboard.press("ArrowRight")
    waiting = "Waiting for response"
    assert shown == {
        "1": whole, "2": whole, "3.1": ["N/A", "N/A", waiting],
        "3.2": ["200", "N/A", waiting], "3.3": ["200", "N/A", waiting],
        "3.4": ["202", "N/A", waiting], "3.5": ["202", "N/A", waiting],
        "3.6": whole, "4": whole,
    }  # fmt: skip
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    ahead = page.locator(".table .ahead:visible th")
    expect(ahead).to_have_text(["4"])
    page.get_by_role("button", name="Show the steps inside the rows").click()
    assert page.locator(".table .summed td").all_inner_texts()[1:] == whole
    expect(ahead).to_have_text(["3.3", "3.4", "3.5", "3.6", "4"])


def test_what_both_did_the_same_has_one_column(page: Any) -> None:
    for place in (".lesson-flow .stations", ".lesson-state table", ".table table"):
        expect(page.locator(place)).to_have_count(1)
    expect(page.locator(".quiz form")).to_have_count(1)


def test_the_nine_modes_are_tabs(page: Any) -> None:
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(9)
    expect(page.get_by_role("tabpanel").filter(visible=True)).to_have_count(1)
    tab(page, "Full transcript")
    expect(page.locator("#transcript-1")).to_be_visible()
    expect(page.locator("#table-1")).not_to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#sides-1")).to_be_visible()
    assert position(page) == "Step 1"
    page.keyboard.press("Home")
    expect(page.locator("#flow-1")).to_be_visible()
    expect(page.locator("[role=tab]:focus")).to_have_text("Concept flow")


def test_targets_that_differ_have_two_columns(browser: Any, different: str) -> None:
    with opened(browser, different, viewport=LAPTOP) as page:
        expect(page.locator(".table table")).to_have_count(2)
        page.get_by_role("button", name="Last step").click()
        heads = page.locator(".lesson-state thead th").all_inner_texts()
        assert heads == ["flask", "quart"]
        cells = page.locator(".lesson-state tr", has_text="status_code").locator("td")
        expect(cells).to_have_text(["202", "203"])
        last = page.locator(".lesson-state").bounding_box()
        assert last["y"] + last["height"] <= LAPTOP["height"]


def test_a_target_waits_while_only_the_other_does_something(
    browser: Any, different: str
) -> None:
    with opened(browser, different, viewport=LAPTOP) as page:
        words = page.locator(".position")
        while "quart: Suspended" not in words.inner_text():
            page.keyboard.press("ArrowRight")
        tables = page.locator(".table .targets > .target")
        expect(tables.nth(0).locator(".held")).to_have_count(1)
        expect(tables.nth(0).locator(".now")).to_have_count(0)
        assert tables.nth(1).locator(".now").count() >= 1


def test_a_station_of_the_stage_leads_to_its_step(page: Any) -> None:
    page.locator(".lesson-flow li", has_text="View returns").click()
    assert position(page) == "Step 3.3"


def test_the_address_keeps_step_mode_and_answers(page: Any) -> None:
    tab(page, "Visual quiz")
    answer(page, 0, "202")
    page.get_by_role("button", name="Last step").click()
    page.get_by_role("button", name="Previous step").click()
    page.wait_for_url(re.compile("step=3.6"))
    page.reload()
    assert position(page) == "Step 3.6"
    expect(page.locator("#quiz-1")).to_be_visible()
    output = page.locator("fieldset").first.get_by_role("status")
    expect(output).to_have_text("✓ D is right.")


def test_an_address_that_is_wrong_is_ignored(browser: Any, url: str) -> None:
    for wrong in ("#step=99.9&mode=nothing&quiz=ZZ", "#nowhere", "#step-1-1-99"):
        with opened(browser, url + wrong) as page:
            assert position(page) == "Step 1"


def test_the_current_step_has_aria_current(page: Any) -> None:
    page.keyboard.press("ArrowRight")
    current = page.locator("[aria-current=step]")
    texts = [" ".join(text.split()) for text in current.all_text_contents()]
    assert texts == [
        "Flask/Quart route receives request /custom",
        "Flask/Quart route receives request /custom",
        "2Flask/Quart route '/custom' calledN/AN/AWaiting for response",
    ]


def test_the_lesson_works_with_the_keyboard_only(page: Any) -> None:
    for key, expected in [
        ("ArrowRight", "2"), ("End", "4"), ("ArrowLeft", "3.6"), ("Home", "1"),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert position(page) == f"Step {expected}"
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 1"
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"


def test_keys_can_be_turned_off(page: Any) -> None:
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("?")
    assert position(page) == "Step 1"
    expect(page.get_by_role("dialog")).not_to_be_visible()


def test_disabled_keys_stay_disabled_until_they_are_enabled(page: Any) -> None:
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    page.reload()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 1"
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("checkbox").check()
    page.reload()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 2"


def test_keys_work_without_local_storage(browser: Any, url: str) -> None:
    with new(browser, url) as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw Error() } })"
        )
        page.reload()
        page.keyboard.press("ArrowRight")
        assert position(page) == "Step 2"
        page.keyboard.press("?")
        page.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowRight")
        assert position(page) == "Step 2"


def test_a_focused_form_control_receives_the_keys(page: Any) -> None:
    tab(page, "Visual quiz")
    radio = page.get_by_role("radio").first
    radio.check()
    page.keyboard.press("ArrowRight")
    assert not radio.is_checked()
    assert position(page) == "Step 1"


def test_a_hint_leads_to_its_row_and_back(page: Any) -> None:
    tab(page, "Visual quiz")
    question = page.locator("fieldset").first
    question.get_by_text("Hint", exact=True).click()
    question.get_by_role("link", name="Step 3.4").click()
    assert position(page) == "Step 3.4"
    focused = "document.activeElement.id"
    assert page.evaluate(focused) == "step-1-1-3.4"
    expect(page.locator("#table-1")).to_be_visible()
    page.go_back()
    page.locator("#quiz-1").wait_for()
    assert position(page) == "Step 1"


def answer(page: Any, number: int, words: str) -> Any:
    """Choose an answer and check it; return the question."""
    question = page.locator("fieldset").nth(number)
    question.locator("label").get_by_text(words, exact=True).click()
    question.get_by_role("button").click()
    return question


def test_the_quiz_confirms_a_right_answer(page: Any) -> None:
    tab(page, "Visual quiz")
    expect(page.locator("fieldset")).to_have_count(len(RIGHT))
    for number, (words, letter) in enumerate(RIGHT):
        question = answer(page, number, words)
        expect(question.get_by_role("status")).to_have_text(f"✓ {letter} is right.")
        assert question.get_by_role("radio").first.is_disabled()
        expect(question.get_by_text("quart: the same.")).to_be_visible()


def test_the_change_to_404_shows_both_tables_once_it_is_answered(page: Any) -> None:
    tab(page, "Visual quiz")
    before = page.get_by_role("region", name="Execution table of flask: Before")
    after = page.get_by_role("region", name="Execution table of flask: After")
    expect(before).not_to_be_visible()
    answer(page, 2, RIGHT[2][0])
    assert before.locator("tr").nth(3).inner_text().split("\t")[2] == "202"
    assert after.locator("tr").nth(3).inner_text().split("\t")[2] == "404"


def test_the_quiz_allows_two_attempts(page: Any) -> None:
    tab(page, "Visual quiz")
    question = page.locator("fieldset").first
    check, output = question.get_by_role("button"), question.get_by_role("status")
    check.click()
    expect(output).to_have_text("Choose an answer first.")
    wrongs = question.locator("label").filter(has_not_text="202")
    first, second = wrongs.nth(0), wrongs.nth(1)
    first.click()
    check.click()
    wrong = first.inner_text().strip()[0]
    assert (
        output.inner_text()
        == f"✗ {wrong} is wrong. Look at the hint and try once more."
    )
    expect(question.get_by_role("link", name="Step 3.4")).to_be_visible()
    expect(question.get_by_text("D: 202")).not_to_be_visible()
    second.click()
    check.click()
    wrong = second.inner_text().strip()[0]
    expect(output).to_have_text(f"✗ {wrong} is wrong too. The answer is D.")
    expect(question.get_by_text("D: 202")).to_be_visible()
    assert question.get_by_role("radio").first.is_disabled()


def test_the_lesson_is_readable_without_javascript(browser: Any, url: str) -> None:
    with opened(browser, url, java_script_enabled=False) as page:
        expect(page.locator("section h2")).to_have_count(9)
        assert all(section.is_visible() for section in page.locator("section").all())
        assert page.locator(".stepper, .check, .lesson-stage").evaluate_all(
            "found => found.every((element) => !element.checkVisibility())"
        )
        answer = page.locator("fieldset").first.locator(".answer")
        answer.get_by_text("Answer").click()
        expect(answer.get_by_text("D: 202")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_printed_page_has_nine_modes_and_no_controls(page: Any) -> None:
    page.emulate_media(media="print")
    headings = page.locator("section h2").all()
    assert [heading.is_visible() for heading in headings] == [True] * 9
    controls = page.locator("button, input, summary, nav")
    assert controls.count() > 9
    assert not any(control.is_visible() for control in controls.all())
    expect(page.get_by_text("Answers: 1 D, 2 D, 3 C, 4 C, 5 D")).to_be_visible()
    expect(page.locator(".fine").last).to_be_visible()


def test_responses_are_escaped_in_the_lesson(browser: Any, hostile: str) -> None:
    with opened(browser, hostile) as page:
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        assert page.title() == HOSTILE
        expect(page.locator("img")).to_have_count(0)
        expect(page.locator("script")).to_have_count(1)
        assert HOSTILE in page.locator("#sides-1").text_content()


def at_a_step(page: Any) -> None:
    tab(page, "Execution table")
    go = page.get_by_role("button", name="Next step")
    go.click()
    page.get_by_role("button", name="Show the steps inside the rows").click()
    go.click()


def with_answers(page: Any) -> None:
    tab(page, "Visual quiz")
    answer(page, 0, "404")
    answer(page, 2, RIGHT[2][0])


def with_help(page: Any) -> None:
    page.keyboard.press("?")


def violations_in_each_mode(page: Any) -> dict[str, list[str]]:
    """Yield the problems that axe finds on the page, then those of each mode."""
    found = {"page": violations(page)}
    for each in page.get_by_role("tab").all():
        each.click()
        found[each.inner_text()] = violations(page, RULES, OF_A_MODE)
    return {name: rules for name, rules in found.items() if rules}


def test_axe_finds_nothing_where_targets_differ(browser: Any, different: str) -> None:
    with opened(browser, different, viewport=LAPTOP, reduced_motion="reduce") as page:
        assert violations_in_each_mode(page) == {}
        page.emulate_media(color_scheme="dark")
        at_a_step(page)
        assert violations(page) == []


def test_paper_is_wide_enough_for_every_column(browser: Any, url: str) -> None:
    with opened(browser, url, viewport={"width": 794, "height": 1123}) as page:
        page.emulate_media(media="print")
        width = "document.documentElement.scrollWidth"
        assert page.evaluate(width) <= 794


def test_axe_finds_nothing_in_each_mode(browser: Any, url: str) -> None:
    with opened(browser, url, reduced_motion="reduce") as page:
        assert violations_in_each_mode(page) == {}


@pytest.mark.parametrize("act", [at_a_step, with_answers, with_help])
def test_axe_finds_no_accessibility_violations(
    browser: Any, url: str, act: Callable[[Any], None]
) -> None:
    with opened(browser, url, reduced_motion="reduce") as page:
        act(page)
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, OF_COLOURS) == []


def test_the_variable_tracker_fits_a_value_on_one_line(browser: Any, url: str) -> None:
    with opened(browser, url, viewport={"width": 1280, "height": 800}) as page:
        tab(page, "Variable tracker")
        cells = page.locator(".tracker td", has_text='{"message":"Hello"}')
        expect(cells).to_have_count(2)
        assert all(cell.bounding_box()["height"] < 45 for cell in cells.all())


def test_the_lesson_does_not_scroll_sideways_on_a_phone(browser: Any, url: str) -> None:
    with opened(browser, url, viewport=PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        expect(page.get_by_role("tab")).to_have_count(0)
        expect(page.locator("section h2")).to_have_count(9)
        assert all(section.is_visible() for section in page.locator("section").all())
        targets = page.locator("button, label, summary").filter(visible=True)
        assert targets.count() > 9
        assert all(found.bounding_box()["height"] >= 24 for found in targets.all())
        assert violations(page) == []
        # All modes are visible here, in the colours that they have as tabs.
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert violations(page, OF_COLOURS) == []
