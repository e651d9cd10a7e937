"""`comparison port` on whole applications."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from comparison.cli.entry import main
from comparison.porting import port
from tests.supervised import COMPARISON, SLOWER, Supervised

APP = """\
from flask import Flask, request

from .texts import greeting

app = Flask(__name__)


@app.post("/")
def index():
    return greeting(request.args["name"])
"""
TEXTS = """\
from flask import request


def greeting(name):
    return f"{request.form['greeting']} {name}"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package of two modules, with files that are not Python, or not Python 3."""
    package = tmp_path / "shop"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "app.py").write_text(APP, "utf-8")
    (package / "texts.py").write_text(TEXTS, "utf-8")
    (package / "old.py").write_bytes(b"print 'flask'\r\n\xff")
    (package / "templates" / "page.html").write_bytes(b"\x00\r\n{{ request.form }}")
    return package


def test_a_package_is_ported_across_modules(shop: Path, tmp_path: Path) -> None:
    assert main(["port", str(shop), "--output", str(tmp_path / "new")]) == 1
    ported = (tmp_path / "new" / "shop" / "app.py").read_text("utf-8")
    assert "return await greeting(request.args" in ported
    texts = (tmp_path / "new" / "shop" / "texts.py").read_text("utf-8")
    assert "async def greeting(name):" in texts
    assert "{(await request.form)['greeting']}" in texts


def test_other_files_are_copied_byte_for_byte(shop: Path, tmp_path: Path) -> None:
    main(["port", str(shop), "--output", str(tmp_path / "new")])
    for name in ("__init__.py", "old.py", "templates/page.html"):
        copied = tmp_path / "new" / "shop" / name
        assert copied.read_bytes() == (shop / name).read_bytes()


@pytest.mark.parametrize("brackets", ["()", "[]", "{}"])
def test_deeply_nested_brackets_are_a_syntax_error(brackets: str) -> None:
    with pytest.raises(SyntaxError, match="nested"):
        port(f"value = {brackets[0] * 9000}{brackets[1] * 9000}")


def test_chained_calls_of_a_library_take_little_time() -> None:
    methods = [f"step_{number}" for number in range(10)]
    steps = "".join(f"    if flag:\n        query = query.{m}(1)\n" for m in methods)
    source = f"""\
from flask import Flask
from sqlalchemy import select

app = Flask(__name__)

