"""The page of a lesson in Chromium, as the file that `--output` writes."""

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
from tests.browser import PHONE, opened, violations

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=document.title='taken'></script><script>document.title='taken'</script>"
RIGHT = [("202", "D"), ("Step 3", "D"), ("The 'Status Code Set' at step 3 would be 404", "C")]  # fmt: skip

# What is marked in a mode, column by column.
MARKED = """mode => [...document.querySelectorAll(`#${mode}-1 .now`)]
  .filter((element) => element.checkVisibility())
  .map((element) => element.innerText.replace(/\\s+/g, " ").trim())"""


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


def position(page: Any) -> str:
    told: str = page.locator(".position b").inner_text()
    return told


def test_a_step_is_marked_in_every_mode_at_once_for_both_frameworks(page: Any) -> None:
    go = page.get_by_role("button", name="Next step")
    assert position(page) == "Step 1 of 4"
    assert (
        page.evaluate(MARKED, "table")
        == ["1 Client sends GET /custom N/A N/A Request sent"] * 2
    )
    assert page.evaluate(MARKED, "sample") == []

    go.click()
    assert position(page) == "Step 2 of 4"
    assert page.evaluate(MARKED, "flow") == [
        "Flask route receives request /custom",
        "Quart route receives request /custom",
    ]
    assert page.evaluate(MARKED, "sample") == [
        "@blueprint.route('/custom')", "@blueprint.route('/custom')",
        "def custom_status():", "async def custom_status():",
    ]  # fmt: skip

    go.click()
    told = page.get_by_role("group", name="Steps").get_by_role("status").inner_text()
    assert told == "Step 3 of 4 Return jsonify(message='Hello'), 202"
    assert page.evaluate(MARKED, "flow") == [
        "View processes request custom_status", "Response is made status 202",
        "Response is sent back status 202",
    ] * 2  # fmt: skip
    line = "return jsonify(message='Hello'), 202"
    assert page.evaluate(MARKED, "sample") == [line, line, f"13 {line}", f"13 {line}"]
    row = f"""3 {line.capitalize()} 202 {{"message":"Hello"}} Response received"""
    assert page.evaluate(MARKED, "table") == [row.replace("hello", "Hello")] * 2
    assert page.evaluate(MARKED, "variables") == [
        "After Step 3", "202", '{"message":"Hello"}',
    ] * 2  # fmt: skip

    go.click()
    assert position(page) == "Step 4 of 4"
    assert [text.split()[0] for text in page.evaluate(MARKED, "table")] == ["4", "4"]
    assert go.is_disabled()


def test_where_the_request_is_has_the_attribute_for_it(page: Any) -> None:
    page.keyboard.press("ArrowRight")
    current = page.locator("[aria-current=step]")
    assert [text.split("\n")[0] for text in current.all_inner_texts()] == [
        "Flask route receives request", "Quart route receives request",
        "2\tFlask route '/custom' called\tN/A\tN/A\tWaiting for response",
        "2\tQuart route '/custom' called\tN/A\tN/A\tWaiting for response",
    ]  # fmt: skip


def test_the_keyboard_alone_is_enough(page: Any) -> None:
    for key, expected in [("ArrowRight", 2), ("End", 4), ("ArrowLeft", 3), ("Home", 1)]:
        page.keyboard.press(key)
        assert position(page) == f"Step {expected} of 4"
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    assert dialog.is_visible()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 1 of 4"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"


def test_keys_can_be_turned_off(page: Any) -> None:
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("?")
    assert position(page) == "Step 1 of 4"
    assert not page.get_by_role("dialog").is_visible()


def test_keys_stay_off_on_the_next_page_until_they_are_wanted_again(page: Any) -> None:
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    page.reload()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 1 of 4"
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("checkbox").check()
    page.reload()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 2 of 4"


def test_a_browser_that_keeps_nothing_has_keys_all_the_same(page: Any) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw Error() } })"
    )
    page.reload()
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 2 of 4"
    page.keyboard.press("?")
    page.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert position(page) == "Step 2 of 4"


def test_keys_are_those_of_a_form_control_that_has_the_focus(page: Any) -> None:
    radio = page.get_by_role("radio").first
    radio.check()
    page.keyboard.press("ArrowRight")
    assert not radio.is_checked()
    assert position(page) == "Step 1 of 4"


