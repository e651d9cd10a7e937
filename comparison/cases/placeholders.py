"""Replace each secret in drafted cases by an environment variable."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote_plus

from comparison.redaction import (
    CREDENTIALS,
    Forms,
    about,
    authorizing,
    counting,
    fields_in,
    is_secret_name,
)

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{env:([^{}]*)\}")
_PART = re.compile(
    r'(name="(?P<name>[^"]*)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(?P<value>.*?)(?=\r?\n--)',
    re.DOTALL,
)


Captured = Callable[[str, str], str | None]
"""Returns the placeholder of a captured value, given its name and the value, or None."""

LONGEST_WORD = 15  # letters of a common word
LONGEST_NUMBER = 8  # digits of a number with other meanings, such as an identifier


class NumberText(str):
    """The placeholder of a number, which is written without quotes."""

    __slots__ = ()


class Placeholders:
    """Replaces secrets by `${env:NAME}`, and remembers them to find them again.

    `names` has the variables and their values. Equal secrets have the same name. A cookie has one name for all its values, because
    apps renew cookies. A secret that is only a word or a short number is replaced under its
    name alone, as it may have other meanings elsewhere. Values that are `captured` come first.

    >>> places = Placeholders()
    >>> places.header("Authorization", "Bearer 12345")
    'Bearer ${env:AUTHORIZATION}'
    >>> places.target("/items?token=a1b2c3d4e5&page=2")
    '/items?token=${env:TOKEN}&page=2'
    >>> places.text("a1b2c3d4e5 costs ${price}")
    '${env:TOKEN} costs $${price}'
    """

    def __init__(self, captured: Captured | None = None) -> None:
        self.names: dict[str, str] = {}
        self._captured = captured
        self._by_value: dict[str, str] = {}
        self._shared: dict[str, str] = {}
        self._forms = Forms()

    def captured(self, name: str, value: str) -> str | None:
        """Return the placeholder of a captured value; None if it is not captured."""
        return None if self._captured is None else self._captured(name, value)

    def secret(self, name: str, value: str, *, one: bool = False) -> str:
        """Return the placeholder of a secret; `one` for every value of that name."""
        if not value:
            return ""
        variable = self._by_value.get(value) or self._variable(name, value, one)
        self._by_value[value] = variable
        if not _is_word(value):
            self._forms.add(value, variable, f"{variable}_ENCODED")
        return f"${{env:{variable}}}"

    def learn(self, text: str) -> bool:
        """Collect the secrets in a text; return whether it has any, known ones too."""
        found = False
        for name, value in fields_in(text):
            found = True
            if value not in self._by_value:
                self.secret(name, value)
        return found or bool(self._forms.spans(text))

    def text(self, text: str) -> str:
        """Return the text without its secrets, escaped for a case file."""
        if not self.learn(text):
            return _escaped(text)
        words = {value for _, value in fields_in(text) if _is_word(value)}
        return self._without(text, {word: self._by_value[word] for word in words})

    def _without(self, text: str, words: Mapping[str, str] | None = None) -> str:
        """Replace the known secrets, and these `words` with their variables."""
        forms = self._forms
        if words:
            forms = Forms()
            for value, variable in {**self._by_value, **words}.items():
                if value in words or not _is_word(value):
                    forms.add(value, variable, f"{variable}_ENCODED")
        parts: list[str] = []
        end = 0
        for start, stop, variable in forms.spans(text):
            # A "$" before a placeholder would escape it, so it is a part of the value.
            before = text[end:start].rstrip("$")
            secret = text[end + len(before) : stop]
            parts += [_escaped(before), self._written(secret, variable)]
            end = stop
        return "".join([*parts, _escaped(text[end:])])

    def encoded(self, text: str, encode: Callable[[str], str]) -> str:
        """Return a text whose placeholders insert their secrets encoded."""

        def replaced(found: re.Match[str]) -> str:
            variable = found[1]
            known = variable is not None and variable in self.names
            if not known:
                return found[0]
            return self._written(encode(self.names[variable]), variable)

        return _PLACEHOLDER.sub(replaced, text)

    def _written(self, text: str, variable: str) -> str:
        """Return the placeholder of a secret as a text has it: perhaps encoded."""
        if text not in self._by_value:
            name = f"{variable.removesuffix('_ENCODED')}_ENCODED"
            self._by_value[text] = self._variable(name, text, one=False)
        return f"${{env:{self._by_value[text]}}}"

    def header(self, name: str, value: str, cookies: set[str] | None = None) -> str:
        """Return the value of a request header without secrets.

        `cookies` has the names of the cookies in earlier headers of the request.
        """
        if (placeholder := self.captured(name, value)) is not None:
            return placeholder
        if name.lower() in CREDENTIALS:
            scheme, space, credentials = value.partition(" ")
            if not space:
                return self.secret(name, value)
            found = self.captured(name, credentials) or self.secret(name, credentials)
            return f"{_escaped(scheme)} {found}"
        if name.lower() == "cookie":
            return ";".join(self._cookies(value, set() if cookies is None else cookies))
        return self.secret(name, value) if is_secret_name(name) else self.text(value)

    def target(self, target: str) -> str:
        """Return a path with its query without secrets."""
        path, mark, query = target.partition("?")
        segments = path.split("/")
        found = [each and self.captured("", each) for each in segments]
        if any(found):
            path = "/".join(
                f or _escaped(s) for f, s in zip(found, segments, strict=True)
            )
        else:
            path = self.text(path)
        return path + mark + self.query(query)

    def query(self, query: str) -> str:
        """Return a query or a form without secrets, with its values encoded as before."""
        pairs = query.split("&")
        names = {unquote_plus(pair.partition("=")[0]) for pair in pairs}
        return "&".join(self._pair(pair, names) for pair in pairs)

    def form(self, text: str) -> list[tuple[str, str]]:
        """Return a form's names and values, decoded."""
        pairs = parse_qsl(text, keep_blank_values=True)
        names = {name for name, _ in pairs}
        return [
            (self.text(name), self.field(name, value, names)) for name, value in pairs
        ]

    def field(self, name: str, value: str, names: Collection[str] = ()) -> str:
        """Return the value of a form field; `names` are those of all fields."""
        if (placeholder := self.captured(name, value)) is not None:
            return placeholder
        secret = is_secret_name(name) or authorizing(name, names)
        return self.secret(name, value) if secret else self.text(value)

    def multipart(self, text: str) -> str:
        """Return a multipart body; fields with secret names are secrets."""
        pieces: list[str] = []
        end = 0
        for part in _PART.finditer(text):
            pieces += [self.text(text[end : part.start("value")])]
            pieces += [self.field(part["name"], part["value"])]
            end = part.end("value")
        return "".join([*pieces, self.text(text[end:])])

    def json(self, text: str, value: Any) -> Any:
        """Return the value of a JSON text; everything below a secret name is a secret."""
        found = self.learn(text)
        return self.data(value) if found or self._captured else escaped(value)

    def data(self, data: Any, name: str = "", key: str = "") -> Any:
        """Return JSON without secrets; everything below a secret name is one.

        `learn` must have searched its text. `key` is the last one above the data.
        """
        if isinstance(data, dict):
            return {
                self._without(key): self.data(item, _secret_name(key, name), key)
                for key, item in data.items()
            }
        if isinstance(data, list):
            return [self.data(item, name, key) for item in data]
        if data is None or isinstance(data, bool):
            return data
        if (placeholder := self.captured(key, str(data))) is not None:
            return placeholder if isinstance(data, str) else NumberText(placeholder)
        if name and not counting(name, str(data)):
            found = self.secret(name, str(data))
            return found if isinstance(data, str) else NumberText(found)
        return self._without(data) if isinstance(data, str) else data

    def _variable(self, name: str, value: str, one: bool) -> str:
        key = name.upper()
        if one and key in self._shared:
            return self._shared[key]
        wanted = re.sub(r"[^A-Z0-9]+", "_", key).strip("_") or "SECRET"
        wanted = wanted if wanted[0].isalpha() else f"SECRET_{wanted}"
        found, number = wanted, 2
        while found in self.names:
            found, number = f"{wanted}_{number}", number + 1
        self.names[found] = value
        if one:
            self._shared[key] = found
        return found

    def _cookies(self, value: str, met: set[str]) -> Iterator[str]:
        for pair in value.split(";"):
            name, equals, content = pair.partition("=")
            if not equals:
                name, content = name[: len(name) - len(name.lstrip())], name.lstrip()
            label = f"cookie {name.strip()}"
            # Two cookies of one name have other paths, and so other values.
            found = self.captured(label, content) or self.secret(
                label, content, one=label.upper() not in met
            )
            met.add(label.upper())
            yield f"{_escaped(name)}{equals}{found}"

    def _pair(self, pair: str, names: Collection[str]) -> str:
        name, equals, value = pair.partition("=")
        plain = unquote_plus(name)
        captured = self.captured(plain, value) if quote_plus(value) == value else None
        if captured is not None:
            return f"{_escaped(name)}={captured}"
        if equals and (is_secret_name(plain) or authorizing(plain, names)):
            return f"{_escaped(name)}={self.secret(plain, value)}"
        return self.text(pair)


def escaped(data: Any) -> Any:
    """Escape a text, or all texts in a JSON value, for a case file.

    >>> escaped({"price": "${price}"})
    {'price': '$${price}'}
    """
    if isinstance(data, str):
        return _escaped(data)
    if isinstance(data, dict):
        return {_escaped(key): escaped(item) for key, item in data.items()}
    return [escaped(item) for item in data] if isinstance(data, list) else data


def _is_word(value: str) -> bool:
    if value.isdecimal():
        return len(value) <= LONGEST_NUMBER
    return value.isalpha() and len(value) <= LONGEST_WORD


def _secret_name(key: str, above: str) -> str:
    """Return the secret name that applies to the value of a key, if any."""
    return key if is_secret_name(key) else "" if about(key) else above


def _escaped(text: str) -> str:
    return text.replace("${", "$${")