@app.get("/")
def index(flag):
    query = select(1)
{steps}    return str(query)
"""
    began = time.process_time()
    assert port(source).source.count("async def index") == 1
    assert time.process_time() - began < 5 * SLOWER


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_port_leaves_no_process_and_no_traceback(
    number: signal.Signals,
) -> None:
    with Supervised() as supervised:
        package = supervised.folder / "large"
        package.mkdir()
        for module in range(16):
            path = package / f"module_{module}.py"
            path.write_text(APP + "value = [1, 2, 3]\n" * 9000, "utf-8")
        process = supervised.start([*COMPARISON, "port", "large", "--dry-run"])
        deadline = time.monotonic() + 60 * SLOWER
        while len(supervised.processes()) < 3:  # the command and two that parse
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        outcome = supervised.finish(60 * SLOWER)
    assert outcome.left == ()
    assert "Traceback" not in outcome.stderr


def test_porting_a_port_changes_no_file(shop: Path, tmp_path: Path) -> None:
    main(["port", str(shop), "--output", str(tmp_path / "one")])
    main(["port", str(tmp_path / "one" / "shop"), "--output", str(tmp_path / "two")])
    once, twice = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert any(path.suffix == ".py" for path in once)
    assert once == twice


def test_files_that_cannot_be_parsed_are_listed(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["port", str(shop), "--output", str(tmp_path / "new")])
    assert "shop/old.py: is not Python that we can parse" in capsys.readouterr().out


def test_a_dry_run_prints_a_diff_that_git_applies(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "old.py").unlink()
    (shop / "last.py").write_bytes(b"from flask import Flask\r\napp = Flask(__name__)")
    before = (shop / "app.py").read_bytes()
    assert main(["port", str(shop), "--dry-run"]) == 0
    assert (shop / "app.py").read_bytes() == before
    diff = capsys.readouterr().out
    git(shop.parent, "init")
    patch = shop.parent / "port.patch"
    patch.write_bytes(diff.encode())
    git(shop.parent, "apply", "port.patch")
    assert "await greeting" in (shop / "app.py").read_text("utf-8")
    last = (shop / "last.py").read_bytes()
    assert last == b"from quart import Quart\r\napp = Quart(__name__)"


def test_in_place_needs_a_clean_work_tree(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["port", str(shop), "--in-place"]) == 2
    assert "is not in a git work tree" in capsys.readouterr().err
    git(shop.parent, "init")
    assert main(["port", str(shop), "--in-place"]) == 2
    assert "the work tree has changes" in capsys.readouterr().err
    git(shop.parent, "add", ".")
    git(shop.parent, "commit", "-m", "A shop")
    assert main(["port", str(shop), "--in-place"]) == 1
    assert "await greeting" in (shop / "app.py").read_text("utf-8")
    assert (shop / "old.py").read_bytes() == b"print 'flask'\r\n\xff"


def test_comments_are_written_once(tmp_path: Path) -> None:
    module = tmp_path / "app.py"
    module.write_text("from flask_cors import CORS\n", "utf-8")
    one, two = tmp_path / "one", tmp_path / "two"
    assert main(["port", str(module), "--output", str(one), "--comments"]) == 1
    text = (one / "app.py").read_text("utf-8")
    assert text.startswith("# port: flask_cors is an extension of Flask; on Quart")
    assert text.endswith("\nfrom flask_cors import CORS\n")
    assert main(["port", str(one), "--output", str(two), "--comments"]) == 1
    assert (two / "app.py").read_text("utf-8") == text


def test_sync_option_leaves_views_without_await_synchronous(tmp_path: Path) -> None:
    module = tmp_path / "app.py"
    module.write_text(
        "from flask import Flask, request\n"
        "app = Flask(__name__)\n"
        "@app.get('/a')\n"
        "def a():\n    return request.args['a']\n"
        "@app.get('/b')\n"
        "def b():\n    return request.form['b']\n",
        "utf-8",
    )
    assert main(["port", str(module), "--output", str(tmp_path / "n"), "--sync"]) == 0
    text = (tmp_path / "n" / "app.py").read_text("utf-8")
    assert "\ndef a():" in text
    assert "\nasync def b():" in text


def test_check_compares_before_and_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shop.py").write_text(
        "from flask import Flask, render_template_string\n"
        "from texts import greeting\n"
        "def create_app():\n"
        "    app = Flask(__name__)\n"
        "    @app.get('/')\n"
        "    def index():\n"
        "        return render_template_string(greeting())\n"
        "    return app\n",
        "utf-8",
    )
    (tmp_path / "texts.py").write_text("def greeting():\n    return 'Hello'\n", "utf-8")
    new = str(tmp_path / "new")
    arguments = ["port", str(tmp_path), "--output", new, "--check", "shop:create_app()"]
    assert main(arguments) == 2  # within the source
    capsys.readouterr()
    old = tmp_path / "old"
    old.mkdir()
    for name in ("shop.py", "texts.py"):
        (tmp_path / name).rename(old / name)
    arguments[1] = str(old)
    assert main(arguments) == 0
    assert "IDENTICAL: 1 case" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing", "--dry-run"], "nothing: is not a module, a package or a folder"),
        (["nothing"], "give one of --output FOLDER, --in-place and --dry-run"),
        (["empty", "--dry-run"], "empty: has no Python module"),
        (["text.txt", "--dry-run"], "text.txt: is not a Python module"),
        (["app.py", "--output", "text.txt"], "--output text.txt: is not a folder"),
        (["app.py", "--output", "full"], "--output full: is not empty; use --force"),
        (["app.py", "--output", "."], "--output .: is the source; use --in-place"),
        (["app.py", "--dry-run", "--check", "app"], "--check compares SOURCE with"),
        (["a\0b", "--dry-run"], "is not a module, a package or a folder"),
    ],
)
def test_invalid_input_is_one_error_message(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("empty", "full"):
        (tmp_path / folder).mkdir()
    for name in ("app.py", "text.txt", "full/file"):
        (tmp_path / name).write_text("", "utf-8")
    assert main(["port", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    command = ["git", *identity, "-c", "core.autocrlf=false", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
