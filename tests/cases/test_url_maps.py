"""Drafts from the url map of an app."""

from pathlib import Path

import flask
import pytest

from comparison.cases.sources.discover import drafts


@pytest.mark.parametrize(
    ("rule", "path", "choose", "rejected"),
    [
        ("/a", "/a", "", None),
        ("/<int:n>", "/1", "n (int)", "/x"),
        ("/<int(min=5):n>", "/5", "n (int(min=5))", "/x"),
        ("/<int(max=0):n>", "/0", "n (int(max=0))", "/x"),
        ("/<int(max=9):n>", "/1", "n (int(max=9))", "/x"),
        ("/<float:n>", "/1.0", "n (float)", "/x"),
        ("/<uuid:n>", "/00000000-0000-4000-8000-000000000001", "n (uuid)", "/x"),
        ("/<any(b, a):n>", "/a", "n (any(b, a))", "/x"),
        ("/<path:n>/end", "/n/n/end", "n (path)", None),
        ("/<n>", "/n", "n (string)", None),
        ("/<string(length=3):n>", "/nnn", "n (string(length=3))", "/x"),
        ("/<string(minlength=2):word>", "/word", "word (string(minlength=2))", "/x"),
        ("/<string(maxlength=2):word>", "/wo", "word (string(maxlength=2))", "/99999999999999999999"),
        ("/<a>/<int:n>", "/a/1", "a (string), n (int)", "/a/x"),
    ],
)  # fmt: skip
def test_a_rule_has_a_sample_path_and_one_that_it_rejects(
    rule: str, path: str, choose: str, rejected: str | None
) -> None:
    app = flask.Flask("shop", static_folder=None)
    app.add_url_rule(rule, "view", lambda **values: "")
    found = list(drafts(app))
    first = found[0]
    assert (first.method, first.path, first.choose) == ("GET", path, choose)
    others = [each.path for each in found if each.id.endswith("-rejected")]
    assert others == ([] if rejected is None else [rejected])
    if rejected is not None:
        value = rejected.rpartition("/")[2]
        assert found[-1].title.startswith("GET /")
        assert found[-1].title.endswith(f" with {value}")
        assert found[-1].choose == ""


def test_methods_and_hosts_of_rules_are_drafted(tmp_path: Path) -> None:
    (tmp_path / "menu.txt").write_text("tea")
    app = flask.Flask("shop", static_folder=str(tmp_path), static_url_path="/static")
    app.config["SERVER_NAME"] = "shop.example"
    app.subdomain_matching = True
    app.add_url_rule("/a", "view", lambda: "", methods=["GET", "POST"])
    app.add_url_rule("/b", "sub", lambda: "", subdomain="<city>")
    found = {(each.method, each.path): each for each in drafts(app)}
    assert found["GET", "/a"].off == "" and found["POST", "/a"].off != ""
    assert found["GET", "/static/menu.txt"].choose == ""
    assert found["GET", "/b"].headers == (("Host", "city.shop.example"),)
    assert all(each.off == "" for each in drafts(app, all_methods=True))
    (tmp_path / "menu.txt").unlink()
    (static,) = [each for each in drafts(app) if "static" in each.path]
    assert static.off == "There is no static file to request."