def test_a_hint_leads_to_its_row(page: Any) -> None:
    question = page.locator("fieldset").first
    question.get_by_text("Hint", exact=True).click()
    question.get_by_role("link", name="Step 3").click()
    row = page.locator("#step-1-1-3")
    assert position(page) == "Step 3 of 4"
    assert row.evaluate("row => row === document.activeElement")
    box, bar = row.bounding_box(), page.locator(".stepper").bounding_box()
    assert box["y"] >= bar["y"] + bar["height"]


@pytest.mark.parametrize("target", [0, 1])
def test_the_quiz_says_what_is_right(page: Any, target: int) -> None:
    form = page.locator(".quiz form").nth(target)
    for number, (words, letter) in enumerate(RIGHT):
        question = form.locator("fieldset").nth(number)
        question.get_by_label(f"{letter} {words}").check()
        question.get_by_role("button", name="Check").click()
        assert question.get_by_role("status").inner_text() == f"✓ {letter} is right."
        assert question.get_by_role("radio").first.is_disabled()


def test_the_quiz_lets_one_try_twice(page: Any) -> None:
    question = page.locator("fieldset").first
    check, said = question.get_by_role("button"), question.get_by_role("status")
    check.click()
    assert said.inner_text() == "Choose an answer first."
    wrongs = question.locator("label").filter(has_not_text="202")
    first, second = wrongs.nth(0), wrongs.nth(1)
    first.click()
    check.click()
    wrong = first.inner_text().strip()[0]
    assert (
        said.inner_text() == f"✗ {wrong} is wrong. Look at the hint and try once more."
    )
    assert question.get_by_role("link", name="Step 3").is_visible()
    assert not question.get_by_text("D: 202").is_visible()
    second.click()
    check.click()
    wrong = second.inner_text().strip()[0]
    assert said.inner_text() == f"✗ {wrong} is wrong too. The answer is D."
    assert question.get_by_text("D: 202").is_visible()
    assert question.get_by_role("radio").first.is_disabled()


def test_without_javascript_everything_is_there_to_be_read(
    browser: Any, url: str
) -> None:
    with opened(browser, url, java_script_enabled=False) as page:
        assert page.locator("section h2").count() == 9
        assert page.locator(".stepper, .check").evaluate_all(
            "found => found.every((element) => !element.checkVisibility())"
        )
        answer = page.locator("fieldset").first.locator(".answer")
        answer.get_by_text("Answer").click()
        assert answer.get_by_text("D: 202").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_paper_are_the_nine_modes_and_no_controls(page: Any) -> None:
    page.emulate_media(media="print")
    assert all(heading.is_visible() for heading in page.locator("section h2").all())
    controls = page.locator("button, input, summary, nav")
    assert not any(control.is_visible() for control in controls.all())
    answers = page.get_by_text("Answers: 1 D, 2 D, 3 C")
    assert [found.is_visible() for found in answers.all()] == [True, True]


def test_whatever_an_app_answers_stays_text(browser: Any, hostile: str) -> None:
    with opened(browser, hostile) as page:
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        assert page.title() == HOSTILE
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 1
        assert HOSTILE in page.locator("#sides-1").inner_text()


def at_a_step(page: Any) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")


def with_answers(page: Any) -> None:
    for choice in ("409", "202"):
        question = page.locator("fieldset").nth(0 if choice == "409" else 3)
        question.get_by_text(choice, exact=True).click()
        question.get_by_role("button").click()


def with_help(page: Any) -> None:
    page.keyboard.press("?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("act", [at_a_step, with_answers, with_help])
def test_axe_finds_nothing(
    browser: Any, url: str, scheme: str, act: Callable[[Any], None]
) -> None:
    with opened(browser, url, color_scheme=scheme) as page:
        act(page)
        assert violations(page) == []


def test_the_tracker_has_a_value_on_one_line(browser: Any, url: str) -> None:
    with opened(browser, url, viewport={"width": 1280, "height": 800}) as page:
        cells = page.locator(".tracker td", has_text='{"message":"Hello"}')
        assert cells.count() == 6
        assert all(cell.bounding_box()["height"] < 45 for cell in cells.all())


def test_a_phone_scrolls_down_only(browser: Any, url: str) -> None:
    with opened(browser, url, viewport=PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        targets = page.locator("button, label, summary").filter(visible=True)
        assert all(found.bounding_box()["height"] >= 24 for found in targets.all())
        assert violations(page) == []
