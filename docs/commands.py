"""The commands that the documentation shows, and running them as a reader would.

A page says in a comment in which folder of `docs/examples` its commands run:

    <!-- commands run in: shop -->

They run in a copy of that folder, in the order of the page. `clone` is this repository
itself, and without the comment it is an empty folder. A block of `console` has
commands after `$ ` and their output below them. `...` at the end of a line of the output
matches any text, over many lines too. A page with `<!-- commands need: postgresql -->` needs the URL of a database in DATABASE_URL.

A comment before a block changes what happens with it:

    <!-- exit code: 1 -->       the last command of the block ends with this code
    <!-- output: not shown -->  the block shows no output, though there is some
    <!-- stop after: http -->   a server: stop it once it has printed this
    <!-- new file: FILE -->     write the block into this file
    <!-- file: FILE -->         the block is a part of this file
    <!-- change: FILE -->       apply the block, a diff, to this file
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parent
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".hypothesis")
NEEDS_DATABASE = "<!-- commands need: postgresql -->"
FOLDER = re.compile(r"<!-- commands run in: (\S+) -->")
BLOCK = re.compile(
    r"(?P<notes>(?:^<!-- [^\n]* -->\n)*)^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
NOTE = re.compile(r"<!-- ([a-z ]+): (.*) -->")
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n?", re.MULTILINE)
WIDTH = 100
PATIENCE = 120  # seconds, on a busy machine
HOME = "/home/you/example"  # where the pages say that an example is


class Block(NamedTuple):
    """A fenced block of a page, with the notes before it and its place in the page."""

    language: str
    text: str
    notes: dict[str, str]
    start: int
    end: int


class Step(NamedTuple):
    """A command and the output that the page shows."""

    command: str
    output: str


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for found in BLOCK.finditer(page):
        notes = dict(NOTE.findall(found["notes"]))
        start, end = found.span("text")
        yield Block(found["language"], found["text"], notes, start, end)


def steps(text: str) -> list[Step]:
    r"""Return the commands of a `console` block.

    >>> steps("$ comparison run -q\nIDENTICAL\n$ ls\n")
    [Step(command='comparison run -q', output='IDENTICAL\n'), Step(command='ls', output='')]
    """
    _, *parts = COMMAND.split(text)
    return [Step(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]


def example_of(page: str) -> str | None:
    """Return the name of the folder in which the commands of a page run."""
    found = FOLDER.search(page)
    return found[1] if found else None


def can_run(page: str) -> bool:
    """Return whether the environment has what the commands of a page need."""
    return NEEDS_DATABASE not in page or "DATABASE_URL" in os.environ


@contextmanager
def folder_for(page: str) -> Iterator[Path]:
    """Give the folder in which the commands of a page run."""
    name = example_of(page)
    if name == "clone":
        yield DOCS.parent
        return
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "example"
        if name is None:
            folder.mkdir()
        else:
            shutil.copytree(DOCS / "examples" / name, folder, ignore=LEFT_BEHIND)
        yield folder


def environment() -> dict[str, str]:
    """Return the environment of the commands: no colours, a fixed width, our Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "COMPARISON", "GITHUB", "CI", "PYTHON"))
    }
    here = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{here}{os.pathsep}{kept['PATH']}",
        "COLUMNS": str(WIDTH),
        "NO_COLOR": "1",
        "PYTEST_ADDOPTS": "-p no:asyncio -p no:randomly -p no:cacheprovider",
    }


