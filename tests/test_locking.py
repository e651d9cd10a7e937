"""Outputs: known to be writable before anything runs, and written by one run at a time."""

import os
import subprocess
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

from comparison.cli import main
from comparison.core.errors import UsageError
from comparison.core.locking import FileLock, locked
from tests.project import Project, project

__all__ = ["project"]

HAR = '{"log": {"entries": []}}'
OPENAPI = '{"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}}'
COMMANDS = {
    "run": (["run", "--output", "out.json"], "out.json"),
    "run, lines": (["run", "--output", "out.jsonl"], "out.jsonl"),
    "run --resume": (["run", "--resume", "--output", "out.jsonl"], "out.jsonl"),
    "show": (["show", "order", "--output", "out.html"], "out.html"),
    "record": (["record", "out.jsonl"], "out.jsonl"),
    "merge": (["merge", "out.jsonl", "1.jsonl"], "out.jsonl"),
    "sweep": (["sweep", "--output", "out.json"], "out.json"),
    "load": (["load", "--output", "out.md"], "out.md"),
    "load --locustfile": (["load", "--locustfile", "out.py"], "out.py"),
    "fuzz": (["fuzz", "--write-cases", "out.toml"], "out.toml"),
    "discover": (["discover", "--output", "out.toml"], "out.toml"),
    "import-har": (["import-har", "a.har", "--output", "out.toml"], "out.toml"),
    "import-openapi": (["import-openapi", "a.json", "--output", "out.toml"], "out.toml"),
}  # fmt: skip
STARTING = (
    ("comparison.runner.settings", "RunSettings.load_targets"),
    ("comparison.studies.fuzz.command", "resolve_targets"),
    ("comparison.studies.sweep.plan", "Sweep.__iter__"),
    ("comparison.studies.load.measure", "Measurement.__iter__"),
    ("comparison.runner.drafted", "draft_of_app"),
    ("comparison.cli.drafting", "read_source"),
)


@pytest.fixture
def ready(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a shard, a HAR file and a description of an API."""
    project.write("a.har", HAR)
    project.write("a.json", OPENAPI)
    assert project.once("run", "-q", "--shard", "1/1", "--output", "1.jsonl") == 0

    def nothing(*args: object, **options: object) -> None:
        raise AssertionError("something was run")

    for module, name in STARTING:
        # An earlier test may have imported the package again, which then lacks the module
        # as an attribute. So the path of a module has to go through sys.modules.
        *owners, attribute = name.split(".")
        owner = reduce(getattr, owners, import_module(module))
        monkeypatch.setattr(owner, attribute, nothing)
    return project


def files(root: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_second_run_with_one_output_is_rejected(
    ready: Project, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, output = COMMANDS[command]
    with locked([Path(output)]):
        before = files(ready.root)
        capsys.readouterr()
        assert main(arguments) == 2
        assert f"{output}: another run is writing to it" in capsys.readouterr().err
        assert files(ready.root) == before


PLACES = {
    "a folder that does not exist": ("gone/", "the folder gone does not exist"),
    "a folder": ("", "is a folder"),
    "too long a name": ("x" * 300, "File name too long"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_that_cannot_be_written_is_rejected_before_anything_runs(
    ready: Project, command: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, output = COMMANDS[command]
    before, problem = PLACES[place]
    if place == "a folder":
        (ready.root / output).mkdir()
    named = [before + each if each == output else each for each in arguments]
    content = files(ready.root)
    capsys.readouterr()
    assert main(named) == 2
    message = capsys.readouterr().err
    # click knows a folder first where an option is never one.
    assert problem in message or "is a directory" in message
    assert files(ready.root) == content


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_folder_is_rejected_before_the_run(
    ready: Project, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, output = COMMANDS[command]
    (ready.root / "shut").mkdir(mode=0o500)
    assert main([f"shut/{e}" if e == output else e for e in arguments]) == 2
    assert "Permission denied" in capsys.readouterr().err


def test_a_killed_run_releases_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    code = (
        "import os, pathlib, signal; from comparison.core.locking import FileLock\n"
        f"lock = FileLock(pathlib.Path({str(path)!r})); print('held', flush=True)\n"
        "signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == b"held\n"
            with pytest.raises(UsageError, match="another run is writing"):
                FileLock(path)
        finally:
            run.kill()
        run.wait()
        FileLock(path).release()


def test_a_process_that_a_run_forked_does_not_hold_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    lock = FileLock(path)
    (read, write), (here, there) = os.pipe(), os.pipe()
    if not (child := os.fork()):
        os.close(write)
        os.write(there, b".")
        os.read(read, 1)
        os._exit(0)
    os.read(here, 1)
    lock.release()
    try:
        FileLock(path).release()
    finally:
        for descriptor in (write, read, here, there):
            os.close(descriptor)
        os.waitpid(child, 0)


def test_a_lock_is_not_taken_on_a_file_that_was_just_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out.jsonl"
    lock = FileLock(path)
    lock.partial.replace(path)
    other = FileLock(path)
    assert not other.partial.samefile(path)
    other.discard()
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]
    lock.release()


@pytest.mark.parametrize("command", ["sweep", "load"])
def test_a_file_given_for_two_outputs_is_rejected(
    ready: Project, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--output", "a.json", "--output", "./a.json"]) == 2
    assert "a.json: is given twice" in capsys.readouterr().err


def test_a_device_is_not_locked_and_must_be_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    FileLock(pipe).discard()
    FileLock(pipe).release()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UsageError) as raised:
        FileLock(pipe)
    assert str(raised.value) == f"{pipe}: cannot be written to; check its permissions"


def test_a_place_without_a_file_to_write_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    for path, message in (
        (tmp_path, "is a folder"),
        (folder / "out.json", f"the folder {folder} does not exist"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        with pytest.raises(UsageError) as raised:
            FileLock(path)
        assert str(raised.value) == f"{path}: {message}"


def test_a_partial_file_is_removed_only_if_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    partial = tmp_path / "out.json.partial"
    FileLock(path).discard()
    assert not partial.exists()
    lock = FileLock(path)
    partial.write_text("half")
    lock.discard()
    assert partial.read_text() == "half"
    lock = FileLock(path)
    with pytest.raises(UsageError, match="another run is writing to it; wait until"):
        FileLock(path)
    lock.release()
    FileLock(path).release()
