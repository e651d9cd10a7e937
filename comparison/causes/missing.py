"""Infer from an exception what the app lacks: a name, a setting, a file, a parameter."""

import ast
import re
from collections.abc import Iterator, Mapping

from .api import parameter_instead
from .code import module
from .fact import Fact, Named
from .paths import sends_bytes, sent_path
from .places import set_at_startup, set_in_main, stored

_MISSING = re.compile(
    r"AttributeError|KeyError|NameError|LookupError|TypeError: 'NoneType'"
)
_MISSING_NAME = re.compile(r"^(?:AttributeError: .*attribute|KeyError:) '(\w+)'$")
_LACKED = re.compile(
    r"^(?:AttributeError: .*attribute|KeyError:) '(\w+)'|^NameError: name '(\w+)'"
)
_NOT_A_PATH = re.compile(
    r"FileNotFoundError|IsADirectoryError|NotADirectoryError|OSError|ValueError|UnicodeDecodeError|TypeError"
)
_KEYWORD = re.compile(
    r"^TypeError: (?:\w+\.)*(\w+)\(\) got an unexpected keyword argument '(\w+)'"
)
_NO_TABLE = re.compile(r"(?i)no such table|relation \S+ does not exist")
_MAKES_TABLES = re.compile(r"(?i)create|init|migrat|upgrade|setup")
_NO_FILE = re.compile(r"^FileNotFoundError: .*: '(?P<path>[^']+)'$|^NotFound\b")
_TARGETS = (ast.Attribute, ast.Subscript)


def what_is_missing(
    fact: Fact, file: str, settings: Mapping[str, str]
) -> Iterator[Named]:
    """Yield what an exception in the app's `file` says that it lacks."""
    yield from _other_parameter(fact)
    yield from _of_files(fact, settings)
    yield from _while_serving(fact)
    yield from _set_at_startup(fact, file)
    yield from _set_in_main(fact, file)


def _other_parameter(fact: Fact) -> Iterator[Named]:
    """The parameter of Quart for one that only Flask's function has."""
    if found := _KEYWORD.match(fact.text):
        function, keyword = found.groups()
        parameter = parameter_instead(function, keyword)
        if parameter is not None:
            yield "parameter", fact._replace(text=f"{function} {keyword} {parameter}")


def _while_serving(fact: Fact) -> Iterator[Named]:
    """A missing attribute or key that a function of `while_serving` sets."""
    missing = _MISSING_NAME.match(fact.text)
    found = module(fact.file) if fact.file else None
    if missing is None or found is None:
        return
    for node in found.functions.values():
        decorators = map(ast.unparse, node.decorator_list)
        if any(each.endswith(".while_serving") for each in decorators):
            targets = (n for n in ast.walk(node) if isinstance(n, _TARGETS))
            if any(stored(each) == missing[1] for each in targets):
                yield "set-while-serving", fact._replace(text=missing[1])


def _set_at_startup(fact: Fact, file: str) -> Iterator[Named]:
    """The app's code that raised uses a name that a function at the start sets."""
    if not _MISSING.match(fact.text):
        return
    used = set(re.findall(r"\w+", fact.source))
    for name, function, where in set_at_startup(file):
        if name in used:
            yield "set-at-startup", Fact(f"{name} {function}", *where)


def _set_in_main(fact: Fact, file: str) -> Iterator[Named]:
    """The branch for a script, which does not run, sets what the app's code lacks."""
    sought: set[str] = set()
    if missing := _LACKED.match(fact.text):
        sought = {missing[missing.lastindex or 0]}
    elif fact.text.startswith("TypeError: 'NoneType'"):
        sought = set(re.findall(r"\w+", fact.source))
    elif "no secret key was set" in fact.text:
        sought = {"secret_key", "SECRET_KEY"}
    tables = bool(_NO_TABLE.search(fact.text))
    for name, where in set_in_main(file) if sought or tables else ():
        if name in sought or (tables and _MAKES_TABLES.search(name)):
            yield "set-in-main", Fact(name, *where)


def _of_files(fact: Fact, settings: Mapping[str, str]) -> Iterator[Named]:
    """The path of a file that does not exist, as the app wrote it or Python said it."""
    may_send = fact.file and "send_" in fact.source and _NOT_A_PATH.match(fact.text)
    if may_send and (sent := sends_bytes(fact.file, fact.line)):
        yield "bytes-as-path", fact._replace(text=sent)
        return
    found = _NO_FILE.match(fact.text)
    if found is not None and fact.file:
        path = found["path"] or sent_path(fact.file, fact.line, settings)
        if path:
            yield "missing-file", fact._replace(text=path)