def run(command: str, folder: Path, until: str | None = None) -> tuple[str, int]:
    """Run a command in a folder; return what it prints, and its exit code.

    With `until` the command is a server. It is terminated once a line has this text, and
    its exit code is 0 if one had.
    """
    # A server is the shell's successor, so that the signal reaches it.
    shell = ["bash", "-c", command if until is None else f"exec {command}"]
    with subprocess.Popen(
        shell, cwd=folder, env=environment(), text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            if until is None:
                output, _ = process.communicate(timeout=PATIENCE)
                code = process.returncode
            else:
                output = _started(process, until)
                code = 0 if until in output else 1
                process.terminate()
                process.communicate(timeout=PATIENCE)
        except BaseException:
            process.kill()
            raise
    return tidy(output.replace(str(folder.resolve()), HOME)), code


def _started(server: "subprocess.Popen[str]", until: str) -> str:
    """Return what a server prints until a line has this text, or it ends."""
    assert server.stdout is not None
    output = ""
    for line in server.stdout:
        output += line
        if until in line:
            break
    return output


def tidy(output: str) -> str:
    """Return output without spaces at the ends of lines and empty lines around it."""
    lines = [line.rstrip() for line in output.splitlines()]
    text = "\n".join(lines).strip("\n")
    return f"{text}\n" if text else ""


def masked(text: str) -> str:
    """Return output without what differs by machine: versions, times, ports."""
    text = re.sub(r"CPython \S+,? \w+ \w+", "PYTHON", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\b\d+\.\d+(\.\d+)*", "N", text)
    return re.sub(r"(?m) +$", "", text)


def matches(shown: str, printed: str) -> bool:
    r"""Whether a page shows what a command printed; a line `...` matches any lines.

    >>> matches("one\n...\n", "one\ntwo\nthree\n")
    True
    >>> matches("one\n", "two\n")
    False
    """
    parts = re.split(r"\.\.\.\n", masked(shown))
    pattern = r"(?s:.*)^".join(map(re.escape, parts))
    return re.fullmatch(pattern, masked(printed), re.MULTILINE) is not None


def apply_diff(text: str, diff: str) -> str:
    """Return a text with its lines changed as a block of `diff` shows."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    if text.count(old) != 1:
        raise ValueError(f"the lines to change are not there once:\n{old}")
    return text.replace(old, new)


def follow(page: str, folder: Path) -> Iterator[str]:
    """Do what a page says in a folder; yield a message for all that is not as shown."""
    for block in blocks(page):
        for step, output, code, expected in perform(block, folder):
            if code != expected:
                yield f"$ {step.command}\nexit code {code}, not {expected}:\n{output}"
            elif _compared(block) and not matches(step.output, output):
                shown, printed = masked(step.output), masked(output)
                yield "\n".join(
                    [
                        f"$ {step.command}",
                        *difflib.ndiff(shown.splitlines(), printed.splitlines()),
                    ]
                )


def rewritten(page: str, folder: Path) -> str:
    """Return a page with the output that its commands print now.

    An output with `...` stays as it is: which lines to leave out is for the author. The
    test of the page says whether it still matches.
    """
    out, end = [], 0
    for block in blocks(page):
        text = block.text
        performed = perform(block, folder)
        if performed and _compared(block):
            text = "".join(
                f"$ {step.command}\n"
                + (step.output if _stays(step.output, output) else output)
                for step, output, _, _ in performed
            )
        out += [page[end : block.start], text]
        end = block.end
    return "".join([*out, page[end:]])


def perform(block: Block, folder: Path) -> list[tuple[Step, str, int, int]]:
    """Do what a block says; return each command's step, output, exit code, expected code.

    Raises ValueError where a file is not as the block says.
    """
    notes = block.notes
    if (name := notes.get("new file")) is not None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(block.text, encoding="utf-8")
    elif (name := notes.get("file")) is not None:
        if block.text not in (folder / name).read_text("utf-8"):
            raise ValueError(f"{name} has no such part:\n{block.text}")
    elif (name := notes.get("change")) is not None:
        before = (folder / name).read_text("utf-8")
        (folder / name).write_text(apply_diff(before, block.text), encoding="utf-8")
    if block.language != "console":
        return []
    every = steps(block.text)
    performed = []
    for number, step in enumerate(every, start=1):
        output, code = run(step.command, folder, notes.get("stop after"))
        expected = int(notes.get("exit code", "0")) if number == len(every) else 0
        performed.append((step, output, code, expected))
    return performed


def _compared(block: Block) -> bool:
    return block.notes.get("output") != "not shown"


def _stays(shown: str, printed: str) -> bool:
    return "...\n" in shown or matches(shown, printed)
