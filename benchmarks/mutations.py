"""Documents that are nearly right: bytes and structures changed at random."""

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from comparison.core import toml_writer as toml

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 10**400, 0.0, -0.5, 1e308,
    float("inf"), float("nan"), "", " ", "\x00", "\r\n", "é", "\U0001f600", "\ud800", "a" * 300,
    "/" * 300, "../../../etc/passwd", "/dev/zero", "(a|aa)+$", "a{99999999999}", "(" * 200,
    "[", "*", "${", "${n}", "${env:HOME}", "${capture:a}", "$${", "$.a", "$..*..*..*", "#/",
    "#/paths/~1", "http://[", "http://a.example/%zz", "1/0", "2026-01-01", [], {}, [[]], {"": {}},
    [None], {"a": [1, "b", {"c": None}]}, date(2026, 1, 1), time(1, 2, 3),
    datetime(2026, 1, 1, 1, 2, 3),  # noqa: DTZ001 - as TOML has it
)  # fmt: skip
"""Values that loaders are seldom given."""

TOKENS = (
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\ud800", b'"', b"'''", b'"""', b"[", b"]",
    b"[[", b"]]", b"{", b"}", b"[" * 300, b"{" * 300, b"=", b":", b"- ", b"\n", b"\r", b"\t", b"#",
    b",", b".", b"9" * 30, b"9" * 5000, b"0x" + b"f" * 40, b"1e999", b"-", b"nan", b"null",
    b"true", b"${", b"$ref", b"&a ", b"*a ", b"<<: ", b"!!binary ", b"\\", b"a" * 300,
)  # fmt: skip

DEEP = 120


class Mutator:
    """Makes documents out of others; the same ones for the same seed."""

    def __init__(
        self,
        seeds: Sequence[bytes],
        parse: Callable[[bytes], Any],
        write: Callable[[Any], bytes],
        seed: int,
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
        self.seeds = seeds
        self.trees = [parse(content) for content in seeds]
        self.write = write

    def document(self) -> bytes:
        """One more document."""
        if self.random.random() < 0.5:
            return self._bytes()
        try:
            tree = copy.deepcopy(self.random.choice(self.trees))
            for _ in range(self._few()):
                tree = self._changed(tree)
            content = self.write(tree)
        except RecursionError:
            return self._bytes()
        return content if self.random.random() < 0.9 else self._cut(content)

    def _few(self) -> int:
        return self.random.choice((1, 1, 1, 2, 2, 3, 5, 8))

    def _bytes(self) -> bytes:
        content = self.random.choice(self.seeds)
        for _ in range(self._few()):
            content = self._cut(content)
        return content

    def _cut(self, content: bytes) -> bytes:
        here, there = sorted(self.random.randrange(len(content) + 1) for _ in range(2))
        there = min(there, here + self.random.choice((0, 1, 2, 8, 64, 1024)))
        other = self.random.choice(self.seeds)
        start = self.random.randrange(len(other) + 1)
        between = (
            b"",
            self.random.choice(TOKENS),
            content[here:there] * 2,
            other[start : start + self.random.choice((4, 40, 400))],
            bytes([self.random.randrange(256)]),
        )
        return content[:here] + self.random.choice(between) + content[there:]

    def _changed(self, tree: Any) -> Any:
        places = list(_places(tree))
        if not places:
            return self._odd()
        inside, key = self.random.choice(places)
        elsewhere, other = self.random.choice(places)
        match self.random.randrange(6):
            case 0:
                del inside[key]
            case 1:
                inside[key] = copy.deepcopy(elsewhere[other])
            case 2:
                inside[key], elsewhere[other] = elsewhere[other], inside[key]
                if _circular(tree, set()):
                    return self._odd()
            case 3 if isinstance(inside, dict):
                inside[self.random.choice((str(other), self._word()))] = inside.pop(key)
            case 4:
                for _ in range(self.random.choice((1, 3, DEEP))):
                    inside[key] = self.random.choice(
                        ([inside[key]], {"a": inside[key]})
                    )
            case _:
                inside[key] = self._odd()
        return tree

    def _word(self) -> str:
        return self.random.choice([o for o in ODD if isinstance(o, str)])

    def _odd(self) -> Any:
        return copy.deepcopy(self.random.choice(ODD))


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree, as what it is in and its key or index there."""
    waiting = [tree]
    while waiting:
        inside = waiting.pop()
        if isinstance(inside, dict | list):
            keys = list(range(len(inside)) if isinstance(inside, list) else inside)
            for key in keys:
                yield inside, key
                waiting.append(inside[key])


def _circular(tree: Any, above: set[int]) -> bool:
    if not isinstance(tree, dict | list):
        return False
    if id(tree) in above:
        return True
    inner = tree.values() if isinstance(tree, dict) else tree
    return any(_circular(each, above | {id(tree)}) for each in inner)


def as_toml(tree: Any) -> bytes:
    """A tree as TOML, with a table for each key at the top where it can have one."""
    if not isinstance(tree, dict):
        return _inline(tree)
    plain, tables = [], []
    for key, value in tree.items():
        name = toml.key(key).encode()
        several = isinstance(value, list) and all(isinstance(v, dict) for v in value)
        if value and (several or isinstance(value, dict)):
            for each in value if several else [value]:
                tables.append(b"[[%s]]" % name if several else b"[%s]" % name)
                tables += [
                    b"%s = %s" % (toml.key(k).encode(), _inline(v))
                    for k, v in each.items()
                ]
        else:
            plain.append(b"%s = %s" % (name, _inline(value)))
    return b"\n".join([*plain, *tables, b""])


def _inline(value: Any) -> bytes:
    match value:
        case dict():
            pairs = (
                b"%s = %s" % (toml.key(k).encode(), _inline(v))
                for k, v in value.items()
            )
            return b"{ %s }" % b", ".join(pairs)
        case list():
            return b"[%s]" % b", ".join(map(_inline, value))
        case bool():
            return toml.value(value).encode()
        case int() if abs(value) >= 2**63:
            return b"0x%x" % abs(value)
        case date() | time():
            return value.isoformat().encode()
    return toml.value(value).encode()


def as_json(tree: Any) -> bytes:
    """A tree as JSON; dates are texts."""
    return json.dumps(tree, default=str).encode()


def as_lines(tree: Any) -> bytes:
    """The elements of a list as lines of JSON."""
    return b"".join(
        as_json(each) + b"\n" for each in (tree if isinstance(tree, list) else [tree])
    )
