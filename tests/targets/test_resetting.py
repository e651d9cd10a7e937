"""Resets of the state: by a function, a command, or a request."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from comparison import TargetError
from comparison.models.reset import Reset
from comparison.targets.reset import MAX_OUTPUT, VARIABLE, Resetting, late
from tests.targets.specified import folder

__all__ = ["folder"]


def reset(folder: Path, **fields: Any) -> Resetting:
    return Resetting(Reset(**fields), str(folder))


def problem_of(resetting: Resetting) -> str:
    with pytest.raises(TargetError) as raised:
        resetting.run("quart")
    return str(raised.value)


FUNCTIONS = """
calls = []
def plain(): calls.append("plain")
async def later(): calls.append("later")
def failing(): raise KeyError("shelf")
def slow():
    import time
    time.sleep(0.3)
"""


def test_a_function_resets_the_state(folder: Path) -> None:
    (folder / "resets_of_shop.py").write_text(FUNCTIONS)
    for name in ("plain", "later"):
        reset(folder, function=f"resets_of_shop:{name}").run("quart")
    import importlib

    module = importlib.import_module("resets_of_shop")
    assert module.calls == ["plain", "later"]
    for name, message in (
        ("failing", "KeyError: 'shelf'"), ("none", "resets_of_shop has no attribute 'none'"),
    ):  # fmt: skip
        spec = f"resets_of_shop:{name}"
        assert problem_of(reset(folder, function=spec)) == (
            f"reset {spec!r} before quart: {message}"
        )
    slow = reset(folder, function="resets_of_shop:slow", timeout=0.01)
    assert problem_of(slow).endswith("before quart: did not end within 0.01 s")
    assert late(2.5) == "did not end within 2.5 s"


def test_a_command_resets_the_state_in_the_folder_of_the_project(folder: Path) -> None:
    reset(folder, command=f"echo ${VARIABLE} > out; pwd >> out").run("quart")
    assert (folder / "out").read_text() == f"quart\n{folder}\n"
    assert problem_of(reset(folder, command="echo no >&2; exit 3")) == (
        "reset 'echo no >&2; exit 3' before quart: ended with exit code 3; its output:\nno"
    )
    assert problem_of(reset(folder, command="exit 3")).endswith("exit code 3")
    long = f"head -c {MAX_OUTPUT + 1} /dev/zero | tr '\\0' x; exit 1"
    assert problem_of(reset(folder, command=long)).endswith(
        f"output:\n…{'x' * MAX_OUTPUT}"
    )
    slow = problem_of(reset(folder, command="echo a; exec sleep 9", timeout=0.2))
    assert slow.endswith("before quart: did not end within 0.2 s; its output:\na")


def test_a_url_resets_the_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = []

    def post(url: str, timeout: float) -> httpx.Response:
        assert (url, timeout) == ("http://shop.example/reset", 30)
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(*answer[:1], text=answer[1])

    monkeypatch.setattr(httpx, "post", post)
    resetting = reset(folder, url="http://shop.example/reset", timeout=30)
    answers.append((204, "ignored"))
    resetting.run("quart")
    for answer, message in (
        ((300, ""), "status 300"), ((500, "no\n"), "status 500; its output:\nno"),
        (httpx.ReadTimeout(""), "did not end within 30 s"), (httpx.ConnectError("refused"), "refused"),
        (httpx.ConnectError(""), "ConnectError"), (httpx.InvalidURL("bad"), "bad"),
    ):  # fmt: skip
        answers.append(answer)
        assert problem_of(resetting).endswith(f"before quart: {message}")
